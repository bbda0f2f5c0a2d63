import { InputError } from '../model/index.ts'
import { type ByteSource, sourceOf } from './byte-source.ts'
import { BLANK, NEWLINE, OPEN_LIST, OPEN_MAP, RETURN, TAB } from './characters.ts'
import type { Input, InputDocument, InputFile, InputText } from './document.ts'
import { JsonPieces } from './json/json-pieces.ts'
import type { KeptOf } from './object-type.ts'
import { decodeText, utf8BytesOf } from './utf8-text.ts'
import { YamlPieces } from './yaml/yaml-pieces.ts'

/** Bytes that may be read as one text: a string holds little more. */
const MOST_WHOLE = 1 << 28

/** Something that is read object by object. */
export interface Pieces {
  /** Whether it was something else: what was given means nothing then. */
  readonly isOther: boolean
  /** Line at which it was. */
  readonly line: number
  /** The documents, and of those that are lists the items. */
  documents(): Iterable<InputDocument>
}

/** A reader of objects, one by one; undefined for what has no bytes. */
export function piecesOf(input: Input, keptOf: KeptOf): Pieces | undefined {
  const bytes = bytesOf(input)
  if (bytes === undefined) return undefined
  const start = 'bytes' in input ? markOf(bytes) : 0
  const first = firstOf(bytes, start)
  if (first === OPEN_LIST || first === OPEN_MAP) return new JsonPieces(input.name, bytes, keptOf, start)
  return new YamlPieces(input.name, bytes, keptOf, start)
}

function bytesOf(input: Input): ByteSource | undefined {
  if ('bytes' in input) return sourceOfFile(input)
  const bytes = utf8BytesOf(input.text)
  return bytes === undefined ? undefined : sourceOf(bytes)
}

function sourceOfFile({ bytes }: InputFile): ByteSource {
  return bytes instanceof Uint8Array ? sourceOf(bytes) : bytes
}

/** Length of the mark that UTF-8 may begin with. */
function markOf(bytes: ByteSource): number {
  const [a, b, c] = bytes.piece(0, 3)
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0
}

/** Bytes at the beginning that tell JSON. */
const HEAD = 1 << 16

/** The first byte that is no blank, near the beginning. */
function firstOf(bytes: ByteSource, start: number): number | undefined {
  return bytes
    .piece(start, start + HEAD)
    .find((code) => code !== BLANK && code !== NEWLINE && code !== RETURN && code !== TAB)
}

/**
 * An input as text.
 * @param line - from which on it must be
 * @throws InputError when it is too long for that
 */
export function wholeText(input: Input, line: number | undefined): InputText {
  if ('text' in input) return input
  const { name } = input
  const all = sourceOfFile(input).piece(0, MOST_WHOLE + 1)
  if (all.length <= MOST_WHOLE) return { name, text: decodeText(all) }
  const expected = `JSON or YAML as kubectl writes it, or at most ${MOST_WHOLE} bytes of another form`
  const place = line === undefined ? {} : { line }
  throw new InputError([{ kind: 'invalid', file: name, ...place, path: [], expected, received: 'something else here' }])
}
