import { mapAt, refuseIf } from './members.ts'
import { metadata } from './metadata.ts'
import {
  type Agreement,
  ANYTHING,
  DECIMAL,
  emptyCounts,
  type MapShape,
  map,
  needed,
  withDefault,
  words,
} from './shape.ts'
import { PLAIN_NAME } from './text-checks.ts'

/** Orders and default actions of the tiers that Calico makes itself. */
export const BUILT_IN_TIERS: Readonly<Record<string, { readonly order: number; readonly action: string }>> = {
  default: { order: 1_000_000, action: 'Deny' },
  'kube-admin': { order: 1000, action: 'Pass' },
  'kube-baseline': { order: 10_000_000, action: 'Pass' },
}

/** Tiers that Calico makes itself keep their order and their action. */
const builtInTierAgrees: Agreement = (tier) => {
  const name = mapAt(tier, 'metadata')?.['name']
  const { order, defaultAction = 'Deny' } = mapAt(tier, 'spec') ?? {}
  const built = typeof name === 'string' && Object.hasOwn(BUILT_IN_TIERS, name) ? BUILT_IN_TIERS[name] : undefined
  if (built === undefined) return []
  return [
    ...refuseIf(defaultAction !== built.action, ['spec', 'defaultAction'], `the action of ${name} is ${built.action}`),
    ...refuseIf(order !== built.order, ['spec', 'order'], `the order of ${name} is ${built.order}`),
  ]
}

/** Tier: its name is part of other names, so it has no dots. */
export const TIER: MapShape = map(
  {
    metadata: metadata(PLAIN_NAME, 63),
    spec: needed(map({ order: DECIMAL, defaultAction: withDefault(emptyCounts(words('Pass', 'Deny')), 'Deny') })),
    status: ANYTHING,
  },
  builtInTierAgrees,
)
