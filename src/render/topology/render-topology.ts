import { checkArgument, checkOptions, isRecord } from '../../model/index.ts'
import { TOPOLOGY_SCHEMA, type TopologySource, type TopologyView, topologyOf } from '../../topology/index.ts'
import { topologyText } from './text.ts'

/** Forms a topology can be drawn in. */
export const TOPOLOGY_FORMS = ['text'] as const

/** A form a topology can be drawn in. */
export type TopologyForm = (typeof TOPOLOGY_FORMS)[number]

/** How a topology is drawn. */
export interface TopologyOptions {
  /** Form; absent = `text`. */
  readonly format?: TopologyForm
  /** Width of the text, in columns; absent = 100. */
  readonly width?: number
}

/** Columns of a text nobody asked a width for, and the fewest. */
const WIDTH = { usual: 100, least: 40 } as const

/**
 * A cluster as a picture: Ethernets, machines, pods, tunnels, BGP sessions, pools. Many nodes are folded into one.
 * @param lab - a lab, or what `topologyOf(lab)` gives
 */
export function renderTopology(lab: TopologySource | TopologyView, options: TopologyOptions = {}): string {
  checkOptions(options)
  const { format = 'text', width = WIDTH.usual } = options
  checkArgument(TOPOLOGY_FORMS.includes(format), 'options.format', `one of ${TOPOLOGY_FORMS.join(', ')}`, format)
  checkArgument(
    Number.isInteger(width) && width >= WIDTH.least,
    'options.width',
    `${WIDTH.least} columns or more`,
    width,
  )
  const topology = isView(lab) ? lab : topologyOf(lab)
  switch (format) {
    case 'text':
      return topologyText(topology, width)
  }
}

function isView(lab: TopologySource | TopologyView): lab is TopologyView {
  return isRecord(lab) && 'schema' in lab && lab.schema === TOPOLOGY_SCHEMA
}
