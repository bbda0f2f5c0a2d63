import { LIFECYCLE } from './lifecycle.ts'
import { LINKS } from './links.ts'
import { POLICY } from './policy.ts'
import { POLICY_PLACES } from './policy-places.ts'
import { ROUTING } from './routing.ts'
import type { MisconceptionRow } from './row.ts'
import { SERVICES } from './services.ts'

/** The misconceptions, from the link to the life of a cluster. */
export const MISCONCEPTIONS: readonly MisconceptionRow[] = [
  ...LINKS,
  ...ROUTING,
  ...SERVICES,
  ...POLICY,
  ...POLICY_PLACES,
  ...LIFECYCLE,
]
