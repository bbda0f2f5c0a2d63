import type { GoPattern } from '../../model/index.ts'
import { textPattern } from './pattern.ts'
import { inputsOf, linesOf, type TextTool, textOf } from './tool.ts'

/** A record as awk sees it. */
interface AwkRecord {
  readonly line: string
  readonly fields: readonly string[]
  readonly number: number
}

type Value = (record: AwkRecord) => string
type Test = (record: AwkRecord) => boolean

/** `[PATTERN] { print … }`: which lines, and what of them. */
interface Rule {
  /** Before the first line, or behind the last. */
  readonly when?: 'BEGIN' | 'END'
  readonly test: Test
  readonly values: readonly Value[]
}

/** `awk [-F SEPARATOR] '[PATTERN] {print $1, $NF}' [FILE…]`: rules that print, and nothing else of the language. */
export const awk: TextTool = (input, args) => {
  const rest = [...args]
  let separator = ' '
  while (/^-F/.test(rest[0] ?? '')) {
    const [first = ''] = rest.splice(0, 1)
    separator = first === '-F' ? (rest.shift() ?? ' ') : first.slice(2)
  }
  const [program, ...names] = rest
  const rules = program === undefined || program.startsWith('-') ? undefined : rulesOf(program)
  const split = splitter(separator)
  if (rules === undefined || split === undefined) return undefined
  const { texts, stderr } = inputsOf('awk', input, names)
  const given = texts.flatMap(({ text }) => linesOf(text))
  const records = given.map((line, i) => ({ line, fields: split(line), number: i + 1 }))
  const nothing = { line: '', fields: [], number: 0 }
  const printed = (when: Rule['when'], record: AwkRecord): string[] =>
    rules.flatMap((rule) =>
      rule.when === when && rule.test(record) ? [rule.values.map((value) => value(record)).join(' ')] : [],
    )
  const lines = [
    ...printed('BEGIN', nothing),
    ...records.flatMap((record) => printed(undefined, record)),
    ...printed('END', records.at(-1) ?? nothing),
  ]
  return { stdout: textOf(lines), stderr, exitCode: stderr === '' ? 0 : 2 }
}

function splitter(separator: string): ((line: string) => string[]) | undefined {
  if (separator === ' ')
    return (line) =>
      line
        .trim()
        .split(/\s+/)
        .filter((field) => field !== '')
  if (separator.length === 1 || separator === '\\t') return (line) => line.split(separator === '\\t' ? '\t' : separator)
  const pattern = textPattern(separator, 'extended')
  if (pattern === undefined) return undefined
  return (line) => pieces(line, pattern)
}

function pieces(line: string, pattern: GoPattern): string[] {
  const fields: string[] = []
  let at = 0
  for (
    let found = pattern.find(line, 0);
    found !== undefined && found.end > found.start;
    found = pattern.find(line, at)
  ) {
    fields.push(line.slice(at, found.start))
    at = found.end
  }
  return [...fields, line.slice(at)]
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(\/(?:[^/\\]|\\.)*\/)|(\$(?:NF|\d+|\(NF-\d+\)))|(\d+(?:\.\d+)?)|(print|NR|NF|BEGIN|END|[A-Za-z_]\w*)|(&&|==|!=|>=|<=|!~|[{};,()!~<>]))/y

function rulesOf(program: string): readonly Rule[] | undefined {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const text = program.trim()
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)
    if (found === null) return undefined
    tokens.push(found[0].trim())
  }
  const reader = new Reader(tokens)
  const rules: Rule[] = []
  while (!reader.isAtEnd) {
    const rule = reader.rule()
    if (rule === undefined) return undefined
    rules.push(rule)
  }
  return rules.length === 0 ? undefined : rules
}

class Reader {
  private readonly tokens: readonly string[]
  private at = 0

  constructor(tokens: readonly string[]) {
    this.tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.at >= this.tokens.length
  }

