import { type Cluster, type ClusterNode, type Pool, subnetOfNode, type TunnelKind } from '../control/index.ts'
import type { Family } from '../wire/index.ts'
import type { TopologyGroup, TopologyTunnels } from './topology-view.ts'

/** How packets of pods travel between nodes: a line for every way that some pool or WireGuard asks for. */
export function tunnelsOf({ nodes, ipam }: Pick<Cluster, 'nodes' | 'ipam'>): readonly TopologyTunnels[] {
  const has = (kind: TunnelKind) => (node: ClusterNode) => ipam.tunnels.get(node.name)?.[kind] !== undefined
  const ofPools = byWay(ipam.pools).map(({ kind, when, family, pools }) => {
    const members = kind === 'none' ? nodes : nodes.filter(has(tunnelKind(kind, family)))
    return tunnelsAmong(members, { kind, when, family, pools })
  })
  const encrypted = ([4, 6] as const).map((family) =>
    tunnelsAmong(nodes.filter(has(tunnelKind('wireguard', family))), {
      kind: 'wireguard',
      when: 'always',
      family,
      pools: [],
    }),
  )
  return [...encrypted, ...ofPools].filter((one) => one.pairs > 0)
}

type Way = Pick<TopologyTunnels, 'kind' | 'when' | 'family' | 'pools'>

function tunnelKind(kind: 'ipip' | 'vxlan' | 'wireguard', family: Family): TunnelKind {
  return family === 6 && kind !== 'ipip' ? `${kind}-v6` : kind
}

/** Pools that travel alike, together. */
function byWay(pools: readonly Pool[]): readonly Way[] {
  const ways = new Map<string, Way>()
  for (const pool of pools) {
    const { kind, when } = wayOf(pool)
    const key = `${kind} ${when} ${pool.family}`
    ways.set(key, { kind, when, family: pool.family, pools: [...(ways.get(key)?.pools ?? []), pool.name] })
  }
  return [...ways.values()]
}

function wayOf({ ipip, vxlan }: Pool): Pick<Way, 'kind' | 'when'> {
  if (vxlan !== 'Never') return { kind: 'vxlan', when: vxlan === 'CrossSubnet' ? 'crossSubnet' : 'always' }
  if (ipip !== 'Never') return { kind: 'ipip', when: ipip === 'CrossSubnet' ? 'crossSubnet' : 'always' }
  return { kind: 'none', when: 'always' }
}

function tunnelsAmong(members: readonly ClusterNode[], way: Way): TopologyTunnels {
  const groups = way.when === 'crossSubnet' ? bySubnet(members, way.family) : together(members)
  const sizes = groups.map((group) => group.nodes.length)
  const all = pairsOf(members.length)
  const within = sizes.reduce((sum, size) => sum + pairsOf(size), 0)
  return { ...way, groups, pairs: way.when === 'crossSubnet' ? all - within : all }
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2
}

function together(members: readonly ClusterNode[]): readonly TopologyGroup[] {
  return members.length === 0 ? [] : [{ subnet: '', nodes: members.map(({ name }) => name) }]
}

/** A node without a subnet is in one of its own: nobody is beside it. */
function bySubnet(members: readonly ClusterNode[], family: Family): readonly TopologyGroup[] {
  const groups = new Map<string, string[]>()
  for (const node of members) {
    const subnet = subnetOfNode(node, family)
    const key = subnet ?? `node ${node.name}`
    groups.set(key, [...(groups.get(key) ?? []), node.name])
  }
  return [...groups].map(([key, nodes]) => ({ subnet: key.startsWith('node ') ? '' : key, nodes }))
}
