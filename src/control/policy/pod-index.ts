import { keptIn } from '../../model/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { type PodGroups, PodLists } from '../pod-lists.ts'
import { type Selector, selectsBy } from '../selector.ts'
import { type EndpointFinder, endpointsIn } from '../workloads.ts'
import type { InheritedLabels } from './labels.ts'
import { decides, labelWanted, mentions, valuesWanted } from './restrict.ts'
import {
  type EndpointSelector,
  IN_NAMESPACE,
  NAMESPACE_LABEL,
  ORCHESTRATOR,
  SERVICE_ACCOUNT,
  SERVICE_ACCOUNT_LABEL,
} from './selector-text.ts'

type Pods = readonly WorkloadEndpoint[]

/** Whether a pod has labels of its own which are called like those of namespaces. */
export function shadowsNamespace({ pod }: Pick<WorkloadEndpoint, 'pod'>): boolean {
  for (const label in pod.metadata.labels) if (label.startsWith(NAMESPACE_LABEL)) return true
  return false
}

/** A label that only the pod itself can have. */
function isOwn(label: string): boolean {
  return (
    !label.startsWith('projectcalico.org/') &&
    !label.startsWith(NAMESPACE_LABEL) &&
    !label.startsWith(SERVICE_ACCOUNT_LABEL) &&
    label !== SERVICE_ACCOUNT
  )
}

/** Whether it is a label that pods have of their namespace. */
function isOfNamespace(label: string): boolean {
  return label.startsWith(NAMESPACE_LABEL)
}

/** Finds pods by selectors, and looks at no more of them than it must. */
export class PodIndex {
  private readonly finder: EndpointFinder
  /** The pods in groups. */
  readonly lists: PodGroups<WorkloadEndpoint>
  private readonly inherited: InheritedLabels
  /** Whether selectors select any pod, by their texts. */
  private readonly found: Map<string, { readonly selector: Selector; readonly isAny: boolean }>
  private readonly odd = new Map<string, boolean>()

  constructor(
    pods: Pods,
    inherited: InheritedLabels,
    lists: PodGroups<WorkloadEndpoint> = new PodLists(pods),
    found: PodIndex['found'] = new Map(),
  ) {
    this.finder = endpointsIn(pods)
    this.lists = lists
    this.inherited = inherited
    this.found = found
  }

  /** The same over edited pods. */
  edited(pods: Pods, lists: PodGroups<WorkloadEndpoint>, gone: Pods, fresh: Pods): PodIndex {
    const found: PodIndex['found'] = new Map()
    for (const [text, known] of this.found) {
      const { selector, isAny } = known
      const isOpen = isAny && gone.some((pod) => this.selects(selector, pod))
      if (fresh.some((pod) => this.selects(selector, pod))) found.set(text, isAny ? known : { selector, isAny: true })
      else if (!isOpen) found.set(text, known)
    }
    return new PodIndex(pods, this.inherited, lists, found)
  }

  /** Pods of a node, in order of creation. */
  ofNode(node: string): Pods {
    return this.finder.ofNode(node)
  }

  /** The pod of a network namespace; undefined where it is none of a pod. */
  at(netns: string): WorkloadEndpoint | undefined {
    return this.finder.at(netns)
  }

  /** All pods that have an address. */
  holders(address: string): Pods {
    return this.finder.holders(address)
  }

  /** Whether a selector selects a pod. */
  selects(selector: Selector, pod: WorkloadEndpoint): boolean {
    return selectsBy(selector, (label) => this.inherited.ofPod(pod, label))
  }

  /** Whether a selector selects any pod; remembered by its text. */
  selectsAny({ text, parsed }: EndpointSelector): boolean {
    return keptIn(this.found, text, () => ({ selector: parsed, isAny: this.isAny(parsed) })).isAny
  }

  private isAny(selector: Selector): boolean {
    // Odd namespaces are looked for only where nothing else is selected: for that all pods are looked at.
    for (const pod of this.search(selector, () => false)) if (this.selects(selector, pod)) return true
    for (const _ of this.selectedBy(selector)) return true
    return false
  }

  /** The pods a selector selects, one namespace after the other. */
  selectedBy(selector: Selector): Iterable<WorkloadEndpoint> {
    const asksNamespaces = mentions(selector, isOfNamespace)
    return this.search(selector, (namespace) => asksNamespaces && this.isOdd(namespace))
  }

  /** Whether pods of a namespace have labels of their own which are called like those of namespaces. */
  private isOdd(namespace: string): boolean {
    return keptIn(this.odd, namespace, () => {
      for (const pod of this.lists.ofNamespace(namespace)) if (shadowsNamespace(pod)) return true
      return false
    })
  }

  /** By namespace, and where the selector asks for a value of a label, by that. */
  private *search(selector: Selector, isOdd: (namespace: string) => boolean): Iterable<WorkloadEndpoint> {
    const label = labelWanted(selector, isOwn)
    const values = new Set(label === undefined ? [] : valuesWanted(selector, label))
    for (const namespace of new Set(valuesWanted(selector, IN_NAMESPACE) ?? this.lists.namespaces())) {
      const odd = isOdd(namespace)
      const answer = this.answer(selector, namespace, odd)
      if (label === undefined || answer !== undefined) {
        yield* this.asked(selector, this.lists.ofNamespace(namespace), answer)
        continue
      }
      for (const value of values) {
        const pods = this.lists.withLabel(namespace, label, value)
        yield* this.asked(selector, pods, this.answer(selector, namespace, odd, label, value))
      }
    }
  }

  /** Those of some pods that a selector selects: all or none of them where that is known. */
  private *asked(
    selector: Selector,
    pods: Iterable<WorkloadEndpoint>,
    answer: boolean | undefined,
  ): Iterable<WorkloadEndpoint> {
    if (answer === false) return
    for (const pod of pods) if (answer === true || this.selects(selector, pod)) yield pod
  }

  /** What a selector says of all pods of a namespace, or of those that have a label of some value; undefined: it depends. */
  private answer(
    selector: Selector,
    namespace: string,
    isOdd: boolean,
    label?: string,
    value?: string,
  ): boolean | undefined {
    return decides(
      selector,
      (asked) =>
        asked === label || asked === IN_NAMESPACE || asked === ORCHESTRATOR || (isOfNamespace(asked) && !isOdd),
      (asked) => (asked === label ? value : this.inherited.ofAnyPod(namespace, asked)),
    )
  }
}
