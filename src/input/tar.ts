import { decodeUtf8 } from '../wire/index.ts'
import { archiveError, checkEntry } from './archive-fault.ts'

const BLOCK = 512
const NAME = { at: 0, length: 100 }
const SIZE = { at: 124, length: 12 }
const CHECKSUM = { at: 148, length: 8 }
const TYPE = 156
const MAGIC = { at: 257, length: 5 }
const PREFIX = { at: 345, length: 155 }

/** Why the bytes do not begin as a tar archive does; undefined when they do. */
export function tarFault(bytes: Uint8Array): string | undefined {
  if (bytes.length < BLOCK) return `${bytes.length} bytes, less than one header`
  const header = bytes.subarray(0, BLOCK)
  if (isEmpty(header)) return undefined
  return checksumHolds(header) ? undefined : 'a header whose checksum is wrong'
}

function isEmpty(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0)
}

function textAt(bytes: Uint8Array, field: { readonly at: number; readonly length: number }): string {
  const raw = bytes.subarray(field.at, field.at + field.length)
  const end = raw.indexOf(0)
  return decodeUtf8(end === -1 ? raw : raw.subarray(0, end))
}

/** A number in octal digits, or (GNU, for large ones) in base 256 with the highest bit set; NaN when it is neither. */
function numberAt(bytes: Uint8Array, field: { readonly at: number; readonly length: number }): number {
  if ((bytes[field.at] ?? 0) & 0x80) {
    let value = (bytes[field.at] ?? 0) & 0x7f
    for (let i = 1; i < field.length; i++) value = value * 256 + (bytes[field.at + i] ?? 0)
    return value
  }
  const digits = textAt(bytes, field).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : digits === '' ? 0 : Number.NaN
}

/** The sum of all bytes of the header, its own field counted as blanks. */
function checksumHolds(header: Uint8Array): boolean {
  let sum = 0
  for (const [i, byte] of header.entries()) sum += i >= CHECKSUM.at && i < CHECKSUM.at + CHECKSUM.length ? 0x20 : byte
  return numberAt(header, CHECKSUM) === sum
}

/** What headers before a file said of it. */
interface Said {
  path?: string
  size?: number
}

/**
 * The regular files of a tar archive by path: POSIX ustar, pax extended headers (`path`, `size`), GNU long names. The bytes
 * are views into the archive. An archive cut off between two files is taken as it is; one cut off inside a file is refused.
 * @throws InputError naming the offset of what is wrong
 */
export function unpackTar(name: string, bytes: Uint8Array, mostOfFile: number): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  let said: Said = {}
  for (let at = 0; at < bytes.length; ) {
    if (at + BLOCK > bytes.length)
      throw archiveError(name, 'a whole tar header', `${bytes.length - at} bytes at byte ${at}`)
    const header = bytes.subarray(at, at + BLOCK)
    if (isEmpty(header)) break
    if (!checksumHolds(header)) throw archiveError(name, 'a tar header', `a block with a wrong checksum at byte ${at}`)
    const type = String.fromCharCode(header[TYPE] ?? 0)
    const size = said.size ?? numberAt(header, SIZE)
    const start = at + BLOCK
    if (!(size >= 0 && start + size <= bytes.length)) {
      throw archiveError(name, `a file of ${size} bytes at byte ${start}`, `an archive of ${bytes.length} bytes`)
    }
    const content = bytes.subarray(start, start + size)
    at = start + Math.ceil(size / BLOCK) * BLOCK
    if (type === 'x') said = { ...said, ...readPax(content) }
    else if (type === 'L') said.path = untilNul(content)
    else if (type !== 'g' && type !== 'K') {
      const path = (said.path ?? pathOf(header)).replace(/^(\.?\/)+/, '')
      if ((type === '0' || type === '\0' || type === '7') && path !== '' && !path.endsWith('/')) {
        checkEntry(name, path, size, files.size + 1, mostOfFile)
        files.set(path, content)
      }
      said = {}
    }
  }
  return files
}

function untilNul(bytes: Uint8Array): string {
  return textAt(bytes, { at: 0, length: bytes.length })
}

function pathOf(header: Uint8Array): string {
  const name = textAt(header, NAME)
  const prefix = textAt(header, MAGIC) === 'ustar' && header[MAGIC.at + 5] === 0 ? textAt(header, PREFIX) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** Records `LENGTH KEY=VALUE\n`, the length in decimal and counted over all of it. */
function readPax(content: Uint8Array): Said {
  const said: Said = {}
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at)
    const length = blank === -1 ? Number.NaN : Number(decodeUtf8(content.subarray(at, blank)))
    if (!Number.isInteger(length) || length <= blank - at) break
    const record = decodeUtf8(content.subarray(blank + 1, at + length - 1))
    const equals = record.indexOf('=')
    const value = record.slice(equals + 1)
    if (record.slice(0, equals) === 'path') said.path = value
    else if (record.slice(0, equals) === 'size' && /^\d+$/.test(value)) said.size = Number(value)
    at += length
  }
  return said
}
