import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { inCreationOrder } from '../objects-by-kind.ts'
import type { Resources } from '../resources.ts'
import { awaitsNetwork } from '../services/readiness.ts'

/** A pod that has a network of its own, and its node. */
export interface PodPlan {
  /** The pod. */
  readonly pod: PodResource
  /** Its node. */
  readonly node: ClusterNode
}

/** Pods that have a network of their own, in order of creation, with their nodes: columns, for there may be hundreds of thousands. */
export class PodPlans {
  /** The pods. */
  readonly pods: readonly PodResource[]
  /** The place of each pod's node among the nodes. */
  readonly places: ArrayLike<number>
  /** The nodes. */
  readonly nodes: readonly ClusterNode[]

  constructor(pods: readonly PodResource[], places: ArrayLike<number>, nodes: readonly ClusterNode[]) {
    this.pods = pods
    this.places = places
    this.nodes = nodes
  }

  /** How many there are. */
  get length(): number {
    return this.pods.length
  }

  /** The node of a pod by its place here. */
  nodeOf(i: number): ClusterNode {
    return this.nodes[this.places[i]!]!
  }

  /** A pod and its node. */
  at(i: number): PodPlan {
    return { pod: this.pods[i]!, node: this.nodeOf(i) }
  }
}

/** Pods that have a network of their own, with their nodes. Pods on unknown nodes are faults. */
export function networkedPods(
  resources: Resources,
  nodes: readonly ClusterNode[],
  findings: Findings,
  before?: PodPlans,
): PodPlans {
  const known = before && kept.get(before)
  if (before !== undefined && known === resources.pods && haveSameNames(before.nodes, nodes)) {
    const same = new PodPlans(before.pods, before.places, nodes)
    kept.set(same, known)
    return same
  }
  const placeOf = new Map(nodes.map((node, place) => [node.name, place]))
  const all = inCreationOrder(resources.pods)
  const places = new Int32Array(all.length)
  let count = 0
  /** Those that count; all that were looked at, as long as there is no other. */
  let some: PodResource[] | undefined
  // Counted: an iterator makes an object a pod.
  for (let i = 0; i < all.length; i++) {
    const pod = all[i]!
    const place = placeOfNode(pod, placeOf, findings)
    if (place === undefined) {
      some ??= all.slice(0, i)
      continue
    }
    some?.push(pod)
    places[count++] = place
  }
  const plans = new PodPlans(some ?? all, places.subarray(0, count), nodes)
  // Of pods on unknown nodes something is to be told each time.
  if (findings.faults.length === 0) kept.set(plans, resources.pods)
  return plans
}

/** The place of the node of a pod; undefined for one that has no network of its own, or is on no node that is there. */
function placeOfNode(pod: PodResource, placeOf: ReadonlyMap<string, number>, findings: Findings): number | undefined {
  const { nodeName, hostNetwork } = pod.spec
  if (nodeName === undefined || nodeName === '') return undefined
  const place = placeOf.get(nodeName)
  if (place === undefined) {
    const expected = `one of the nodes ${[...placeOf.keys()].slice(0, 5).join(', ') || '(none)'}`
    findings.fault('missing_reference', pod, ['spec', 'nodeName'], expected, nodeName)
    return undefined
  }
  const phase = pod.status?.phase
  return hostNetwork || phase === 'Succeeded' || phase === 'Failed' || awaitsNetwork(pod) ? undefined : place
}

/** The lists of pods that plans were made from. */
const kept = new WeakMap<PodPlans, readonly PodResource[]>()

function haveSameNames(a: readonly ClusterNode[], b: readonly ClusterNode[]): boolean {
  return a.length === b.length && a.every(({ name }, i) => name === b[i]!.name)
}
