import type { OtherResource } from '../../control/index.ts'

/** What a clock on the wall shows, in milliseconds since 1970. */
export interface WallTime {
  /** When virtual time began. */
  readonly began: number
  /** Now. */
  readonly now: number
}

/** What kubectl prints where nobody says since when something is. */
export const UNKNOWN = '<unknown>'

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]

/** How long ago something was made: what the session did not make is there since it began, whatever another clock stamped it with. */
export function ageOf({ metadata }: OtherResource, time: WallTime): string {
  return duration(time.now - (momentOf(metadata.creationTimestamp, time) ?? time.began))
}

/** How long ago a moment was; unknown where it was not since virtual time began. */
export function since(stamp: string | undefined, time: WallTime): string {
  const at = momentOf(stamp, time)
  return at === undefined ? UNKNOWN : duration(time.now - at)
}

/** The moment of a stamp, in milliseconds since 1970; undefined where virtual time had not begun, or has not come to it. */
export function momentOf(stamp: string | undefined, { began, now }: WallTime): number | undefined {
  const at = stamp === undefined ? Number.NaN : Date.parse(stamp)
  // Stamps are whole seconds.
  return at >= Math.floor(began / SECOND) * SECOND && at <= now ? at : undefined
}

/** This moment as Kubernetes writes it: whole seconds. */
export function stampOf({ now }: Pick<WallTime, 'now'>): string {
  return new Date(Math.floor(now / SECOND) * SECOND).toISOString().replace('.000Z', 'Z')
}

/** A time in milliseconds as kubectl prints it: two units at most, and the smaller only while it matters. @kubernetes apimachinery/pkg/util/duration HumanDuration */
export function duration(ms: number): string {
  const whole = (unit: number): number => Math.floor(ms / unit)
  const two = (unit: number, word: string, small: number, smallWord: string): string => {
    const rest = Math.floor((ms % unit) / small)
    return `${whole(unit)}${word}${rest === 0 ? '' : `${rest}${smallWord}`}`
  }
  if (ms < 2 * MINUTE) return `${whole(SECOND)}s`
  if (ms < 10 * MINUTE) return two(MINUTE, 'm', SECOND, 's')
  if (ms < 3 * HOUR) return `${whole(MINUTE)}m`
  if (ms < 8 * HOUR) return two(HOUR, 'h', MINUTE, 'm')
  if (ms < 2 * DAY) return `${whole(HOUR)}h`
  if (ms < 8 * DAY) return two(DAY, 'd', HOUR, 'h')
  if (ms < 730 * DAY) return `${whole(DAY)}d`
  return ms < 2920 * DAY ? two(365 * DAY, 'y', DAY, 'd') : `${whole(365 * DAY)}y`
}
