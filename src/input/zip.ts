import { inflateSync } from 'fflate'
import { crc32, decodeUtf8 } from '../wire/index.ts'
import { archiveError, checkEntry } from './archive-fault.ts'
import { damage, numberAt } from './gzip.ts'

// Names and offsets of PKWARE's APPNOTE.TXT, 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
const END = { signature: 0x06054b50, size: 22, entries: 10, length: 12, offset: 16 }
const CENTRAL = { signature: 0x02014b50, size: 46 }
const LOCAL = { signature: 0x04034b50, size: 30 }
/** A comment behind the end has at most so many bytes. */
const MOST_COMMENT = 65_535
/** A value that does not fit and stands in the extra field instead (zip64), in an archive beyond every limit of ours. */
const ELSEWHERE = 0xffffffff
const ENCRYPTED = 1
const STORED = 0
const DEFLATED = 8
/** Kind of file in the high half of the external attributes, as Unix writes it: a link. */
const LINK = 0xa000

interface Entry {
  readonly path: string
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly at: number
  readonly mode: number
}

/**
 * The regular files of a zip archive by path, each held against its checksum and length.
 * @throws InputError when it is damaged, encrypted, packed in a way that is not read, or unpacks to more than `most` bytes
 */
export function unzip(name: string, bytes: Uint8Array, most: number, mostOfFile: number): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  let total = 0
  for (const entry of directory(name, bytes)) {
    if (entry.path.endsWith('/') || entry.path === '' || (entry.mode & 0xf000) === LINK) continue
    total += entry.size
    if (total > most) throw archiveError(name, `at most ${most} bytes unpacked`, `${total} bytes`)
    checkEntry(name, entry.path, entry.size, files.size + 1, mostOfFile)
    files.set(entry.path.replace(/^(\.?\/)+/, ''), contentOf(name, bytes, entry))
  }
  return files
}

function* directory(name: string, bytes: Uint8Array): Generator<Entry> {
  const end = endOf(bytes)
  if (end === undefined) throw archiveError(name, 'a zip file', 'damaged bytes (it has no directory at its end)')
  let at = numberAt(bytes, end + END.offset)
  const count = shortAt(bytes, end + END.entries)
  for (let i = 0; i < count; i++) {
    if (numberAt(bytes, at) !== CENTRAL.signature)
      throw archiveError(name, 'a zip file', `damaged bytes (no entry of the directory at byte ${at})`)
    const length = shortAt(bytes, at + 28)
    const path = decodeUtf8(bytes.subarray(at + CENTRAL.size, at + CENTRAL.size + length))
    yield {
      path,
      flags: shortAt(bytes, at + 8),
      method: shortAt(bytes, at + 10),
      crc: numberAt(bytes, at + 16),
      packed: numberAt(bytes, at + 20),
      size: numberAt(bytes, at + 24),
      mode: shortAt(bytes, at + 40),
      at: numberAt(bytes, at + 42),
    }
    at += CENTRAL.size + length + shortAt(bytes, at + 30) + shortAt(bytes, at + 32)
  }
  const expected = numberAt(bytes, end + END.offset) + numberAt(bytes, end + END.length)
  if (at !== expected) throw archiveError(name, `a directory that ends at byte ${expected}`, `one that ends at ${at}`)
}

function endOf(bytes: Uint8Array): number | undefined {
  const last = bytes.length - END.size
  for (let at = last; at >= 0 && at >= last - MOST_COMMENT; at--) if (numberAt(bytes, at) === END.signature) return at
  return undefined
}

function contentOf(archive: string, bytes: Uint8Array, entry: Entry): Uint8Array {
  const name = `${archive}/${entry.path}`
  if ((entry.flags & ENCRYPTED) !== 0) throw archiveError(name, 'a file that is not encrypted', 'an encrypted one')
  if ([entry.at, entry.packed, entry.size].includes(ELSEWHERE))
    throw archiveError(name, 'a zip file of less than 4 GiB', 'one in the form for larger ones (zip64)')
  const start = entry.at + LOCAL.size + shortAt(bytes, entry.at + 26) + shortAt(bytes, entry.at + 28)
  const nameHere = decodeUtf8(bytes.subarray(entry.at + LOCAL.size, start - shortAt(bytes, entry.at + 28)))
  if (numberAt(bytes, entry.at) !== LOCAL.signature || start + entry.packed > bytes.length || nameHere !== entry.path)
    throw archiveError(name, 'a file of the zip archive', 'damaged bytes (it is not where the directory says)')
  const content = inflated(name, bytes.subarray(start, start + entry.packed), entry)
  if (content.length !== entry.size)
    throw archiveError(name, `${entry.size} bytes, as the directory says`, `${content.length}: the file is damaged`)
  if (crc32(content) !== entry.crc)
    throw archiveError(name, 'the checksum that the directory says', 'another: the file is damaged')
  return content
}

function inflated(name: string, packed: Uint8Array, { method, size }: Entry): Uint8Array {
  if (method === STORED) return packed.slice()
  if (method !== DEFLATED) throw archiveError(name, 'a file that is stored or deflated', `method ${method}`)
  try {
    return inflateSync(packed, { out: new Uint8Array(size) })
  } catch (error) {
    throw archiveError(name, 'a deflated file', damage(error))
  }
}

function shortAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 0x100
}
