import { checkOptions } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import { checkTrace } from '../trace/index.ts'
import { escapeXml } from './escape.ts'
import { shortName, wrap } from './layout-text.ts'
import { assumedPlaces, dispositionWord, noteLines, tone } from './notes.ts'
import { type PathEvent, type PathOptions, pathEvents } from './path-events.ts'
import { CHAR, HEAD, isStill, type Lane, type Layout, layoutOf, type Row, xOf } from './svg-layout.ts'

/** Title lines take this much, and a character of them, in the widest of the fonts that are met. */
const TITLE = 34
const TITLE_CHAR = 8.6

/** Colours for light and dark surroundings; the picture brings its own background, so it reads on both. */
const CSS = `
.pw-bg{fill:#ffffff;stroke:#d5d9e0}.pw-t{fill:#1d2433;font:11px ui-monospace,Menlo,Consolas,monospace}
.pw-title{font:600 14px system-ui,sans-serif;fill:#1d2433}.pw-name{font:600 12px system-ui,sans-serif;fill:#1d2433}
.pw-lane{fill:#f3f5f9;stroke:#c9cfda}.pw-dev{fill:#ffffff;stroke:#8a94a6}.pw-line{stroke:#b9c1cf;stroke-dasharray:2 3}
.pw-halo{fill:#f3f5f9;opacity:.92}.pw-sec{font:600 12px system-ui,sans-serif;fill:#5a6478}.pw-rule{stroke:#d5d9e0}
.pw-request{stroke:#1f5fbf;fill:#1f5fbf}.pw-reply{stroke:#0b7a53;fill:#0b7a53}.pw-error{stroke:#b3261e;fill:#b3261e}
.pw-resolution{stroke:#8a6100;fill:#8a6100}.pw-other{stroke:#5a6478;fill:#5a6478}.pw-note{fill:#4a5468}
.pw-station{fill:#e6eefc;stroke:#1f5fbf}.pw-bad{fill:#b3261e}.pw-good{fill:#0b7a53}.pw-open{fill:#8a6100}.pw-assumed{stroke-dasharray:6 4}.pw-arrow{fill:none;stroke-width:1.6}.pw-in{stroke-dasharray:5 3;stroke-width:1.3}
@media (prefers-color-scheme:dark){.pw-bg{fill:#171b24;stroke:#333b4a}.pw-t,.pw-title,.pw-name{fill:#e6e9f0}
.pw-lane{fill:#1f2531;stroke:#3a4354}.pw-dev{fill:#2a3140;stroke:#6b768a}.pw-line{stroke:#4a5468}.pw-halo{fill:#1f2531}
.pw-sec,.pw-note{fill:#a3adbf}.pw-rule{stroke:#333b4a}.pw-station{fill:#22304a;stroke:#7eb0ff}.pw-request{stroke:#7eb0ff;fill:#7eb0ff}.pw-reply{stroke:#5fd0a4;fill:#5fd0a4}
.pw-error,.pw-bad{fill:#ff8a80}.pw-error{stroke:#ff8a80}.pw-resolution{stroke:#e0b04a;fill:#e0b04a}.pw-good{fill:#5fd0a4}.pw-open{fill:#e0b04a}}
`

/**
 * A trace as a picture: a lane for every namespace, a box and a line for every interface, an arrow for every frame on a wire,
 * dashed arrows where a packet gets from one interface to another, with the decisions on the way. A whole SVG document.
 */
export function renderSvg(trace: Trace, options: PathOptions = {}): string {
  checkTrace(trace)
  checkOptions(options)
  return pictureOf(trace, options, shownNotes(trace))
}

/** The picture for surroundings that say by themselves what could turn the answer. */
export function renderSvgBare(trace: Trace, options: PathOptions = {}): string {
  return pictureOf(trace, options, [])
}

