import type { Origin, PolicyDirection } from '../../../model/index.ts'
import type { HostPolicies, Policy, PolicyRule, Profile, TierPolicies } from '../../policy/model.ts'
import type { PolicyKind } from '../../policy/policy-kinds.ts'
import { policyNames } from '../../policy/policy-names.ts'
import { hashText } from '../iptables/rule-text.ts'
import type { FelixChain, FelixRule } from './chain.ts'
import type { RuleContext } from './context.ts'
import { type EndpointChain, endpointChain } from './endpoints.ts'
import { groupChain } from './groups.ts'
import {
  filterDispatch,
  type HostTargets,
  hostFilterChains,
  hostRawChains,
  mangleEgressChain,
  preDnatChain,
  preDnatDispatch,
  rawDispatch,
} from './host-chains.ts'
import { natOutgoingChain } from './nat.ts'
import { workloadChain, workloadDispatch } from './node-part.ts'
import { policyChain, profileChain, rulesOfRule } from './policy.ts'

/**
 * Felix' renderer, piece by piece: each function asks one of the makers of a node's tables for what somebody names, without a
 * cluster around it.
 *
 * @calico felix/rules/rule_defs.go RuleRenderer
 */

/** Chains by name: what stands behind `-A CHAIN`, in Felix' long options and without hashes. */
export type ChainLines = Readonly<Record<string, readonly string[]>>

/** A policy by its name. */
export interface PolicyName extends PolicyKind {
  /** Namespace; absent for kinds of the whole cluster. */
  readonly namespace?: string
  /** Name as it is stored. */
  readonly name: string
  /** Canonical text of its selector; absent = all endpoints. */
  readonly selector?: string
}

/** Rules of a policy or profile, by direction. */
export type RulesByDirection = Readonly<Record<PolicyDirection, readonly PolicyRule[]>>

/** A tier with names of policies. */
export interface TierNames {
  /** Name. */
  readonly name: string
  /** What becomes of what no policy decides. */
  readonly defaultAction: 'Deny' | 'Pass'
  /** Policies for what comes in. */
  readonly ingress: readonly PolicyName[]
  /** And for what goes out. */
  readonly egress: readonly PolicyName[]
}

/** Tables that a host endpoint has chains in. */
export type HostTable = 'filter' | 'raw' | 'mangle-prednat' | 'mangle-egress'

/** Tables that dispatch to host endpoints. */
export type HostDispatchTable = 'filter' | 'untracked' | 'preDNAT'

const ASKED: Origin = { component: 'felix' }
const NO_RULES: RulesByDirection = { ingress: [], egress: [] }
const ALL = 'all()'

function named(of: PolicyName, tier: string, rules: RulesByDirection, { traits }: RuleContext): Policy {
  const { kind, api, namespace, name, selector = ALL } = of
  const staged = kind.startsWith('Staged')
  const within = namespace === undefined ? {} : { namespace }
  const resource = { apiVersion: 'projectcalico.org/v3', metadata: { name } }
  const { id } = policyNames({ kind, api, tier, ...within, staged, resource }, traits)
  return {
    ref: { kind, api, ...within, name, tier },
    id,
    order: Number.POSITIVE_INFINITY,
    selector,
    directions: ['ingress', 'egress'],
    staged,
    applyOnForward: false,
    preDNAT: false,
    doNotTrack: false,
    ...rules,
    origin: ASKED,
  }
}

function tiersOf(list: readonly TierNames[], context: RuleContext): TierPolicies[] {
  return list.map(({ name, defaultAction, ingress, egress }) => {
    const policies = (of: readonly PolicyName[]): Policy[] => of.map((one) => named(one, name, NO_RULES, context))
    const tier = { name, order: Number.POSITIVE_INFINITY, defaultAction, origin: ASKED }
    return { tier, ingress: policies(ingress), egress: policies(egress) }
  })
}

function profilesOf(names: readonly string[]): Profile[] {
  return names.map((name) => ({ name, ...NO_RULES, origin: ASKED }))
}

function linesOf(rules: readonly FelixRule[]): readonly string[] {
  return rules.map(hashText)
}

