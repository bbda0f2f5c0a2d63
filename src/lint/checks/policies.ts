import type { CalicoPolicySpec, CalicoRule, KubernetesPolicySpec, PolicySpec, RuleSpec } from '../../control/index.ts'
import { isRecord, type PolicyDirection } from '../../model/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding } from '../finding.ts'
import type { PodClass } from '../pod-classes.ts'

const DIRECTIONS = ['ingress', 'egress'] as const

/** What policies say by themselves, and of each other. */
export function policyChecks(facts: LintFacts): LintFinding[] {
  const own = facts.policies().flatMap((policy) => [...logs(policy), ...unreached(policy), ...ofObject(policy)])
  return [...own, ...tierEnds(facts), ...deniedSystem(facts)]
}

/** Where a list of rules stands. */
function listOf({ resource }: PolicySpec, direction: PolicyDirection) {
  return { resource, path: ['spec', direction] }
}

function logs(policy: PolicySpec): LintFinding[] {
  return DIRECTIONS.flatMap((direction) => {
    const rules = policy[direction]
    const only = rules.length > 0 && rules.every(({ rule }) => rule.action === 'Log')
    if (!only || !policy.directions.includes(direction)) return []
    const message = `${direction} has ${rules.length === 1 ? 'one rule' : `${rules.length} rules`}, and all it does is Log`
    return [found('policy-only-logs', [listOf(policy, direction)], message)]
  })
}

/** Whether a rule asks for nothing at all. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isRecord(value)) return Object.values(value).every(isEmpty)
  return value === undefined || value === ''
}

function takesAll({ action: _, metadata: __, ...asked }: CalicoRule): boolean {
  return isEmpty(asked)
}

function unreached(policy: PolicySpec): LintFinding[] {
  return DIRECTIONS.flatMap((direction) => {
    const rules = policy[direction]
    const at = rules.find(({ rule }) => rule.action !== 'Log' && takesAll(rule))
    const behind = at === undefined ? undefined : rules.find(({ index }) => index > at.index)
    if (at === undefined || behind === undefined) return []
    const message = `${direction} rule ${at.index} takes every packet (${at.rule.action}): rule ${behind.index} is never asked`
    return [found('rule-never-reached', [{ resource: policy.resource, path: behind.path }], message)]
  })
}

/** What is seen in the object and no more once it is read: rules that its types leave out, and types that nobody wrote. */
function ofObject(policy: PolicySpec): LintFinding[] {
  const { resource, api } = policy
  if (resource.kind !== 'NetworkPolicy' && resource.kind !== 'GlobalNetworkPolicy') return []
  if (api === 'kubernetes') return ofKubernetes(policy, resource.spec as KubernetesPolicySpec)
  const { types } = resource.spec as CalicoPolicySpec
  return types === undefined ? [] : withoutType(policy, types)
}

function withoutType({ resource }: PolicySpec, types: readonly string[]): LintFinding[] {
  const spec = resource.spec as CalicoPolicySpec
  return DIRECTIONS.flatMap((direction) => {
    const wanted = direction === 'ingress' ? 'Ingress' : 'Egress'
    const rules = spec[direction] ?? []
    if (rules.length === 0 || types.includes(wanted)) return []
    const message = `it has ${direction} rules, and its types are ${types.join(', ') || 'none'}`
    return [found('rules-without-type', [{ resource, path: ['spec', direction] }], message)]
  })
}

function ofKubernetes(policy: PolicySpec, spec: KubernetesPolicySpec): LintFinding[] {
  const { policyTypes, ingress, egress = [] } = spec
  const typed = policyTypes === undefined ? [] : withoutType(policy, policyTypes)
  const isolated =
    policyTypes === undefined && ingress === undefined && egress.length > 0
      ? [
          found(
            'ingress-isolated-by-default',
            [listOf(policy, 'egress')],
            'it has no policyTypes and only egress rules',
          ),
        ]
      : []
  return [...typed, ...isolated, ...alternatives(policy, spec)]
}

