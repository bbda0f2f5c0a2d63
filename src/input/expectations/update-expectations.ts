import { isMap, isScalar, isSeq, type Pair, parseAllDocuments, type YAMLMap } from 'yaml'
import { InputError } from '../../model/index.ts'
import { yamlText } from '../yaml/yaml-text.ts'

/** A field of an expectation that is to say something else; null: it goes. */
export interface ExpectationUpdate {
  /** The expectation's number in the list, from 0. */
  readonly index: number
  /** The field of the expectation. */
  readonly field: string
  /** What it would have to say. */
  readonly value: string | number | readonly string[] | null
}

/** A piece of the text that is replaced. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The text of a file of expectations with some fields said otherwise: all else, comments and order among it, stays as it was written.
 * @throws InputError where the list is written in a way that cannot be changed in its place
 */
export function updatedExpectations(file: string, text: string, updates: readonly ExpectationUpdate[]): string {
  const items = itemsIn(text)
  const edits = updates.map((update): Edit => {
    const item = items[update.index]
    if (item !== undefined) return editOf(text, item, update)
    const expected = 'a list of expectations written out in a document of its own, to be changed in its place'
    throw new InputError([
      { kind: 'invalid', file, path: ['spec', 'expectations'], expected, received: 'another form' },
    ])
  })
  // What is put in at one place keeps its order.
  const last = edits.map((edit, i) => ({ ...edit, i })).sort((a, b) => b.start - a.start || b.i - a.i)
  return last.reduce((done, { start, end, text: fresh }) => done.slice(0, start) + fresh + done.slice(end), text)
}

function itemsIn(text: string): readonly (YAMLMap | undefined)[] {
  const documents = parseAllDocuments(text)
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.get('kind') !== 'Expectations') continue
    const list = document.getIn(['spec', 'expectations'], true)
    if (isSeq(list)) return list.items.map((item) => (isMap(item) ? item : undefined))
  }
  return []
}

function editOf(text: string, item: YAMLMap, { field, value }: ExpectationUpdate): Edit {
  const at = item.items.findIndex(({ key }) => isScalar(key) && key.value === field)
  if (value === null) return removal(text, item, at)
  const written = scalarText(value)
  const there = at < 0 ? undefined : rangeOf(text, item.items[at]!)
  if (there !== undefined) return { start: there.value, end: there.end, text: written }
  const last = rangeOf(text, item.items.at(-1)!)
  if (item.flow === true) return { start: last.end, end: last.end, text: `, ${field}: ${written}` }
  const first = rangeOf(text, item.items[0]!).start
  const indent = ' '.repeat(first - (text.lastIndexOf('\n', first - 1) + 1))
  const end = lineEnd(text, last.end)
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  return { start: end, end, text: `${newline}${indent}${field}: ${written}` }
}

/** Takes a field away; that it is there, who asks knows. */
function removal(text: string, item: YAMLMap, at: number): Edit {
  const { start, end } = rangeOf(text, item.items[at]!)
  const next = item.items[at + 1]
  if (next !== undefined && (item.flow === true || at === 0)) return { start, end: rangeOf(text, next).start, text: '' }
  if (item.flow === true) return { start: rangeOf(text, item.items[at - 1]!).end, end, text: '' }
  return { start: text.lastIndexOf('\n', start), end: lineEnd(text, end), text: '' }
}

function lineEnd(text: string, from: number): number {
  const found = /\r?\n/.exec(text.slice(from))
  return found === null ? text.length : from + found.index
}

/** Where a field stands: its name, what it says, and behind that. */
function rangeOf(
  text: string,
  { key, value }: Pair,
): { readonly start: number; readonly value: number; readonly end: number } {
  const range = (node: unknown): readonly number[] => (node as { range?: readonly number[] | null } | null)?.range ?? []
  const [start = 0, afterKey = 0] = range(key)
  const [from = afterKey, to = afterKey] = range(value)
  const end = from + text.slice(from, to).trimEnd().length
  return { start, value: from, end: Math.max(end, from) }
}

function scalarText(value: string | number | readonly string[]): string {
  return typeof value === 'object' ? `[${value.map(plainText).join(', ')}]` : plainText(value)
}

function plainText(value: string | number): string {
  return yamlText(value).trimEnd()
}