/** Chains as lines. */
export function chainLines(chains: readonly FelixChain[]): ChainLines {
  return Object.fromEntries(chains.map(({ name, rules }) => [name, linesOf(rules)]))
}

function endpointLines(chains: readonly EndpointChain[], context: RuleContext): ChainLines {
  return chainLines(chains.map((chain) => endpointChain(chain, context)))
}

/** The lines of one rule. */
export function ruleLines(rule: PolicyRule, context: RuleContext): readonly string[] {
  return linesOf(rulesOfRule(rule, context))
}

/** Both chains of a policy; none for one that is staged. */
export function policyLines(of: PolicyName, tier: string, rules: RulesByDirection, context: RuleContext): ChainLines {
  const policy = named(of, tier, rules, context)
  if (policy.staged) return {}
  return chainLines([policyChain(policy, 'ingress', context), policyChain(policy, 'egress', context)])
}

/** Both chains of a profile. */
export function profileLines(name: string, rules: RulesByDirection, context: RuleContext): ChainLines {
  const profile = { name, ...rules, origin: ASKED }
  return chainLines([profileChain(profile, 'ingress', context), profileChain(profile, 'egress', context)])
}

/** The rules of the chain of a group of policies. */
export function groupLines(
  direction: PolicyDirection,
  of: readonly PolicyName[],
  tier: string,
  context: RuleContext,
): readonly string[] {
  const policies = of.map((one) => named(one, tier, NO_RULES, context))
  return linesOf(groupChain({ tier, direction, selector: ALL, policies }, context).rules)
}

/** Both chains of a pod. */
export function workloadLines(
  dev: string,
  adminUp: boolean,
  tiers: readonly TierNames[],
  profiles: readonly string[],
  context: RuleContext,
): ChainLines {
  const policies = { netns: dev, dev, tiers: tiersOf(tiers, context), profiles: profilesOf(profiles) }
  const chains = (['ingress', 'egress'] as const).map((direction) => ({
    ...workloadChain(policies, direction, context),
    ...(adminUp ? {} : { disabled: true }),
  }))
  return endpointLines(chains, context)
}

/** Chains of a host endpoint in a table. */
export function hostLines(
  dev: string,
  table: HostTable,
  tiers: readonly TierNames[],
  forwardTiers: readonly TierNames[],
  profiles: readonly string[],
  context: RuleContext,
): ChainLines {
  const own = tiersOf(tiers, context)
  const host: HostPolicies = {
    name: dev,
    dev,
    tiers: own,
    forward: tiersOf(forwardTiers, context),
    untracked: own,
    preDnat: own,
    profiles: profilesOf(profiles),
    origin: ASKED,
  }
  const chains = (): EndpointChain[] => {
    switch (table) {
      case 'filter':
        return hostFilterChains(host, context)
      case 'raw':
        return hostRawChains(host)
      case 'mangle-prednat':
        return [preDnatChain(host, context)]
      case 'mangle-egress':
        return [mangleEgressChain(host)]
    }
  }
  return endpointLines(chains(), context)
}

/** Dispatches to pods. */
export function workloadDispatchLines(devs: readonly string[], context: RuleContext): ChainLines {
  return chainLines(
    workloadDispatch(
      devs.map((dev) => ({ dev, netns: dev })),
      context,
    ),
  )
}

/** Dispatches to host endpoints in a table. */
export function hostDispatchLines(
  devs: readonly string[],
  fallback: string | undefined,
  table: HostDispatchTable,
  prefixes: readonly string[],
): ChainLines {
  const targets: HostTargets = { node: '', devs, ...(fallback === undefined ? {} : { fallback }) }
  switch (table) {
    case 'filter':
      return chainLines(filterDispatch(targets))
    case 'untracked':
      return chainLines(rawDispatch(targets, prefixes))
    case 'preDNAT':
      return chainLines(preDnatDispatch(targets))
  }
}

/** The chain of natOutgoing. */
export function natOutgoingLines(active: boolean, context: RuleContext): ChainLines {
  return chainLines([natOutgoingChain(context, active ? ASKED : undefined)])
}
