import * as v from 'valibot'
import {
  type CalicoVersion,
  groupLines,
  hostDispatchLines,
  hostLines,
  natOutgoingLines,
  type PolicyName,
  type PolicyRule,
  pieceContext,
  policyKindOf,
  policyLines,
  profileLines,
  type RuleContext,
  ruleLines,
  type TierNames,
  traitsOf,
  workloadDispatchLines,
  workloadLines,
} from '../../control/index.ts'
import { isRecord } from '../../model/index.ts'
import { type Asked, type CalicoAnswer, type Verb, verb } from '../verb.ts'
import {
  type BothWays,
  FELIX_RENDERS,
  type FelixChainsResult,
  type FelixGroupRequest,
  type FelixHostDispatchRequest,
  type FelixHostRequest,
  type FelixNatOutgoingRequest,
  type FelixPolicyName,
  type FelixPolicyRequest,
  type FelixProfileRequest,
  type FelixRender,
  type FelixRenderBase,
  type FelixRuleRequest,
  type FelixTier,
  type FelixWorkloadDispatchRequest,
  type FelixWorkloadRequest,
} from './felix-chains-request.ts'
import { familyShape, felixOf, felixShape, nameShape } from './felix-request.ts'
import { policyRuleOf, ruleShape } from './felix-rule.ts'

