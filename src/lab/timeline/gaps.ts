import type { LogEntry } from '../../timeline/index.ts'
import type { AskedRun } from './asked-runs.ts'
import type { Asked } from './probe.ts'

/** Probes without an answer, one after the other. */
export interface Gap {
  /** The first. */
  readonly first: Asked
  /** When the last was asked that had an answer before; absent when there was none. */
  readonly before?: number
  /** When the first was asked that had an answer again; absent when there was none to the end. */
  readonly after?: number
  readonly lost: number
}

/** The gaps in what was asked: an answer ends one. */
export function gapsOf(runs: readonly AskedRun[]): readonly Gap[] {
  const gaps: Gap[] = []
  let start = -1
  let lost = 0
  for (let i = 0; i <= runs.length; i++) {
    const run = runs[i]
    if (run?.isLost === true) {
      if (start < 0) start = i
      lost += run.count
    }
    if (run?.isLost === true || start < 0) continue
    const before = runs[start - 1]?.last
    gaps.push({
      first: runs[start]!.first,
      lost,
      ...(before === undefined ? {} : { before }),
      ...(run === undefined ? {} : { after: run.first.at }),
    })
    start = -1
    lost = 0
  }
  return gaps
}

/** A packet is under way for less than this, in nanoseconds: what changes within it may be what it met. */
const UNDER_WAY = 5e6

/**
 * The entry of the log that best explains why what was answered at one time is not at another, or the other way round: the last one
 * in between at the place where the packet ended, else on its way, else anywhere; when nothing changed in between, the last before
 * at that place.
 *
 * @param log - in order of time
 * @param places - namespaces, the likeliest first
 */
export function entryBetween(
  log: readonly LogEntry[],
  from: number,
  to: number,
  places: readonly string[],
): LogEntry | undefined {
  const until = to + UNDER_WAY
  // No packet has met what was written on nodes that nobody looks at.
  const between = log.filter(({ at, thing }) => at > from && at <= until && thing !== 'nodes')
  for (const place of places) {
    const found = lastAt(between, place)
    if (found !== undefined) return found
  }
  const [place] = places
  return (
    between.at(-1) ??
    (place === undefined
      ? undefined
      : lastAt(
          log.filter(({ at }) => at <= until),
          place,
        ))
  )
}

/** The last at a place; what the kernel adds to what a program did says less than that. */
function lastAt(entries: readonly LogEntry[], place: string): LogEntry | undefined {
  const there = entries.filter(({ netns }) => netns === place)
  return there.filter(({ actor }) => actor !== 'kernel').at(-1) ?? there.at(-1)
}
