import { keptIn, pushTo } from '../../model/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { type Selector, selectsBy } from '../selector.ts'
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

/** Above this many pods a list by a label's value is worth making. */
const WORTH_A_LIST = 4096

type Pods = readonly WorkloadEndpoint[]
type PodTest = (pod: WorkloadEndpoint) => boolean

const NONE: Pods = []

/** Pods by node, namespace and labels; each list is made when it is first asked for. */
class PodLists {
  private readonly pods: Pods
  private nodes: Map<string, WorkloadEndpoint[]> | undefined
  private spaces: Map<string, WorkloadEndpoint[]> | undefined
  private oddSpaces: ReadonlySet<string> | undefined
  private readonly labels = new Map<string, Map<string, WorkloadEndpoint[]>>()

  constructor(pods: Pods) {
    this.pods = pods
  }

  byNode(): ReadonlyMap<string, Pods> {
    this.nodes ??= grouped(this.pods, ({ node }) => node)
    return this.nodes
  }

  byNamespace(): ReadonlyMap<string, Pods> {
    this.spaces ??= grouped(this.pods, ({ namespace }) => namespace)
    return this.spaces
  }

  /** Namespaces with pods that have labels of their own which are called like those of namespaces. */
  odd(): ReadonlySet<string> {
    this.oddSpaces ??= new Set(this.pods.filter(shadowsNamespace).map(({ namespace }) => namespace))
    return this.oddSpaces
  }

  byLabel(label: string): ReadonlyMap<string, Pods> {
    return keptIn(this.labels, label, () => grouped(this.pods, ({ pod }) => pod.metadata.labels?.[label]))
  }
}

function shadowsNamespace({ pod }: WorkloadEndpoint): boolean {
  for (const label in pod.metadata.labels) if (label.startsWith(NAMESPACE_LABEL)) return true
  return false
}

function grouped(pods: Pods, keyOf: (pod: WorkloadEndpoint) => string | undefined): Map<string, WorkloadEndpoint[]> {
  const groups = new Map<string, WorkloadEndpoint[]>()
  for (const pod of pods) {
    const key = keyOf(pod)
    if (key !== undefined) pushTo(groups, key, pod)
  }
  return groups
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

/** Finds pods by selectors, and looks at no more of them than it must. */
export class PodIndex {
  private readonly lists: PodLists
  private readonly inherited: InheritedLabels
  private readonly found = new Map<string, boolean>()

  constructor(pods: Pods, inherited: InheritedLabels) {
    this.lists = new PodLists(pods)
    this.inherited = inherited
  }

  /** Pods of a node, in order of creation. */
  ofNode(node: string): Pods {
    return this.lists.byNode().get(node) ?? NONE
  }

  /** Whether a selector selects a pod. */
  selects(selector: Selector, pod: WorkloadEndpoint): boolean {
    return selectsBy(selector, (label) => this.inherited.ofPod(pod, label))
  }

  /** Whether a selector selects any pod; remembered by its text. */
  selectsAny({ text, parsed }: EndpointSelector): boolean {
    // Labels of pods that are called like those of namespaces are looked for only where nothing else is selected.
    return keptIn(this.found, text, () => this.visit(parsed, () => true, false) || this.visit(parsed, () => true))
  }

  /** Visits the pods a selector selects until a visit ends it. */
  visit(selector: Selector, visit: (pod: WorkloadEndpoint) => boolean | undefined, isExact = true): boolean {
    const spaces = this.namespacesOf(selector, isExact)
    const count = spaces.reduce((sum, { pods }) => sum + pods.length, 0)
    const label = count > WORTH_A_LIST ? labelWanted(selector, isOwn) : undefined
    if (label !== undefined && this.countByLabel(selector, label) <= count) {
      return this.visitByLabel(selector, label, visit)
    }
    for (const { pods, all } of spaces) {
      for (const pod of pods) if ((all || this.selects(selector, pod)) && visit(pod) === true) return true
    }
    return false
  }

  private countByLabel(selector: Selector, label: string): number {
    const byValue = this.lists.byLabel(label)
    const values = valuesWanted(selector, label) ?? []
    return values.reduce((sum, value) => sum + (byValue.get(value)?.length ?? 0), 0)
  }

  private visitByLabel(
    selector: Selector,
    label: string,
    visit: (pod: WorkloadEndpoint) => boolean | undefined,
  ): boolean {
    const byValue = this.lists.byLabel(label)
    for (const value of new Set(valuesWanted(selector, label))) {
      const tests = new Map<string, PodTest>()
      for (const pod of byValue.get(value) ?? NONE) {
        const test = keptIn(tests, pod.namespace, () => this.testLike(pod, selector, label, value))
        if (test(pod) && visit(pod) === true) return true
      }
    }
    return false
  }

  /** What is left to ask of pods that are in the namespace of one and have a label as it has. */
  private testLike(one: WorkloadEndpoint, selector: Selector, label: string, value: string): PodTest {
    const answer = decides(
      selector,
      (asked) => asked === label || asked === IN_NAMESPACE || asked === ORCHESTRATOR,
      (asked) => (asked === label ? value : this.inherited.ofPod(one, asked)),
    )
    return answer === undefined ? (pod) => this.selects(selector, pod) : () => answer
  }

  /** Namespaces whose pods a selector may select, and whether it selects all of them. */
  private namespacesOf(selector: Selector, isExact: boolean): { readonly pods: Pods; readonly all: boolean }[] {
    const spaces = this.lists.byNamespace()
    const names = new Set(valuesWanted(selector, IN_NAMESPACE) ?? spaces.keys())
    const isByNamespace = isExact && mentions(selector, (label) => label.startsWith(NAMESPACE_LABEL))
    const found: { pods: Pods; all: boolean }[] = []
    for (const name of names) {
      const pods = spaces.get(name)
      if (pods === undefined) continue
      const answer = isByNamespace && this.lists.odd().has(name) ? undefined : this.decidesFor(selector, pods[0]!)
      if (answer !== false) found.push({ pods, all: answer === true })
    }
    return found
  }

  private decidesFor(selector: Selector, pod: WorkloadEndpoint): boolean | undefined {
    const { inherited } = this
    return decides(
      selector,
      (label) => inherited.isOfNamespace(label),
      (label) =>
        label.startsWith(NAMESPACE_LABEL)
          ? inherited.ofNamespace(pod.namespace, label.slice(NAMESPACE_LABEL.length))
          : inherited.ofPod(pod, label),
    )
  }
}
