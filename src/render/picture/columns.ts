import { shortName } from '../layout-text.ts'
import { type DrawnStop, drawnStops } from '../story/again.ts'
import { laneAbout } from '../story/lanes.ts'
import { chapterGroups } from '../story/stops.ts'
import type { Story, StoryChapter, StoryLane } from '../story/story.ts'
import { type Block, n, rect, type TextStyle, textAt } from './blocks.ts'
import { chapterHead, quietBlock, wayAlong } from './chapter-head.ts'
import { type Columns, columnsFor, LANE_PAD } from './lane-widths.ts'
import { type Cell, cellOf, endOf, heightOf, PACKET_GAP, type Row, rowsOf } from './rows.ts'
import { crossAt, type StopOptions, tickAt } from './stop-block.ts'
import { widthOf } from './text-width.ts'

const HEAD = 44
const NAMES = 20
/** So high a picture may be until the names of the lanes are written again. */
const FAR = 900
const BETWEEN = { chapters: 14, again: 6, rows: 22, head: 12 } as const

const NAME: TextStyle = { size: 13, look: 'pw-ink', family: 'sans', bold: true }
const ROLE: TextStyle = { size: 11, look: 'pw-quiet', family: 'sans' }

/**
 * A story with lanes side by side, at most so wide: a packet's way goes from card to card, and below each card stands the packet as it
 * leaves. Undefined where the lanes do not fit.
 */
export function columnsBlock(
  story: Story,
  room: number,
  options: StopOptions,
): (Block & { readonly width: number }) | undefined {
  const stops = drawnStops(story)
  const rows = new Map([...stops].map(([chapter, all]) => [chapter, rowsOf(all)]))
  const columns = columnsFor(story, [...rows.values()].flat(), room, options)
  if (columns === undefined) return undefined
  const { width } = columns
  const parts: { readonly block: Block; readonly at: number }[] = []
  let [at, named] = [HEAD, 0]
  for (const { quiet, chapters } of chapterGroups(story)) {
    const [first] = chapters
    // What went the same way belongs to what is drawn above it.
    if (quiet && parts.length > 0) at += BETWEEN.again - BETWEEN.chapters
    const body = first === undefined ? undefined : rows.get(first.index)
    const isFar = at - named > FAR
    if (isFar) named = at
    const block =
      quiet || first === undefined || body === undefined
        ? quietBlock(story, chapters, width)
        : chapterBlock(story, first, body, { columns, options, isNamed: isFar })
    parts.push({ block, at })
    at += block.height + BETWEEN.chapters
  }
  return {
    width,
    height: at,
    draw: (x, y) => [
      ...story.lanes.flatMap((lane) => laneParts(lane, columns, x, y, at)),
      ...parts.flatMap((part) => part.block.draw(x, y + part.at)),
    ],
  }
}

function laneParts(
  lane: StoryLane,
  { lefts, widths }: Columns,
  x: number,
  y: number,
  height: number,
): readonly string[] {
  const { role, assumed, index } = lane
  const [left, width] = [x + (lefts[index] ?? 0), widths[index] ?? 0]
  const about = laneAbout(lane)
  return [
    rect(`pw-lane${assumed ? ' pw-assumed' : ''}`, left, y, width, height, role === 'pod' ? 14 : 4),
    nameOf(lane, left, y + 19, width),
    textAt(about, left + (width - widthOf(about, ROLE)) / 2, y + 35, ROLE),
  ]
}

function nameOf({ name }: StoryLane, left: number, y: number, width: number): string {
  const room = width - 2 * LANE_PAD
  let shown = name
  for (let most = name.length; most > 8 && widthOf(shown, NAME) > room; most--) shown = shortName(name, most)
  return textAt(shown, left + (width - widthOf(shown, NAME)) / 2, y, NAME)
}

interface Setting {
  readonly columns: Columns
  readonly options: StopOptions
  /** Write the names of the lanes again. */
  readonly isNamed: boolean
}

/** A chapter: its heading, and its rows. */
function chapterBlock(story: Story, chapter: StoryChapter, rows: readonly Row[], setting: Setting): Block {
  const { columns, options, isNamed } = setting
  const head = chapterHead(chapter, columns.width)
  const names = isNamed ? NAMES : 0
  const { placed, height } = stacked(rows, columns, options, head.height + names + BETWEEN.head)
  return {
    height,
    draw: (x, y) => [
      ...head.draw(x, y),
      ...(isNamed
        ? story.lanes.map((lane) => {
            const [left, width] = [x + (columns.lefts[lane.index] ?? 0), columns.widths[lane.index] ?? 0]
            return nameOf(lane, left, y + head.height + 17, width)
          })
        : []),
      ...placed.flatMap(({ cell, at: top }, i) => [
        ...cellParts(cell, columns, x, y + top),
        ...wayParts(chapter, [placed[i] as Placed, placed[i + 1]], columns, x, y),
      ]),
    ],
  }
}

