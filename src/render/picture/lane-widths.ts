import type { DrawnStop } from '../story/again.ts'
import { fieldWords } from '../story/field-words.ts'
import type { Story } from '../story/story.ts'
import { FIELD, NEST, packetTitleWords } from './packet-block.ts'
import { cellHeight, type Row } from './rows.ts'
import { CARD_SIDES, DEVICE, SENTENCE, type StopOptions } from './stop-block.ts'
import { widthOf } from './text-width.ts'

/** Space between lanes, where wires are. */
const LANE_GAP = 28
/** Space between the edge of a lane and what stands in it. */
export const LANE_PAD = 8
/** No lane is narrower than the first; from the second on long words are broken; so wide a lane is by itself, and at most. */
const LANE = { least: 140, enough: 208, normal: 250, most: 340 } as const
/** What is left of 1280 pixels between the margins. */
const WIDEST = 1248
const STEP = 10
/** How far to look for a width that saves a line. */
const AHEAD = 12

/** Lanes side by side: where each begins, and how wide it is. */
export interface Columns {
  /** Left edges. */
  readonly lefts: readonly number[]
  /** Widths. */
  readonly widths: readonly number[]
  /** From the left edge of the first to the right edge of the last. */
  readonly width: number
}

/** The width that a story's lanes have by themselves, between the margins of a picture that no screen makes smaller. */
export function naturalWidth({ lanes }: Story): number {
  return Math.min(WIDEST, lanes.length * (LANE.normal + LANE_GAP) - LANE_GAP)
}

/**
 * Lanes for a width, each as wide as makes the picture lowest: a node that decides much is wider than a pod that decides little.
 * Undefined where they do not fit: names and addresses would be broken.
 */
export function columnsFor(
  story: Story,
  rows: readonly Row[],
  room: number,
  options: StopOptions,
): Columns | undefined {
  const count = story.lanes.length
  const inner = Math.min(room, count * (LANE.most + LANE_GAP) - LANE_GAP) - (count - 1) * LANE_GAP
  const cells = story.lanes.map(({ index }) => rows.map((row) => row.stops.find((stop) => stop.lane === index)))
  const least = cells.map((stops) =>
    Math.max(LANE.least, ...stops.map((stop) => (stop === undefined ? 0 : needOf(stop)))),
  )
  const spare = inner - least.reduce((sum, width) => sum + width, 0)
  if (spare < 0) return undefined
  const widths = widened(least, cells, spare, options)
  let at = 0
  const lefts = widths.map((width) => {
    const left = at
    at += width + LANE_GAP
    return left
  })
  return { lefts, widths, width: at - LANE_GAP }
}

/** Heights of one lane's cells at a width, to the power that lets the highest cell of a row count most. */
type Weights = (width: number) => readonly number[]
const POWER = 6

/** Gives spare width to the lanes where it saves most height; what saves nothing is shared out. */
function widened(
  least: readonly number[],
  cells: readonly (readonly (DrawnStop | undefined)[])[],
  spare: number,
  options: StopOptions,
): readonly number[] {
  const weights = cells.map((stops) => weightsOf(stops, options))
  const widths = [...least]
  let left = spare
  for (;;) {
    const best = bestStep(widths, weights, left)
    if (best === undefined) break
    widths[best.lane] = (widths[best.lane] ?? 0) + best.by
    left -= best.by
  }
  return widths.map((width) => width + left / widths.length)
}

function bestStep(
  widths: readonly number[],
  weights: readonly Weights[],
  left: number,
): { readonly lane: number; readonly by: number } | undefined {
  const now = weights.map((of, lane) => of(widths[lane] ?? 0))
  const rows = now[0]?.map((_, row) => now.reduce((sum, one) => sum + (one[row] ?? 0), 0)) ?? []
  let best: { lane: number; by: number; gain: number } | undefined
  for (const [lane, of] of weights.entries()) {
    for (let by = STEP; by <= Math.min(left, AHEAD * STEP); by += STEP) {
      const then = of((widths[lane] ?? 0) + by)
      const saved = rows.reduce((sum, all, row) => {
        const other = all - (now[lane]?.[row] ?? 0) + (then[row] ?? 0)
        return sum + all ** (1 / POWER) - Math.max(0, other) ** (1 / POWER)
      }, 0)
      const gain = saved / by
      if (gain > 0.002 && (best === undefined || gain > best.gain)) best = { lane, by, gain }
    }
  }
  return best
}

function weightsOf(stops: readonly (DrawnStop | undefined)[], options: StopOptions): Weights {
  const known = new Map<number, readonly number[]>()
  return (width) => {
    const before = known.get(width)
    if (before !== undefined) return before
    const made = stops.map((stop) =>
      stop === undefined ? 0 : cellHeight(stop, width - 2 * LANE_PAD, options) ** POWER,
    )
    known.set(width, made)
    return made
  }
}

/** The width of a lane in which no word of a stay is broken, as far as words are of usual length. */
function needOf({ devices, steps, asBefore, leaves }: DrawnStop): number {
  const words = [...asBefore, ...steps.flatMap((step) => step.sentence.split(' '))]
  const card = Math.max(
    ...devices.map((name) => widthOf(name, DEVICE) + 12 + 10),
    ...words.map((word) => widthOf(word, SENTENCE) + 14),
  )
  const packet = (leaves?.packet.headers ?? []).map((header, depth) => {
    const title = packetTitleWords(header).map((word) => widthOf(word, { ...FIELD, bold: true, family: 'sans' }))
    const fields = fieldWords(header).flatMap(({ text, was }) =>
      text.split(' ').map((word, i) => widthOf(was !== '' && i === 0 ? `✱ ${word}` : word, FIELD)),
    )
    return depth * NEST + 14 + Math.max(0, ...title, ...fields)
  })
  return Math.min(LANE.enough, Math.ceil(Math.max(card + CARD_SIDES, ...packet)) + 2 * LANE_PAD + 1)
}
