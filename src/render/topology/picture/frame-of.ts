import type { TopologyTunnels } from '../../../topology/index.ts'

/** Room at the borders. */
export const MARGIN = 10
/** Room between boxes. */
export const GAP = 10
/** Room for the trunk of an Ethernet, left of its machines. */
const TRUNK = 16
/** Room for the trunk of a tunnel, right of the machines. */
const TUNNEL = 9
/** A box is not narrower. */
const LEAST_BOX = 196

/** What all parts of a picture go by. */
export interface PictureFrame {
  /** Whole width. */
  readonly width: number
  /** Left border of what is in an Ethernet. */
  readonly left: number
  /** Boxes in a row. */
  readonly columns: number
  /** Width of a box. */
  readonly box: number
  /** Tunnels that are drawn as lines. */
  readonly tunnels: readonly TopologyTunnels[]
  /** Where the trunk of each stands. */
  readonly trunks: readonly number[]
}

/** Lines that are drawn at most: more would not be told apart. */
const MOST_TUNNELS = 3

/** Divides the width. */
export function frameOf(width: number, ways: readonly TopologyTunnels[]): PictureFrame {
  const tunnels = ways.filter(({ kind }) => kind !== 'none').slice(0, MOST_TUNNELS)
  const left = MARGIN + TRUNK
  const room = width - left - MARGIN - 6 - tunnels.length * TUNNEL
  const columns = Math.max(Math.floor((room + GAP) / (LEAST_BOX + GAP)), 1)
  // The first way is told first, so its trunk ends first: the leftmost.
  const trunks = tunnels.map((_, i) => width - MARGIN - 2 - (tunnels.length - 1 - i) * TUNNEL)
  return { width, left, columns, box: (room - (columns - 1) * GAP) / columns, tunnels, trunks }
}
