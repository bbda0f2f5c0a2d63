import { splitWords } from '../linux/index.ts'
import { type GoRegexp, goRegexp } from '../model/index.ts'
import { failed, reprinted } from './result.ts'
import type { Run } from './run.ts'

/** A command line in its parts: the command itself and the filters its output goes through. */
export interface Pipeline {
  /** The command. */
  readonly command: string
  /** Filters in order, e.g. `grep tunl0`. */
  readonly filters: readonly string[]
}

/** Splits a line at its pipes; a text names what no shell of ours does. Quotes are respected. */
export function splitPipeline(line: string): Pipeline | string {
  const parts: string[] = ['']
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string
    if (c === '\\' && quote !== "'") {
      parts[parts.length - 1] += c + (line[++i] ?? '')
      continue
    }
    if (quote !== '') {
      if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else {
      const two = line.slice(i, i + 2)
      if (two === '&&' || two === '||') return two
      if (c === ';' || ((c === '>' || c === '<') && !isEcho(line))) return c
      if (c === '|') {
        parts.push('')
        continue
      }
    }
    parts[parts.length - 1] += c
  }
  const [command = '', ...filters] = parts.map((part) => part.trim())
  return { command, filters }
}

/** `echo VALUE > /proc/sys/…` is the one command that writes where `>` says. */
const isEcho = (line: string): boolean => /^\s*echo\s/.test(line)

/** Sends what a command printed through filters; its errors stay errors. */
export function applyFilters(result: Run, filters: readonly string[]): Run {
  if (filters.length === 0) return result
  let lines = result.stdout.split('\n')
  if (lines.at(-1) === '') lines.pop()
  let found = true
  for (const filter of filters) {
    const [name = '', ...args] = splitWords(filter) ?? []
    const kept = Object.hasOwn(FILTERS, name) ? FILTERS[name]?.(lines, args) : undefined
    if (kept === undefined) {
      const known = Object.keys(FILTERS).join(', ')
      return failed(
        `${name === '' ? '|' : name}: packetwalk does not know this filter or its options; there are ${known}`,
        127,
      )
    }
    if (name === 'grep' && kept.length === 0) found = false
    lines = [...kept]
  }
  const printed = { stdout: lines.map((text) => `${text}\n`).join(''), exitCode: found ? result.exitCode : 1 }
  return reprinted(result, printed, () => found && result.ok)
}

/** A filter: lines in, lines out; undefined for options it does not have. */
type Filter = (lines: readonly string[], args: readonly string[]) => readonly string[] | undefined

const FILTERS: Readonly<Record<string, Filter>> = {
  grep,
  head: (lines, args) => ofCount(args, (n) => lines.slice(0, n)),
  tail: (lines, args) => ofCount(args, (n) => (n === 0 ? [] : lines.slice(-n))),
  sort: (lines, args) => (args.length === 0 ? [...lines].sort() : undefined),
  wc: (lines, args) => (args.length === 1 && args[0] === '-l' ? [String(lines.length)] : undefined),
}

function grep(lines: readonly string[], args: readonly string[]): readonly string[] | undefined {
  const flags = args.filter((word) => /^-[a-zA-Z]+$/.test(word)).flatMap((word) => [...word.slice(1)])
  const [pattern, ...more] = args.filter((word) => !/^-[a-zA-Z]+$/.test(word))
  if (pattern === undefined || more.length > 0 || flags.some((flag) => !'ivEFwc'.includes(flag))) return undefined
  const expression = expressionOf(pattern, flags)
  if (expression === undefined) return undefined
  const kept = lines.filter((text) => expression.test(text) !== flags.includes('v'))
  return flags.includes('c') ? [String(kept.length)] : kept
}

/** Undefined when the pattern is no regular expression that takes linear time, e.g. for a back-reference. */
function expressionOf(pattern: string, flags: readonly string[]): GoRegexp | undefined {
  const source = flags.includes('F')
    ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    : flags.includes('E')
      ? pattern
      : pattern.replace(/\\([|+?(){}])|([|+?(){}])/g, (_, special: string | undefined, plain: string) =>
          special === undefined ? `\\${plain}` : special,
        )
  const whole = flags.includes('w') ? `\\b(?:${source})\\b` : source
  const expression = goRegexp(flags.includes('i') ? `(?i)${whole}` : whole)
  return typeof expression === 'string' ? undefined : expression
}

/** `head`, `head -5`, `head -n 5`. */
function ofCount(args: readonly string[], take: (n: number) => readonly string[]): readonly string[] | undefined {
  const text = args.join(' ')
  const found = text === '' ? ['', '10'] : /^-(?:n ?)?(\d+)$/.exec(text)
  return found === null ? undefined : take(Number(found[1]))
}
