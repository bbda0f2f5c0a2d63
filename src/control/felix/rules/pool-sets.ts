import type { IpSet } from '../../../model/index.ts'
import { containsPrefix, type Family, familyOf, isHostPrefix, type Prefix, prefixAddress } from '../../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../../cluster-node.ts'
import type { Pool } from '../../ipam/pool.ts'
import { originOf } from '../../origin.ts'
import type { Settings } from '../../settings/settings.ts'
import { felixSet } from '../felix-set.ts'

/** Sets by name, each made when somebody reads it. */
export type SetMakers = readonly (readonly [string, () => IpSet])[]

/** Ranges without those that lie in another of them. */
function outermost(pools: readonly Pool[]): string[] {
  const ranges = pools.map((pool) => pool.cidr)
  return ranges.filter((range) => !ranges.some((other) => other !== range && containsPrefix(other, range)))
}

/** The ipsets of pools, one object a cluster. @calico felix/dataplane/linux/masq_mgr.go */
export function poolSets(family: Family, pools: readonly Pool[], settings: Settings): IpSet[] {
  const own = pools.filter((pool) => pool.family === family)
  const masquerading = own.filter((pool) => pool.natOutgoing)
  return [
    felixSet(
      'masq-ipam-pools',
      family,
      'hash:net',
      () => outermost(masquerading),
      originOf('felix', masquerading[0]?.resource, ['spec', 'natOutgoing'], 'ranges of the pools with natOutgoing'),
    ),
    felixSet(settings.traits.poolSet, family, 'hash:net', () => outermost(own), {
      component: 'felix',
      note: 'ranges of all pools',
    }),
  ]
}

/** Ranges of a family as members of a set: an address stands without its length. */
export function rangesOf(family: Family, ranges: readonly Prefix[]): string[] {
  const own = ranges.filter((range) => familyOf(range) === family)
  return own.map((range) => (isHostPrefix(range) ? prefixAddress(range) : range))
}

/** All nodes, for IPIP. @calico felix/dataplane/linux/ipset_hosts_mgr.go */
export function hostsSet(family: Family, nodes: readonly ClusterNode[], external: readonly Prefix[]): IpSet {
  const members = (): string[] => {
    const hosts = nodes.flatMap((node) => addressOfNode(node, family)?.address ?? [])
    // Tunnels of IPIP are of IPv4 only.
    return [...hosts, ...(family === 4 ? rangesOf(4, external) : [])]
  }
  return felixSet('all-hosts-net', family, 'hash:net', members, { component: 'felix', note: 'addresses of all nodes' })
}
