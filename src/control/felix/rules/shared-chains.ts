import { type Chain, type IptRule, keptIn, once, type PolicyDirection, type TableName } from '../../../model/index.ts'
import type { Pool } from '../../ipam/pool.ts'
import { Kept } from '../../policy/kept.ts'
import type { Policy, Profile, WorkloadPolicies } from '../../policy/model.ts'
import { toChain, toRules } from '../iptables/render.ts'
import type { FelixChain } from './chain.ts'
import type { RuleContext } from './context.ts'
import { FAILSAFE, failsafeChain } from './failsafe.ts'
import { groupChain, type PolicyGroup } from './groups.ts'
import { natBuiltIns, natChains } from './nat.ts'
import { policyChain, profileChain } from './policy.ts'
import { filterBuiltIns, staticFilterChains } from './static-filter.ts'
import { mangleBuiltIns, staticMangleChains } from './static-mangle.ts'
import { rawBuiltIns, staticRawChains } from './static-raw.ts'

/** Tables Felix has rules in. */
export type FelixTableName = Exclude<TableName, 'security'>

/** Chains by name, each made when somebody reads it. */
export type ChainMakers = ReadonlyMap<string, () => Chain>

/** Rules in chains of the kernel: those before the others', and those behind. */
export interface KernelRules {
  /** Before. */
  readonly first: Readonly<Record<string, readonly IptRule[]>>
  /** Behind. */
  readonly last: Readonly<Record<string, readonly IptRule[]>>
}

/** What nodes share whose rules depend on the same: each chain is written once, when the first of them needs it. */
export class SharedChains {
  /** What the chains depend on. */
  readonly context: RuleContext
  private readonly pools: readonly Pool[]
  private readonly policies: Readonly<Record<PolicyDirection, WeakMap<Policy, Chain>>> = byDirection()
  private readonly profiles: Readonly<Record<PolicyDirection, WeakMap<Profile, Chain>>> = byDirection()
  private readonly groups: Readonly<Record<PolicyDirection, Kept<Chain>>> = { ingress: new Kept(), egress: new Kept() }
  private readonly workloads: Readonly<Record<PolicyDirection, WeakMap<WorkloadPolicies, Chain>>> = byDirection()
  private readonly failsafes = new Map<string, Chain>()
  private readonly static = new Map<FelixTableName, ChainMakers>()
  private readonly kernel = new Map<FelixTableName, KernelRules>()

  constructor(context: RuleContext, pools: readonly Pool[]) {
    this.context = context
    this.pools = pools
  }

  /** The chain of a policy. */
  policy(policy: Policy, direction: PolicyDirection): Chain {
    return keptIn(this.policies[direction], policy, () => toChain(policyChain(policy, direction, this.context)))
  }

  /** The chain of a profile. */
  profile(profile: Profile, direction: PolicyDirection): Chain {
    return keptIn(this.profiles[direction], profile, () => toChain(profileChain(profile, direction, this.context)))
  }

  /** The chain of a group. Groups of edited policies may have the name of what they were: it is made of names. */
  group(group: PolicyGroup): Chain {
    return this.groups[group.direction].of(group.policies, () => toChain(groupChain(group, this.context)))
  }

  /** The chain of a pod, which is made of what is enforced for it. */
  workload(of: WorkloadPolicies, direction: PolicyDirection, make: () => FelixChain): Chain {
    return keptIn(this.workloads[direction], of, () => toChain(make()))
  }

  /** The chain of ports that stay open. */
  failsafe(direction: PolicyDirection, raw: boolean): Chain {
    const make = (): Chain => toChain(failsafeChain(direction, raw, this.context))
    return keptIn(this.failsafes, `${FAILSAFE[direction]} ${raw}`, make)
  }

  /** The chains of a table that are the same for all endpoints. */
  staticChains(table: FelixTableName): ChainMakers {
    return keptIn(this.static, table, () => makersOf(this.staticOf(table)))
  }

  /** What Felix has in chains of the kernel. */
  kernelRules(table: FelixTableName): KernelRules {
    return keptIn(this.kernel, table, () => this.kernelOf(table))
  }

  private staticOf(table: FelixTableName): FelixChain[] {
    switch (table) {
      case 'filter':
        return staticFilterChains(this.context)
      case 'mangle':
        return staticMangleChains(this.context)
      case 'raw':
        return staticRawChains(this.context)
      case 'nat':
        return natChains(this.context, this.pools)
    }
  }

  private kernelOf(table: FelixTableName): KernelRules {
    const appends = this.context.settings.insertMode === 'append'
    const first: Record<string, IptRule[]> = {}
    const last: Record<string, IptRule[]> = {}
    for (const chain of builtInsOf(table, this.context)) {
      const side = chain.builtIn === 'append' || appends ? last : first
      side[chain.name] = [...(side[chain.name] ?? []), ...toRules(chain)]
    }
    return { first, last }
  }
}

function builtInsOf(table: FelixTableName, context: RuleContext): FelixChain[] {
  switch (table) {
    case 'filter':
      return filterBuiltIns(context)
    case 'mangle':
      return mangleBuiltIns()
    case 'raw':
      return rawBuiltIns()
    case 'nat':
      return natBuiltIns(context)
  }
}

/** Chains as makers of what iptables has of them. */
export function makersOf(chains: readonly FelixChain[]): Map<string, () => Chain> {
  return new Map(chains.map((chain) => [chain.name, once(() => toChain(chain))]))
}

function byDirection<K extends object>(): Readonly<Record<PolicyDirection, WeakMap<K, Chain>>> {
  return { ingress: new WeakMap(), egress: new WeakMap() }
}
