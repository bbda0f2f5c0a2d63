import { MILLISECOND } from '../../dataplane/index.ts'
import type { PlannedProbe } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import type { ReportedGap, ReportedProbe } from '../../render/index.ts'
import type { Run } from '../../shell/index.ts'
import type { LogEntry } from '../../timeline/index.ts'
import type { Lab } from '../lab.ts'
import { entryBetween, type Gap, gapsOf } from './gaps.ts'
import type { Asked, TimelineProbe } from './probe.ts'

/**
 * What came of a probe so far.
 *
 * @param during - from when to when it is asked, in nanoseconds
 * @param log - in order of time
 * @param storyOf - the run that walked the first packet of a gap again; undefined where none did
 */
export function reportOf(
  lab: Lab,
  probe: TimelineProbe,
  during: { readonly start: number; readonly end: number },
  log: readonly LogEntry[],
  storyOf: (first: Asked) => Run | undefined,
): ReportedProbe {
  const { plan, unasked, connection } = probe
  const { runs } = probe
  const gaps = gapsOf(runs)
  return {
    name: plan.name,
    asks: asksText(plan),
    ...during,
    every: plan.every * MILLISECOND,
    asked: runs.reduce((sum, { count }) => sum + count, 0),
    lost: gaps.reduce((sum, { lost }) => sum + lost, 0),
    unasked,
    gaps: gaps.map((gap) => gapOf(gap, log, placesOf(lab, plan, gap.first, storyOf(gap.first)), storyOf(gap.first))),
    ...(connection === undefined ? {} : { connection }),
  }
}

function gapOf(
  { first, before, after, lost }: Gap,
  log: readonly LogEntry[],
  places: readonly string[],
  run: Run | undefined,
): ReportedGap {
  const begun = entryBetween(log, before ?? 0, first.at, places)
  const ended = after === undefined ? undefined : entryBetween(log, first.at, after, places)
  const trace = run?.trace
  return {
    from: first.at,
    ...(after === undefined ? {} : { to: after }),
    lost,
    outcome: first.outcome || 'timeout',
    ...(first.end === null ? {} : { end: first.end }),
    story: trace?.summary ?? '',
    findings: run?.diagnosis ?? [],
    ...(trace === undefined ? {} : { trace }),
    ...(begun === undefined ? {} : { begun }),
    ...(ended === undefined ? {} : { ended }),
  }
}

/** Where a gap may come from, the likeliest first: what the story names, where the packet ended, the machines of both ends. */
function placesOf(lab: Lab, { ask }: PlannedProbe, { end }: Asked, run: Run | undefined): readonly string[] {
  const hosts = [ask.to, ask.from].flatMap((name) => {
    try {
      const { netns } = lab.endpoint(name)
      const node = lab.cluster?.workloadEndpoints.find((one) => one.netns === netns)?.node
      return [node, netns]
    } catch (error) {
      if (error instanceof InputError) return []
      throw error
    }
  })
  const told = (run?.diagnosis ?? []).map(({ netns }) => netns)
  return [...told, end?.netns, ...hosts].filter((one) => one !== undefined)
}

function asksText({ ask }: PlannedProbe): string {
  const port = ask.kind === 'ping' ? '' : `:${ask.port}`
  const what = ask.kind === 'tcp' && ask.hold === true ? 'a connection held' : ask.kind
  return `${what} from ${ask.from} to ${ask.to}${port}`
}
