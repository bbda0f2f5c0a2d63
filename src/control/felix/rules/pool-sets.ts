import type { IpSet, Origin } from '../../../model/index.ts'
import { containsPrefix, type Family } from '../../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../../cluster-node.ts'
import type { Pool } from '../../ipam/pool.ts'
import { originOf } from '../../origin.ts'
import type { Settings } from '../../settings/settings.ts'

/** Names of the sets of pools and nodes, of a family. */
export function setNames(
  family: Family,
  settings: Settings,
): { readonly masq: string; readonly all: string; readonly hosts: string } {
  const prefix = family === 4 ? 'cali40' : 'cali60'
  return {
    masq: `${prefix}masq-ipam-pools`,
    all: `${prefix}${settings.traits.poolSet}`,
    hosts: `${prefix}all-hosts-net`,
  }
}

/** Ranges without those that lie in another of them. */
function outermost(pools: readonly Pool[]): string[] {
  const ranges = pools.map((pool) => pool.cidr)
  return ranges.filter((range) => !ranges.some((other) => other !== range && containsPrefix(other, range)))
}

/** The ipsets of pools and nodes, which the nat table asks, one object a cluster. @calico felix/dataplane/linux/masq_mgr.go */
export function natSets(
  family: Family,
  pools: readonly Pool[],
  nodes: readonly ClusterNode[],
  settings: Settings,
): Record<string, IpSet> {
  const names = setNames(family, settings)
  const own = pools.filter((pool) => pool.family === family)
  const set = (name: string, members: readonly string[], origin: Origin): IpSet => ({
    name,
    type: 'hash:net',
    family: family === 4 ? 'inet' : 'inet6',
    members,
    options: 'hashsize 1024 maxelem 1048576',
    origin,
  })
  const masquerading = own.filter((pool) => pool.natOutgoing)
  const hosts = nodes.flatMap((node) => addressOfNode(node, family)?.address ?? [])
  return {
    [names.masq]: set(
      names.masq,
      outermost(masquerading),
      originOf('felix', masquerading[0]?.resource, ['spec', 'natOutgoing'], 'ranges of the pools with natOutgoing'),
    ),
    [names.all]: set(names.all, outermost(own), { component: 'felix', note: 'ranges of all pools' }),
    [names.hosts]: set(names.hosts, hosts, { component: 'felix', note: 'addresses of all nodes' }),
  }
}
