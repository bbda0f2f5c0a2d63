import { checkArgument, checkOptions, pushTo } from '../../model/index.ts'
import type { LogEntry } from '../../timeline/index.ts'
import { escapeXml } from '../escape.ts'
import { shortName, wrap } from '../layout-text.ts'
import { THEMES, type Theme } from '../palette.ts'
import { entryLine, gapLine, tallyLine } from './gap-words.ts'
import { lengthText, momentText } from './moment.ts'
import type { ReportedProbe, ReportedSpan, TimelineReport } from './report.ts'
import { checkTimelineReport } from './report-form.ts'
import { type TimeAxis, timeAxis } from './time-axis.ts'

/** The picture's width, and where its lanes begin and end. */
const WIDTH = 1000
const LEFT = 230
const RIGHT = WIDTH - 24
const LANE = 30
const BAR = 12
/** Lines of the list of events. */
const LINE = 16
const LINE_CHARS = 138
const HEAD = 78

/** Gaps are hatched as well as coloured, so that they are seen in black and white. */
const CSS = `
.tl-bg{fill:#ffffff;stroke:#d5d9e0}.tl-t{fill:#1d2433;font:11px ui-monospace,Menlo,Consolas,monospace}
.tl-title{font:600 14px system-ui,sans-serif;fill:#1d2433}.tl-name{font:600 12px system-ui,sans-serif;fill:#1d2433}
.tl-note{fill:#4a5468}.tl-rule{stroke:#d5d9e0}.tl-event{stroke:#1f5fbf;stroke-dasharray:3 3}.tl-number{fill:#1f5fbf}
.tl-ok{fill:#cfe9dd;stroke:#0b7a53}.tl-gap{fill:url(#tl-hatch);stroke:#b3261e}.tl-hatch{stroke:#b3261e;stroke-width:3}.tl-hatchbg{fill:#fde4e1}
.tl-lost{fill:#b3261e}.tl-halo{stroke:#ffffff;stroke-width:4;paint-order:stroke}.tl-down{fill:#e8d9b5;stroke:#8a6100}.tl-change{stroke:#5a6478;stroke-width:1.5}.tl-good{fill:#0b7a53}
`
const DARK = `.tl-bg{fill:#171b24;stroke:#333b4a}.tl-t,.tl-title,.tl-name{fill:#e6e9f0}.tl-note{fill:#a3adbf}
.tl-rule{stroke:#333b4a}.tl-event{stroke:#7eb0ff}.tl-number{fill:#7eb0ff}.tl-ok{fill:#173a2e;stroke:#5fd0a4}.tl-gap{stroke:#ff8a80}
.tl-hatch{stroke:#ff8a80}.tl-hatchbg{fill:#3c1f1d}.tl-lost{fill:#ff8a80}.tl-halo{stroke:#171b24}.tl-down{fill:#4a3d1c;stroke:#e0b04a}.tl-change{stroke:#a3adbf}.tl-good{fill:#5fd0a4}
`

/** How a timeline is drawn. */
export interface TimelinePictureOptions {
  /** Colours for light or dark surroundings; `auto`, the reader's own setting, when left out. `print` is drawn as `light`: gaps are hatched. */
  readonly theme?: Theme
}

/** The theme that is asked for. @throws InputError for another */
export function timelineTheme(options: TimelinePictureOptions): Theme {
  checkOptions(options)
  const { theme = 'auto' } = options
  checkArgument(THEMES.includes(theme), 'options.theme', 'auto, light, dark or print', theme)
  return theme
}

/** Rules for light surroundings, and where they are asked for those that dark ones change. */
export function themed(theme: Theme, light: string, dark: string): string {
  const changed = theme === 'auto' ? `@media (prefers-color-scheme:dark){${dark}}` : theme === 'dark' ? dark : ''
  return `${light}${changed}`.replaceAll('\n', '')
}

/** A lane of the picture: a name, and what is drawn in it. */
interface Lane {
  readonly name: string
  /** Behind the name, smaller. */
  readonly about: string
  readonly draw: (axis: TimeAxis, y: number) => readonly string[]
}

/**
 * What happened over time as a picture: a lane for every probe with its gaps, for every program and machine that was down, and for
 * every machine with what changed there; events run through all of them. A whole SVG document.
 * @throws InputError for what is no report, and for options out of range
 */