function pictureOf(trace: Trace, options: PathOptions, notes: readonly string[]): string {
  const events = pathEvents(trace, options)
  const title = `${trace.title}${trace.title === '' ? '' : ': '}`
  const folded = (width: number): string[] => notes.flatMap((line) => wrap(line, Math.floor((width - 32) / CHAR)))
  const layout = layoutOf(trace, events, {
    width: (title.length + dispositionWord(trace).length) * TITLE_CHAR + 32,
    height: (width) => TITLE + 10 + folded(width).length * NOTE,
  })
  const { width, height } = layout
  const assumed = assumedPlaces(trace)
  const size = `width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}"`
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escapeXml(label(trace))}">`,
    `<style>${CSS.replaceAll('\n', '')}</style>`,
    `<rect class="pw-bg" x=".5" y=".5" width="${n(width - 1)}" height="${n(height - 1)}" rx="8"/>`,
    `<text class="pw-title" x="16" y="27">${escapeXml(title)}<tspan class="${LOOKS[tone(trace)]}">${escapeXml(dispositionWord(trace))}</tspan></text>`,
    ...layout.lanes.flatMap((lane) => laneParts(layout, lane, assumed.has(lane.name))),
    ...noteParts(folded(width)),
    ...layout.rows.flatMap((row) => rowParts(layout, row)),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

function label(trace: Trace): string {
  return `${trace.title === '' ? 'Trace' : trace.title}: ${trace.summary}`
}

/** Height of a line that says what could turn the answer. */
const NOTE = 15
const LOOKS = { ok: 'pw-good', bad: 'pw-bad', open: 'pw-open' } as const

/** Only what makes the answer none; what it rests on is drawn dashed. */
function shownNotes(trace: Trace): readonly string[] {
  return trace.certainty === 'undecided' ? noteLines(trace) : []
}

function noteParts(lines: readonly string[]): string[] {
  return lines.map((line, i) => `<text class="pw-t pw-open" x="16" y="${n(44 + i * NOTE)}">${escapeXml(line)}</text>`)
}

function laneParts(layout: Layout, lane: Lane, isAssumed: boolean): string[] {
  const { top, height } = layout
  const role = lane.role === 'unknown' ? '' : ` <tspan class="pw-note">(${escapeXml(lane.role)})</tspan>`
  const head = [
    `<rect class="pw-lane${isAssumed ? ' pw-assumed' : ''}" x="${n(lane.x)}" y="${n(top)}" width="${n(lane.width)}" height="${n(height - top - 12)}" rx="6"/>`,
    `<text class="pw-name" x="${n(lane.x + lane.width / 2)}" y="${n(top + 18)}" text-anchor="middle"><title>${escapeXml(lane.name)}</title>${escapeXml(shortName(lane.name))}${role}</text>`,
  ]
  const lines = lane.lines.flatMap((line) => [
    `<line class="pw-line" x1="${n(line.x)}" y1="${n(top + HEAD - 8)}" x2="${n(line.x)}" y2="${n(height - 18)}"/>`,
    ...(line.dev === ''
      ? []
      : [
          `<rect class="pw-dev" x="${n(line.x - line.width / 2)}" y="${n(top + 28)}" width="${n(line.width)}" height="20" rx="4"/>`,
          `<text class="pw-t" x="${n(line.x)}" y="${n(top + 42)}" text-anchor="middle">${escapeXml(line.dev)}</text>`,
        ]),
  ])
  return [...head, ...lines]
}

