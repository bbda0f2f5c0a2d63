import type { ReportedGap, TimelineReport } from './report.ts'

/** Form and version of a timeline's answer as JSON. */
const TIMELINE_SCHEMA = 'packetwalk.timeline/1'

/** What happened over time as JSON that ends with a line break. The trace of a gap is left out: its story is told. */
export function renderTimelineJson(report: TimelineReport): string {
  const { probes, ...rest } = report
  const told = probes.map(({ gaps, ...probe }) => ({ ...probe, gaps: gaps.map(withoutTrace) }))
  return `${JSON.stringify({ schema: TIMELINE_SCHEMA, ...rest, probes: told }, null, 2)}\n`
}

function withoutTrace({ trace: _, ...gap }: ReportedGap): Omit<ReportedGap, 'trace'> {
  return gap
}