export function renderTimelineSvg(report: TimelineReport, options: TimelinePictureOptions = {}): string {
  checkTimelineReport('report', report)
  const theme = timelineTheme(options)
  const { events, probes, log, end } = report
  const lanes = [...probes.map((probe) => probeLane(probe, end)), ...spanLanes(report.spans, end), ...changeLanes(log)]
  const axis = timeAxis(momentsOf(report), end, LEFT, RIGHT)
  const legend = events.flatMap(({ number, at, title }) =>
    wrap(`${number}. ${momentText(at)}  ${title}`, LINE_CHARS).map((line, i) => (i === 0 ? line : `   ${line}`)),
  )
  const bottom = HEAD + lanes.length * LANE
  const height = bottom + 36 + legend.length * LINE + 12
  const lost = probes.reduce((all, probe) => all + probe.lost, 0)
  const verdict = lost === 0 ? ['tl-good', 'nothing lost'] : ['tl-lost', `${lost} lost`]
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(label(report))}">`,
    `<style>${themed(theme, CSS, DARK)}</style>`,
    '<defs><pattern id="tl-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="tl-hatchbg" width="7" height="7"/><line class="tl-hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>',
    `<rect class="tl-bg" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="tl-title" x="16" y="27">${escapeXml(report.name)}: <tspan class="${verdict[0]}">${verdict[1]}</tspan></text>`,
    `<text class="tl-t tl-note" x="16" y="46">in ${escapeXml(lengthText(end))} of virtual time; quiet time is shortened</text>`,
    ...axisParts(axis, bottom),
    ...events.flatMap(({ number, at, title }) => eventParts(axis, number, at, title, bottom)),
    ...lanes.flatMap((lane, i) => laneParts(axis, lane, HEAD + i * LANE)),
    ...legend.map(
      (line, i) =>
        `<text class="tl-t" x="16" y="${bottom + 40 + i * LINE}" xml:space="preserve">${escapeXml(line)}</text>`,
    ),
    '</svg>',
  ].join('\n')}\n`
}

function label({ name, probes, events, end }: TimelineReport): string {
  const told = probes.map((probe) => `${probe.name}: ${tallyLine(probe)}`)
  return `${name}: ${events.length} events in ${lengthText(end)}. ${told.join('. ')}`
}

/** Where something happens that has a place of its own in the picture. */
function momentsOf({ events, probes, spans, log }: TimelineReport): number[] {
  const ends = (one: { readonly from: number; readonly to?: number }): number[] =>
    one.to === undefined ? [one.from] : [one.from, one.to]
  return [
    ...events.map(({ at }) => at),
    ...probes.flatMap(({ gaps }) => gaps.flatMap(ends)),
    ...spans.flatMap(ends),
    ...log.map(({ at }) => at),
  ]
}

const n = (value: number): string => String(Math.round(value * 10) / 10)

function axisParts(axis: TimeAxis, bottom: number): string[] {
  return axis.labels.flatMap((moment, i) => {
    const x = n(axis.at(moment))
    const anchor = i === 0 ? 'start' : i === axis.labels.length - 1 ? 'end' : 'middle'
    return [
      `<line class="tl-rule" x1="${x}" y1="${HEAD - 6}" x2="${x}" y2="${bottom}"/>`,
      `<text class="tl-t tl-note" x="${x}" y="${bottom + 16}" text-anchor="${anchor}">${escapeXml(`${Number((moment / 1e9).toFixed(2))} s`)}</text>`,
    ]
  })
}

function eventParts(axis: TimeAxis, number: number, at: number, title: string, bottom: number): string[] {
  const x = n(axis.at(at))
  return [
    `<g><title>${escapeXml(`${number}. ${momentText(at)} ${title}`)}</title><line class="tl-event" x1="${x}" y1="${HEAD - 8}" x2="${x}" y2="${bottom}"/>`,
    `<text class="tl-t tl-number" x="${x}" y="${HEAD - 12}" text-anchor="middle">${number}</text></g>`,
  ]
}

function laneParts(axis: TimeAxis, { name, about, draw }: Lane, top: number): string[] {
  const y = top + LANE / 2
  const small = about === '' ? '' : ` <tspan class="tl-note">${escapeXml(shortName(about, 14))}</tspan>`
  return [
    `<text class="tl-name" x="16" y="${y + 4}"><title>${escapeXml(`${name} ${about}`)}</title>${escapeXml(shortName(name, 25 - Math.min(about.length, 14)))}${small}</text>`,
    `<line class="tl-rule" x1="${LEFT}" y1="${y}" x2="${RIGHT}" y2="${y}"/>`,
    ...draw(axis, y),
  ]
}

function bar(axis: TimeAxis, look: string, from: number, to: number, y: number, title: string): string {
  const x = axis.at(from)
  const width = Math.max(2, axis.at(to) - x)
  return `<rect class="${look}" x="${n(x)}" y="${n(y - BAR / 2)}" width="${n(width)}" height="${BAR}" rx="2"><title>${escapeXml(title)}</title></rect>`
}

/** Width of a character of the small text. */
const CHAR = 6.65

function probeLane(probe: ReportedProbe, end: number): Lane {
  // Words come first: the ground around them covers lines, and not the bar.
  const draw = (axis: TimeAxis, y: number): string[] => [
    ...probe.gaps.flatMap((gap) => lengthWord(axis, gap.from, gap.to ?? probe.end, y)),
    bar(axis, 'tl-ok', probe.start, probe.end, y, tallyLine(probe)),
    ...probe.gaps.map((gap) => bar(axis, 'tl-gap', gap.from, gap.to ?? probe.end, y, gapLine(gap, end))),
  ]
  return { name: probe.name, about: '', draw }
}

/** How long a gap is, above it, where there is room. */
function lengthWord(axis: TimeAxis, from: number, to: number, y: number): string[] {
  const text = lengthText(to - from)
  const [left, right] = [axis.at(from), axis.at(to)]
  if (right - left <= text.length * CHAR) return []
  return [
    `<text class="tl-t tl-lost tl-halo" x="${n((left + right) / 2)}" y="${n(y - BAR / 2 - 2)}" text-anchor="middle">${escapeXml(text)}</text>`,
  ]
}

function spanLanes(spans: readonly ReportedSpan[], end: number): Lane[] {
  const byName = new Map<string, ReportedSpan[]>()
  for (const span of spans) pushTo(byName, `${span.what}\n${span.node ?? ''}`, span)
  return [...byName.values()].map((own) => ({
    name: own[0]!.what,
    about: own[0]!.node ?? '',
    draw: (axis, y) =>
      own.map(({ from, to = end, state }) =>
        bar(axis, 'tl-down', from, to, y, `${state} for ${lengthText(to - from)}`),
      ),
  }))
}

/** Machines that have a lane of their own; changes of all others are in one. */
const MOST_MACHINES = 16

/** A lane a machine with what changed there, machines before pods; entries of no machine have none. */
function changeLanes(log: readonly LogEntry[]): Lane[] {
  const byHost = new Map<string, LogEntry[]>()
  for (const entry of log) if (entry.netns !== undefined) pushTo(byHost, entry.netns, entry)
  const all = [...byHost]
  // Pods are named by namespace and name.
  const isPod = ([name]: (typeof all)[number]): boolean => name.includes('/')
  const sorted = [...all.filter((one) => !isPod(one)), ...all.filter(isPod)]
  const own = sorted.length > MOST_MACHINES ? sorted.slice(0, MOST_MACHINES - 1) : sorted
  const rest = sorted.slice(own.length)
  const lanes = own.map(([name, entries]) => changeLane(name, entries))
  if (rest.length === 0) return lanes
  return [
    ...lanes,
    changeLane(
      `${rest.length} more`,
      rest.flatMap(([, entries]) => entries),
    ),
  ]
}

function changeLane(name: string, entries: readonly LogEntry[]): Lane {
  // Marks of one moment are one: the picture would hold thousands in one place.
  const byMoment = new Map<number, LogEntry[]>()
  for (const entry of entries) pushTo(byMoment, entry.at, entry)
  return {
    name,
    about: 'changes',
    draw: (axis, y) => [...byMoment.values()].map((them) => changeMark(axis, them, y)),
  }
}

/** Changes that a mark says when it is pointed at. */
const MOST_WORDS = 12

function changeMark(axis: TimeAxis, entries: readonly LogEntry[], y: number): string {
  const { at } = entries[0]!
  const x = n(axis.at(at))
  const more = entries.length > MOST_WORDS ? [`… and ${entries.length - MOST_WORDS} more`] : []
  const words = [...entries.slice(0, MOST_WORDS).map((entry) => `${momentText(at)} ${entryLine(entry)}`), ...more]
  return `<line class="tl-change" x1="${x}" y1="${y - 7}" x2="${x}" y2="${y + 7}"><title>${escapeXml(words.join('\n'))}</title></line>`
}