/** Rows under each other, every one as high up as the lanes it stands in are free. */
function stacked(
  rows: readonly Row[],
  { widths }: Columns,
  options: StopOptions,
  top: number,
): { readonly placed: readonly Placed[]; readonly height: number } {
  const bottoms = widths.map(() => top - BETWEEN.rows)
  const placed: Placed[] = []
  for (const [i, { stops }] of rows.entries()) {
    const cells = stops.map((stop) => cellOf(stop, (widths[stop.lane] ?? 0) - 2 * LANE_PAD, options))
    const before = rows[i - 1]?.stops.at(-1)
    const at = Math.max(
      ...stops.map(({ lane }) => bottoms[lane] ?? 0),
      // A way that passes a lane goes below what stands there: from row to row above the row, inside of it beside the packet.
      ...lanesBetween(before?.lane, stops[0]?.lane).map((lane) => bottoms[lane] ?? 0),
      ...cells.flatMap(({ stop, card }, k) =>
        lanesBetween(stop.lane, stops[k + 1]?.lane).map((lane) => (bottoms[lane] ?? 0) - card.height - PORT.packet),
      ),
    )
    for (const cell of cells) {
      placed.push({ cell, at: at + BETWEEN.rows })
      bottoms[cell.stop.lane] = at + BETWEEN.rows + heightOf(cell)
    }
  }
  return { placed, height: Math.max(...bottoms) }
}

/** Lanes strictly between two. */
function lanesBetween(a: number | undefined, b: number | undefined): readonly number[] {
  if (a === undefined || b === undefined) return []
  const first = Math.min(a, b) + 1
  return Array.from({ length: Math.max(0, Math.max(a, b) - first) }, (_, i) => first + i)
}

/** A cell, and how far below the top of its chapter it stands. */
interface Placed {
  readonly cell: Cell
  readonly at: number
}

function cellParts({ stop, card, packet }: Cell, { lefts, widths }: Columns, x: number, y: number): readonly string[] {
  const [left, width] = [x + (lefts[stop.lane] ?? 0), widths[stop.lane] ?? 0]
  const below = y + card.height + PACKET_GAP
  return [
    ...card.draw(left + LANE_PAD, y),
    ...(packet === undefined ? endParts(stop, left + width / 2, below + 15) : packet.draw(left + LANE_PAD, below)),
  ]
}

/** Where packets leave and enter, from the top of theirs and of the card. */
const PORT = { packet: 14, card: 20 } as const

/** The way from a packet into the next card: through the space between lanes, and where the row changes also between rows. */
function wayParts(
  { direction }: StoryChapter,
  [from, to]: readonly [Placed, Placed | undefined],
  columns: Columns,
  x: number,
  y: number,
): readonly string[] {
  if (to === undefined || from.cell.stop.leaves === undefined) return []
  const [i, j] = [from.cell.stop.lane, to.cell.stop.lane]
  if (i === j) return []
  const sense = Math.sign(j - i)
  const isSameRow = from.at === to.at
  const start = y + from.at + from.cell.card.height + PACKET_GAP + PORT.packet
  const end = y + to.at + PORT.card
  const x1 = x + edgeOf(columns, i, sense)
  const x2 = x + edgeOf(columns, j, -sense)
  const [out, into] = [x + gapBeside(columns, i, sense), x + gapBeside(columns, j, -sense)]
  if (isSameRow) return wayAlong(direction, [x1, start, into, end, x2])
  return wayAlong(direction, [x1, start, out + 7 * sense, y + to.at - BETWEEN.rows / 2, into + 7 * sense, end, x2])
}

/** The edge of what stands in a lane, on one side. */
function edgeOf({ lefts, widths }: Columns, lane: number, sense: number): number {
  const left = lefts[lane] ?? 0
  return sense > 0 ? left + (widths[lane] ?? 0) - LANE_PAD + 1 : left + LANE_PAD - 1
}

/** The middle of the space beside a lane. */
function gapBeside({ lefts, widths }: Columns, lane: number, sense: number): number {
  const left = Math.min(lane, lane + sense)
  const [end, begin] = [(lefts[left] ?? 0) + (widths[left] ?? 0), lefts[left + 1] ?? 0]
  return (end + begin) / 2
}

/** Where a way ends: a tick, or a cross. */
function endParts(stop: DrawnStop, x: number, y: number): readonly string[] {
  switch (endOf(stop)) {
    case 'drop':
      return [`<circle class="pw-alarm" cx="${n(x)}" cy="${n(y)}" r="13"/>`, crossAt(x, y, 5.5)]
    case 'delivery':
      return [`<circle class="pw-card" cx="${n(x)}" cy="${n(y)}" r="13"/>`, tickAt(x, y)]
    case undefined:
      return []
  }
}
