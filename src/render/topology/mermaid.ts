import { pushTo } from '../../model/index.ts'
import type { TopologyView } from '../../topology/index.ts'
import { mermaidText } from '../mermaid-text.ts'
import { PALETTES } from '../palette.ts'
import { diagramOf, type Link, type Point, type PointKind } from './diagram.ts'

/** A topology as a Mermaid flowchart. */
export function topologyMermaid(topology: TopologyView): string {
  const { points, links } = diagramOf(topology)
  const { layers, lane, rule, ink, request } = PALETTES.light
  const colours = (fill: string, stroke: string): string => `fill:${fill},stroke:${stroke},color:${ink}`
  const lines = [
    'flowchart LR',
    `  %%{init: {"flowchart": {"wrappingWidth": 400}}}%%`,
    ...points.map(pointLine),
    ...links.map(linkLine),
    ...linkStyles(links),
    `  classDef segment ${colours(layers.link.fill, layers.link.edge)}`,
    `  classDef node_ ${colours(layers.network.fill, layers.network.edge)}`,
    `  classDef tunnel ${colours(layers.tunnel.fill, layers.tunnel.edge)}`,
    `  classDef bgp ${colours('#ffffff', request)}`,
    `  classDef pool ${colours(layers.payload.fill, layers.payload.edge)}`,
    `  classDef service ${colours(layers.transport.fill, layers.transport.edge)}`,
    `  classDef other ${colours(lane, rule)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** `node` would be read as a word of Mermaid's own by some versions. */
const CLASSES: Readonly<Record<PointKind, string>> = {
  segment: 'segment',
  node: 'node_',
  router: 'other',
  internet: 'other',
  host: 'other',
  tunnel: 'tunnel',
  bgp: 'bgp',
  pool: 'pool',
  service: 'service',
}

function pointLine({ id, kind, lines }: Point): string {
  const text = `"${lines.map(mermaidText).join('<br/>')}"`
  const [open, close] =
    kind === 'segment' ? ['([', '])'] : kind === 'tunnel' || kind === 'bgp' ? ['{{', '}}'] : ['[', ']']
  return `  ${id}${open}${text}${close}:::${CLASSES[kind]}`
}

const ARROWS: Readonly<Record<Link['kind'], string>> = {
  wire: '---',
  tunnel: '-.-',
  hub: '===',
  session: '---',
  down: '-.-x',
  endpoint: '-->',
}

/** Lines in the colours of what they are, as far as there are any of a kind. */
function linkStyles(links: readonly Link[]): readonly string[] {
  const { layers, request, bad } = PALETTES.light
  const colours: Readonly<Record<Link['kind'], string>> = {
    wire: layers.link.edge,
    tunnel: layers.tunnel.edge,
    hub: request,
    session: request,
    down: bad,
    endpoint: layers.transport.edge,
  }
  const byKind = new Map<Link['kind'], number[]>()
  for (const [i, { kind }] of links.entries()) pushTo(byKind, kind, i)
  return [...byKind].map(([kind, numbers]) => `  linkStyle ${numbers.join(',')} stroke:${colours[kind]}`)
}

function linkLine({ from, to, kind, text }: Link): string {
  return `  ${from} ${ARROWS[kind]}${text === '' ? '' : `|"${mermaidText(text)}"|`} ${to}`
}
