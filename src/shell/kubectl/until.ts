import type { Desk } from '../desk.ts'
import type { OpenKube } from './kube.ts'

const SECOND = 1_000_000_000

/** Steps after which nobody waits any longer: a cluster that never comes to rest. */
const MOST_STEPS = 100_000

/**
 * Lets virtual time pass, step by step, until something is so, or nobody waits any longer.
 * @param seconds - how long at most; 0 = as long as anything happens
 */
export function stepUntil({ desk }: OpenKube, seconds: number, isSo: () => boolean): boolean {
  const { clock } = desk.simulation
  const end = seconds === 0 ? Number.POSITIVE_INFINITY : clock.now + seconds * SECOND
  for (let step = 0; step < MOST_STEPS && !isSo(); step++) {
    if (!stepBy(desk, end)) return isSo()
  }
  return isSo()
}

/** Lets the next thing happen, if it does before a time; if not, that time comes. @returns whether it did */
export function stepBy(desk: Desk, end: number): boolean {
  const { clock } = desk.simulation
  const next = desk.nextAt
  if (next !== undefined && next <= end) return desk.stepForward()
  if (Number.isFinite(end) && end > clock.now) desk.wait((end - clock.now) / SECOND)
  return false
}
