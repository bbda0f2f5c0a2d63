import type { TopologySession, TopologyView } from '../../../topology/index.ts'
import { wrap } from '../../layout-text.ts'
import { counted, downWords, meshWords, poolWords, systemsOf, tunnelWords } from '../words.ts'
import { type Drawing, fitted, LINE, widthOf } from './drawing.ts'
import { GAP, MARGIN, type PictureFrame } from './frame-of.ts'
import type { Branches } from './segments-drawn.ts'

/** Things of a list that are drawn one by one. */
const MOST = { chips: 12, hubs: 6, pools: 6, blocks: 8 } as const

/** Draws a text over as many lines as it takes; gives the place below, and where its last line ends. */
export function paragraph(
  drawing: Drawing,
  text: string,
  x: number,
  y: number,
  width: number,
): { y: number; end: number } {
  const columns = Math.max(Math.floor(width / widthOf('m')), 8)
  const lines = wrap(text, columns)
  for (const [i, line] of lines.entries()) drawing.text(x, y + i * LINE, line, width)
  return { y: y + lines.length * LINE, end: x + widthOf(fitted(lines.at(-1) ?? '', width)) }
}

/** A heading; gives the place below. */
export function heading(drawing: Drawing, text: string, y: number, frame: PictureFrame): number {
  drawing.text(MARGIN, y, text, frame.width - 2 * MARGIN, 'b')
  return y + LINE + 4
}

/** How packets travel between nodes; the trunk of a tunnel ends at its words. */
export function drawWays(
  drawing: Drawing,
  { tunnels }: TopologyView,
  frame: PictureFrame,
  top: number,
  branches: Branches,
): number {
  if (tunnels.length === 0) return top
  const drawn = frame.trunks[0] === undefined ? frame.width - MARGIN : frame.trunks[0] - 16
  const room = drawn - MARGIN
  drawing.text(MARGIN, top, 'Between nodes', room, 'b')
  let y = top + LINE + 4
  for (const way of tunnels) {
    const k = frame.tunnels.indexOf(way)
    const begin = branches.tops[k]
    const { y: below, end } = paragraph(drawing, tunnelWords(way), MARGIN, y, room)
    const trunk = frame.trunks[k]
    if (begin !== undefined && trunk !== undefined) {
      const at = below - LINE / 2
      drawing.line(
        [
          [trunk, begin],
          [trunk, at],
          [Math.min(end + 6, trunk - 8), at],
        ],
        `tunnel t-${way.kind}`,
      )
    }
    y = below + 4
  }
  return y + GAP
}

/** Meshes as a line each, other sessions by who has most of them. */
export function drawSessions(drawing: Drawing, topology: TopologyView, frame: PictureFrame, top: number): number {
  const { meshes, sessions, machines } = topology
  if (meshes.length === 0 && sessions.length === 0) return top
  let y = heading(drawing, 'BGP', top, frame)
  for (const mesh of meshes)
    y = paragraph(drawing, meshWords(mesh, machines), MARGIN, y, frame.width - 2 * MARGIN).y + 4
  const hubs = hubsOf(sessions)
  for (const hub of hubs.slice(0, MOST.hubs)) y = drawHub(drawing, topology, hub, frame, y)
  if (hubs.length > MOST.hubs) {
    const rest = hubs.slice(MOST.hubs).reduce((sum, hub) => sum + hub.sessions.length, 0)
    drawing.text(MARGIN, y, `and ${counted(rest, 'more session')}`, frame.width - 2 * MARGIN, 'quiet')
    y += LINE + 4
  }
  const down = sessions.filter(({ up }) => !up)
  if (down.length > 0) y = paragraph(drawing, `✗ ${downWords(down)}`, MARGIN, y, frame.width - 2 * MARGIN).y + 4
  return y + GAP
}

/** Who speaks, and the sessions told with it. */
interface Hub {
  readonly name: string
  readonly sessions: readonly TopologySession[]
}