/** Two items, one with each selector: most who write so mean one item with both. */
function alternatives({ resource }: PolicySpec, spec: KubernetesPolicySpec): LintFinding[] {
  return DIRECTIONS.flatMap((direction) =>
    (spec[direction] ?? []).flatMap((rule, i) => {
      const side = direction === 'ingress' ? 'from' : 'to'
      const peers = (rule as Readonly<Record<'from' | 'to', KubernetesPeers>>)[side] ?? []
      const at = peers.findIndex(
        (peer, j) =>
          peer.namespaceSelector !== undefined &&
          peer.podSelector === undefined &&
          peers[j + 1]?.podSelector !== undefined &&
          peers[j + 1]?.namespaceSelector === undefined,
      )
      if (at < 0) return []
      const path = ['spec', direction, i, side, at + 1]
      const message = `${side} item ${at + 1} is a namespaceSelector and item ${at + 2} a podSelector: either of them is enough`
      return [found('and-or-confusion', [{ resource, path }], message, 'that both were meant to hold')]
    }),
  )
}

type KubernetesPeers = NonNullable<NonNullable<KubernetesPolicySpec['ingress']>[number]['from']>

/** Tiers that end with Deny before later ones are asked about the same pods. */
function tierEnds(facts: LintFacts): LintFinding[] {
  const { tiers } = facts.cluster.policies
  const place = new Map(tiers.map(({ name }, i) => [name, i]))
  const seen = new Set<string>()
  return facts.classes().flatMap((one) => {
    const those = facts.selecting(one)
    return DIRECTIONS.flatMap((direction) => {
      const own = those.filter(({ directions }) => directions.includes(direction))
      return tiers.flatMap((tier, i) => {
        const inTier = own.filter((policy) => policy.tier === tier.name)
        const later = own.find((policy) => (place.get(policy.tier) ?? 0) > i)
        const key = `${tier.name} ${direction}`
        // What comes behind the default tier is for those whom no policy selects.
        if (
          tier.name === 'default' ||
          tier.defaultAction !== 'Deny' ||
          later === undefined ||
          inTier.length === 0 ||
          seen.has(key)
        )
          return []
        if (inTier.some((policy) => policy[direction].some(({ rule }) => rule.action === 'Pass'))) return []
        seen.add(key)
        const message = `${direction} of ${one.sample.netns}: tier ${tier.name} decides about every packet, and policies of tier ${later.tier} are never asked`
        return [
          found(
            'tier-denies-rest',
            [...inTier, later].map(({ resource }) => ({ resource })),
            message,
          ),
        ]
      })
    })
  })
}

const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'calico-system', 'calico-apiserver', 'tigera-operator'])

function allowsNothing(rules: readonly RuleSpec[]): boolean {
  return !rules.some(({ rule }) => rule.action === 'Allow' || rule.action === 'Pass')
}

/** Policies of the whole cluster that isolate pods of the system, where no policy lets anything through. */
function deniedSystem(facts: LintFacts): LintFinding[] {
  const seen = new Set<PolicySpec>()
  const isSystem = ({ sample }: PodClass): boolean => SYSTEM.has(sample.namespace)
  return facts
    .classes()
    .filter(isSystem)
    .flatMap((one) =>
      DIRECTIONS.flatMap((direction) => {
        const those = facts.selecting(one).filter(({ directions }) => directions.includes(direction))
        const global = those.find(({ namespace, kind }) => namespace === undefined && kind === 'GlobalNetworkPolicy')
        if (global === undefined || seen.has(global) || !those.every((policy) => allowsNothing(policy[direction])))
          return []
        seen.add(global)
        const message = `no ${direction} of ${one.sample.netns} is allowed by any policy`
        return [found('global-policy-denies-system', [{ resource: global.resource, path: ['spec'] }], message)]
      }),
    )
}
