import { parseCalicoVersion, traitsOf } from '../../../src/control/calico-version.ts'
import type { RuleContext } from '../../../src/control/felix/rules/context.ts'
import { marksOf } from '../../../src/control/felix/rules/marks.ts'
import { felixPart } from '../../../src/control/felix/rules/node-part.ts'
import type { FelixTableName } from '../../../src/control/felix/rules/shared-chains.ts'
import { SharedChains } from '../../../src/control/felix/rules/shared-chains.ts'
import type {
  HostPolicies,
  NodePolicies,
  Policy,
  PolicyRule,
  Profile,
  SideMatch,
  Tier,
  TierPolicies,
  WorkloadPolicies,
} from '../../../src/control/policy/model.ts'
import { ANY_SIDE } from '../../../src/control/policy/profiles.ts'
import { mergedRuleset } from '../../../src/control/ruleset-part.ts'
import { felixRuleSettings } from '../../../src/control/settings/felix-rule-settings.ts'
import { iptablesRuleText } from '../../../src/linux/index.ts'
import type { Ruleset } from '../../../src/model/index.ts'

/** Values that calculation would hand over, by hand; and what is printed of what comes of them. */

const ORIGIN = { component: 'felix' } as const

/** A side of a rule: any packet, but for what is given. */
function side(parts: Partial<SideMatch> = {}): SideMatch {
  return { ...ANY_SIDE, ...parts }
}

/** A rule of a policy. */
export function policyRule(
  action: PolicyRule['action'],
  parts: Partial<Omit<PolicyRule, 'source' | 'destination'>> & {
    source?: Partial<SideMatch>
    destination?: Partial<SideMatch>
  } = {},
): PolicyRule {
  const { source, destination, ...rest } = parts
  return { action, index: 1, origin: ORIGIN, ...rest, source: side(source), destination: side(destination) }
}

/** A policy of Kubernetes in namespace default, by the id of v3.32 where nobody says. */
export function policy(name: string, parts: Partial<Policy> = {}): Policy {
  return {
    ref: { kind: 'NetworkPolicy', api: 'kubernetes', namespace: 'default', name, tier: 'default' },
    id: `knp/default/${name}`,
    order: 1000,
    selector: 'all()',
    directions: ['ingress'],
    staged: false,
    applyOnForward: false,
    preDNAT: false,
    doNotTrack: false,
    ingress: [],
    egress: [],
    origin: ORIGIN,
    ...parts,
  }
}

/** A tier with policies. */
export function tierOf(
  policies: { ingress?: readonly Policy[]; egress?: readonly Policy[] },
  parts: Partial<Tier> = {},
): TierPolicies {
  const tier: Tier = { name: 'default', order: 1_000_000, defaultAction: 'Deny', origin: ORIGIN, ...parts }
  return { tier, ingress: policies.ingress ?? [], egress: policies.egress ?? [] }
}

/** A profile; those of namespaces allow everything. */
export function profile(
  name: string,
  rules = name.startsWith('kns.') ? [policyRule('Allow', { index: 0 })] : [],
): Profile {
  return { name, ingress: rules, egress: rules, origin: ORIGIN }
}

/** Profiles of a pod in namespace default. */
const POD_PROFILES = [profile('kns.default'), profile('ksa.default.default')]

/** A pod with an interface. */
export function workload(dev: string, parts: Partial<WorkloadPolicies> = {}): WorkloadPolicies {
  return { netns: `default/${dev}`, dev, tiers: [], profiles: POD_PROFILES, ...parts }
}

/** A host endpoint of an interface. */
export function host(dev: string, parts: Partial<HostPolicies> = {}): HostPolicies {
  return {
    name: `hep-${dev}`,
    dev,
    tiers: [],
    forward: [],
    untracked: [],
    preDnat: [],
    profiles: [],
    origin: ORIGIN,
    ...parts,
  }
}

/** What rules depend on, of a release; settings by their names in a FelixConfiguration. */
export function context(
  version: string,
  parts: Partial<RuleContext> = {},
  settings: Readonly<Record<string, unknown>> = {},
): RuleContext {
  const traits = traitsOf(parseCalicoVersion(version)!)
  const rules = felixRuleSettings((field) => settings[field], 'ACCEPT')
  return {
    family: 4,
    marks: marksOf(rules.markMask, false, traits.dropMark),
    traits,
    settings: rules,
    interfacePrefix: 'cali',
    vxlanPort: 4789,
    wireguardPort: 51820,
    enabled: [],
    addressed: [],
    wireguardHostEncryption: false,
    serviceRanges: [],
    floatingIps: false,
    randomFully: true,
    ...parts,
  }
}

/** The tables of a node. */
export function rulesetOf(policies: Partial<NodePolicies>, of: RuleContext): Ruleset {
  const { workloads = [], hosts = [] } = policies
  return mergedRuleset([felixPart({ workloads, hosts }, 'node1', new SharedChains(of, []))])
}

/** The lines of a chain as `iptables-save` prints them. */
export function linesOf(
  ruleset: Ruleset,
  table: FelixTableName,
  chain: string,
  family: 'inet' | 'inet6' = 'inet',
): string[] {
  const found = ruleset.tables[table]?.chains[chain]
  if (found === undefined) throw new Error(`no chain ${chain} in ${table}`)
  return found.rules.map((rule) => iptablesRuleText(chain, rule, family))
}

const HASH = / -m comment --comment "cali:([\w-]{16})"/

/** The hashes of a chain's rules. */
export function hashesOf(ruleset: Ruleset, table: FelixTableName, chain: string): string[] {
  return linesOf(ruleset, table, chain).map((line) => HASH.exec(line)![1]!)
}

/** The lines of a chain without its name and the hashes. */
export function textsOf(
  ruleset: Ruleset,
  table: FelixTableName,
  chain: string,
  family: 'inet' | 'inet6' = 'inet',
): string[] {
  return linesOf(ruleset, table, chain, family).map((line) => line.replace(HASH, '').replace(`-A ${chain} `, ''))
}
