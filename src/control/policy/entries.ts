import { keptIn, once } from '../../model/index.ts'
import type { VersionTraits } from '../calico-version.ts'
import { originOf } from '../origin.ts'
import type { Policy, PolicyRule, SetId, Tier } from './model.ts'
import { type PolicyNames, policyNames } from './policy-names.ts'
import { policyRule, type RuleHome } from './policy-rule.ts'
import { type EndpointSelector, endpointSelector } from './selector-text.ts'
import { type SetSpec, SetSpecs } from './set-spec.ts'
import type { PolicySpec, RuleSpec } from './spec.ts'

/** A policy, and what finds its endpoints and its sets. */
export interface Entry {
  /** The policy. */
  readonly policy: Policy
  /** What its object says. */
  readonly spec: PolicySpec
  /** Text that decides between policies of the same order. */
  readonly tie: string
  /** Endpoints it is for; parsed when one first asks. */
  readonly selector: () => EndpointSelector
  /** A set that its rules ask; undefined for others, and before the rules were read. */
  readonly setOf: (id: SetId) => SetSpec | undefined
  /** All sets that its rules ask. */
  readonly sets: () => Iterable<readonly [SetId, SetSpec]>
}

/** Policies by object and release: an object that was not edited gives the same policy. */
const kept: Readonly<Record<VersionTraits['policyIds'], WeakMap<PolicySpec, Entry>>> = {
  name: new WeakMap(),
  'tier/name': new WeakMap(),
  'kind/name': new WeakMap(),
}

function entryOf(spec: PolicySpec, traits: VersionTraits): Entry {
  return keptIn(kept[traits.policyIds], spec, () => makeEntry(spec, policyNames(spec, traits)))
}

/** A policy as rules are written from it: selector and rules are worked out when somebody reads them. */
function makeEntry(spec: PolicySpec, { name, id, tie }: PolicyNames): Entry {
  const { resource, kind, api, namespace, tier } = spec
  const selector = once(() => endpointSelector(spec.scope))
  const sets = new SetSpecs()
  const home: RuleHome = { resource, namespace, setOf: sets.idOf }
  const rules = (list: readonly RuleSpec[]): (() => readonly PolicyRule[]) =>
    once(() => list.map((rule) => policyRule(rule, home)))
  const ingress = rules(spec.ingress)
  const egress = rules(spec.egress)
  const origin = once(() => originOf('felix', resource))
  const policy: Policy = {
    ref: { kind, api, ...(namespace === undefined ? {} : { namespace }), name, tier },
    id,
    order: spec.order,
    get selector() {
      return selector().text
    },
    directions: spec.directions,
    staged: spec.staged,
    applyOnForward: spec.applyOnForward,
    preDNAT: spec.preDNAT,
    doNotTrack: spec.doNotTrack,
    get ingress() {
      return ingress()
    },
    get egress() {
      return egress()
    },
    get origin() {
      return origin()
    },
  }
  const allSets = (): Iterable<readonly [SetId, SetSpec]> => {
    ingress()
    egress()
    return sets.all()
  }
  return { policy, spec, tie, selector, setOf: (wanted) => sets.get(wanted), sets: allSets }
}

/** Policies in order: tier, order in it, name. @calico felix/calc/policy_sorter.go */
export function entriesInOrder(specs: readonly PolicySpec[], tiers: readonly Tier[], traits: VersionTraits): Entry[] {
  const rank = new Map(tiers.map(({ name }, i) => [name, i]))
  const placed = specs.map((spec) => ({ entry: entryOf(spec, traits), spec, rank: rank.get(spec.tier)! }))
  placed.sort((a, b) => {
    if (a.rank !== b.rank) return a.rank - b.rank
    if (a.spec.order !== b.spec.order) return a.spec.order < b.spec.order ? -1 : 1
    return a.entry.tie < b.entry.tie ? -1 : a.entry.tie > b.entry.tie ? 1 : 0
  })
  return placed.map(({ entry }) => entry)
}
