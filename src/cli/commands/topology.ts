import { renderTopology } from '../../render/index.ts'
import { topologyOf } from '../../topology/index.ts'
import type { TOPOLOGY_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { standardOutput } from '../standard-stream.ts'
import { columnsOf } from '../terminal.ts'

/** Options of `packetwalk topology`. */
export interface TopologyCommandOptions extends SourceOptions {
  /** `-o`. */
  readonly output: (typeof TOPOLOGY_FORMATS)[number]
  /** `-w`. */
  readonly write?: string
  /** `--width`. */
  readonly width?: number
}

/** Draws how a cluster is put together. */
export function topologyCommand(options: TopologyCommandOptions): number {
  const { write } = options
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
  const wide = width ?? (output === 'text' ? columns : undefined)
  return renderTopology(topology, { format: output, ...(wide === undefined ? {} : { width: wide }) })
}
