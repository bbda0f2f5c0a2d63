import { printable } from '../../model/index.ts'
import type { TopologyView } from '../../topology/index.ts'
import { PALETTES } from '../palette.ts'
import { diagramOf, type Link, type Point, type PointKind } from './diagram.ts'

const { layers, lane, rule, request, bad } = PALETTES.light

const LOOKS: Readonly<Record<PointKind, readonly [shape: string, fill: string, edge: string]>> = {
  segment: ['oval', layers.link.fill, layers.link.edge],
  node: ['box', layers.network.fill, layers.network.edge],
  router: ['box', lane, rule],
  internet: ['box', lane, rule],
  host: ['box', lane, rule],
  tunnel: ['hexagon', layers.tunnel.fill, layers.tunnel.edge],
  bgp: ['hexagon', '#ffffff', request],
  pool: ['note', layers.payload.fill, layers.payload.edge],
  service: ['component', layers.transport.fill, layers.transport.edge],
}

const LINES: Readonly<Record<Link['kind'], string>> = {
  wire: `color="${layers.link.edge}", penwidth=2`,
  tunnel: `color="${layers.tunnel.edge}", style=dashed`,
  hub: `color="${request}", penwidth=2.5`,
  session: `color="${request}"`,
  endpoint: `color="${layers.transport.edge}", style=dotted`,
  down: `color="${bad}", style=dotted`,
}

/** A topology in the language of Graphviz. */
export function topologyDot(topology: TopologyView): string {
  const { title, points, links } = diagramOf(topology)
  const lines = [
    'graph topology {',
    `  label=${quoted([title])}; labelloc=t; rankdir=LR; fontname="sans-serif"; nodesep=0.15; ranksep=0.7; ordering=out`,
    '  node [style=filled, fontname="sans-serif", fontsize=11]; edge [fontname="sans-serif", fontsize=9]',
    ...points.map(pointLine),
    ...links.map(linkLine),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function pointLine({ id, kind, lines }: Point): string {
  const [shape, fill, edge] = LOOKS[kind]
  return `  ${id} [label=${quoted(lines)}, shape=${shape}, fillcolor="${fill}", color="${edge}"]`
}

function linkLine({ from, to, kind, text }: Link): string {
  return `  ${from} -- ${to} [${text === '' ? '' : `label=${quoted([text])}, `}${LINES[kind]}]`
}

/** Lines of text as one string of the language: a backslash begins what it would read. */
function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => printable(line).replace(/["\\]/g, (char) => `\\${char}`)).join('\\n')}"`
}
