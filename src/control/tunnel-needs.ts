import type { Family } from '../wire/index.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { TunnelNeed } from './ipam/cluster-ipam.ts'
import type { Pool } from './ipam/pool.ts'
import { selects } from './selector.ts'
import type { Settings } from './settings/settings.ts'

/** Which tunnel addresses a node needs, and from which pools, in the order in which they are asked for. */
export function tunnelNeeds(
  pools: readonly Pool[],
  settings: Settings,
  keys: Readonly<Record<Family, ReadonlyMap<string, string>>>,
): (node: ClusterNode) => TunnelNeed[] {
  const of = (family: Family, fits: (pool: Pool) => boolean = () => true): readonly Pool[] =>
    pools.filter((pool) => !pool.disabled && pool.family === family && fits(pool))
  const givers: Readonly<Record<TunnelNeed['kind'], readonly Pool[]>> = {
    wireguard: of(4),
    'wireguard-v6': of(6),
    ipip: of(4, (pool) => pool.ipip !== 'Never'),
    vxlan: of(4, (pool) => pool.vxlan !== 'Never'),
    'vxlan-v6': of(6, (pool) => pool.vxlan !== 'Never'),
  }
  return (node: ClusterNode): TunnelNeed[] => {
    const needs: TunnelNeed[] = []
    const add = (kind: TunnelNeed['kind']): void => {
      const from = selecting(givers[kind], node)
      if (from.some((pool) => pool.uses.includes('Tunnel'))) needs.push({ kind, pools: from })
    }
    const host = node.felix.wireguardHostEncryption
    if (keys[4].has(node.name) && !host) add('wireguard')
    if (keys[6].has(node.name) && !host) add('wireguard-v6')
    if (node.ipv4) {
      add('ipip')
      add('vxlan')
    }
    if (node.ipv6 && settings.traits.vxlanIpv6) add('vxlan-v6')
    return needs
  }
}

/** Those of the pools that select a node: nearly always all of them. */
function selecting(pools: readonly Pool[], { labels }: ClusterNode): readonly Pool[] {
  const selected = ({ nodeSelector }: Pool): boolean => selects(nodeSelector, labels)
  return pools.every(selected) ? pools : pools.filter(selected)
}
