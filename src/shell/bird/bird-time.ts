import type { Simulation } from '../../dataplane/index.ts'

const NANOSECONDS_OF_MILLISECOND = 1_000_000
const RECENT = 20 * 3_600_000

/** What clocks on the walls of machines show, as BIRD prints it. */
export interface BirdClock {
  /** Now, in milliseconds since 1970. */
  readonly now: number
  /** A moment of virtual time, in nanoseconds, as milliseconds since 1970. */
  wall(at: number): number
  /** A moment of virtual time, in nanoseconds, as BIRD says it of protocols and routes. */
  short(at: number): string
}

/** The clock of a session. */
export function birdClock({ epoch, clock }: Pick<Simulation, 'epoch' | 'clock'>): BirdClock {
  const wall = (at: number): number => epoch + at / NANOSECONDS_OF_MILLISECOND
  const now = wall(clock.now)
  return { now, wall, short: (at) => birdTime(wall(at), now) }
}

/**
 * When something happened: the time of day, and of what is 20 hours back the date.
 * @param at - in milliseconds since 1970, as is `now`
 * @bird nest/config.c config_alloc: tf_route, tf_proto
 */
export function birdTime(at: number, now: number): string {
  const text = new Date(at).toISOString()
  return now - at < RECENT ? text.slice(11, 19) : text.slice(0, 10)
}

/** A moment as `show status` prints it. @bird nest/config.c config_alloc: tf_base */
export function birdMoment(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
