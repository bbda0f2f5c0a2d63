import { isSameKey, type Key, keyOf } from './key-set.ts'

/** A field of which something is read. */
interface KeptField {
  readonly key: Key
  readonly kept: Kept
}

/** What of a value somebody reads. */
export interface Kept {
  /** Fields of a map that are read, by the hash of their names; absent = all, in whole. */
  readonly fields?: ReadonlyMap<number, readonly KeptField[]>
  /** What is read of each element of a list; absent = all. */
  readonly element?: Kept
  /** Fields that nobody reads when they are text. */
  readonly unreadTexts?: ReadonlyMap<number, readonly KeptField[]>
}

/** All of it. */
export const ALL: Kept = {}
/** Nothing, when it is text; else all. */
const NO_TEXT: Kept = {}

function byHash(fields: Iterable<readonly [name: string, kept: Kept]>): Map<number, KeptField[]> {
  const found = new Map<number, KeptField[]>()
  for (const [name, kept] of fields) {
    const key = keyOf(name)
    found.set(key.hash, [...(found.get(key.hash) ?? []), { key, kept }])
  }
  return found
}

/** Some fields of a map. */
export function someFields(fields: Readonly<Record<string, Kept>>): Kept {
  return { fields: byHash(Object.entries(fields)) }
}

/** Something of each element of a list. */
export function ofEach(element: Kept): Kept {
  return { element }
}

/** All fields of a map, but for some that are text. */
export function butTexts(names: readonly string[]): Kept {
  return { unreadTexts: byHash(names.map((name) => [name, NO_TEXT])) }
}

/** What is read of a field; undefined = nothing. */
export function fieldOf(kept: Kept, key: Key, isText: boolean): Kept | undefined {
  const { fields, unreadTexts } = kept
  if (fields !== undefined) return found(fields, key)
  return isText && unreadTexts !== undefined && found(unreadTexts, key) !== undefined ? undefined : ALL
}

function found(fields: ReadonlyMap<number, readonly KeptField[]>, key: Key): Kept | undefined {
  const same = fields.get(key.hash)
  if (same === undefined) return undefined
  for (const one of same) if (isSameKey(one.key, key)) return one.kept
  return undefined
}
