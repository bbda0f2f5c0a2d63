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
  /** How many of those that fit are passed over: flows of theirs do not pass as it is. */
  readonly skip?: number
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

/** Pods with addresses, the first of each node before others of it; those of the place asked for before all. */
export function podsByNode(situation: Situation): readonly WorkloadEndpoint[] {
  const { node, pod } = placeOf(situation)
  const all = situation.cluster.workloadEndpoints.filter(({ addresses }) => addresses.length > 0)
  const first = new Map<string, WorkloadEndpoint>()
  for (const one of all) if (!first.has(one.node)) first.set(one.node, one)
  if (pod !== undefined) first.set(pod.node, pod)
  const leaders = new Set(first.values())
  const ranked = [...leaders, ...all.filter((one) => !leaders.has(one))]
  return node === undefined
    ? ranked
    : ranked.filter((one) => one.node === node).concat(ranked.filter((one) => one.node !== node))
}

/** Pods at the place: the one asked for, those of the node asked for, or all. */
function placed(situation: Situation): readonly WorkloadEndpoint[] {
  const { node, pod } = placeOf(situation)
  return podsByNode(situation).filter((one) =>
    pod === undefined ? node === undefined || one.node === node : one === pod,
  )
}

/** Of those that fit, the first whose flows are not known to fail. @throws what `refusal` says where there is none */
export function chosen<T>(fitting: Iterable<T>, { skip = 0 }: Situation, refusal: () => InputError): T {
  let left = skip
  for (const one of fitting) if (left-- === 0) return one
  throw refusal()
}

/** A pod at the place. @throws InputError where there is none */
export function podAt(situation: Situation, fits: (pod: WorkloadEndpoint) => boolean = () => true): WorkloadEndpoint {
  return chosen(placed(situation).filter(fits), situation, () => lacks(situation, 'pod'))
}

/**
 * Two pods of two nodes whose packets go one of these ways; the place is that of the client, or of the server.
 * @throws InputError where there are none
 */
export function crossing(
  situation: Situation,
  ways: readonly Way[],
  need: Need,
  side: keyof Pair = 'client',
  also: (pair: Pair) => boolean = () => true,
): Pair {
  const fits = (pair: Pair): boolean => {
    if (!also(pair)) return false
    const { client, server } = pair
    const way = wayTo(situation, client.node, server)
    return way !== undefined && ways.includes(way) && wayTo(situation, server.node, client) === way
  }
  return pairWith(situation, fits, need, side)
}

/** Two pods of two nodes that can reach each other by whatever way. @throws InputError where there are none */
export function anyCrossing(situation: Situation, side: keyof Pair = 'client'): Pair {
  return crossing(situation, ['ipip', 'vxlan', 'wireguard', 'plain'], 'two-nodes', side)
}

/** Two pods of two nodes that fit, one of them at the place. @throws InputError where there are none */
export function pairWith(
  situation: Situation,
  fits: (pair: Pair) => boolean,
  need: Need,
  side: keyof Pair = 'client',
): Pair {
  return chosen(fittingPairs(situation, fits, side), situation, () => lacks(situation, need))
}

function* fittingPairs(situation: Situation, fits: (pair: Pair) => boolean, side: keyof Pair): Generator<Pair> {
  const others = podsByNode(situation)
  for (const own of placed(situation).slice(0, MOST_TRIED)) {
    for (const other of others.filter(({ node }) => node !== own.node).slice(0, MOST_TRIED)) {
      const pair = side === 'client' ? { client: own, server: other } : { client: other, server: own }
      if (fits(pair)) yield pair
    }
  }
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
