import { checkArgument, checkOptions, isRecord } from '../../model/index.ts'
import { TOPOLOGY_SCHEMA, type TopologySource, type TopologyView, topologyOf } from '../../topology/index.ts'
import { THEMES, type Theme } from '../palette.ts'
import { topologyDot } from './dot.ts'
import { topologyMermaid } from './mermaid.ts'
import { topologySvg } from './picture/topology-svg.ts'
import { topologyText } from './text.ts'

/** Forms a topology can be drawn in. */
export const TOPOLOGY_FORMS = ['text', 'svg', 'mermaid', 'dot'] as const

/** A form a topology can be drawn in. */
export type TopologyForm = (typeof TOPOLOGY_FORMS)[number]

/** How a topology is drawn. */
export interface TopologyOptions {
  /** Form; absent = `text`. */
  readonly format?: TopologyForm
  /** Width: of text in columns, absent = 100; of SVG in pixels, absent = 720. For a phone ask for 340. */
  readonly width?: number
  /** Colours of SVG; absent = `auto`, which follows the reader's own setting; `print` is greys. */
  readonly theme?: Theme
}

/** The widths nobody asked for, and the least. */
const WIDTHS = {
  text: { usual: 100, least: 40, of: 'columns' },
  svg: { usual: 720, least: 280, of: 'pixels' },
} as const

/**
 * A cluster as a picture: Ethernets, machines, pods, tunnels, BGP sessions, pools. Many nodes are folded into one.
 * @param lab - a lab, or what `topologyOf(lab)` gives
 */
export function renderTopology(lab: TopologySource | TopologyView, options: TopologyOptions = {}): string {
  checkOptions(options)
  const { format = 'text', theme = 'auto' } = options
  checkArgument(TOPOLOGY_FORMS.includes(format), 'options.format', `one of ${TOPOLOGY_FORMS.join(', ')}`, format)
  checkArgument(THEMES.includes(theme), 'options.theme', `one of ${THEMES.join(', ')}`, theme)
  const { usual, least, of } = WIDTHS[format === 'svg' ? 'svg' : 'text']
  const { width = usual } = options
  const isWide = Number.isInteger(width) && width >= least && width <= 10_000
  checkArgument(isWide, 'options.width', `${least} to 10000 ${of}`, width)
  const topology = isView(lab) ? lab : topologyOf(lab)
  switch (format) {
    case 'text':
      return topologyText(topology, width)
    case 'svg':
      return topologySvg(topology, width, theme)
    case 'mermaid':
      return topologyMermaid(topology)
    case 'dot':
      return topologyDot(topology)
  }
}

function isView(lab: TopologySource | TopologyView): lab is TopologyView {
  return isRecord(lab) && 'schema' in lab && lab.schema === TOPOLOGY_SCHEMA
}
