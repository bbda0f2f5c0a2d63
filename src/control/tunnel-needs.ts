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
  const enabled = pools.filter((pool) => !pool.disabled)
  return (node: ClusterNode): TunnelNeed[] => {
    const mine = enabled.filter((pool) => selects(pool.nodeSelector, node.labels))
    const needs: TunnelNeed[] = []
    const add = (kind: TunnelNeed['kind'], from: readonly Pool[]): void => {
      if (from.some((pool) => pool.uses.includes('Tunnel'))) needs.push({ kind, pools: from })
    }
    const family = (number: Family): Pool[] => mine.filter((pool) => pool.family === number)
    const host = node.felix.wireguardHostEncryption
    if (keys[4].has(node.name) && !host) add('wireguard', family(4))
    if (keys[6].has(node.name) && !host) add('wireguard-v6', family(6))
    if (node.ipv4) {
      add(
        'ipip',
        family(4).filter((pool) => pool.ipip !== 'Never'),
      )
      add(
        'vxlan',
        family(4).filter((pool) => pool.vxlan !== 'Never'),
      )
    }
    if (node.ipv6 && settings.traits.vxlanIpv6)
      add(
        'vxlan-v6',
        family(6).filter((pool) => pool.vxlan !== 'Never'),
      )
    return needs
  }
}
