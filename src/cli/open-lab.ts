import { type LoadedResources, loadResources } from '../input/index.ts'
import { Lab } from '../lab/index.ts'
import { describeIssue } from '../model/index.ts'
import { readTexts } from './files.ts'

/** What the options of most commands say about the network. */
export interface SourceOptions {
  /** `-f`. */
  readonly file: readonly string[]
  /** `--seed`. */
  readonly seed?: number
  /** `--quiet`. */
  readonly quiet?: boolean
}

/** Opens a lab from files; what was passed over is said on standard error. */
export function openLab(options: SourceOptions): Lab {
  const loaded = loadResources(readTexts(options.file))
  if (options.quiet !== true) remark(loaded)
  const lab = Lab.fromResources(loaded.resources, options.seed === undefined ? {} : { seed: options.seed })
  if (options.quiet !== true) for (const line of lab.notes) process.stderr.write(`packetwalk: ${line}\n`)
  return lab
}

function remark(loaded: LoadedResources): void {
  for (const warning of loaded.warnings) process.stderr.write(`packetwalk: warning: ${describeIssue(warning)}\n`)
  if (loaded.unread.length === 0) return
  const kinds = loaded.unread.map(({ kind, count }) => (count === 1 ? kind : `${kind} (${count})`)).join(', ')
  process.stderr.write(`packetwalk: kinds that are not read: ${kinds}\n`)
}
