import type { Place } from '../../control/index.ts'
import type { BytePlace, ByteSource } from '../byte-source.ts'
import { NEWLINE } from '../characters.ts'
import { ALL } from '../kept.ts'
import { utf8Text } from '../utf8-text.ts'
import { BlockReader } from './block-reader.ts'
import { Cursor } from './cursor.ts'

/** A value of block form: where its first line is, in which column, and what it is in. */
export interface BlockPlace extends BytePlace {
  /** Where its last line ends, as an index in the source. */
  readonly end: number
  /** Indentation of what it is in; -1 for a document. */
  readonly parent: number
}

/** Where something of a value stands: itself, or its nearest parent. */
export function yamlPlace(
  file: string,
  source: ByteSource,
  place: BlockPlace,
  path: readonly (string | number)[],
): Place {
  const own = { file, line: place.line, column: place.offset - place.lineAt + 1 }
  if (path.length === 0) return own
  const bytes = source.piece(place.offset, place.end)
  const cursor = new Cursor(bytes)
  cursor.wanted = path
  cursor.out.isMuted = true
  const reader = new BlockReader(cursor)
  reader.column = place.offset - place.lineAt
  reader.block(place.parent, ALL)
  const { found = 0 } = cursor
  const lineStart = found === 0 ? 0 : bytes.lastIndexOf(NEWLINE, found - 1) + 1
  const before = utf8Text(bytes.subarray(lineStart, found)).length
  return {
    file,
    line: place.line + newlinesIn(bytes, 0, lineStart),
    column: (lineStart === 0 ? own.column : 1) + before,
  }
}

/** How many lines end in some bytes. */
export function newlinesIn(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let at = start; at < end; at++) if (bytes[at] === NEWLINE) count++
  return count
}
