import { keptIn } from '../../model/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import { selectsLabels } from '../label-selector.ts'
import type { AddressedPod } from './addressed-pods.ts'

/** Pods by the value of one label. */
type ByValue = Map<string, AddressedPod[]>

const NONE: readonly [string, ByValue][] = []

/** The pods that Services select. Each pod is looked at once: in the lists of the first label of each selector. */
export class SelectedPods {
  private readonly services: readonly ServiceResource[]
  private readonly pods: () => Iterable<AddressedPod>
  private lists: ReadonlyMap<string, ReadonlyMap<string, ByValue>> | undefined

  constructor(services: readonly ServiceResource[], pods: () => Iterable<AddressedPod>) {
    this.services = services
    this.pods = pods
  }

  /** Pods a Service selects; none for one without a selector. */
  *of({ metadata, spec }: ServiceResource): Iterable<AddressedPod> {
    const selector = spec.selector ?? {}
    const wanted = Object.entries(selector)
    const [first] = wanted
    if (first === undefined) return
    this.lists ??= this.filled()
    const [key, value] = first
    const list = this.lists
      .get(metadata.namespace ?? 'default')
      ?.get(key)
      ?.get(value)
    for (const one of list ?? []) {
      if (wanted.length === 1 || selectsLabels({ matchLabels: selector }, one.pod.metadata.labels ?? {})) yield one
    }
  }

  /** Lists for the first label of each selector, by namespace, label and value. */
  private filled(): ReadonlyMap<string, ReadonlyMap<string, ByValue>> {
    const lists = new Map<string, Map<string, ByValue>>()
    for (const { metadata, spec } of this.services) {
      const [first] = Object.entries(spec.selector ?? {})
      if (first === undefined) continue
      const keys = keptIn(lists, metadata.namespace ?? 'default', () => new Map<string, ByValue>())
      keptIn(keys, first[0], (): ByValue => new Map()).set(first[1], [])
    }
    const labelsOf = new Map([...lists].map(([namespace, keys]) => [namespace, [...keys]]))
    for (const one of this.pods()) {
      const { labels, namespace = 'default' } = one.pod.metadata
      if (labels === undefined) continue
      for (const [key, values] of labelsOf.get(namespace) ?? NONE) {
        if (Object.hasOwn(labels, key)) values.get(labels[key]!)?.push(one)
      }
    }
    return lists
  }
}
