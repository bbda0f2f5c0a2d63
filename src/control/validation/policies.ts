import { listAt, refuseIf } from './members.ts'
import { metadata } from './metadata.ts'
import { ruleShape, rulesFitDirection, servicesHaveNamespaces } from './rule.ts'
import {
  type Agreement,
  DECIMAL,
  FLAG,
  list,
  type MapShape,
  map,
  needed,
  type Refusal,
  type Shape,
  set,
  shortText,
  text,
  withDefault,
  words,
} from './shape.ts'
import { GLOBAL_POLICY_NAME, NAME, NOT_GLOBAL, POLICY_NAME, SELECTOR, type TextCheck } from './text-checks.ts'

const RULES: Shape = list(ruleShape(true), { longest: 1024 })
const SCOPE: Shape = shortText(1024, SELECTOR, NOT_GLOBAL)

/** Fields that policies of any scope have. */
const COMMON: Readonly<Record<string, Shape>> = {
  tier: withDefault(text(NAME), 'default'),
  order: DECIMAL,
  ingress: RULES,
  egress: RULES,
  selector: SCOPE,
  types: set(words('Ingress', 'Egress'), 2),
  serviceAccountSelector: SCOPE,
  performanceHints: set(words('AssumeNeededOnEveryNode')),
}

const GLOBAL: Readonly<Record<string, Shape>> = {
  ...COMMON,
  namespaceSelector: SCOPE,
  doNotTrack: FLAG,
  preDNAT: FLAG,
  applyOnForward: FLAG,
}

/** Policies before connection tracking or address translation are for what is forwarded, and cannot do everything. */
const earlyPolicyAgrees: Agreement = (spec) => {
  const early = spec['preDNAT'] === true || spec['doNotTrack'] === true
  const preDnat = spec['preDNAT'] === true
  return [
    ...refuseIf(preDnat && spec['doNotTrack'] === true, ['preDNAT'], 'preDNAT cannot be combined with doNotTrack'),
    ...refuseIf(preDnat && listAt(spec, 'egress').length > 0, ['egress'], 'a preDNAT policy has no egress rules'),
    ...refuseIf(preDnat && listAt(spec, 'types').includes('Egress'), ['types'], 'a preDNAT policy is for Ingress only'),
    ...refuseIf(
      early && spec['applyOnForward'] !== true,
      ['applyOnForward'],
      'preDNAT and doNotTrack need applyOnForward: true',
    ),
  ]
}

/** A staged deletion says only which policy would go. */
const deletionIsBare: Agreement = (spec) => {
  if (spec['stagedAction'] !== 'Delete') return []
  const said = Object.entries(spec).filter(([name, value]) => !BARE.includes(name) && isSaid(value))
  return said.map(([name]): Refusal => ({ at: [name], message: 'nothing but the tier, as stagedAction is Delete' }))
}

const BARE = ['stagedAction', 'tier']

/** Whether a value is more than nothing; empty lists of rules are not nothing to Calico. */
function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false
}

/** A spec whose agreements hold unless it asks for a deletion. */
function unlessDeletion(agreement: Agreement): Agreement {
  return (spec) => (spec['stagedAction'] === 'Delete' ? [] : agreement(spec))
}

function policy(
  name: TextCheck,
  fields: Readonly<Record<string, Shape>>,
  staged: boolean,
  ...own: Agreement[]
): MapShape {
  const action = withDefault(words('Set', 'Delete', 'Learn', 'Ignore'), 'Set')
  const agreements = own.map((one) => (staged ? unlessDeletion(one) : one))
  return map({
    metadata: metadata(name),
    spec: needed(
      map(staged ? { stagedAction: action, ...fields } : fields, ...agreements, ...(staged ? [deletionIsBare] : [])),
    ),
  })
}

/** NetworkPolicy. */
export const NETWORK_POLICY: MapShape = policy(POLICY_NAME, COMMON, false, rulesFitDirection)

/** GlobalNetworkPolicy. */
export const GLOBAL_NETWORK_POLICY: MapShape = policy(
  GLOBAL_POLICY_NAME,
  GLOBAL,
  false,
  rulesFitDirection,
  servicesHaveNamespaces,
  earlyPolicyAgrees,
)

/** StagedNetworkPolicy. */
export const STAGED_NETWORK_POLICY: MapShape = policy(POLICY_NAME, COMMON, true, rulesFitDirection)

/** StagedGlobalNetworkPolicy. */
export const STAGED_GLOBAL_NETWORK_POLICY: MapShape = policy(
  GLOBAL_POLICY_NAME,
  GLOBAL,
  true,
  rulesFitDirection,
  servicesHaveNamespaces,
  earlyPolicyAgrees,
)
