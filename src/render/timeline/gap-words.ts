import { DROPS } from '../../model/index.ts'
import type { LogEntry } from '../../timeline/index.ts'
import { lengthText, momentText } from './moment.ts'
import type { ReportedEvent, ReportedGap, ReportedProbe, TimelineReport } from './report.ts'

/** How long a gap was, e.g. `12.300 s to 14.100 s, 1.8 s, 18 lost`. */
export function gapLine(gap: ReportedGap, end: number): string {
  const until = gap.to === undefined ? 'the end' : momentText(gap.to)
  const length = lengthText((gap.to ?? end) - gap.from)
  return `${momentText(gap.from)} to ${until}: ${length}, ${gap.lost} lost`
}

/** Where the first packet of a gap ended, e.g. `timeout; dropped at node02 on eth0: there is no route`. */
export function endLine({ end, outcome }: ReportedGap): string {
  if (end === undefined) return outcome
  const { netns, dev, cause } = end
  return `${outcome}; dropped at ${netns}${dev === '' ? '' : ` on ${dev}`}: ${DROPS[cause].why}`
}

/** An entry of the log behind its time: `felix on node02 deleted route 10.0.1.0/26 via …`. */
export function entryLine({ actor, netns, op, thing, what, resync }: LogEntry): string {
  const DONE = { add: 'added', delete: 'deleted', replace: 'changed' } as const
  const who = `${actor}${netns === undefined ? '' : ` on ${netns}`}`
  if (thing === 'agent' || thing === 'machine') return `${who}: ${what}`
  if (thing === 'nodes') return `${who} wrote ${what}`
  return `${who} ${DONE[op]} ${thing} ${what}${resync ? ', at its resync' : ''}`
}

/** The event behind an entry. */
export function eventOf(report: TimelineReport, entry: LogEntry | undefined): ReportedEvent | undefined {
  return entry && report.events.find(({ number }) => number === entry.event)
}

/** What came of a probe, in a line: `3,000 asked, 18 lost in 1 gap`. */
export function tallyLine({ asked, lost, gaps, unasked, connection }: ReportedProbe): string {
  const count = (n: number): string => n.toLocaleString('en-US')
  const inGaps = gaps.length === 0 ? '' : ` in ${gaps.length} gap${gaps.length === 1 ? '' : 's'}`
  const nobody = unasked === 0 ? '' : `, ${count(unasked)} times nobody was there to ask`
  const held = connection === undefined ? '' : `; the connection is ${connection}`
  return `${count(asked)} asked, ${lost === 0 ? 'none' : count(lost)} lost${inGaps}${nobody}${held}`
}
