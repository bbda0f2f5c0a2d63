import { didYouMean } from '../model/index.ts'

/** Flags of a command: by any of its names, the first of them, and whether a value follows. */
export interface FlagTable {
  /** Flags that take a value, by each of their names: the name they are kept by. */
  readonly valued: Readonly<Record<string, string>>
  /** Flags that take none. */
  readonly plain: Readonly<Record<string, string>>
  /** Flags that take a value only behind `=`; '' without one. */
  readonly optional?: Readonly<Record<string, string>>
  /** Flags that the tool has and nothing here follows: why. */
  readonly refused?: Readonly<Record<string, string>>
}

/** A command line taken apart. */
export interface ParsedFlags {
  /** Values of flags; `true` for those without. */
  readonly flags: ReadonlyMap<string, string | true>
  /** The same in the order they stand, those that stand several times, too. */
  readonly given: readonly (readonly [name: string, value: string | true])[]
  /** What is neither a flag nor its value. */
  readonly words: readonly string[]
}

/**
 * Takes a line apart as the flag parser of kubectl does: `-n NS`, `-nNS`, `-n=NS`, `--namespace NS`, `--namespace=NS`, `-it`.
 * A text says what is wrong: no flag is passed over.
 */
export function parseFlags(line: readonly string[], table: FlagTable): ParsedFlags | string {
  const given: (readonly [name: string, value: string | true])[] = []
  const words: string[] = []
  for (let i = 0; i < line.length; i++) {
    const word = line[i] as string
    if (!word.startsWith('-') || word === '-') {
      words.push(word)
      continue
    }
    const read = word.startsWith('--') ? longFlag(word, line[i + 1], table) : shortFlags(word, line[i + 1], table)
    if (typeof read === 'string') return read
    given.push(...read.found)
    if (read.tookNext) i++
  }
  return { flags: new Map(given), given, words }
}

interface Read {
  readonly found: readonly (readonly [name: string, value: string | true])[]
  readonly tookNext: boolean
}

function longFlag(word: string, next: string | undefined, table: FlagTable): Read | string {
  const { valued, plain, optional = {}, refused = {} } = table
  const equals = word.indexOf('=')
  const name = equals === -1 ? word : word.slice(0, equals)
  const key = ownValue(valued, name)
  if (key !== undefined) {
    if (equals !== -1) return { found: [[key, word.slice(equals + 1)]], tookNext: false }
    return next === undefined ? `error: flag needs an argument: ${name}` : { found: [[key, next]], tookNext: true }
  }
  const alone = ownValue(plain, name)
  if (alone !== undefined && (equals === -1 || word.endsWith('=true')))
    return { found: [[alone, true]], tookNext: false }
  if (alone !== undefined && word.endsWith('=false')) return { found: [], tookNext: false }
  const open = ownValue(optional, name)
  if (open !== undefined) return { found: [[open, equals === -1 ? '' : word.slice(equals + 1)]], tookNext: false }
  const why = ownValue(refused, name)
  if (why !== undefined) return notFollowed(name, why)
  const known = [valued, plain, optional].flatMap((one) => Object.keys(one))
  return `error: unknown flag: ${word} (packetwalk: ${didYouMean(name, known)})`
}

function notFollowed(name: string, why: string): string {
  return `error: ${name} is not modelled here: ${why}`
}

function shortFlags(word: string, next: string | undefined, table: FlagTable): Read | string {
  const found: [string, string | true][] = []
  for (let i = 1; i < word.length; i++) {
    const flag = `-${word[i]}`
    const alone = ownValue(table.plain, flag)
    if (alone !== undefined) {
      found.push([alone, true])
      continue
    }
    const key = ownValue(table.valued, flag)
    if (key === undefined) {
      const why = ownValue(table.refused ?? {}, flag)
      if (why !== undefined) return notFollowed(flag, why)
      const known = [...Object.keys(table.valued), ...Object.keys(table.plain)].join(', ')
      return `error: unknown shorthand flag: '${word[i]}' in ${word} (packetwalk: there are ${known})`
    }
    const rest = word.slice(i + 1).replace(/^=/, '')
    if (rest !== '') return { found: [...found, [key, rest]], tookNext: false }
    if (next === undefined) return `error: flag needs an argument: '${word[i]}' in ${word}`
    return { found: [...found, [key, next]], tookNext: true }
  }
  return { found, tookNext: false }
}

function ownValue(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** A refusal of a form of output: what is not kept cannot be printed, and is not passed over either. */
export function refusedOutput(form: string | true | undefined, known: readonly string[]): string | undefined {
  if (form === undefined || (typeof form === 'string' && known.includes(form))) return undefined
  const base = String(form).split('=')[0] as string
  const why = 'packetwalk keeps of objects only what it reads, and does not print them'
  return `error: -o ${base} is not known here: ${why}; there are ${known.filter((one) => one !== '').join(', ')}`
}
