import { pushTo } from '../../model/index.ts'
import type { PodResource, ServiceResource } from '../kubernetes-kinds.ts'
import { selectsLabels } from '../label-selector.ts'
import { isAlive } from './readiness.ts'

/** Pods by the value of one label. */
type ByValue = Map<string, PodResource[]>

/** The pods that Services select. Each pod is looked at once: in the lists of the first label of each selector. */
export class SelectedPods {
  private readonly byNamespace = new Map<string, Map<string, ByValue>>()
  private readonly pods: readonly PodResource[]
  private isFilled = false

  constructor(services: readonly ServiceResource[], pods: readonly PodResource[]) {
    this.pods = pods
    for (const { metadata, spec } of services) {
      const first = Object.entries(spec.selector ?? {})[0]
      if (first === undefined) continue
      const [key, value] = first
      const namespace = metadata.namespace ?? 'default'
      const keys = this.byNamespace.get(namespace) ?? new Map<string, ByValue>()
      const values: ByValue = keys.get(key) ?? new Map()
      values.set(value, [])
      keys.set(key, values)
      this.byNamespace.set(namespace, keys)
    }
  }

  /** Living pods a Service selects, in the order of the input; none for one without a selector. */
  of({ metadata, spec }: ServiceResource): readonly PodResource[] {
    const selector = spec.selector ?? {}
    const first = Object.entries(selector)[0]
    if (first === undefined) return []
    this.fill()
    const [key, value] = first
    const list =
      this.byNamespace
        .get(metadata.namespace ?? 'default')
        ?.get(key)
        ?.get(value) ?? []
    return list.filter((pod) => isAlive(pod) && selectsLabels({ matchLabels: selector }, pod.metadata.labels ?? {}))
  }

  private fill(): void {
    if (this.isFilled) return
    this.isFilled = true
    for (const pod of this.pods) {
      const { labels, namespace = 'default' } = pod.metadata
      const keys = labels === undefined ? undefined : this.byNamespace.get(namespace)
      if (keys === undefined) continue
      for (const [key, values] of keys) {
        const value = labels?.[key]
        if (value !== undefined && values.has(value)) pushTo(values, value, pod)
      }
    }
  }
}
