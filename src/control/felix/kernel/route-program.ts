import { type Ip, isHostPrefix, type Prefix } from '../../../wire/index.ts'
import type { PoolType } from '../calc/felix-pool.ts'
import type { RouteType } from '../calc/route-resolver.ts'
import { ROUTE_PROTOCOL } from '../route-protocol.ts'
import type { CalculatedRoute, KernelState, TunnelEndpoint } from './kernel-state.ts'

/** A route as Felix gives it to the kernel. @calico felix/routetable/defs.go Target */
export interface ProgrammedRoute {
  /** Range. */
  readonly dst: Prefix
  /** What becomes of its packets. */
  readonly type: 'unicast' | 'blackhole'
  /** Device; absent for blackholes. */
  readonly dev?: string
  /** Next hop. */
  readonly gw?: Ip
  /** The next hop is taken to be on the device's link, whatever other routes say. */
  readonly onlink: boolean
  /** Protocol, as number. */
  readonly protocol: number
  /** MTU, in bytes. */
  readonly mtu?: number
}

const is = ({ types }: CalculatedRoute, type: RouteType): boolean => types.includes(type)

/** The tunnel address of another node that no block of that node has. */
function isBorrowedTunnel(route: CalculatedRoute): boolean {
  return is(route, 'remote-tunnel') && route.borrowed
}

/** Whether a route leads to pods, or a tunnel, of another node. */
function isRemote(route: CalculatedRoute): boolean {
  return is(route, 'remote-workload') || isBorrowedTunnel(route)
}

/** A block of this node, not the address of a pod: that may be on its way, and a blackhole would stop the CNI plugin. */
function isOwnBlock(route: CalculatedRoute): boolean {
  return is(route, 'local-workload') && !route.localWorkload && !isHostPrefix(route.dst)
}

const mtuOf = (mtu: number | undefined, { traits }: KernelState): { readonly mtu?: number } =>
  mtu === undefined || !traits.routeMtu ? {} : { mtu }

/** Past all tunnels, where a peer is next door, or no tunnel is wanted. */
function directRoute(route: CalculatedRoute, { parent, felix }: KernelState): ProgrammedRoute | undefined {
  const { dst, poolType, nodeIp, sameSubnet } = route
  if (parent === undefined || nodeIp === undefined || (poolType !== 'NO_ENCAP' && !sameSubnet)) return undefined
  return { dst, type: 'unicast', dev: parent, gw: nodeIp, onlink: true, protocol: ROUTE_PROTOCOL.own(felix) }
}

/** Into the VXLAN device: by the peer's tunnel address, which itself is behind no other. */
function vxlanRoute(
  route: CalculatedRoute,
  state: KernelState,
  vteps: ReadonlyMap<string, TunnelEndpoint>,
): ProgrammedRoute | undefined {
  const { vxlan, felix } = state
  if (vxlan === undefined) return undefined
  const base = {
    dst: route.dst,
    type: 'unicast' as const,
    dev: vxlan.device,
    protocol: ROUTE_PROTOCOL.device(felix),
    ...mtuOf(vxlan.mtu, state),
  }
  if (is(route, 'remote-tunnel') && isRemote(route)) return { ...base, onlink: false }
  const gw = vteps.get(route.node ?? '')?.address
  return gw === undefined ? undefined : { ...base, gw, onlink: true }
}

/** Into `tunl0`, by the peer's own address. */
function ipipRoute(route: CalculatedRoute, state: KernelState): ProgrammedRoute | undefined {
  const { ipip, hosts, felix } = state
  const gw = hosts.get(route.node ?? '')
  if (ipip === undefined || gw === undefined) return undefined
  const mtu = mtuOf(ipip.mtu, state)
  const protocol = ROUTE_PROTOCOL.own(felix)
  return { dst: route.dst, type: 'unicast', dev: ipip.device, gw, onlink: true, protocol, ...mtu }
}

/** Kinds of pools whose routes Felix writes itself. */
function programmedTypes({ family, vxlan, ipip, felix }: KernelState): readonly PoolType[] {
  return [
    ...(vxlan === undefined ? [] : (['VXLAN'] as const)),
    ...(ipip !== undefined && family === 4 && felix.ownsIpip ? (['IPIP'] as const) : []),
    ...(felix.ownsNoEncap ? (['NO_ENCAP'] as const) : []),
  ]
}

function blackhole({ dst, poolType }: CalculatedRoute, { felix, traits }: KernelState): ProgrammedRoute[] {
  if (poolType === 'VXLAN' && !traits.vxlanBlackhole) return []
  return [{ dst, type: 'blackhole', onlink: false, protocol: ROUTE_PROTOCOL.own(felix) }]
}

function remoteRoute(
  route: CalculatedRoute,
  state: KernelState,
  vteps: ReadonlyMap<string, TunnelEndpoint>,
): ProgrammedRoute | undefined {
  const direct = directRoute(route, state)
  if (direct !== undefined) return direct
  switch (route.poolType) {
    case 'VXLAN':
      return vxlanRoute(route, state, vteps)
    case 'IPIP':
      return ipipRoute(route, state)
    case 'NO_ENCAP':
    case 'NONE':
      return undefined
  }
}

/** To the pods of the node, and to addresses that stand for theirs. @calico felix/dataplane/linux/endpoint_mgr.go calculateRoutes */
function workloadRoutes({ workloads, felix }: KernelState, floating: readonly Prefix[][]): ProgrammedRoute[] {
  const protocol = ROUTE_PROTOCOL.device(felix)
  return workloads.flatMap(({ interface: dev, nets }, i): ProgrammedRoute[] =>
    dev === undefined
      ? []
      : [...nets, ...(floating[i] ?? [])].map((dst) => ({ dst, type: 'unicast', dev, onlink: false, protocol })),
  )
}

/** Which of two routes to the same range Felix writes: lower goes first. @calico felix/routetable/defs.go RouteClass */
function rankOf(poolType: PoolType, { type, dev }: ProgrammedRoute, { parent }: KernelState): number {
  const kinds: readonly PoolType[] = ['VXLAN', 'IPIP', 'NO_ENCAP']
  const base = type === 'blackhole' ? 10 : 0
  return base + kinds.indexOf(poolType) * 2 + (dev === parent ? 0 : 1)
}

/**
 * The routes of Felix on a node, by range. @calico felix/dataplane/linux/route_mgr.go updateRoutes
 *
 * @param floating - ranges of floating addresses, pod by pod
 */
export function programmedRoutes(state: KernelState, floating: readonly Prefix[][]): ProgrammedRoute[] {
  const types = programmedTypes(state)
  const vteps = new Map(state.vteps.filter(({ node }) => node !== state.node).map((vtep) => [vtep.node, vtep]))
  const found = new Map<Prefix, { readonly rank: number; readonly route: ProgrammedRoute }>()
  const add = (poolType: PoolType, route: ProgrammedRoute | undefined): void => {
    if (route === undefined) return
    const rank = rankOf(poolType, route, state)
    const known = found.get(route.dst)
    if (known === undefined || rank < known.rank) found.set(route.dst, { rank, route })
  }
  for (const route of state.routes) {
    if (!types.includes(route.poolType)) continue
    // A borrowed address counts as remote on its own node, too, where the kernel refuses the node's address as a gateway.
    if (isRemote(route) && route.node !== state.node) add(route.poolType, remoteRoute(route, state, vteps))
    if (isOwnBlock(route)) for (const one of blackhole(route, state)) add(route.poolType, one)
  }
  const others = [...found.values()].map(({ route }) => route)
  return [...workloadRoutes(state, floating), ...others]
}