function rowParts(layout: Layout, row: Row): string[] {
  const { event, y } = row
  switch (event.kind) {
    case 'section':
      return [
        `<line class="pw-rule" x1="16" y1="${n(y)}" x2="${n(layout.width - 16)}" y2="${n(y)}"/>`,
        `<text class="pw-sec" x="20" y="${n(y - 5)}">${escapeXml(row.text.join(' '))}</text>`,
      ]
    case 'wire':
      return [...arrow(layout, event, y, 'pw-arrow'), ...texts(layout, row, middle(layout, event), '')]
    case 'inside': {
      const marks = isStill(event)
        ? [dot(xOf(layout, event.to), y, event.role)]
        : arrow(layout, event, y, 'pw-arrow pw-in')
      return [...marks, ...texts(layout, row, middle(layout, event), 'pw-note')]
    }
    case 'service':
      return stationParts(layout, row, xOf(layout, event.at))
    case 'note':
      return texts(layout, row, xOf(layout, event.at), 'pw-note')
    case 'end':
      return [
        endMark(xOf(layout, event.at), y, event.good),
        ...texts(
          layout,
          row,
          xOf(layout, event.at),
          'pw-note',
          event.good ? '' : 'pw-bad',
          event.decisions.filter((line) => line !== '').length,
        ),
      ]
  }
}

type Arrow = Extract<PathEvent, { kind: 'wire' | 'inside' }>

function middle(layout: Layout, event: Arrow): number {
  if (event.kind === 'inside' && event.from.dev === '') return xOf(layout, event.to)
  return (xOf(layout, event.from) + xOf(layout, event.to)) / 2
}

function arrow(layout: Layout, event: Arrow, y: number, look: string): string[] {
  const [from, to] = [xOf(layout, event.from), xOf(layout, event.to)]
  const back = to < from ? 7 : -7
  const path = `<path class="${look} pw-${escapeXml(event.role)}" style="fill:none" d="M${n(from)} ${n(y)}H${n(to + back / 2)}"/>`
  const head = `<path class="pw-${escapeXml(event.role)}" style="stroke:none" d="M${n(to)} ${n(y)}l${back} -4v8z"/>`
  return [path, head]
}

/** A Service: its name in a box with round ends, and the choice below. */
function stationParts(layout: Layout, row: Row, centre: number): string[] {
  const [name = '', choice = ''] = row.text
  const half = (name.length * CHAR) / 2 + 9
  const x = Math.min(Math.max(centre, 14 + half), layout.width - 14 - half)
  const box = `<rect class="pw-station" x="${n(x - half)}" y="${n(row.y - 33)}" width="${n(half * 2)}" height="17" rx="8.5"/>`
  const label = `<text class="pw-t" x="${n(x)}" y="${n(row.y - 21)}" text-anchor="middle">${escapeXml(name)}</text>`
  return [box, label, ...texts(layout, { ...row, text: [choice] }, centre, 'pw-note')]
}

function dot(x: number, y: number, role: string): string {
  return `<circle class="pw-${escapeXml(role)}" cx="${n(x)}" cy="${n(y)}" r="3"/>`
}

function endMark(x: number, y: number, good: boolean): string {
  if (good) return `<path class="pw-reply" style="fill:none;stroke-width:2" d="M${n(x - 5)} ${n(y)}l4 4l7 -9"/>`
  return `<path class="pw-error" style="fill:none;stroke-width:2.4" d="M${n(x - 5)} ${n(y - 5)}l10 10m0 -10l-10 10"/>`
}

/** Text above a row's line, kept inside the picture, on a background of its own. */
function texts(layout: Layout, row: Row, centre: number, look: string, lastLook = '', first = 0): string[] {
  return row.text.flatMap((text, i) => {
    const max = Math.floor((layout.width - 24) / CHAR)
    const shown = text.length > max ? `${text.slice(0, max - 1)}…` : text
    const half = (shown.length * CHAR) / 2
    const x = Math.min(Math.max(centre, 12 + half), layout.width - 12 - half)
    const y = row.y - 6 - (row.text.length - 1 - i) * 14
    return [
      `<rect class="pw-halo" x="${n(x - half - 2)}" y="${n(y - 10)}" width="${n(half * 2 + 4)}" height="13" rx="2"/>`,
      `<text class="pw-t ${lastLook !== '' && i >= first ? lastLook : look}" x="${n(x)}" y="${n(y)}" text-anchor="middle">${escapeXml(shown)}</text>`,
    ]
  })
}

/** A number short enough for markup. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10)
}
