import type { OpenKube } from './kube.ts'

const SECOND = 1_000_000_000

/** Steps after which nobody waits any longer: a cluster that never comes to rest. */
const MOST_STEPS = 100_000

/** Lets virtual time pass, step by step, until something is so. @param seconds - how long at most; 0 = as long as anything happens */
export function stepUntil(kube: OpenKube, seconds: number, isSo: () => boolean): boolean {
  const { clock } = kube.desk.simulation
  const end = seconds === 0 ? Number.POSITIVE_INFINITY : clock.now + seconds * SECOND
  for (let step = 0; step < MOST_STEPS && !isSo(); step++) {
    if (clock.now >= end || kube.desk.isQuiet || !kube.desk.stepForward()) return isSo()
  }
  return isSo()
}
