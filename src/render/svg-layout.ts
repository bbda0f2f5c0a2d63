import type { PacketRole, Trace } from '../trace/index.ts'
import { briefFrame } from './brief.ts'
import { shortName, wrap } from './layout-text.ts'
import type { PathEvent, PathPoint } from './path-events.ts'

/** Width of a character of the picture's small text, in units of the picture. */
export const CHAR = 6.65

const COLUMN_GAP = 14
const NODE_PAD = 10
const NODE_GAP = 22
const MARGIN = 16
const ROW = 30
const BARE_ROW = 16
const NOTE_LINE = 14

/** An interface's vertical line. */
export interface Lifeline {
  /** Interface; '' for a namespace without one. */
  readonly dev: string
  /** Centre. */
  readonly x: number
  /** Width of its box. */
  readonly width: number
}

/** A namespace's lane. */
export interface Lane {
  /** Name. */
  readonly name: string
  /** What it stands for. */
  readonly role: string
  /** Left edge. */
  readonly x: number
  /** Width. */
  readonly width: number
  /** Its interfaces from left to right. */
  readonly lines: readonly Lifeline[]
}

/** A row of the picture. */
export interface Row {
  /** Where its line runs. */
  readonly y: number
  /** What it shows. */
  readonly event: PathEvent
  /** Text, line by line, above the line. */
  readonly text: readonly string[]
}

/** Everything placed. */
export interface Layout {
  /** Width of the picture. */
  readonly width: number
  /** Height of the picture. */
  readonly height: number
  /** Lanes from left to right. */
  readonly lanes: readonly Lane[]
  /** Rows from top to bottom. */
  readonly rows: readonly Row[]
  /** Where the rows begin. */
  readonly top: number
}

/** Height of the heads: node and interface boxes. */
export const HEAD = 58

/** What stands above the lanes. */
export interface Heading {
  /** The width it needs. */
  readonly width: number
  /** Its height in a picture of some width. */
  height(width: number): number
}

/** Places lanes, interface lines and rows. */
export function layoutOf(trace: Trace, events: readonly PathEvent[], heading: Heading): Layout {
  const lanes = lanesOf(trace, events)
  const last = lanes.at(-1)
  const width = Math.max(320, heading.width, last === undefined ? 0 : last.x + last.width + MARGIN)
  const top = heading.height(width)
  const rows: Row[] = []
  let y = top + HEAD + 8
  for (const event of events) {
    const text = event.kind === 'end' || event.kind === 'inside' ? folded(textOf(event), width) : textOf(event)
    if (text.length === 0 && (event.kind === 'note' || isStill(event))) continue
    const height =
      event.kind === 'section' ? 26 : text.length === 0 ? BARE_ROW : Math.max(ROW, text.length * NOTE_LINE + 12)
    y += height
    rows.push({ y, event, text })
  }
  return { width, height: y + 24, lanes, rows, top }
}

/** What is longer than the picture is wide is folded: the end of a line may be the name that matters. */
function folded(text: readonly string[], width: number): readonly string[] {
  return text.flatMap((line) => wrap(line, Math.floor((width - 24) / CHAR)))
}

/** Whether a packet stays on one interface's line: it was made there, or goes back the way it came. */
export function isStill(event: PathEvent): boolean {
  return event.kind === 'inside' && (event.from.dev === '' || event.from.dev === event.to.dev)
}

function lanesOf(trace: Trace, events: readonly PathEvent[]): readonly Lane[] {
  const used = new Map<string, string[]>()
  const use = (point: PathPoint): void => {
    const known = used.get(point.netns) ?? []
    used.set(point.netns, known)
    if (point.dev !== '' && !known.includes(point.dev)) known.push(point.dev)
  }
  for (const event of events) {
    if (event.kind === 'section') continue
    if (event.kind === 'wire' || event.kind === 'inside') use(event.from)
    use(event.kind === 'wire' || event.kind === 'inside' ? event.to : event.at)
  }
  const lanes: Lane[] = []
  let x = MARGIN
  for (const { name, role } of trace.nodes) {
    const devs = used.get(name)
    if (devs === undefined) continue
    const lane = laneOf(name, role, devs.length === 0 ? [''] : devs, x)
    lanes.push(lane)
    x += lane.width + NODE_GAP
  }
  return lanes
}

function laneOf(name: string, role: string, devs: readonly string[], x: number): Lane {
  const widths = devs.map((dev) => Math.max(46, dev.length * CHAR + 12))
  const inner = widths.reduce((sum, width) => sum + width, 0) + COLUMN_GAP * (devs.length - 1)
  const width = Math.max(
    inner + 2 * NODE_PAD,
    (shortName(name).length + (role === 'unknown' ? 0 : role.length + 3)) * 7.6 + 16,
  )
  let at = x + (width - inner) / 2
  const lines = devs.map((dev, i) => {
    const own = widths[i] ?? 0
    const line = { dev, x: at + own / 2, width: own }
    at += own + COLUMN_GAP
    return line
  })
  return { name, role, x, width, lines }
}

/** The centre of an interface's line. */
export function xOf(layout: Layout, point: PathPoint): number {
  const lane = layout.lanes.find((one) => one.name === point.netns)
  const line = lane?.lines.find((one) => one.dev === point.dev) ?? lane?.lines[0]
  return line?.x ?? MARGIN
}

const TITLES: Readonly<Record<PacketRole, string>> = {
  request: 'Request',
  reply: 'Reply',
  error: 'Error',
  resolution: 'Address resolution',
  other: 'Other packets',
}

function textOf(event: PathEvent): readonly string[] {
  switch (event.kind) {
    case 'section':
      return [TITLES[event.role]]
    case 'wire':
      return [briefFrame(event.frame)]
    case 'service':
      return [event.name, event.choice]
    case 'inside':
    case 'note':
      return decided(event.decisions)
    case 'end':
      return [...decided(event.decisions), event.text]
  }
}

function decided(decisions: Extract<PathEvent, { kind: 'note' }>['decisions']): readonly string[] {
  return decisions.filter((text) => text !== '')
}
