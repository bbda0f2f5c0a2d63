import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate'
import { InputError } from '../model/index.ts'
import { base64Url, bytesOfBase64, crc32 } from '../wire/index.ts'
import { parseSession } from './read-session.ts'
import type { Session } from './session.ts'

/** Version of the form, the first character of a link. */
const VERSION = '1'
/** CRC-32 and length of what is packed; both stand before the packed bytes, highest first. */
const HEAD = 8
/** Bytes that a link may unpack to: who claims more is no friend. */
const MOST = 16 * 1024 * 1024

/**
 * A session in characters that may stand behind the `#` of a page's address: JSON, deflated, base64url. The server of the page
 * never sees them.
 */
export function encodeSession(session: Session): string {
  const plain = strToU8(JSON.stringify(session))
  const packed = deflateSync(plain, { level: 9 })
  const bytes = new Uint8Array(HEAD + packed.length)
  const head = new DataView(bytes.buffer)
  head.setUint32(0, crc32(plain))
  head.setUint32(4, plain.length)
  bytes.set(packed, HEAD)
  return VERSION + base64Url(bytes)
}

/**
 * Reads a session again. What was cut, changed or is of another version on its way is refused, and says which.
 * @throws InputError
 */
export function decodeSession(code: string): Session {
  if (!code.startsWith(VERSION)) {
    const received = code === '' ? 'nothing' : `version "${code[0]}"`
    throw fault(`a link of version ${VERSION} of packetwalk`, received)
  }
  const bytes = bytesOfBase64(code.slice(1))
  if (bytes === undefined || bytes.length <= HEAD) throw fault('the whole link, as it was copied', 'a part of it')
  const head = new DataView(bytes.buffer)
  const length = head.getUint32(4)
  if (length > MOST) throw fault(`a link that unpacks to at most ${MOST} bytes`, `${length} bytes`)
  const plain = unpacked(bytes.subarray(HEAD), length)
  if (plain === undefined || plain.length !== length || crc32(plain) !== head.getUint32(0))
    throw fault('the link as it was copied', 'one of which characters are missing or changed')
  return parseSession(strFromU8(plain), 'link')
}

/** What comes out, at most as many bytes as were said; undefined for what is not packed. */
function unpacked(bytes: Uint8Array, length: number): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { out: new Uint8Array(length) })
  } catch {
    return undefined
  }
}

function fault(expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: 'link', path: [], expected, received }])
}
