import {
  compareIps,
  contains,
  type Family,
  familyOf,
  hostPrefix,
  type Ip,
  type Prefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../../../wire/index.ts'
import type { BlockRoute } from './block-routes.ts'
import type { FelixEndpoint } from './felix-endpoint.ts'
import { type FelixNode, nodeAddress } from './felix-node.ts'
import type { FelixPool, PoolType } from './felix-pool.ts'

/** What lives at a range, seen from one node. */
export type RouteType =
  | 'cidr-info'
  | 'remote-workload'
  | 'remote-host'
  | 'local-workload'
  | 'local-host'
  | 'remote-tunnel'
  | 'local-tunnel'

/** A tunnel whose device has an address. */
export type TunnelType = 'ipip' | 'vxlan' | 'wireguard'

/** A range as Felix calculates it for its dataplane. @calico felix/proto/felixbackend.proto */
export interface FelixRoute {
  /** Range. */
  readonly dst: Prefix
  /** What lives there. */
  readonly types: readonly RouteType[]
  /** How the addresses of its pool travel. */
  readonly poolType: PoolType
  /** Node it leads to. */
  readonly node?: string
  /** Address of that node. */
  readonly nodeIp?: Ip
  /** Packets from there to the outside are translated. */
  readonly natOutgoing: boolean
  /** Its pool encapsulates between subnets only, and its node is in ours. */
  readonly sameSubnet: boolean
  /** It lies in the block of another node. */
  readonly borrowed: boolean
  /** A workload of this node has it. */
  readonly localWorkload: boolean
  /** Tunnels whose device has it. */
  readonly tunnelTypes: readonly TunnelType[]
}

/** What routes are calculated from. */
export interface RouteInputs {
  /** The node that calculates. */
  readonly node: string
  /** Nodes by name. */
  readonly nodes: ReadonlyMap<string, FelixNode>
  /** Pools. */
  readonly pools: readonly FelixPool[]
  /** What blocks say. */
  readonly blocks: readonly BlockRoute[]
  /** Workloads whose addresses count: those of this node, or all where routes come from workloads. */
  readonly workloads: readonly FelixEndpoint[]
}

/** What was found at exactly one range. */
interface Found {
  pool?: FelixPool
  block?: string
  hosts: string[]
  refs: Ref[]
}

/** A node that has an address: on a workload, or on the device of a tunnel. */
interface Ref {
  readonly node: string
  readonly of: 'workload' | TunnelType
}

/** Of several at one address the first counts: by node, and workloads before tunnels. */
const REF_ORDER: readonly Ref['of'][] = ['workload', 'wireguard', 'ipip', 'vxlan']

function byNodeAndSort(a: Ref, b: Ref): number {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1
  return REF_ORDER.indexOf(a.of) - REF_ORDER.indexOf(b.of)
}

const NOWHERE: readonly string[] = ['0.0.0.0/32', '::/128']

/** A range and all that enclose it, the widest first, with what is known of each. */
type Path = readonly (readonly [range: Prefix, found: Found])[]

/** All ranges that something is known of, and what encloses them. */
class RouteTable {
  private readonly found = new Map<Prefix, Found>()
  private readonly lengths: Record<Family, number[]> = { 4: [], 6: [] }

  at(cidr: Prefix): Found {
    const before = this.found.get(cidr)
    if (before !== undefined) return before
    const fresh: Found = { hosts: [], refs: [] }
    this.found.set(cidr, fresh)
    const [family, length] = [familyOf(cidr), prefixLength(cidr)]
    const known = this.lengths[family]
    if (!known.includes(length)) this.lengths[family] = [...known, length].sort((a, b) => a - b)
    return fresh
  }

  ranges(): Prefix[] {
    return [...this.found.keys()]
  }

  /** What is known of a range and of all that enclose it, the widest first. */
  pathTo(cidr: Prefix): Path {
    const [address, length] = [prefixAddress(cidr), prefixLength(cidr)]
    return this.lengths[familyOf(cidr)].flatMap((one) => {
      if (one > length) return []
      const range = prefixOf(address, one)
      const found = this.found.get(range)
      return found === undefined ? [] : [[range, found] as const]
    })
  }
}

function tunnelsOf(node: FelixNode): readonly (readonly [address: Ip, of: TunnelType])[] {
  const of = (address: Ip | undefined, kind: TunnelType): (readonly [Ip, TunnelType])[] =>
    address === undefined ? [] : [[address, kind]]
  return [
    ...of(node.ipip, 'ipip'),
    ...of(node.vxlan[4], 'vxlan'),
    ...of(node.vxlan[6], 'vxlan'),
    ...of(node.wireguard[4], 'wireguard'),
    ...of(node.wireguard[6], 'wireguard'),
  ]
}

/** A node without any address of its own is none for routes, and neither are its tunnels. */
function addNode(table: RouteTable, node: FelixNode): void {
  const own = ([4, 6] as const).flatMap((family) => nodeAddress(node, family)?.address ?? [])
  if (own.length === 0) return
  const all = new Set([...own, ...node.addresses.map(({ cidr }) => cidr.address)])
  for (const address of all) table.at(hostPrefix(address)).hosts.push(node.name)
  for (const [address, of] of tunnelsOf(node)) table.at(hostPrefix(address)).refs.push({ node: node.name, of })
}

function tableOf({ nodes, pools, blocks, workloads }: RouteInputs): RouteTable {
  const table = new RouteTable()
  for (const pool of pools) table.at(pool.cidr).pool = pool
  for (const { dst, node } of blocks) table.at(dst).block = node
  for (const node of nodes.values()) addNode(table, node)
  for (const { node, routes } of workloads) for (const dst of routes) table.at(dst).refs.push({ node, of: 'workload' })
  return table
}

/** What pools say of all in their range: of nested ones the innermost decides how addresses travel. */
function poolPart(path: Path): Pick<FelixRoute, 'poolType' | 'natOutgoing'> & {
  readonly crossSubnet: boolean
} {
  const pools = path.flatMap(([, { pool }]) => pool ?? [])
  const types = pools.map(({ type }) => type).filter((type) => type !== 'NONE')
  return {
    poolType: types.at(-1) ?? 'NONE',
    natOutgoing: pools.some((pool) => pool.natOutgoing),
    crossSubnet: pools.some((pool) => pool.crossSubnet),
  }
}

/** Where a range leads, and what lives there. */
interface Holder {
  readonly node?: string
  readonly types: readonly RouteType[]
  readonly borrowed: boolean
  readonly localWorkload: boolean
  readonly tunnelTypes: readonly TunnelType[]
}

/**
 * Who has a range. What a block says of its addresses is not said of a node's own address, and of a tunnel's only where
 * the block is that one address: else its node would get a second route through the tunnel.
 */
function holderOf(path: Path, me: string): Holder {
  const blocks = path.flatMap(([, { block }]) => block ?? [])
  const hosts = path.flatMap(([, found]) => [...found.hosts].sort().slice(0, 1))
  const refs = path.flatMap(([, found]) => [...found.refs].sort(byNodeAndSort).slice(0, 1))
  const side = (node: string): 'local' | 'remote' => (node === me ? 'local' : 'remote')
  const types = new Set<RouteType>()
  for (const host of hosts) types.add(`${side(host)}-host`)
  for (const { node, of } of refs) types.add(`${side(node)}-${of === 'workload' ? 'workload' : 'tunnel'}`)
  const tunnel = refs.filter(({ of }) => of !== 'workload').at(-1)
  const isOneAddress = path.at(-1)?.[1].block !== undefined
  if (hosts.length === 0 && (isOneAddress || tunnel === undefined)) {
    for (const owner of blocks) types.add(`${side(owner)}-workload`)
  }
  const node = path.flatMap(nodesOf).at(-1)
  const users = [...blocks, ...refs.map((ref) => ref.node)]
  return {
    ...(node === undefined ? {} : { node }),
    types: ORDER.filter((type) => types.has(type)),
    borrowed: blocks.length > 0 && users.some((user) => user !== blocks[0]),
    localWorkload: refs.some((ref) => ref.of === 'workload' && ref.node === me),
    tunnelTypes: tunnel === undefined ? [] : tunnelTypes(path, tunnel.node),
  }
}

/** Nodes that have exactly this range, the last of which it leads to. */
function nodesOf([, { block, hosts, refs }]: Path[number]): string[] {
  const [host] = [...hosts].sort()
  const [ref] = [...refs].sort(byNodeAndSort)
  return [block, host, ref?.node].filter((node) => node !== undefined)
}

/** The tunnels of a node that share the address. */
function tunnelTypes(path: Path, node: string): TunnelType[] {
  const shared = path.flatMap(([, { refs }]) => refs).filter((ref) => ref.node === node)
  return TUNNELS.filter((tunnel) => shared.some(({ of }) => of === tunnel))
}

const TUNNELS: readonly TunnelType[] = ['ipip', 'vxlan', 'wireguard']
const ORDER: readonly RouteType[] = [
  'cidr-info',
  'remote-workload',
  'remote-host',
  'local-workload',
  'local-host',
  'remote-tunnel',
  'local-tunnel',
]

/** Whether a node is in our subnet: by the length that our own address has. */
function isInSubnet(
  node: string | undefined,
  family: Family,
  { node: me, nodes }: Pick<RouteInputs, 'node' | 'nodes'>,
): boolean {
  const [own, other] = [nodes.get(me), node === undefined ? undefined : nodes.get(node)]
  const subnet = own && nodeAddress(own, family)
  const address = other && nodeAddress(other, family)?.address
  return subnet !== undefined && address !== undefined && contains(prefixOf(subnet.address, subnet.length), address)
}

function routeOf(dst: Prefix, table: RouteTable, inputs: RouteInputs): FelixRoute {
  const family = familyOf(dst)
  const path = table.pathTo(dst)
  const { crossSubnet, ...pool } = poolPart(path)
  const { node, types, ...holder } = holderOf(path, inputs.node)
  const known = node === undefined ? undefined : inputs.nodes.get(node)
  const nodeIp = known && nodeAddress(known, family)?.address
  return {
    dst,
    types: types.length === 0 ? ['cidr-info'] : types,
    ...pool,
    ...(node === undefined ? {} : { node }),
    ...(nodeIp === undefined ? {} : { nodeIp }),
    sameSubnet: crossSubnet && isInSubnet(node, family, inputs),
    ...holder,
  }
}

/**
 * What Felix of a node knows of ranges: pools, blocks and what is borrowed of them, nodes, tunnels, workloads; in order of
 * addresses.
 *
 * @calico felix/calc/l3_route_resolver.go
 */
export function felixRoutes(inputs: RouteInputs): readonly FelixRoute[] {
  const table = tableOf(inputs)
  const ranges = table.ranges().filter((range) => !NOWHERE.includes(range))
  ranges.sort((a, b) => compareIps(prefixAddress(a), prefixAddress(b)) || prefixLength(a) - prefixLength(b))
  return ranges.map((dst) => routeOf(dst, table, inputs))
}
