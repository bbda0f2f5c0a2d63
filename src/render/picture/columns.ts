import { shortName } from '../layout-text.ts'
import { chapterGroups, type StoryStop, stopsOf } from '../story/stops.ts'
import type { Story, StoryChapter, StoryLane } from '../story/story.ts'
import { type Block, n, rect, stack, type TextStyle, textAt, widthOf } from './blocks.ts'
import { chapterHead, quietBlock, wayLine } from './chapter-head.ts'
import { packetBlock } from './packet-block.ts'
import { crossAt, type StopOptions, stopBlock, tickAt } from './stop-block.ts'

/** Space between lanes, where wires are. */
export const LANE_GAP = 40
const PAD = 8
const HEAD = 44

/** Lanes side by side, and where they stand. */
export interface Columns {
  /** Width of a lane. */
  readonly lane: number
  /** Left edge of the first. */
  readonly left: number
}

/** A story with lanes side by side: a packet's way is read along a row, from lane to lane. */
export function columnsBlock(story: Story, columns: Columns, options: StopOptions): Block {
  const width = story.lanes.length * (columns.lane + LANE_GAP) - LANE_GAP
  const blocks = chapterGroups(story).map(({ quiet, chapters }) => {
    const [first] = chapters
    if (quiet || first === undefined) return quietBlock(story, chapters, width)
    const rows = rowsOf(stopsOf(first)).map((row) => rowBlock(first, row, columns, options))
    return stack([chapterHead(first, width), ...rows], 12)
  })
  const body = stack(blocks, 18)
  const height = HEAD + body.height + 14
  return {
    height,
    draw: (x, y) => [
      ...story.lanes.flatMap((lane) =>
        laneParts(lane, x + lane.index * (columns.lane + LANE_GAP), y, columns.lane, height),
      ),
      ...body.draw(x, y + HEAD),
    ],
  }
}

/** Stays that go one way along the lanes share a row. */
function rowsOf(stops: readonly StoryStop[]): readonly (readonly StoryStop[])[] {
  const rows: StoryStop[][] = []
  let sense = 0
  for (const stop of stops) {
    const row = rows.at(-1)
    const last = row?.at(-1)
    const turn = last === undefined ? 0 : Math.sign(stop.lane - last.lane)
    if (row === undefined || turn === 0 || (sense !== 0 && turn !== sense)) {
      rows.push([stop])
      sense = 0
    } else {
      row.push(stop)
      sense = turn
    }
  }
  return rows
}

function laneParts(
  { name, role, assumed }: StoryLane,
  x: number,
  y: number,
  width: number,
  height: number,
): readonly string[] {
  const style: TextStyle = { size: 13, look: 'pw-ink', family: 'sans', bold: true }
  const small: TextStyle = { size: 11, look: 'pw-quiet', family: 'sans' }
  const shown = shortName(name, Math.floor((width - 2 * PAD) / widthOf('m', style)))
  const about = `${role === 'unknown' ? '' : role}${assumed ? ' (assumed)' : ''}`
  return [
    rect(`pw-lane${assumed ? ' pw-assumed' : ''}`, x, y, width, height, role === 'pod' ? 14 : 4),
    textAt(shown, x + (width - widthOf(shown, style)) / 2, y + 19, style),
    textAt(about, x + (width - widthOf(about, small)) / 2, y + 35, small),
  ]
}

interface Cell {
  readonly stop: StoryStop
  readonly card: Block
  readonly packet: Block | undefined
}

/** One row: cards on top, below them the packets as they leave, on the wire. */
function rowBlock(chapter: StoryChapter, row: readonly StoryStop[], { lane }: Columns, options: StopOptions): Block {
  const inner = lane - 2 * PAD
  const cells = row.map((stop): Cell => {
    const packet = stop.leaves === undefined ? undefined : packetBlock(stop.leaves.packet, inner)
    return { stop, card: stopBlock(stop, inner, options), packet }
  })
  const cards = Math.max(0, ...cells.map((cell) => cell.card.height))
  const packets = Math.max(30, ...cells.map((cell) => cell.packet?.height ?? 0))
  const left = (index: number): number => index * (lane + LANE_GAP)
  return {
    height: cards + 10 + packets,
    draw: (x, y) =>
      cells.flatMap(({ stop, card, packet }) => {
        const at = x + left(stop.lane)
        const wire = y + cards + 10
        return [
          ...card.draw(at + PAD, y),
          ...(packet === undefined ? endParts(stop, at + lane / 2, wire + 14) : packet.draw(at + PAD, wire)),
          ...wireParts(chapter, stop, (index) => x + left(index), lane, wire + 14),
        ]
      }),
  }
}

/** The way over the wire, from the packet to the next lane's. */
function wireParts(
  { direction }: StoryChapter,
  { lane: from, leaves }: StoryStop,
  left: (index: number) => number,
  width: number,
  y: number,
): readonly string[] {
  if (leaves === undefined) return []
  const to = leaves.at.lane
  if (to === from) return []
  const [x1, x2] = to > from ? [left(from) + width - PAD, left(to) + PAD] : [left(from) + PAD, left(to) + width - PAD]
  return wayLine(direction, x1 + Math.sign(x2 - x1) * 2, y, x2 - Math.sign(x2 - x1) * 2, y)
}

/** Where a way ends: a tick, or a cross. */
function endParts({ steps }: StoryStop, x: number, y: number): readonly string[] {
  const last = steps.at(-1)
  if (steps.some((step) => step.kind === 'drop'))
    return [`<circle class="pw-alarm" cx="${n(x)}" cy="${n(y)}" r="13"/>`, crossAt(x, y, 5.5)]
  if (last?.kind === 'delivery') return [`<circle class="pw-card" cx="${n(x)}" cy="${n(y)}" r="13"/>`, tickAt(x, y)]
  return []
}
