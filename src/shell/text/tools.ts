import { FILE_TOOLS } from '../files/commands.ts'
import { awk } from './awk.ts'
import { grep } from './grep.ts'
import { cut, head, sort, tail, tr, uniq, wc } from './lines.ts'
import { sed } from './sed.ts'
import type { TextTool } from './tool.ts'

/** What a command's output can be sent through. */
const FILTERS: Readonly<Record<string, TextTool>> = {
  grep,
  egrep: (input, args) => grep(input, ['-E', ...args]),
  fgrep: (input, args) => grep(input, ['-F', ...args]),
  head,
  tail,
  sort,
  uniq,
  wc,
  cut,
  tr,
  sed,
  awk,
  less: (input, args) => FILE_TOOLS['cat']?.(input, args),
  more: (input, args) => FILE_TOOLS['cat']?.(input, args),
}

/** Names of filters, for those who ask for one that is none. */
export const FILTER_NAMES: readonly string[] = [...Object.keys(FILTERS), 'cat', 'tee', 'xargs']

/** Tools for texts and files, by name. */
export const TEXT_TOOLS: Readonly<Record<string, TextTool>> = { ...FILTERS, ...FILE_TOOLS }

/** A tool for texts; undefined for other commands. */
export function textTool(name: string): TextTool | undefined {
  return Object.hasOwn(TEXT_TOOLS, name) ? TEXT_TOOLS[name] : undefined
}
