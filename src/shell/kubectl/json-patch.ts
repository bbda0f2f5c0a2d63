import type { Plain } from '../../model/index.ts'
import { at, isFields, isSame, plain } from './object.ts'

type Document = { value: Plain }

/** A value after a JSON Patch; a text says which operation cannot be done. @rfc 6902 */
export function jsonPatched(value: Plain, operations: Plain): { readonly value: Plain } | string {
  if (!Array.isArray(operations)) return 'a JSON patch is a list of operations'
  const document: Document = { value: plain(value) }
  for (const one of operations as readonly Plain[]) {
    const fault = operate(document, one)
    if (fault !== undefined) return fault
  }
  return document
}

function operate(document: Document, operation: Plain): string | undefined {
  const [op, path, from] = ['op', 'path', 'from'].map((key) => at(operation, key))
  if (typeof path !== 'string') return `an operation needs a path: ${JSON.stringify(operation)}`
  const given = isFields(operation) && Object.hasOwn(operation, 'value') ? (operation['value'] as Plain) : undefined
  switch (op) {
    case 'add':
    case 'replace':
      if (given === undefined) return `${op} operation needs a value: ${path}`
      return set(document, path, given, op)
    case 'remove':
      return remove(document, path)
    case 'test': {
      const found = get(document, path)
      return given !== undefined && found !== undefined && isSame(found, given)
        ? undefined
        : `testing path ${path} failed`
    }
    case 'copy':
    case 'move': {
      const found = typeof from === 'string' ? get(document, from) : undefined
      if (found === undefined) return `${op} operation does not apply: doc is missing from path: ${String(from)}`
      const fault = op === 'move' ? remove(document, from as string) : undefined
      return fault ?? set(document, path, plain(found), 'add')
    }
    default:
      return `unexpected kind: ${String(op)}`
  }
}

function keysOf(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function get({ value }: Document, pointer: string): Plain | undefined {
  let now: Plain | undefined = value
  for (const key of keysOf(pointer)) now = childOf(now, key)
  return now
}

function childOf(value: Plain | undefined, key: string): Plain | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined
  return isFields(value) && Object.hasOwn(value, key)
    ? ((value as Readonly<Record<string, unknown>>)[key] as Plain)
    : undefined
}

/** The map or list a pointer ends in, to be written to, and the key in it. */
function parentOf(
  document: Document,
  pointer: string,
): readonly [parent: Plain[] | Record<string, Plain>, key: string] | undefined {
  const keys = keysOf(pointer)
  const key = keys.pop()
  if (key === undefined) return undefined
  const parent = get(document, keys.map((one) => `/${one.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''))
  if (parent === null || typeof parent !== 'object') return undefined
  return [parent as Plain[] | Record<string, Plain>, key]
}

function missing(op: string, path: string): string {
  return `${op} operation does not apply: doc is missing path: ${path}: missing value`
}

function set(document: Document, path: string, value: Plain, op: 'add' | 'replace'): string | undefined {
  if (path === '') {
    document.value = value
    return undefined
  }
  const found = parentOf(document, path)
  if (found === undefined) return missing(op, path)
  const [parent, key] = found
  if (!Array.isArray(parent)) {
    if (op === 'replace' && !Object.hasOwn(parent, key)) return missing(op, path)
    Object.defineProperty(parent, key, { value, enumerable: true, writable: true, configurable: true })
    return undefined
  }
  const index = key === '-' && op === 'add' ? parent.length : /^\d+$/.test(key) ? Number(key) : -1
  if (index < 0 || index > parent.length - (op === 'add' ? 0 : 1)) return missing(op, path)
  parent.splice(index, op === 'add' ? 0 : 1, value)
  return undefined
}

function remove(document: Document, path: string): string | undefined {
  const found = parentOf(document, path)
  if (found === undefined || childOf(found[0] as Plain, found[1]) === undefined) return missing('remove', path)
  const [parent, key] = found
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
  return undefined
}
