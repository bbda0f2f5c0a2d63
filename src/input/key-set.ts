import { utf8Bytes } from './utf8-text.ts'

/** Hash of no bytes. @rfc draft-eastlake-fnv */
export const NO_BYTES = 0x811c9dc5

/** Hash of bytes and one more (FNV-1a of 32 bits). */
export function hashed(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193)
}

/** A key of a map, where its bytes stand. The same key has the same bytes. */
export interface Key {
  /** {@link hashed} over its bytes. */
  hash: number
  /** Bytes it stands in. */
  bytes: Uint8Array
  /** Where it begins. */
  start: number
  /** Where it ends. */
  end: number
}

/** A key by its name. */
export function keyOf(name: string): Key {
  const bytes = utf8Bytes(name)
  return { hash: bytes.reduce(hashed, NO_BYTES), bytes, start: 0, end: bytes.length }
}

/** Whether keys have the same bytes. */
export function isSameKey(a: Key, b: Key): boolean {
  if (a.hash !== b.hash || a.end - a.start !== b.end - b.start) return false
  for (let i = a.start, j = b.start; i < a.end; i++, j++) if (a.bytes[i] !== b.bytes[j]) return false
  return true
}

/** Keys that are compared one by one; more are looked up. */
const FEW = 48

/** The keys of a map that is being read. */
export class KeySet {
  private readonly keys: Key[] = []
  private count = 0
  private readonly hashes = new Set<number>()

  /** Forgets all. */
  clear(): void {
    if (this.count >= FEW) this.hashes.clear()
    this.count = 0
  }

  /** Takes a key; false when it is there. */
  add(key: Key): boolean {
    if (this.holds(key)) return false
    const { hash, bytes, start, end } = key
    const own = this.keys[this.count]
    if (own === undefined) this.keys.push({ hash, bytes, start, end })
    else {
      own.hash = hash
      own.bytes = bytes
      own.start = start
      own.end = end
    }
    this.count++
    if (this.count === FEW) for (const known of this.keys.slice(0, FEW)) this.hashes.add(known.hash)
    else if (this.count > FEW) this.hashes.add(hash)
    return true
  }

  private holds(key: Key): boolean {
    if (this.count >= FEW && !this.hashes.has(key.hash)) return false
    for (let i = 0; i < this.count; i++) if (isSameKey(this.keys[i] as Key, key)) return true
    return false
  }
}

/** The keys of maps inside each other. */
export class KeySets {
  private readonly sets: KeySet[] = []

  /** For the keys of another map of a level; those of the one before are forgotten. */
  at(level: number): KeySet {
    const set = this.sets[level] ?? new KeySet()
    this.sets[level] = set
    set.clear()
    return set
  }
}
