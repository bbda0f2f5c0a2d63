import type { PolicyDirection } from '../../model/index.ts'
import type { CalicoPolicySpec, CalicoRule, GlobalPolicySpec, PolicyResource } from './kinds.ts'
import { type Report, reporter, ruleFaults, selectorFaults } from './rule-faults.ts'
import { policyScope } from './scope.ts'
import type { PolicySpec, Problem, ReadPolicy, RuleSpec } from './spec.ts'

/** Kinds of Calico's own policies. */
export type CalicoPolicyKind =
  | 'NetworkPolicy'
  | 'GlobalNetworkPolicy'
  | 'StagedNetworkPolicy'
  | 'StagedGlobalNetworkPolicy'

/** Whether objects of a kind have a namespace. */
function isNamespaced(kind: CalicoPolicyKind): boolean {
  return kind === 'NetworkPolicy' || kind === 'StagedNetworkPolicy'
}

const BOTH: readonly PolicyDirection[] = ['ingress', 'egress']

/**
 * The directions that are named, else those that follow from the rules: Ingress unless there are egress rules only. Written
 * as a CRD nothing is filled in, and Felix takes both.
 *
 * @calico api/pkg/defaults/networkpolicy.go, felix/calc/policy_sorter.go
 */
function directionsOf(
  { types = [], ingress = [], egress = [] }: CalicoPolicySpec,
  isRaw: boolean,
): readonly PolicyDirection[] {
  if (types.length > 0) return BOTH.filter((direction) => types.some((type) => type.toLowerCase() === direction))
  if (isRaw) return BOTH
  if (egress.length === 0) return ['ingress']
  return ingress.length === 0 ? ['egress'] : BOTH
}

function flagFaults(spec: GlobalPolicySpec, report: Report): void {
  const { preDNAT = false, doNotTrack = false, applyOnForward = false, egress = [], types = [] } = spec
  if (preDNAT && doNotTrack) report(['spec', 'doNotTrack'], 'preDNAT or doNotTrack, not both', 'both')
  if (preDNAT && egress.length > 0) report(['spec', 'egress'], 'no egress rules in a preDNAT policy', 'egress rules')
  if (preDNAT && types.includes('Egress')) report(['spec', 'types'], 'Ingress alone in a preDNAT policy', 'Egress')
  if ((preDNAT || doNotTrack) && !applyOnForward) {
    const flag = preDNAT ? 'preDNAT' : 'doNotTrack'
    report(['spec', flag], `applyOnForward: true beside ${flag}`, 'applyOnForward: false')
  }
}

function specFaults(spec: GlobalPolicySpec, namespaced: boolean, report: Report): void {
  const { types = [] } = spec
  if (new Set(types).size < types.length) report(['spec', 'types'], 'each type once', types.join(', '))
  selectorFaults(spec.selector, ['spec', 'selector'], report)
  selectorFaults(spec.serviceAccountSelector, ['spec', 'serviceAccountSelector'], report)
  if (!namespaced) selectorFaults(spec.namespaceSelector, ['spec', 'namespaceSelector'], report)
  for (const direction of BOTH) {
    for (const [i, rule] of (spec[direction] ?? []).entries())
      ruleFaults(rule, ['spec', direction, i], { direction, isNamespaced: namespaced }, report)
  }
  if (!namespaced) flagFaults(spec, report)
}

function ruleSpecs(rules: readonly CalicoRule[], direction: PolicyDirection): RuleSpec[] {
  return rules.map((rule, i) => ({ rule, index: i + 1, path: ['spec', direction, i] }))
}

/** What a policy of Calico says, or why Calico refuses it. */
export function calicoPolicy(
  resource: PolicyResource,
  kind: CalicoPolicyKind,
  spec: GlobalPolicySpec = {},
): ReadPolicy {
  const faults: Problem[] = []
  specFaults(spec, isNamespaced(kind), reporter(faults))
  if (faults.length > 0) return { faults, warnings: [] }
  return { spec: calicoSpec(resource, kind, spec, resource.apiVersion.startsWith('crd.')), faults, warnings: [] }
}

/**
 * What a policy of Calico says, whether or not Calico would take it.
 * @param isRaw - nobody filled in what the object leaves out
 */
export function calicoSpec(
  resource: PolicyResource,
  kind: CalicoPolicyKind,
  spec: GlobalPolicySpec,
  isRaw: boolean,
): PolicySpec {
  const namespaced = isNamespaced(kind)
  const namespace = namespaced ? (resource.metadata.namespace ?? 'default') : undefined
  const { selector, serviceAccountSelector } = spec
  const scope = namespaced
    ? { selector, serviceAccountSelector }
    : { selector, serviceAccountSelector, namespaceSelector: spec.namespaceSelector }
  return {
    resource,
    kind,
    api: 'calico',
    ...(namespace === undefined ? {} : { namespace }),
    tier: spec.tier === undefined || spec.tier === '' ? 'default' : spec.tier,
    order: spec.order ?? Number.POSITIVE_INFINITY,
    scope: policyScope(scope, namespace),
    directions: directionsOf(spec, isRaw),
    staged: kind.startsWith('Staged'),
    applyOnForward: !namespaced && spec.applyOnForward === true,
    preDNAT: !namespaced && spec.preDNAT === true,
    doNotTrack: !namespaced && spec.doNotTrack === true,
    ingress: ruleSpecs(spec.ingress ?? [], 'ingress'),
    egress: ruleSpecs(spec.egress ?? [], 'egress'),
  }
}
