import type { Namespace } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import { podsIn } from './cohort.ts'
import { isSameVeth, partOf } from './node-part.ts'
import type { NodeViews } from './node-views.ts'
import { attachedPods } from './viewed-pods.ts'
import type { Moved } from './viewed-wires.ts'

/** Pods of nodes with their own views that are otherwise than where all nodes have the same. */
export class MovedPods implements Moved {
  readonly gone: Set<string> = new Set()
  /** Namespaces that are others; undefined = not there. */
  readonly changes: Map<string, Namespace | undefined> = new Map()
  private readonly cohort: Cluster | null
  private readonly arrived = new Map<string, WorkloadEndpoint>()

  constructor(cohort: Cluster | null, own: ReadonlyMap<string, NodeViews | null>) {
    this.cohort = cohort
    const nodes = [...own].filter(([, views]) => views === null || differs(views, cohort))
    const attached = nodes.map(([name, views]) => [name, views, podsOf(name, views)] as const)
    for (const [name, , pods] of attached) this.take(name, pods)
    for (const [, views, pods] of attached) for (const pod of pods) this.put(pod, views)
  }

  get come(): readonly WorkloadEndpoint[] {
    return [...this.arrived.values()]
  }

  /** Pods of the cohort that this node does not have, or not so. */
  private take(name: string, pods: readonly WorkloadEndpoint[]): void {
    const own = new Map(pods.map((pod) => [pod.netns, pod]))
    for (const pod of podsIn(this.cohort).ofNode(name)) {
      if (isSamePod(pod, own.get(pod.netns))) continue
      this.gone.add(pod.netns)
      this.changes.set(pod.netns, undefined)
    }
  }

  private put(pod: WorkloadEndpoint, views: NodeViews | null): void {
    const { netns } = pod
    const there = this.arrived.get(netns) ?? this.inCohort(netns)
    if (isSamePod(pod, there) || (there !== undefined && !isNewer(pod, there))) return
    const cluster = views?.attached?.get(netns) ?? views?.cni
    this.gone.add(netns)
    this.arrived.set(netns, pod)
    this.changes.set(netns, cluster?.network.namespaces[netns])
  }

  /** A pod of the cohort that its node has. Of two of a name, for a while on two nodes, the newer is the one that is meant. */
  private inCohort(netns: string): WorkloadEndpoint | undefined {
    return this.gone.has(netns) ? undefined : podsIn(this.cohort).at(netns)
  }
}

function differs({ cni, attached }: NodeViews, cohort: Cluster | null): boolean {
  return cni !== cohort || (attached !== undefined && attached.size > 0)
}

function podsOf(name: string, views: NodeViews | null): readonly WorkloadEndpoint[] {
  return views === null ? [] : attachedPods(name, views, partOf(views.cni, name))
}

function isSamePod(a: WorkloadEndpoint, b: WorkloadEndpoint | undefined): boolean {
  return b !== undefined && a.node === b.node && a.mtu === b.mtu && isSameVeth(a, b)
}

function isNewer(a: WorkloadEndpoint, b: WorkloadEndpoint): boolean {
  return (a.pod.metadata.creationTimestamp ?? '') > (b.pod.metadata.creationTimestamp ?? '')
}
