import { isFields } from './object.ts'

/** A step of a path into a value. */
type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number; readonly by: number }
  | { readonly kind: 'union'; readonly keys: readonly (string | number)[] }
  | { readonly kind: 'filter'; readonly path: JsonPath; readonly test?: Comparison }

interface Comparison {
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>='
  readonly right: JsonPath | string | number | boolean
}

/** A path of kubectl's JSONPath; what it leads to may be several values. @kubernetes client-go/util/jsonpath */
export interface JsonPath {
  /** Whether it begins at the whole, wherever it stands. */
  readonly isAbsolute: boolean
  readonly steps: readonly Step[]
}

const NAME = /^(?:[^\s.[\]{}()'"\\,|?*@$=!<>]|\\.)+/
const WHOLE = /^-?\d+$/

/** Reads a path: `.metadata.name`, `.items[0]`, `['a']`, `.x[?(@.type=="Ready")].status`, `..name`. A text says what is wrong. */
export function jsonPath(text: string): JsonPath | string {
  let rest = text.trim()
  const isAbsolute = rest.startsWith('$')
  if (/^[$@]/.test(rest)) rest = rest.slice(1)
  const steps: Step[] = []
  let isFirst = true
  while (rest !== '') {
    if (rest.startsWith('..')) {
      steps.push({ kind: 'descend' })
      rest = /^..(?:\[|$)/.test(rest) ? rest.slice(2) : rest.slice(1)
      isFirst = false
      continue
    }
    if (rest.startsWith('[')) {
      const end = closing(rest)
      if (end === -1) return `unterminated array in ${text}`
      const step = bracketStep(rest.slice(1, end))
      if (typeof step === 'string') return step
      steps.push(step)
      rest = rest.slice(end + 1)
    } else {
      const dotted = rest.startsWith('.') ? rest.slice(1) : isFirst ? rest : undefined
      if (dotted === undefined) return `unrecognized character in action: ${rest[0]} (of ${text})`
      if (dotted.startsWith('*')) {
        steps.push({ kind: 'all' })
        rest = dotted.slice(1)
      } else if (dotted === '' || dotted.startsWith('[')) {
        rest = dotted
      } else {
        const name = NAME.exec(dotted)?.[0]
        if (name === undefined) return `unrecognized character in action: ${dotted[0]} (of ${text})`
        steps.push({ kind: 'field', name: name.replace(/\\(.)/g, '$1') })
        rest = dotted.slice(name.length)
      }
    }
    isFirst = false
  }
  return { isAbsolute, steps }
}

/** Where the bracket that opens at 0 is closed; -1 = nowhere. */
function closing(text: string): number {
  let depth = 0
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === "'" || c === '"') quote = c
    else if (c === '[') depth++
    else if (c === ']' && --depth === 0) return i
  }
  return -1
}

function bracketStep(inner: string): Step | string {
  const text = inner.trim()
  if (text === '*') return { kind: 'all' }
  if (text.startsWith('?')) return filterStep(text)
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(text)
  if (slice !== null) {
    const [, from = '', to = '', by = ''] = slice
    const step = by === '' ? 1 : Number(by)
    if (step <= 0) return `step must be > 0 in [${text}]`
    return {
      kind: 'slice',
      ...(from === '' ? {} : { from: Number(from) }),
      ...(to === '' ? {} : { to: Number(to) }),
      by: step,
    }
  }
  const keys = splitOutside(text, ',').map((one) => (WHOLE.test(one) ? Number(one) : unquoted(one)))
  if (keys.some((key) => key === undefined)) return `invalid array index ${text}`
  return { kind: 'union', keys: keys as (string | number)[] }
}

/** Parts between separators that are in no quotes and no brackets. */
function splitOutside(text: string, separator: string): string[] {
  const parts = ['']
  let quote = ''
  for (const c of text) {
    if (quote === '' && c === separator) {
      parts.push('')
      continue
    }
    if (quote === '') quote = c === "'" || c === '"' ? c : ''
    else if (c === quote) quote = ''
    parts[parts.length - 1] += c
  }
  return parts.map((part) => part.trim())
}

function unquoted(text: string): string | undefined {
  return /^'(.*)'$/s.exec(text)?.[1] ?? /^"(.*)"$/s.exec(text)?.[1]
}

function filterStep(text: string): Step | string {
  const inner = /^\?\((.*)\)$/s.exec(text)?.[1]
  if (inner === undefined) return `unterminated filter: [${text}`
  if (/&&|\|\||=~/.test(inner)) return `packetwalk models filters of one comparison: [${text}]`
  const [, left = inner, operator, right] = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(inner) ?? []
  const path = jsonPath(left)
  if (typeof path === 'string') return path
  if (operator === undefined || right === undefined) return { kind: 'filter', path }
  const value = literal(right.trim())
  if (value === undefined) return `unrecognized identifier ${right.trim()}`
  if (typeof value === 'object' && 'fault' in value) return value.fault
  return { kind: 'filter', path, test: { operator: operator as Comparison['operator'], right: value } }
}

function literal(text: string): Comparison['right'] | { readonly fault: string } | undefined {
  const quoted = unquoted(text)
  if (quoted !== undefined) return quoted
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (!/^[@$.]/.test(text)) return undefined
  const path = jsonPath(text)
  return typeof path === 'string' ? { fault: path } : path
}

/** The values a path leads to from a value that is a part of a whole. */
export function valuesAt(path: JsonPath, here: unknown, root: unknown): readonly unknown[] {
  let now: readonly unknown[] = [path.isAbsolute ? root : here]
  for (const step of path.steps) now = now.flatMap((value) => stepFrom(step, value, root))
  return now
}

function stepFrom(step: Step, value: unknown, root: unknown): readonly unknown[] {
  switch (step.kind) {
    case 'field':
      if (Array.isArray(value)) return []
      return isFields(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'all':
      return childrenOf(value)
    case 'descend':
      return descendants(value)
    case 'slice':
      return sliceOf(step, value)
    case 'union':
      return step.keys.flatMap((key) => childAt(value, key))
    case 'filter':
      return childrenOf(value).filter((one) => passes(step, one, root))
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return isFields(value)
    ? Object.keys(value)
        .sort()
        .map((key) => value[key])
    : []
}

function descendants(value: unknown): readonly unknown[] {
  return [value, ...childrenOf(value).flatMap(descendants)]
}

function childAt(value: unknown, key: string | number): readonly unknown[] {
  if (typeof key === 'string') return isFields(value) && Object.hasOwn(value, key) ? [value[key]] : []
  if (!Array.isArray(value)) return []
  const index = key < 0 ? value.length + key : key
  return index >= 0 && index < value.length ? [value[index]] : []
}

function sliceOf({ from = 0, to, by }: Extract<Step, { readonly kind: 'slice' }>, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return []
  return value.slice(from, to).filter((_, i) => i % by === 0)
}

function passes({ path, test }: Extract<Step, { readonly kind: 'filter' }>, value: unknown, root: unknown): boolean {
  const [left] = valuesAt(path, value, root)
  if (test === undefined) return left !== undefined
  const { operator, right } = test
  const other = typeof right === 'object' ? valuesAt(right, value, root)[0] : right
  if (left === undefined || other === undefined) return false
  if (operator === '==' || operator === '!=') return (String(left) === String(other)) === (operator === '==')
  if (typeof left !== typeof other) return false
  const [a, b] = [left as string, other as string]
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b
}
