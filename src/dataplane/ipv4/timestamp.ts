import { MILLISECOND } from '../kernel/clock.ts'
import type { Simulation } from '../simulation.ts'

const DAY = 86_400_000

const epochs = new WeakMap<Simulation, number>()

/**
 * Says what time of day it is in a simulation: IP timestamp options and ICMP timestamps carry it. Without, virtual time
 * starts at midnight.
 * @param epoch - milliseconds since 1970 (UTC) at virtual time 0
 */
export function setWallClock(sim: Simulation, epoch: number): void {
  epochs.set(sim, epoch)
}

/** Milliseconds since midnight (UTC) as options and ICMP timestamps carry them (`inet_current_timestamp`). */
export function ipCurrentTimestamp(sim: Simulation): number {
  return Math.floor((epochs.get(sim) ?? 0) + sim.clock.now / MILLISECOND) % DAY
}
