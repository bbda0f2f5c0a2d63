import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import type { ByteSource } from './byte-source.ts'

/** Text to read: a file, standard input, a cell of a notebook. */
export interface InputText {
  /** Name used in errors: a path, or `-` for standard input. */
  readonly name: string
  /** Content: YAML or JSON, one or many documents. */
  readonly text: string
}

/** A file to read, which may be longer than a text can be. */
export interface InputFile {
  /** Name used in errors. */
  readonly name: string
  /** Content in UTF-8, or UTF-16 with its mark; in memory, or what gives it piece by piece. */
  readonly bytes: Uint8Array | ByteSource
}

/** Something to read. */
export type Input = InputText | InputFile

/** One document of a text, or one item of a list that is a document. */
export interface InputDocument {
  /** Name of the text. */
  readonly file: string
  /** The plain value. */
  readonly value: unknown
  /** Where a path inside the value stands. */
  readonly placeOf: PlaceOf
  /** Of an item, where in its document it is. */
  readonly path?: readonly (string | number)[]
}

/** What a text held. */
export interface ParsedText {
  /** Documents that could be read, empty ones left out. */
  readonly documents: readonly InputDocument[]
  /** Syntax errors. */
  readonly issues: readonly Issue[]
}

/** Lists and maps inside each other that a document may have; objects of Kubernetes have some twenty. */
export const DEEPEST = 200
/** What would be right instead of more of them. */
export const SHALLOW: string = `at most ${DEEPEST} lists and maps inside each other`
/** What would be right instead of a key that stands twice. */
export const KEYS_ONCE = 'each key once in a map'
