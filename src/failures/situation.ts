import { type Cluster, type PlannedSegment, parentInterface, type WorkloadEndpoint } from '../control/index.ts'
import { didYouMean, InputError, type Network, type Route, routesCovering } from '../model/index.ts'
import { type Ip, isIpv4, prefixLength } from '../wire/index.ts'
import { NEEDS, type Need } from './kind.ts'

/** Where a failure is to be brought about. */
export interface Situation {
  /** Its code, for what is said. */
  readonly code: string
  /** The cluster of the objects that are stored. */
  readonly cluster: Cluster
  /** The network as it is now. */
  readonly network: Network
  /** How long programs take. */
  readonly delays: 'calico' | 'instant'
  /** Where somebody wants it: a node, or a pod; absent = at the first that fits. */
  readonly at?: string
}

/** Two pods: one asks, the other answers. */
export interface Pair {
  readonly client: WorkloadEndpoint
  readonly server: WorkloadEndpoint
}

/** How packets of one node reach pods of another; `plain` is bare within a segment, `routed` bare by a router. */
export type Way = 'ipip' | 'vxlan' | 'wireguard' | 'plain' | 'routed'

/** Nodes that are looked at before it is said that none fits. */
const MOST_TRIED = 32

/** Refuses a cluster that lacks something. */
export function lacks({ code, at }: Situation, ...needs: readonly Need[]): InputError {
  const what = needs.map((need) => NEEDS[need]).join(', or ')
  const where = at === undefined ? 'this cluster' : `this cluster at ${at}`
  return new InputError([
    { kind: 'unsupported', file: '', path: [], expected: `${code} needs ${what}`, received: `${where} without` },
  ])
}

/** The IPv4 address of a pod. */
export function ipv4Of({ addresses }: WorkloadEndpoint): Ip | undefined {
  return addresses.find(isIpv4)
}

/** The address of a pod by which packets are followed. */
export function addressOf(pod: WorkloadEndpoint): Ip {
  return (ipv4Of(pod) ?? pod.addresses[0]) as Ip
}

/** The route that a namespace takes to an address, of its main table: the longest prefix, then the lowest metric. */
export function routeTo({ network }: Situation, netns: string, address: Ip): Route | undefined {
  const ns = network.namespaces[netns]
  if (ns === undefined) return undefined
  const main = routesCovering(network, ns, address).filter(({ table }) => table === 'main')
  const by = (a: Route, b: Route): number =>
    prefixLength(b.dst) - prefixLength(a.dst) || (a.metric ?? 0) - (b.metric ?? 0)
  return [...main].sort(by)[0]
}

/** How a node reaches a pod of another; undefined where it has no route. */
export function wayTo(situation: Situation, node: string, server: WorkloadEndpoint): Way | undefined {
  const { interfaces = {} } = situation.network.namespaces[node] ?? {}
  const route = routeTo(situation, node, addressOf(server))
  const kind = interfaces[route?.dev ?? '']?.kind
  if (Object.hasOwn(interfaces, 'wireguard.cali')) return 'wireguard'
  if (kind === 'ipip' || kind === 'vxlan') return kind
  if (route?.type !== 'unicast' || kind !== 'ethernet') return undefined
  return segmentOf(situation, node) === segmentOf(situation, server.node) ? 'plain' : 'routed'
}

/** The segment that a node's own address is on. */
function segmentOf({ cluster }: Situation, name: string): PlannedSegment | undefined {
  const node = cluster.nodes.find((one) => one.name === name)
  return node && (parentInterface(node, 4) ?? parentInterface(node, 6))?.segment
}

