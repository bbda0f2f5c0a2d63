import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'

/** Text to read: a file, standard input, a cell of a notebook. */
export interface InputText {
  /** Name used in errors: a path, or `-` for standard input. */
  readonly name: string
  /** Content: YAML or JSON, one or many documents. */
  readonly text: string
}

/** One document of a text. */
export interface InputDocument {
  /** Name of the text. */
  readonly file: string
  /** The plain value. */
  readonly value: unknown
  /** Where a path inside the value stands. */
  readonly placeOf: PlaceOf
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
