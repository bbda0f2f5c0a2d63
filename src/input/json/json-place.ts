import type { Place } from '../../control/index.ts'
import type { BytePlace, ByteSource } from '../byte-source.ts'
import { ALL } from '../kept.ts'
import { JsonReader } from './json-reader.ts'

/** Where something of a value stands that begins at a place and goes up to an index of the source: itself, or its nearest parent. */
export function jsonPlace(
  file: string,
  source: ByteSource,
  place: BytePlace,
  end: number,
  path: readonly (string | number)[],
): Place {
  const { line, lineAt, offset } = path.length === 0 ? place : sought(source, place, end, path)
  return { file, line, column: offset - lineAt + 1 }
}

function sought(source: ByteSource, place: BytePlace, end: number, path: readonly (string | number)[]): BytePlace {
  const reader = new JsonReader(source.piece(place.offset, end), place.offset)
  reader.line = place.line
  reader.lineAt = place.lineAt
  reader.wanted = path
  reader.out.isMuted = true
  reader.value(ALL)
  return reader.found ?? place
}
