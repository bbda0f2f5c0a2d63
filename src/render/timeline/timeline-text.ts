import { checkCount, checkFunction, checkOptions, printableLines } from '../../model/index.ts'
import type { LogEntry } from '../../timeline/index.ts'
import { describeOrigin } from '../../trace/index.ts'
import { wrap } from '../layout-text.ts'
import { plainStyle, type Style } from '../style.ts'
import { endLine, entryLine, eventOf, gapLine, tallyLine } from './gap-words.ts'
import { lengthText, momentText } from './moment.ts'
import type { ReportedEvent, ReportedGap, ReportedProbe, TimelineReport } from './report.ts'
import { checkTimelineReport } from './report-form.ts'

/** How to render a timeline as text. */
export interface TimelineTextOptions {
  /** Columns; 100 when left out. */
  readonly width?: number
  /** Colour; none when left out. */
  readonly style?: Style
  /** Every entry of the log, too. */
  readonly log?: boolean
}

const WIDTH = 100
/** Columns of a moment: `0123.456 s`. */
const MOMENT = 12

/** What happened over time, as text that ends with a line break: events, probes with their gaps and why, and the log when asked for. @throws InputError for what is no report */
export function renderTimelineText(report: TimelineReport, options: TimelineTextOptions = {}): string {
  checkTimelineReport('report', report)
  checkOptions(options)
  const { width = WIDTH, style = plainStyle, log = false } = options
  checkCount('options.width', width, 'columns: a whole number')
  checkFunction('options.style', style, 'a function (role, text) => text')
  const lines = [
    ...headLines(report, style),
    '',
    ...report.events.flatMap((event) => eventLines(event, width, style)),
    ...report.probes.flatMap((probe) => ['', ...probeLines(report, probe, width, style)]),
    ...(log ? ['', ...logLines(report, style)] : []),
    ...(report.notes.length === 0 ? [] : ['', ...report.notes.flatMap((note) => folded('note: ', note, width))]),
  ]
  const text = `${lines.join('\n')}\n`
  return style === plainStyle ? printableLines(text) : text
}

function headLines({ name, end, seed, delays, probes }: TimelineReport, style: Style): string[] {
  const lost = probes.reduce((all, probe) => all + probe.lost, 0)
  const word = lost === 0 ? style('good', 'nothing lost') : style('bad', `${lost} lost`)
  const how = delays === 'instant' ? 'every program at once' : `delays of seed ${seed}`
  return [`${style('heading', name)}: ${word} in ${lengthText(end)} (${how})`]
}

function moment(at: number): string {
  return momentText(at).padStart(MOMENT)
}

/** Text behind a lead, its further lines under the first. */
function folded(lead: string, text: string, width: number): string[] {
  const indent = ' '.repeat(lead.length)
  return wrap(text, Math.max(20, width - lead.length)).map((line, i) => (i === 0 ? lead : indent) + line)
}

function eventLines(
  { at, number, title, changes, settled, refused }: ReportedEvent,
  width: number,
  style: Style,
): string[] {
  const what = folded(`${moment(at)}  ${number}. `, title, width)
  const rest = ' '.repeat(MOMENT + 2)
  if (refused !== undefined) return [...what, ...folded(`${rest}   `, `refused: ${refused}`, width)]
  const done =
    settled === undefined
      ? 'nothing changed'
      : `${changes} change${changes === 1 ? '' : 's'}, the last ${settled === at ? 'at once' : `after ${lengthText(settled - at)}`}`
  return [...what, `${rest}   ${style('minor', done)}`]
}

function probeLines(report: TimelineReport, probe: ReportedProbe, width: number, style: Style): string[] {
  const tally = tallyLine(probe)
  const coloured = probe.lost === 0 ? style('good', tally) : style('bad', tally)
  const named = probe.name === probe.asks ? probe.asks : `${probe.name} (${probe.asks})`
  return [
    `${style('heading', named)}, every ${lengthText(probe.every)}: ${coloured}`,
    ...probe.gaps.flatMap((gap) => gapLines(report, gap, width, style)),
  ]
}

function gapLines(report: TimelineReport, gap: ReportedGap, width: number, style: Style): string[] {
  const rows: [string, string | undefined][] = [
    ['lost', endLine(gap)],
    ['began', causeText(report, gap.begun)],
    ['story', gap.story === '' ? undefined : gap.story],
    ['ended', causeText(report, gap.ended)],
  ]
  return [
    `  ${style('bad', gapLine(gap, report.end))}`,
    ...rows.flatMap(([word, text]) => (text === undefined ? [] : folded(`    ${word.padEnd(8)}`, text, width))),
  ]
}

/** An entry of the log as a cause: what was done when, by which event, and what is behind it. */
function causeText(report: TimelineReport, entry: LogEntry | undefined): string | undefined {
  if (entry === undefined) return undefined
  const event = eventOf(report, entry)
  const of = event === undefined ? '' : `, from event ${event.number} (${event.title})`
  const origin = entry.origin === undefined ? '' : ` [${describeOrigin(entry.origin)}]`
  return `${momentText(entry.at)}: ${entryLine(entry)}${origin}${of}`
}

function logLines(report: TimelineReport, style: Style): string[] {
  const { log, forgotten } = report
  const old = forgotten === 0 ? [] : [`${forgotten} older entries were not kept`]
  return [
    style('heading', 'log'),
    ...old,
    ...log.map((entry) => `${moment(entry.at)}  ${String(entry.event).padStart(3)}  ${entryLine(entry)}`),
  ]
}
