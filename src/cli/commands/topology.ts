import { renderTopology } from '../../render/index.ts'
import { topologyOf } from '../../topology/index.ts'
import type { TOPOLOGY_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { checkForm, type PictureFlags, themeOf } from '../picture-flags.ts'
import { standardOutput } from '../standard-stream.ts'
import { columnsOf } from '../terminal.ts'

/** Options of `packetwalk topology`. */
export interface TopologyCommandOptions extends SourceOptions, PictureFlags {
  /** `-o`. */
  readonly output: (typeof TOPOLOGY_FORMATS)[number]
  /** `-w`. */
  readonly write?: string
}

/** What the names of widths mean in pixels: the picture has columns of boxes, and is not made larger. */
const WIDTHS = { narrow: 340, wide: 1080, projector: 1280 } as const

/** Draws how a cluster is put together. */
export function topologyCommand(options: TopologyCommandOptions): number {
  const { write } = options
  checkForm('theme', options, options.output, ['svg'])
  if (typeof options.width === 'string') checkForm('width', options, options.output, ['svg'])
  if (write !== undefined) checkOutput(write)
  const text = rendered(options)
  if (write === undefined) standardOutput.write(text)
  else writeOutput(write, text)
  return EXIT.ok
}

function rendered(options: TopologyCommandOptions): string {
  const { output, width } = options
  const topology = topologyOf(openLab(options).lab)
  if (output === 'json') return `${JSON.stringify(topology, null, 2)}\n`
  const columns = Math.max(60, Math.min(120, columnsOf(standardOutput.terminal)))
  const given = typeof width === 'string' ? WIDTHS[width] : width
  const wide = given ?? (output === 'text' ? columns : undefined)
  return renderTopology(topology, {
    format: output,
    ...themeOf(options),
    ...(wide === undefined ? {} : { width: wide }),
  })
}
