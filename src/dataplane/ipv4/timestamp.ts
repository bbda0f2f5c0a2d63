import { MILLISECOND } from '../clock.ts'

const DAY = 86_400_000

/** Milliseconds since midnight as options and ICMP timestamps carry them; virtual time starts at midnight (`inet_current_timestamp`). */
export function ipCurrentTimestamp(now: number): number {
  return Math.floor(now / MILLISECOND) % DAY
}