/** The node that is meant by `at`, and the pod where one is. @throws InputError for what is neither */
function placeOf(situation: Situation): { readonly node?: string; readonly pod?: WorkloadEndpoint } {
  const { at, cluster } = situation
  if (at === undefined) return {}
  const bare = at.replace(/^(node|no|pod|po)\//, '')
  if (cluster.nodes.some(({ name }) => name === bare)) return { node: bare }
  const pod = cluster.workloadEndpoints.find(
    (one) => one.netns === bare || (one.namespace === 'default' && one.pod.metadata.name === bare),
  )
  if (pod !== undefined) return { node: pod.node, pod }
  const names = [...cluster.nodes.map(({ name }) => name), ...cluster.workloadEndpoints.map(({ netns }) => netns)]
  const expected = `a node, or NAMESPACE/POD; ${didYouMean(at, names)}`
  throw new InputError([{ kind: 'missing_reference', file: '', path: ['at'], expected, received: `"${at}"` }])
}

/** The first pod of each node that has one, those of the place asked for first. */
export function podsByNode(situation: Situation): readonly WorkloadEndpoint[] {
  const { node, pod } = placeOf(situation)
  const first = new Map<string, WorkloadEndpoint>()
  for (const one of situation.cluster.workloadEndpoints) {
    if (one.addresses.length > 0 && !first.has(one.node)) first.set(one.node, one)
  }
  if (pod !== undefined) first.set(pod.node, pod)
  const all = [...first.values()]
  return node === undefined
    ? all
    : all.filter((one) => one.node === node).concat(all.filter((one) => one.node !== node))
}

/** A pod at the place. @throws InputError where there is none */
export function podAt(situation: Situation): WorkloadEndpoint {
  const [pod] = podsByNode(situation)
  const { node } = placeOf(situation)
  if (pod === undefined || (node !== undefined && pod.node !== node)) throw lacks(situation, 'pod')
  return pod
}

/**
 * Two pods of two nodes, the client at the place, whose packets go one of these ways.
 * @throws InputError where there are none
 */
export function crossing(situation: Situation, ways: readonly Way[], need: Need): Pair {
  return (
    pairsAt(situation).find(({ client, server }) => {
      const way = wayTo(situation, client.node, server)
      return way !== undefined && ways.includes(way) && wayTo(situation, server.node, client) === way
    }) ?? refuse(situation, need)
  )
}

/** Two pods of two nodes that can reach each other by whatever way. @throws InputError where there are none */
export function anyCrossing(situation: Situation): Pair {
  return crossing(situation, ['ipip', 'vxlan', 'wireguard', 'plain'], 'two-nodes')
}

/** Pairs of pods of two nodes, clients of the place only where one is asked for. */
export function pairsAt(situation: Situation): readonly Pair[] {
  const { node } = placeOf(situation)
  const all = podsByNode(situation)
  const clients = node === undefined ? all.slice(0, MOST_TRIED) : all.filter((one) => one.node === node)
  return clients.flatMap((client) =>
    all
      .filter((one) => one.node !== client.node)
      .slice(0, MOST_TRIED)
      .map((server) => ({ client, server })),
  )
}

function refuse(situation: Situation, need: Need): never {
  throw lacks(situation, need)
}

/** The device by which a node sends to a pod of another. */
export function deviceTo(situation: Situation, node: string, server: WorkloadEndpoint): string {
  const { interfaces = {} } = situation.network.namespaces[node] ?? {}
  if (Object.hasOwn(interfaces, 'wireguard.cali')) return 'wireguard.cali'
  return routeTo(situation, node, addressOf(server))?.dev ?? ''
}

/** An MTU that full packets of a pair do not fit into, whatever they are inside of. */
export function tooNarrow(situation: Situation, { client, server }: Pair): number {
  const known = (
    [
      [client, server],
      [server, client],
    ] as const
  ).flatMap(([from, to]) => [
    from.mtu,
    situation.network.namespaces[from.node]?.interfaces[deviceTo(situation, from.node, to)]?.mtu ?? from.mtu,
    routeTo(situation, from.node, addressOf(to))?.mtu ?? from.mtu,
  ])
  return Math.max(Math.min(...known) - 100, 600)
}
