import {
  type Cluster,
  endpointsIn,
  leakedIn,
  type ObjectReference,
  type PodResource,
  type Resources,
} from '../control/index.ts'
import { type ControllersMemory, cniRefusal } from '../controllers/index.ts'
import type { Ip } from '../wire/index.ts'
import { drawnDelay } from './delays.ts'
import type { Moment } from './following.ts'
import { apiRefusal } from './refusals.ts'
import { type RunningState, stateOfAway } from './running-state.ts'
import type { EditedObject } from './stored-objects.ts'

/** What is left of a pod that went while nobody could run CNI DEL for it. */
export interface Leak {
  /** `namespace/name` of the pod. */
  readonly netns: string
  readonly node: string
  /** Those that IPAM holds. */
  readonly addresses: readonly Ip[]
  /** When the pod went, in nanoseconds, and by which event. */
  readonly since: number
  readonly event: number
  /** Number of the first revision without the pod. */
  readonly revision: number
  /** The cluster that had the pod last: its sandbox is as there; null = its machine was off since, and nothing is left of it. */
  readonly cluster: Cluster | null
  /** kube-controllers has looked at it when its time was over. */
  readonly isLookedAt?: true
}

/** Whether kubelet of a node can have the CNI plugin take networks down: it hears of pods, and the plugin has what it needs. */
export function canTearDown(
  state: RunningState,
  node: string,
  memory: ControllersMemory,
  resources: Resources,
): boolean {
  const hasApi = apiRefusal(state) === undefined
  const isUp = !state.machines.has(node) && stateOfAway(state, 'kubelet', node) === 'running'
  return hasApi && isUp && memory.cni.has(node) && cniRefusal(memory, resources) === undefined
}

/**
 * Pods that an edit takes away and whose networks nobody takes down, as a cluster has them.
 *
 * @param isHeld - whether IPAM, which had their addresses, is there still
 */
export function leaksOf(
  edited: readonly EditedObject[],
  cluster: Cluster,
  { canEnd, isHeld }: { readonly canEnd: (node: string) => boolean; readonly isHeld: boolean },
  { now, event, revision }: { readonly now: number; readonly event: number; readonly revision: number },
): readonly Leak[] {
  return edited.flatMap(({ op, object }) => {
    if (op !== 'delete' || object.kind !== 'Pod') return []
    const { namespace = 'default', name } = (object as PodResource).metadata
    const netns = `${namespace}/${name}`
    const endpoint = endpointsIn(cluster.workloadEndpoints).at(netns)
    if (endpoint === undefined || canEnd(endpoint.node)) return []
    const { node } = endpoint
    const addresses = isHeld ? endpoint.addresses : []
    return [{ netns, node, addresses, since: now, event, revision, cluster }]
  })
}

/** Nodes of pods that somebody deletes where nobody can take their networks down. */
export function nodesWithoutEnd(state: RunningState, references: readonly ObjectReference[]): readonly string[] {
  const { memory, newest } = state
  const nodes = references.flatMap(({ kind, namespace = 'default', name }) => {
    const endpoint =
      kind === 'Pod' ? endpointsIn(newest.cluster.workloadEndpoints).at(`${namespace}/${name}`) : undefined
    return endpoint === undefined || canTearDown(state, endpoint.node, memory, newest.resources) ? [] : [endpoint.node]
  })
  return [...new Set(nodes)]
}

/**
 * What is left of leaks: addresses that IPAM still holds in their names, and sandboxes of nodes that are there. One ends when neither
 * is, or when kubelet makes a pod of its name anew: it takes the older sandbox down first.
 */
export function leaksLeft(leaks: readonly Leak[], cluster: Cluster): readonly Leak[] {
  const left = leaks.flatMap((leak) => {
    if (endpointsIn(cluster.workloadEndpoints).at(leak.netns)?.node === leak.node) return []
    const addresses = leakedIn(cluster, leak.addresses)
    const sandbox = cluster.nodes.some(({ name }) => name === leak.node) ? leak.cluster : null
    if (addresses.length === 0 && sandbox === null) return []
    const isSame = addresses.length === leak.addresses.length && sandbox === leak.cluster
    return isSame ? leak : { ...leak, addresses, cluster: sandbox }
  })
  return left.length === leaks.length && left.every((leak, i) => leak === leaks[i]) ? leaks : left
}

/** Leaks of a machine that has gone off: of their sandboxes nothing is left. */
export function withoutSandboxes(leaks: readonly Leak[], node: string): readonly Leak[] {
  if (!leaks.some((leak) => leak.node === node && leak.cluster !== null)) return leaks
  return leaks.map((leak) => (leak.node === node ? { ...leak, cluster: null } : leak))
}

/** Leaks whose kubelets can end them now. */
function endable(state: RunningState): readonly Leak[] {
  const { leaks, memory, newest } = state
  return leaks.filter(({ node }) => canTearDown(state, node, memory, newest.resources))
}

/** How long it is until a kubelet ends the first of them, in nanoseconds; undefined = none can. */
export function nextTearDown(state: RunningState, event: number, { seed }: Moment): number | undefined {
  const delays = endable(state).map(({ node }) => drawnDelay('sandbox removal', { seed, event, node }))
  return delays.length === 0 ? undefined : Math.min(...delays)
}

/** What kubelets have the CNI plugin take down now: addresses, and where; and the state without. */
export function tornDownNow(state: RunningState): {
  readonly nodes: ReadonlyMap<Ip, string>
  readonly left: RunningState
} {
  const ended = new Set(endable(state))
  const addresses = [...ended].flatMap((leak) => leak.addresses.map((address) => [address, leak.node] as const))
  return { nodes: new Map(addresses), left: { ...state, leaks: state.leaks.filter((leak) => !ended.has(leak)) } }
}

/** Sandboxes of pods that are gone, where no pod of their name is there again: as they are on a node. */
export interface SandboxesLeft {
  readonly attached: ReadonlyMap<string, Cluster>
  /** Those that Felix knows to be gone: it has taken their routes away. */
  readonly unrouted: ReadonlySet<string>
}

/** What is left on a node. @param routed - number of the revision that Felix has written routes of */
export function sandboxesLeft(
  leaks: readonly Leak[],
  node: string,
  now: Cluster,
  routed: number,
): SandboxesLeft | undefined {
  const there = leaks.filter(
    ({ netns, ...leak }) =>
      leak.node === node && leak.cluster !== null && endpointsIn(now.workloadEndpoints).at(netns) === undefined,
  )
  if (there.length === 0) return undefined
  return {
    attached: new Map(there.map(({ netns, cluster }) => [netns, cluster!])),
    unrouted: new Set(there.flatMap(({ netns, revision }) => (revision <= routed ? [netns] : []))),
  }
}
