import { ALL, fieldOf, type Kept } from '../kept.ts'
import type { Key } from '../key-set.ts'
import type { Cursor } from './cursor.ts'
import { keyText } from './keys.ts'

/** Reads the value of a key, and writes both where something of it is kept; whether it is. */
export function field(
  cursor: Cursor,
  key: Key,
  kept: Kept,
  isFirst: boolean,
  isText: boolean,
  read: (kept: Kept) => void,
): boolean {
  const { out } = cursor
  const inner = out.isMuted ? ALL : fieldOf(kept, key, isText)
  if (inner !== undefined) out.key(key, isFirst)
  else out.isMuted = true
  if (cursor.wanted === undefined) read(inner ?? ALL)
  else
    cursor.inner(
      () => keyText(key),
      () => read(ALL),
    )
  if (inner === undefined) out.isMuted = false
  return inner !== undefined
}
