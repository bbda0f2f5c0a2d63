import { DROPS } from './drop.ts'
import { isRecord } from './is-record.ts'

/** What a value of an answer must be. Small on purpose: answers are made of text, numbers, lists and objects with named fields. */
export type Shape =
  | { readonly is: 'text' | 'number' | 'integer' | 'flag' | 'hex' | 'cause' }
  | { readonly is: 'word'; readonly words: readonly string[] }
  | { readonly is: 'true' | 'anything' }
  | { readonly is: 'maybe'; readonly of: Shape }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'object'; readonly fields: Fields }
  | { readonly is: 'kinds'; readonly kinds: Readonly<Record<string, Shape>> }

/** The fields of an object; of those that may be absent the name ends with `?`. */
export type Fields = Readonly<Record<string, Shape>>

/** What is wrong in a value, and where. */
export interface ShapeFault {
  /** Fields and positions that lead there. */
  readonly path: readonly (string | number)[]
  /** What would be right. */
  readonly expected: string
  /** What stands there. */
  readonly value: unknown
}

/** Faults that are gathered; a value that is all wrong need not be listed whole. */
const MOST = 20

/** Holds a value against a shape. Fields that the shape does not name are passed over: nothing reads them. */
export function shapeFaults(shape: Shape, value: unknown): ShapeFault[] {
  const faults: ShapeFault[] = []
  visit(shape, value, [], faults)
  return faults
}

function visit(shape: Shape, value: unknown, path: ShapeFault['path'], faults: ShapeFault[]): void {
  if (faults.length >= MOST) return
  if (shape.is === 'maybe') {
    if (value !== null) visit(shape.of, value, path, faults)
    return
  }
  const expected = plainFault(shape, value)
  if (expected !== undefined) {
    faults.push({ path, expected, value })
    return
  }
  if (shape.is === 'list') {
    for (const [i, item] of (value as unknown[]).entries()) visit(shape.of, item, [...path, i], faults)
  } else if (shape.is === 'object') {
    visitFields(shape.fields, value as Readonly<Record<string, unknown>>, path, faults)
  } else if (shape.is === 'kinds') {
    const { kind } = value as { readonly kind?: unknown }
    const found = typeof kind === 'string' && Object.hasOwn(shape.kinds, kind) ? shape.kinds[kind] : undefined
    if (found !== undefined) visit(found, value, path, faults)
    else faults.push({ path: [...path, 'kind'], expected: oneOf(Object.keys(shape.kinds)), value: kind })
  }
}

function visitFields(
  fields: Fields,
  value: Readonly<Record<string, unknown>>,
  path: ShapeFault['path'],
  faults: ShapeFault[],
): void {
  for (const [name, shape] of Object.entries(fields)) {
    const isOptional = name.endsWith('?')
    const key = isOptional ? name.slice(0, -1) : name
    const item = Object.hasOwn(value, key) ? value[key] : undefined
    if (item !== undefined || !isOptional) visit(shape, item, [...path, key], faults)
  }
}

/** What was expected, when the value itself is wrong; what is in it is looked at later. */
function plainFault(shape: Exclude<Shape, { readonly is: 'maybe' }>, value: unknown): string | undefined {
  switch (shape.is) {
    case 'text':
      return typeof value === 'string' ? undefined : 'text'
    case 'hex':
      return typeof value === 'string' && /^(?:[0-9a-f]{2})*$/.test(value) ? undefined : 'bytes in hex digits'
    case 'cause':
      return typeof value === 'string' && Object.hasOwn(DROPS, value) ? undefined : 'a cause of a drop'
    case 'number':
      return Number.isFinite(value) ? undefined : 'a number'
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : 'a whole number'
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'true or false'
    case 'true':
      return value === true ? undefined : 'true'
    case 'anything':
      return value === undefined ? 'a value' : undefined
    case 'word':
      return typeof value === 'string' && shape.words.includes(value) ? undefined : oneOf(shape.words)
    case 'list':
      return Array.isArray(value) ? undefined : 'a list'
    case 'object':
    case 'kinds':
      return isRecord(value) ? undefined : 'an object'
  }
}

function oneOf(words: readonly string[]): string {
  return words.length === 1 ? `'${words[0]}'` : `one of ${words.join(', ')}`
}
