import { keptIn, type PolicyDirection } from '../../model/index.ts'
import { originOf } from '../origin.ts'
import type { OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { ALLOWS_ALL } from './host-endpoints.ts'
import type { CalicoRule, ProfileResource } from './kinds.ts'
import type { PolicyRule, Profile, SetId, SideMatch } from './model.ts'
import { policyRule, type RuleHome } from './policy-rule.ts'
import { reporter, ruleFaults } from './rule-faults.ts'
import { type SetSpec, SetSpecs } from './set-spec.ts'
import type { Problem } from './spec.ts'

const NAMESPACE_PROFILE = 'kns.'
const ACCOUNT_PROFILE = 'ksa.'

/** A side of a rule that asks nothing. */
export const ANY_SIDE: SideMatch = {
  nets: [],
  notNets: [],
  sets: [],
  notSets: [],
  ports: [],
  namedPorts: [],
  notPorts: [],
  notNamedPorts: [],
  ipPortSets: [],
}

/** One rule for everything. */
function everything(action: 'Allow' | 'Deny', origin: PolicyRule['origin']): readonly PolicyRule[] {
  return [{ action, source: ANY_SIDE, destination: ANY_SIDE, index: 0, origin }]
}

/** Name of the profile of a namespace. */
export function namespaceProfile(namespace: string): string {
  return `${NAMESPACE_PROFILE}${namespace}`
}

/** Name of the profile of a service account. */
export function accountProfile(namespace: string, account: string): string {
  return `${ACCOUNT_PROFILE}${namespace}.${account}`
}

/** Why Calico refuses a profile. */
export function profileFaults({ spec = {} }: ProfileResource): Problem[] {
  const faults: Problem[] = []
  for (const direction of ['ingress', 'egress'] as const) {
    for (const [i, rule] of (spec[direction] ?? []).entries())
      ruleFaults(rule, ['spec', direction, i], { direction, isNamespaced: false }, reporter(faults))
  }
  return faults
}

/** The profiles of a cluster, each made when somebody asks for it. */
export class Profiles {
  private readonly given: ReadonlyMap<string, ProfileResource>
  private readonly namespaces: ReadonlyMap<string, OtherResource>
  private readonly accounts: ReadonlyMap<string, OtherResource>
  private readonly sets = new SetSpecs()
  private readonly made = new Map<string, Profile>()

  constructor(resources: Resources, given: readonly ProfileResource[]) {
    this.given = new Map(given.map((one) => [one.metadata.name, one]))
    this.namespaces = new Map(resources.namespaces.map((one) => [one.metadata.name, one]))
    this.accounts = new Map(
      resources.serviceAccounts.map((one) => [`${one.metadata.namespace ?? 'default'}.${one.metadata.name}`, one]),
    )
  }

  /** A set that rules of profiles ask; undefined for others, and before the rules were made. */
  setOf(id: SetId): SetSpec | undefined {
    return this.sets.get(id)
  }

  /** All sets that rules of given profiles ask. */
  allSets(): Iterable<readonly [SetId, SetSpec]> {
    for (const name of this.given.keys()) this.get(name)
    return this.sets.all()
  }

  /** A profile by name; one that is not there denies everything. @calico felix/calc/active_rules_calculator.go */
  get(name: string): Profile {
    return keptIn(this.made, name, () => this.make(name))
  }

  private make(name: string): Profile {
    const given = this.given.get(name)
    if (given !== undefined) return this.ownProfile(name, given)
    if (name.startsWith(NAMESPACE_PROFILE)) {
      const space = this.namespaces.get(name.slice(NAMESPACE_PROFILE.length))
      return allowing(name, originOf('felix', space, [], 'the profile of a namespace allows everything'))
    }
    if (name.startsWith(ACCOUNT_PROFILE)) {
      const account = this.accounts.get(name.slice(ACCOUNT_PROFILE.length))
      const origin = originOf('felix', account, [], 'the profile of a service account has no rules')
      return { name, ingress: [], egress: [], origin }
    }
    if (name === ALLOWS_ALL) return allowing(name, { component: 'felix', note: `profile ${name} allows everything` })
    const origin = { component: 'felix', note: `no profile ${name} is there, so it denies everything` } as const
    return { name, ingress: everything('Deny', origin), egress: everything('Deny', origin), origin }
  }

  private ownProfile(name: string, resource: ProfileResource): Profile {
    const home: RuleHome = { resource, namespace: undefined, setOf: this.sets.idOf }
    const rules = (direction: PolicyDirection, list: readonly CalicoRule[] = []): PolicyRule[] =>
      list.map((rule, i) => policyRule({ rule, index: i + 1, path: ['spec', direction, i] }, home))
    const { ingress, egress } = resource.spec ?? {}
    return {
      name,
      ingress: rules('ingress', ingress),
      egress: rules('egress', egress),
      origin: originOf('felix', resource),
    }
  }
}

function allowing(name: string, origin: Profile['origin']): Profile {
  return { name, ingress: everything('Allow', origin), egress: everything('Allow', origin), origin }
}