const MARK = 'bits of a mark, e.g. 0x10'
const bitsShape = v.pipe(v.string(MARK), v.regex(/^(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i, MARK))
const KIND =
  'NetworkPolicy, GlobalNetworkPolicy, KubernetesNetworkPolicy, KubernetesClusterNetworkPolicy or a staged kind'
const kindShape = v.pipe(
  v.string(KIND),
  v.check((text) => policyKindOf(text) !== undefined, KIND),
)
const policyFields = {
  kind: kindShape,
  namespace: v.exactOptional(v.string('a namespace')),
  name: nameShape,
  selector: v.exactOptional(v.string('a selector')),
}
const policiesShape = v.array(v.strictObject(policyFields))
const tiersShape = v.array(
  v.strictObject({
    name: nameShape,
    defaultAction: v.exactOptional(v.picklist(['Deny', 'Pass'], 'Deny or Pass')),
    ingress: v.exactOptional(policiesShape),
    egress: v.exactOptional(policiesShape),
  }),
)
const bothWays = { inbound: v.exactOptional(v.array(ruleShape)), outbound: v.exactOptional(v.array(ruleShape)) }
const namesShape = v.array(nameShape)
const endpointFields = {
  interface: nameShape,
  tiers: v.exactOptional(tiersShape),
  profiles: v.exactOptional(namesShape),
  policyGroups: v.exactOptional(v.boolean('true or false')),
}

const baseOf = <Render extends FelixRender>(render: Render) => ({
  render: v.literal(render),
  ipVersion: v.exactOptional(familyShape),
  marks: v.exactOptional(
    v.strictObject({
      accept: v.exactOptional(bitsShape),
      pass: v.exactOptional(bitsShape),
      scratch0: v.exactOptional(bitsShape),
      scratch1: v.exactOptional(bitsShape),
      drop: v.exactOptional(bitsShape),
    }),
  ),
  felix: v.exactOptional(felixShape),
})

function nameOf({ kind, namespace, name, selector }: FelixPolicyName): PolicyName {
  return {
    ...policyKindOf(kind)!,
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    name,
    ...(selector === undefined ? {} : { selector }),
  }
}

function tierOf({ name, defaultAction = 'Deny', ingress = [], egress = [] }: FelixTier): TierNames {
  return { name, defaultAction, ingress: ingress.map(nameOf), egress: egress.map(nameOf) }
}

function rulesOf({
  inbound = [],
  outbound = [],
}: BothWays): Readonly<Record<'ingress' | 'egress', readonly PolicyRule[]>> {
  return { ingress: inbound.map(policyRuleOf), egress: outbound.map(policyRuleOf) }
}

/** Whether every policy of some tiers says what it selects. */
function sayTheirSelectors(tiers: readonly FelixTier[]): boolean {
  return tiers.every(({ ingress = [], egress = [] }) =>
    [...ingress, ...egress].every(({ selector }) => selector !== undefined),
  )
}

type Common = Pick<FelixRenderBase<FelixRender>, 'ipVersion' | 'marks' | 'felix'>
type Choices = { readonly policyGroups?: boolean; readonly randomFully?: boolean }

/** What is rendered with; text: what of the settings is not modelled. */
function contextOf(
  { ipVersion = 4, marks = {}, felix = {} }: Common,
  choices: Choices,
  version: CalicoVersion,
): RuleContext | string {
  const settings = felixOf(felix, version)
  if (typeof settings === 'string') return settings
  const bits = Object.fromEntries(Object.entries(marks).map(([name, text]) => [name, Number(text)]))
  return pieceContext({ family: ipVersion, felix: settings, traits: traitsOf(version), marks: bits, ...choices })
}

function answered<Given extends Common>(
  choicesOf: (given: Given) => Choices,
  answer: (given: Given, context: RuleContext) => FelixChainsResult | string,
): (given: Given, asked: Asked) => CalicoAnswer<FelixChainsResult> {
  return (given, { version }) => {
    const context = contextOf(given, choicesOf(given), version)
    const result = typeof context === 'string' ? context : answer(given, context)
    return typeof result === 'string' ? { unsupported: result } : { result }
  }
}

/** Groups where they are asked for, or where every policy says what it selects. */
function groupsIn({ policyGroups }: Pick<FelixWorkloadRequest, 'policyGroups'>, tiers: readonly FelixTier[]): Choices {
  return { policyGroups: policyGroups ?? sayTheirSelectors(tiers) }
}

/** What of a log's prefix cannot be told where nobody says whose rule it is. */
function unknownPrefix({ settings }: RuleContext, specifiers: RegExp): string | undefined {
  const found = specifiers.exec(settings.logPrefix)
  return found === null ? undefined : `${found[0]} in logPrefix, where the request does not say what it stands for`
}

const rule = verb<FelixRuleRequest, FelixChainsResult>(
  v.strictObject({ ...baseOf('rule'), rule: ruleShape }),
  answered(
    () => ({}),
    ({ rule: given }, context) => {
      if (context.settings.flowLogs) return 'flow logs of a rule that is nobody’s: their prefix is made of the policy'
      const policyRule = policyRuleOf(given)
      const unknown = policyRule.action === 'Log' ? unknownPrefix(context, /%[kpnt]/) : undefined
      return unknown ?? { rules: ruleLines(policyRule, context) }
    },
  ),
)

const policy = verb<FelixPolicyRequest, FelixChainsResult>(
  v.strictObject({
    ...baseOf('policy'),
    policy: v.strictObject({ ...policyFields, ...bothWays, tier: v.exactOptional(nameShape) }),
  }),
  answered(
    () => ({}),
    ({ policy: given }, context) => {
      const { tier } = given
      const logs = [...(given.inbound ?? []), ...(given.outbound ?? [])].some(({ action }) => action === 'log')
      const unknown = logs && tier === undefined ? unknownPrefix(context, /%t/) : undefined
      return unknown ?? { chains: policyLines(nameOf(given), tier ?? 'default', rulesOf(given), context) }
    },
  ),
)

const profile = verb<FelixProfileRequest, FelixChainsResult>(
  v.strictObject({ ...baseOf('profile'), profile: v.strictObject({ name: nameShape, ...bothWays }) }),
  answered(
    () => ({}),
    ({ profile: given }, context) => ({ chains: profileLines(given.name, rulesOf(given), context) }),
  ),
)

const group = verb<FelixGroupRequest, FelixChainsResult>(
  v.strictObject({
    ...baseOf('policy-group'),
    direction: v.picklist(['ingress', 'egress'], 'ingress or egress'),
    policies: policiesShape,
  }),
  answered(
    () => ({}),
    ({ direction, policies }, context) => ({
      rules: groupLines(direction, policies.map(nameOf), 'default', context),
    }),
  ),
)

const workload = verb<FelixWorkloadRequest, FelixChainsResult>(
  v.strictObject({
    ...baseOf('workload'),
    ...endpointFields,
    adminUp: v.exactOptional(v.boolean('true or false')),
  }),
  answered(
    (given) => groupsIn(given, given.tiers ?? []),
    ({ interface: dev, adminUp = true, tiers = [], profiles = [] }, context) => ({
      chains: workloadLines(dev, adminUp, tiers.map(tierOf), profiles, context),
    }),
  ),
)

const host = verb<FelixHostRequest, FelixChainsResult>(
  v.strictObject({
    ...baseOf('host'),
    ...endpointFields,
    table: v.exactOptional(
      v.picklist(['filter', 'raw', 'mangle-prednat', 'mangle-egress'], 'filter, raw, mangle-prednat or mangle-egress'),
    ),
    forwardTiers: v.exactOptional(tiersShape),
  }),
  answered(
    (given) => groupsIn(given, [...(given.tiers ?? []), ...(given.forwardTiers ?? [])]),
    ({ interface: dev, table = 'filter', tiers = [], forwardTiers = [], profiles = [] }, context) => ({
      chains: hostLines(dev, table, tiers.map(tierOf), forwardTiers.map(tierOf), profiles, context),
    }),
  ),
)

const workloadDispatch = verb<FelixWorkloadDispatchRequest, FelixChainsResult>(
  v.strictObject({
    ...baseOf('workload-dispatch'),
    interfaces: v.exactOptional(namesShape),
    prefixes: v.exactOptional(namesShape),
  }),
  answered(
    () => ({}),
    ({ interfaces = [] }, context) => ({ chains: workloadDispatchLines(interfaces, context) }),
  ),
)

/** How names of pods' interfaces begin. */
function prefixesIn({ prefixes, felix = {} }: Pick<FelixHostDispatchRequest, 'prefixes' | 'felix'>): readonly string[] {
  return prefixes ?? String(felix['interfacePrefix'] ?? 'cali').split(',')
}

const hostDispatch = verb<FelixHostDispatchRequest, FelixChainsResult>(
  v.strictObject({
    ...baseOf('host-dispatch'),
    interfaces: v.exactOptional(namesShape),
    defaultChain: v.exactOptional(v.string('a suffix of chains')),
    table: v.exactOptional(v.picklist(['filter', 'untracked', 'preDNAT'], 'filter, untracked or preDNAT')),
    prefixes: v.exactOptional(namesShape),
  }),
  answered(
    () => ({}),
    (given) => {
      const { interfaces = [], defaultChain = '', table = 'filter' } = given
      const fallback = defaultChain === '' ? undefined : defaultChain
      return { chains: hostDispatchLines(interfaces, fallback, table, prefixesIn(given)) }
    },
  ),
)

const natOutgoing = verb<FelixNatOutgoingRequest, FelixChainsResult>(
  v.strictObject({
    ...baseOf('nat-outgoing'),
    active: v.exactOptional(v.boolean('true or false')),
    randomFully: v.exactOptional(v.boolean('true or false')),
  }),
  answered(
    ({ randomFully = false }) => ({ randomFully }),
    ({ active = false }, context) => ({ chains: natOutgoingLines(active, context) }),
  ),
)

const RENDERS: Readonly<Record<FelixRender, Verb>> = {
  rule,
  policy,
  profile,
  'policy-group': group,
  workload,
  host,
  'workload-dispatch': workloadDispatch,
  'host-dispatch': hostDispatch,
  'nat-outgoing': natOutgoing,
}

/** The verb `felix-chains`. */
export const felixChains: Verb = (fields, asked) => {
  const render = isRecord(fields) ? fields['render'] : undefined
  const known = FELIX_RENDERS.find((one) => one === render)
  return known === undefined
    ? { error: `render: expected one of ${FELIX_RENDERS.join(', ')}` }
    : RENDERS[known](fields, asked)
}
