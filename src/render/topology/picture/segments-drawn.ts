import type { TopologyMachine, TopologySegment, TopologyTunnels, TopologyView } from '../../../topology/index.ts'
import { folded, machinesOn } from '../folded.ts'
import { counted } from '../words.ts'
import { type Drawing, LINE } from './drawing.ts'
import { GAP, MARGIN, type PictureFrame } from './frame-of.ts'
import { type BoxContent, contentOf, contentOfMore, drawBox, heightOf } from './machine-box.ts'

/** Nodes of an Ethernet that have a box of their own, and Ethernets that are drawn. */
const MOST = { nodes: 12, segments: 12 } as const

/** A box, and the nodes it stands for. */
interface Placed {
  readonly content: BoxContent
  readonly nodes: ReadonlySet<string>
}

/** Where the lines of tunnels begin: the last row that each has a branch in. */
export interface Branches {
  /** By tunnel: where its trunk begins; undefined as long as it joins nothing. */
  readonly tops: (number | undefined)[]
}

/** Draws the Ethernets below each other, each with its machines. Gives the place below. */
export function drawSegments(
  drawing: Drawing,
  topology: TopologyView,
  frame: PictureFrame,
  top: number,
  branches: Branches,
): number {
  const segments = topology.segments.filter(({ switched }) => switched)
  let y = top
  for (const segment of segments.slice(0, MOST.segments))
    y = drawSegment(drawing, topology, frame, segment, y, branches)
  const more = segments.length - MOST.segments
  if (more <= 0) return y
  drawing.text(MARGIN, y, `and ${counted(more, 'more Ethernet')}`, frame.width - 2 * MARGIN, 'quiet')
  return y + LINE + GAP
}

/** An Ethernet is a trunk at the left with a branch above each row of machines. */
function drawSegment(
  drawing: Drawing,
  topology: TopologyView,
  frame: PictureFrame,
  segment: TopologySegment,
  top: number,
  branches: Branches,
): number {
  const { left, columns, box, width } = frame
  drawing.text(MARGIN, top, [segment.name, ...segment.subnets].join(' '), width - 2 * MARGIN, 'b')
  const placed = boxesOf(topology, segment)
  const trunk = MARGIN + 4
  let y = top + LINE + 6
  let lastBranch = y
  for (let i = 0; i < placed.length; i += columns) {
    const row = placed.slice(i, i + columns)
    lastBranch = y
    const rightmost = left + (row.length - 1) * (box + GAP) + box / 2
    drawing.line(
      [
        [trunk, y],
        [rightmost, y],
      ],
      'wire',
    )
    const height = Math.max(...row.map(({ content }) => heightOf(content)))
    for (const [k, { content }] of row.entries()) {
      const x = left + k * (box + GAP)
      drawing.line(
        [
          [x + box / 2, y],
          [x + box / 2, y + 8],
        ],
        'wire',
      )
      drawBox(drawing, content, x, y + 8, box)
    }
    y = drawBranches(drawing, frame, row, y + 8, height, branches)
  }
  drawing.line(
    [
      [trunk, top + LINE + 2],
      [trunk, lastBranch],
    ],
    'wire',
  )
  return y + 8
}

function boxesOf(topology: TopologyView, segment: TopologySegment): Placed[] {
  const { shown, more } = folded(machinesOn(topology, segment.name), MOST.nodes)
  const placed = (machine: TopologyMachine): Placed => {
    const content = contentOf(topology, machine, segment.name)
    return { content, nodes: new Set(content.again ? [] : [machine.name]) }
  }
  const nodes = shown.filter(({ kind }) => kind === 'node').map(placed)
  const others = shown.filter(({ kind }) => kind !== 'node').map(placed)
  const rest =
    more === undefined ? [] : [{ content: contentOfMore(more), nodes: new Set([more.first.name, more.last.name]) }]
  return [...nodes, ...rest, ...others]
}

/** Below a row the tunnels of its nodes branch off, one below the other. */
function drawBranches(
  drawing: Drawing,
  { left, box, tunnels, trunks }: PictureFrame,
  row: readonly Placed[],
  top: number,
  height: number,
  branches: Branches,
): number {
  let y = top + height + 7
  for (const [k, tunnel] of tunnels.entries()) {
    const members = membersOf(tunnel)
    const ends = row.flatMap(({ content, nodes }, i) => {
      if (![...nodes].some((node) => members.has(node))) return []
      return [
        { x: left + i * (box + GAP) + box / 2 + (k - (tunnels.length - 1) / 2) * 12, bottom: top + heightOf(content) },
      ]
    })
    const [first] = ends
    if (first === undefined) continue
    const kind = `tunnel t-${tunnel.kind}`
    for (const { x, bottom } of ends)
      drawing.line(
        [
          [x, bottom],
          [x, y],
        ],
        kind,
      )
    drawing.line(
      [
        [first.x, y],
        [trunks[k] ?? 0, y],
      ],
      kind,
    )
    branches.tops[k] ??= y
    y += 7
  }
  return y + 6
}

function membersOf({ groups }: TopologyTunnels): ReadonlySet<string> {
  return new Set(groups.flatMap(({ nodes }) => nodes))
}
