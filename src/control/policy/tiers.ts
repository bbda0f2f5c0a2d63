import { keptIn } from '../../model/index.ts'
import type { VersionTraits } from '../calico-version.ts'
import { originOf } from '../origin.ts'
import { ADMIN_TIERS } from './admin-policy.ts'
import { Kept } from './kept.ts'
import type { TierResource } from './kinds.ts'
import type { Tier } from './model.ts'
import type { Problem } from './spec.ts'

/** A tier that is always there. */
interface BuiltIn {
  readonly name: string
  readonly order: number
  readonly defaultAction: Tier['defaultAction']
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LONGEST_NAME = 63

const ADMIN_ORDER = 1_000
const DEFAULT_ORDER = 1_000_000
const BASELINE_ORDER = 10_000_000

const ALL_BUILT_IN: Readonly<Record<string, BuiltIn>> = Object.fromEntries(
  [
    { name: 'default', order: DEFAULT_ORDER, defaultAction: 'Deny' as const },
    { name: 'kube-admin', order: ADMIN_ORDER, defaultAction: 'Pass' as const },
    { name: 'kube-baseline', order: BASELINE_ORDER, defaultAction: 'Pass' as const },
    { name: ADMIN_TIERS.AdminNetworkPolicy, order: ADMIN_ORDER, defaultAction: 'Pass' as const },
    { name: ADMIN_TIERS.BaselineAdminNetworkPolicy, order: BASELINE_ORDER, defaultAction: 'Pass' as const },
  ].map((tier) => [tier.name, tier]),
)

/** What the tiers of a cluster come from. */
export type TierTraits = Pick<VersionTraits, 'builtInTiers' | 'tierOrders'>

/** Tiers that come with a release, and those of administrators' policies of other releases where there are any. */
function builtIn(traits: TierTraits, used: ReadonlySet<string>): readonly BuiltIn[] {
  const names = new Set(traits.builtInTiers)
  for (const name of used) if (isBuiltInTier(name)) names.add(name)
  return [...names].map((name) => {
    const tier = ALL_BUILT_IN[name]!
    return name === 'default' && !traits.tierOrders ? { ...tier, order: Number.POSITIVE_INFINITY } : tier
  })
}

/** Whether a tier is one that Calico makes, in some release. */
export function isBuiltInTier(name: string): boolean {
  return Object.hasOwn(ALL_BUILT_IN, name)
}

/** Why Calico refuses a tier: those that are built in are fixed. @calico api/pkg/apis/projectcalico/v3/tier.go */
export function tierFaults({ metadata, spec }: TierResource): Problem[] {
  if (!NAME.test(metadata.name) || metadata.name.length > LONGEST_NAME) {
    const expected = `a name of at most ${LONGEST_NAME} lower-case letters, digits and "-": those of policies begin with it`
    return [{ path: ['metadata', 'name'], expected, received: metadata.name }]
  }
  const fixed = Object.hasOwn(ALL_BUILT_IN, metadata.name) ? ALL_BUILT_IN[metadata.name] : undefined
  if (fixed === undefined) return []
  const { order, defaultAction } = spec ?? {}
  const faults: Problem[] = []
  if (order !== undefined && order !== fixed.order) {
    const expected = `${fixed.order}: the order of the built-in tier ${fixed.name} is fixed`
    faults.push({ path: ['spec', 'order'], expected, received: String(order) })
  }
  if (defaultAction !== undefined && defaultAction !== fixed.defaultAction) {
    const expected = `${fixed.defaultAction}: what ends the built-in tier ${fixed.name} is fixed`
    faults.push({ path: ['spec', 'defaultAction'], expected, received: defaultAction })
  }
  return faults
}

function byOrder(a: Tier, b: Tier): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  return a.name < b.name ? -1 : 1
}

/** Tiers by release and object: what was not edited stays the same tier. */
const keptGiven = new Kept<Tier>()
const keptOthers = new Kept<Map<string, Tier>>()

/** A tier that an object describes, or gives a built-in one its place in the input. */
function givenTier(resource: TierResource, known: Tier | undefined): Tier {
  const { name } = resource.metadata
  const origin = originOf('felix', resource)
  if (known !== undefined) return { ...known, origin }
  const { order = Number.POSITIVE_INFINITY, defaultAction } = resource.spec ?? {}
  return { name, order, defaultAction: defaultAction === 'Pass' ? 'Pass' : 'Deny', origin }
}

function missingTier(name: string): Tier {
  const origin = { component: 'felix', note: `no tier ${name} is given: its policies come last` } as const
  return { name, order: Number.POSITIVE_INFINITY, defaultAction: 'Deny', origin }
}

/**
 * All tiers in order: those that are there, then those that only policies name.
 *
 * @calico felix/calc/policy_sorter.go
 */
export function tiersInOrder(
  resources: readonly TierResource[],
  used: ReadonlySet<string>,
  traits: TierTraits,
): Tier[] {
  const others = keptOthers.of([traits], () => new Map())
  const tiers = new Map<string, Tier>()
  for (const tier of builtIn(traits, used)) {
    const origin = { component: 'felix', note: `tier ${tier.name} is always there` } as const
    tiers.set(
      tier.name,
      keptIn(others, tier.name, () => ({ ...tier, origin })),
    )
  }
  for (const resource of resources) {
    const { name } = resource.metadata
    const known = tiers.get(name)
    const sources = known === undefined ? [traits, resource] : [traits, resource, known]
    tiers.set(
      name,
      keptGiven.of(sources, () => givenTier(resource, known)),
    )
  }
  const missing = [...used].filter((name) => !tiers.has(name)).sort()
  const last = missing.map((name) => keptIn(others, name, missingTier))
  return [...[...tiers.values()].sort(byOrder), ...last]
}
