import type { DrawnStop } from '../story/again.ts'
import type { Block } from './blocks.ts'
import { packetBlock } from './packet-block.ts'
import { type StopOptions, stopBlock } from './stop-block.ts'

/** Stays that go one way along the lanes stand side by side. */
export interface Row {
  /** Stays, in order. */
  readonly stops: readonly DrawnStop[]
}

/** Space between a card and the packet that leaves it. */
export const PACKET_GAP = 6
/** Height of the sign at the end of a way. */
const SIGN = 30

/** Rows of a chapter. */
export function rowsOf(stops: readonly DrawnStop[]): readonly Row[] {
  const rows: { stops: DrawnStop[] }[] = []
  let sense = 0
  for (const stop of stops) {
    const row = rows.at(-1)
    const last = row?.stops.at(-1)
    const turn = last === undefined ? 0 : Math.sign(stop.lane - last.lane)
    if (row === undefined || turn === 0 || (sense !== 0 && turn !== sense)) {
      rows.push({ stops: [stop] })
      sense = 0
    } else {
      row.stops.push(stop)
      sense = turn
    }
  }
  return rows
}

/** What stands in one lane of a row: the card, and below it the packet as it leaves. */
export interface Cell {
  /** The stay. */
  readonly stop: DrawnStop
  /** What happens. */
  readonly card: Block
  /** The packet; absent where the way ends. */
  readonly packet: Block | undefined
}

/** A stay in a lane. */
export function cellOf(stop: DrawnStop, width: number, options: StopOptions): Cell {
  const packet = stop.leaves === undefined ? undefined : packetBlock(stop.leaves.packet, width)
  return { stop, card: stopBlock(stop, width, options), packet }
}

/** Height of a cell: of the card, and of the packet or the sign below it. */
export function heightOf({ stop, card, packet }: Cell): number {
  if (packet !== undefined) return card.height + PACKET_GAP + packet.height
  return card.height + (endOf(stop) === undefined ? 0 : PACKET_GAP + SIGN)
}

/** Height of a stay in a lane. */
export function cellHeight(stop: DrawnStop, width: number, options: StopOptions): number {
  return heightOf(cellOf(stop, width, options))
}

/** How a way ends; undefined where it goes on or is lost from sight. */
export function endOf({ steps, leaves }: DrawnStop): 'drop' | 'delivery' | undefined {
  if (leaves !== undefined) return undefined
  if (steps.some((step) => step.kind === 'drop')) return 'drop'
  return steps.at(-1)?.kind === 'delivery' ? 'delivery' : undefined
}
