import { type IpSet, once } from '../../../model/index.ts'
import {
  containsPrefix,
  type Family,
  familyOf,
  type Ip,
  isHostPrefix,
  type Prefix,
  prefixAddress,
} from '../../../wire/index.ts'
import type { VersionTraits } from '../../calico-version.ts'
import { addressOfNode, type ClusterNode } from '../../cluster-node.ts'
import type { Pool } from '../../ipam/pool.ts'
import { originOf } from '../../origin.ts'
import type { Settings } from '../../settings/settings.ts'
import { felixSet } from '../felix-set.ts'

/** Sets by name, each made when somebody reads it. */
export type SetMakers = readonly (readonly [string, () => IpSet])[]

/** A pool, as far as sets go. */
export interface PoolRange {
  /** Range. */
  readonly cidr: Prefix
  /** What leaves it is translated. */
  readonly natOutgoing: boolean
  /** Only for addresses of Services. */
  readonly loadBalancerOnly: boolean
}

/** Members of the two sets of pools, of one family. */
export interface PoolMembers {
  /** What is translated. */
  readonly masquerading: readonly string[]
  /** Where it is not translated: addresses of Services are none of the cluster's network. */
  readonly network: readonly string[]
}

/** Ranges without those that lie in another of them. */
function outermost(pools: readonly PoolRange[]): string[] {
  const ranges = [...new Set(pools.map((pool) => pool.cidr))]
  return ranges.filter((range) => !ranges.some((other) => other !== range && containsPrefix(other, range)))
}

/** Members of the sets of pools. @calico felix/dataplane/linux/masq_mgr.go */
export function poolMembers(pools: readonly PoolRange[], { serviceRangesOutside }: VersionTraits): PoolMembers {
  return {
    masquerading: outermost(pools.filter(({ natOutgoing }) => natOutgoing)),
    network: outermost(pools.filter(({ loadBalancerOnly }) => !(serviceRangesOutside && loadBalancerOnly))),
  }
}

/** Whether a pool is for addresses of Services and nothing else. */
function isLoadBalancerOnly({ uses }: Pick<Pool, 'uses'>): boolean {
  return uses.length === 1 && uses[0] === 'LoadBalancer'
}

/** The ipsets of pools, one object a cluster. */
export function poolSets(family: Family, pools: readonly Pool[], { traits }: Pick<Settings, 'traits'>): IpSet[] {
  const own = pools.filter((pool) => pool.family === family)
  const members = once(() =>
    poolMembers(
      own.map((pool) => ({ ...pool, loadBalancerOnly: isLoadBalancerOnly(pool) })),
      traits,
    ),
  )
  const first = own.find((pool) => pool.natOutgoing)
  return [
    felixSet(
      'masq-ipam-pools',
      family,
      'hash:net',
      () => members().masquerading,
      originOf('felix', first?.resource, ['spec', 'natOutgoing'], 'ranges of the pools with natOutgoing'),
    ),
    felixSet(traits.poolSet, family, 'hash:net', () => members().network, {
      component: 'felix',
      note: 'ranges of all pools',
    }),
  ]
}

/** Ranges of a family as members of a set: an address stands without its length. */
function rangesOf(family: Family, ranges: readonly Prefix[]): string[] {
  const own = ranges.filter((range) => familyOf(range) === family)
  return own.map((range) => (isHostPrefix(range) ? prefixAddress(range) : range))
}

/** Members of the set of hosts: nodes, and strangers that may send IPIP, which is of IPv4 only. @calico felix/dataplane/linux/ipset_hosts_mgr.go */
export function hostMembers(family: Family, hosts: Iterable<Ip>, external: readonly Prefix[]): string[] {
  return [...hosts, ...(family === 4 ? rangesOf(4, external) : [])]
}

/** Members of the set of those that may send VXLAN: nodes with a device, and strangers. @calico felix/dataplane/linux/vxlan_mgr.go */
export function vxlanMembers(family: Family, parents: Iterable<Ip>, external: readonly Prefix[]): string[] {
  return [...rangesOf(family, external), ...parents]
}

/** All nodes, for IPIP. */
export function hostsSet(family: Family, nodes: readonly ClusterNode[], external: readonly Prefix[]): IpSet {
  const members = (): string[] => {
    const hosts = nodes.flatMap((node) => addressOfNode(node, family)?.address ?? [])
    return hostMembers(family, hosts, external)
  }
  return felixSet('all-hosts-net', family, 'hash:net', members, { component: 'felix', note: 'addresses of all nodes' })
}
