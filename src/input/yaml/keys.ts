import { BACKSLASH, BLANK, QUOTE } from '../characters.ts'
import { hashed, type Key, keyOf, NO_BYTES } from '../key-set.ts'
import { utf8Text } from '../utf8-text.ts'
import type { Cursor } from './cursor.ts'
import { behindQuotes, quotedText } from './quotes.ts'

/** Keys that mean something else than themselves, here or there. */
const ODD: readonly string[] = ['__proto__', '<<']
const ODD_KEYS: readonly Key[] = ODD.map(keyOf)

/** A key without quotes, as JSON spells it; undefined when it is for the full parser. */
export function plainKey(bytes: Uint8Array, start: number, end: number): Key | undefined {
  let hash = NO_BYTES
  let isSimple = true
  for (let at = start; at < end; at++) {
    const code = bytes[at] as number
    if (code < BLANK) return undefined
    if (code >= 0x80 || code === QUOTE || code === BACKSLASH) isSimple = false
    hash = hashed(hash, code)
  }
  if (!isSimple) return keyOfText(utf8Text(bytes.subarray(start, end)))
  return ODD_KEYS.some((odd) => odd.hash === hash) ? undefined : { hash, bytes, start, end }
}

/** The key in the quotes that begin here, and past it. */
export function quotedKey(cursor: Cursor): Key | undefined {
  const start = cursor.at
  const after = behindQuotes(cursor, start)
  const text = after < 0 ? undefined : quotedText(cursor, start, after)
  if (text === undefined) cursor.other()
  else cursor.at = after
  return text === undefined ? undefined : keyOfText(text)
}

function keyOfText(name: string): Key | undefined {
  return ODD.includes(name) ? undefined : keyOf(JSON.stringify(name).slice(1, -1))
}

/** What a key says. */
export function keyText({ bytes, start, end }: Key): string {
  return JSON.parse(`"${utf8Text(bytes.subarray(start, end))}"`) as string
}
