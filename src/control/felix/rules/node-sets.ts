import { type Interface, type IpSet, keptIn } from '../../../model/index.ts'
import { type Family, familyOf } from '../../../wire/index.ts'
import type { NodePolicies, Policy, PolicyRule, SetId, SideMatch, TierPolicies } from '../../policy/model.ts'
import { felixSet } from '../felix-set.ts'

/** Addresses of devices. */
export function addressesOf(family: Family, devices: readonly Interface[]): readonly string[] {
  return devices.flatMap(({ addresses }) => addresses.map(({ local }) => local)).filter((ip) => familyOf(ip) === family)
}

/**
 * All addresses of the node itself; those of pods' interfaces are none of it. @calico felix/dataplane/linux/hostip_mgr.go
 *
 * @param members - {@link addressesOf} its devices
 */
export function thisHostSet(family: Family, members: readonly string[]): IpSet {
  const origin = { component: 'felix', note: 'addresses of this node' } as const
  return felixSet('this-host', family, 'hash:ip', () => members, origin)
}

/** Pods whose packets Felix marks with a DSCP: a set that is there, and empty. */
export function dscpSet(family: Family): IpSet {
  const origin = { component: 'felix', note: 'pods with a DSCP of their own' } as const
  return felixSet('dscp-src-net', family, 'hash:net', () => [], origin)
}

function addSide(side: SideMatch, ids: Set<SetId>): void {
  const { sets, notSets, namedPorts, notNamedPorts, ipPortSets } = side
  for (const list of [sets, notSets, namedPorts, notNamedPorts, ipPortSets]) for (const id of list) ids.add(id)
}

function addRules(rules: readonly PolicyRule[], ids: Set<SetId>): void {
  for (const rule of rules) {
    addSide(rule.source, ids)
    addSide(rule.destination, ids)
  }
}

const asked = new WeakMap<Policy, readonly SetId[]>()

/** The sets that rules of a policy ask. */
export function setsOfPolicy(policy: Policy): readonly SetId[] {
  return keptIn(asked, policy, () => {
    const ids = new Set<SetId>()
    addRules(policy.ingress, ids)
    addRules(policy.egress, ids)
    return [...ids]
  })
}

const active = new WeakMap<NodePolicies, readonly SetId[]>()

/** The sets that rules of a node ask: those of every policy that applies to one of its endpoints, in both directions. */
export function activeSets(policies: NodePolicies): readonly SetId[] {
  return keptIn(active, policies, setsAsked)
}

function setsAsked({ workloads, hosts }: NodePolicies): readonly SetId[] {
  const ids = new Set<SetId>()
  const seen = new Set<object>()
  const add = (one: { readonly ingress: readonly PolicyRule[]; readonly egress: readonly PolicyRule[] }): void => {
    if (seen.has(one)) return
    seen.add(one)
    addRules(one.ingress, ids)
    addRules(one.egress, ids)
  }
  const addTiers = (tiers: readonly TierPolicies[]): void => {
    for (const { ingress, egress } of tiers) for (const policy of [...ingress, ...egress]) add(policy)
  }
  for (const { tiers, profiles } of workloads) {
    addTiers(tiers)
    profiles.forEach(add)
  }
  for (const { tiers, forward, untracked, preDnat, profiles } of hosts) {
    for (const list of [tiers, forward, untracked, preDnat]) addTiers(list)
    profiles.forEach(add)
  }
  return [...ids]
}
