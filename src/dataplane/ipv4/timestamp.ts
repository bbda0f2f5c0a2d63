import { MILLISECOND } from '../kernel/clock.ts'
import type { World } from '../kernel/world.ts'

const DAY = 86_400_000

/** Milliseconds since midnight (UTC) as options and ICMP timestamps carry them (`inet_current_timestamp`). */
export function ipCurrentTimestamp({ epoch, clock }: World): number {
  return Math.floor(epoch + clock.now / MILLISECOND) % DAY
}