/** Each session once, with that end which has most of those left: a reflector before its clients. */
function hubsOf(sessions: readonly TopologySession[]): readonly Hub[] {
  const counts = new Map<string, number>()
  for (const { a, b } of sessions) for (const end of [a, b]) counts.set(end, (counts.get(end) ?? 0) + 1)
  const ranked = [...counts].sort(([, m], [, k]) => k - m).map(([name]) => name)
  const hubs = new Map<string, TopologySession[]>()
  const rank = new Map(ranked.map((name, i) => [name, i]))
  for (const session of sessions) {
    const name = (rank.get(session.a) ?? 0) <= (rank.get(session.b) ?? 0) ? session.a : session.b
    hubs.set(name, [...(hubs.get(name) ?? []), session])
  }
  return ranked.flatMap((name) => {
    const own = hubs.get(name)
    return own === undefined ? [] : [{ name, sessions: own }]
  })
}

function drawHub(
  drawing: Drawing,
  { machines }: TopologyView,
  { name, sessions }: Hub,
  frame: PictureFrame,
  top: number,
): number {
  const systems = systemsOf(machines)
  const withSystem = (one: string): string => (systems.has(one) ? `${one} AS ${systems.get(one)}` : one)
  const reflector = machines.find((one) => one.name === name)?.reflector
  const title = `${withSystem(name)}${reflector === undefined ? '' : `, reflector ${reflector}`}`
  const width = Math.min(widthOf(title) + 14, frame.width / 2)
  drawing.box(MARGIN, top, width, LINE + 6, 'hub')
  drawing.text(MARGIN + 7, top + 3, title, width - 14, 'b')
  const others = new Map<string, boolean>()
  for (const { a, b, up } of sessions) {
    const other = a === name ? b : a
    others.set(other, (others.get(other) ?? true) && up)
  }
  const all = [...others]
  const peerWords = (one: string): string => (systems.get(one) === systems.get(name) ? one : withSystem(one))
  const shown = all.length > MOST.chips ? all.slice(0, MOST.chips - 1) : all
  const chips = shown.map(([other, up]) => ({
    text: up ? peerWords(other) : `✗ ${peerWords(other)}`,
    kind: up ? 'peer' : 'peer down',
  }))
  const more = all.length - shown.length
  const rest = more === 0 ? [] : [{ text: `and ${counted(more, 'more peer')}`, kind: 'peer' }]
  const left = MARGIN + width + 26
  drawing.line(
    [
      [MARGIN + width, top + (LINE + 6) / 2],
      [left, top + (LINE + 6) / 2],
    ],
    'session',
  )
  return drawChips(drawing, [...chips, ...rest], left, top, frame.width - MARGIN) + 8
}

/** A small box. */
export interface Chip {
  /** What stands in it. */
  readonly text: string
  /** Sort of box: its colours. */
  readonly kind: string
}

/** Small boxes in rows; gives the place below. */
export function drawChips(drawing: Drawing, chips: readonly Chip[], left: number, top: number, right: number): number {
  let [x, y] = [left, top]
  for (const { text, kind } of chips) {
    const width = Math.min(widthOf(text) + 14, right - left)
    if (x > left && x + width > right) {
      x = left
      y += LINE + 10
    }
    drawing.box(x, y, width, LINE + 6, kind)
    drawing.text(x + 7, y + 3, text, width - 14)
    x += width + 6
  }
  return y + LINE + 6
}

/** Pools with their blocks, each with its owner. */
export function drawPools(drawing: Drawing, { pools, blocks }: TopologyView, frame: PictureFrame, top: number): number {
  if (pools.length === 0) return top
  const width = frame.width - 2 * MARGIN
  let y = heading(drawing, 'Pools and blocks', top, frame)
  for (const pool of pools.slice(0, MOST.pools)) {
    y = paragraph(drawing, `${pool.name} ${poolWords(pool)}`, MARGIN, y, width).y + 4
    const own = blocks.filter((block) => block.pool === pool.name)
    const shown = own.length > MOST.blocks ? own.slice(0, MOST.blocks - 1) : own
    const chips = shown.map(({ cidr, owner, used, size }) => ({
      text: `${cidr} ${owner ?? 'nobody’s'} ${used}/${size}`,
      kind: 'block',
    }))
    const more = own.length - shown.length
    const rest = more === 0 ? [] : [{ text: `and ${counted(more, 'more block')}`, kind: 'block' }]
    if (own.length > 0) y = drawChips(drawing, [...chips, ...rest], MARGIN + 12, y, frame.width - MARGIN) + 8
  }
  if (pools.length > MOST.pools) {
    drawing.text(MARGIN, y, `and ${counted(pools.length - MOST.pools, 'more pool')}`, width, 'quiet')
    y += LINE
  }
  return y
}