  rule(): Rule | undefined {
    const when = this.takes('BEGIN') ? 'BEGIN' : this.takes('END') ? 'END' : undefined
    if (when !== undefined) {
      const values = this.takes('{') ? this.print() : undefined
      return values === undefined ? undefined : { when, test: () => true, values }
    }
    const tests: Test[] = []
    while (this.tokens[this.at] !== '{') {
      const test = this.test()
      if (test === undefined) return undefined
      tests.push(test)
      if (!this.takes('&&')) break
    }
    const isWanted: Test = (record) => tests.every((test) => test(record))
    if (!this.takes('{')) return tests.length === 0 ? undefined : { test: isWanted, values: [({ line }) => line] }
    const values = this.print()
    return values === undefined ? undefined : { test: isWanted, values }
  }

  private takes(token: string): boolean {
    if (this.tokens[this.at] !== token) return false
    this.at += 1
    return true
  }

  private print(): readonly Value[] | undefined {
    if (!this.takes('print')) return undefined
    const values: Value[] = []
    let pieces: Value[] = []
    const end = (): void => {
      const own = pieces
      if (own.length > 0) values.push((record) => own.map((piece) => piece(record)).join(''))
      pieces = []
    }
    for (;;) {
      if (this.isAtEnd) return undefined
      this.takes(';')
      if (this.takes('}')) {
        end()
        return values.length === 0 ? [({ line }) => line] : values
      }
      if (this.takes(',')) end()
      else {
        const value = this.value()
        if (value === undefined) return undefined
        pieces.push(value)
      }
    }
  }

  private value(): Value | undefined {
    const token = this.tokens[this.at] ?? ''
    const made = termOf(token)
    if (made !== undefined) this.at += 1
    return made
  }

  private test(): Test | undefined {
    const negated = this.takes('!')
    const token = this.tokens[this.at] ?? ''
    const test = token.startsWith('/') ? this.matches(({ line }) => line) : this.comparison()
    if (test === undefined || !negated) return test
    return (record) => !test(record)
  }

  private matches(of: Value): Test | undefined {
    const token = this.tokens[this.at++] ?? ''
    if (!/^\/.*\/$/.test(token)) return undefined
    const pattern = textPattern(token.slice(1, -1).replace(/\\\//g, '/'), 'extended')
    return pattern === undefined ? undefined : (record) => pattern.test(of(record))
  }

  private comparison(): Test | undefined {
    const left = this.value()
    const operator = this.tokens[this.at++] ?? ''
    if (left === undefined) return undefined
    if (operator === '~') return this.matches(left)
    if (operator === '!~') {
      const test = this.matches(left)
      return test === undefined ? undefined : (record) => !test(record)
    }
    const right = this.value()
    const compare = Object.hasOwn(COMPARE, operator) ? COMPARE[operator] : undefined
    if (right === undefined || compare === undefined) return undefined
    return (record) => compare(order(left(record), right(record)))
  }
}

const COMPARE: Readonly<Record<string, (order: number) => boolean>> = {
  '==': (n) => n === 0,
  '!=': (n) => n !== 0,
  '<': (n) => n < 0,
  '>': (n) => n > 0,
  '<=': (n) => n <= 0,
  '>=': (n) => n >= 0,
}

/** Numbers by what they count, all else by its letters. */
function order(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)]
  if (a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y)) return x - y
  return a < b ? -1 : a > b ? 1 : 0
}

function termOf(token: string): Value | undefined {
  if (token.startsWith('"')) {
    const text = token.slice(1, -1).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : c))
    return () => text
  }
  if (/^\d/.test(token)) return () => token
  if (token === 'NR') return ({ number }) => String(number)
  if (token === 'NF') return ({ fields }) => String(fields.length)
  if (token === '$NF') return ({ fields }) => fields.at(-1) ?? ''
  const [, back] = /^\$\(NF-(\d+)\)$/.exec(token) ?? []
  if (back !== undefined) return ({ fields }) => fields[fields.length - 1 - Number(back)] ?? ''
  const [, number] = /^\$(\d+)$/.exec(token) ?? []
  if (number === undefined) return undefined
  return number === '0' ? ({ line }) => line : ({ fields }) => fields[Number(number) - 1] ?? ''
}
