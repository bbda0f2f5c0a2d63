/** An object as the `-j` form of a tool would give it. */
export type Json = Record<string, unknown>

/** The words of one line and a cursor over them. */
export interface Line {
  /** The words. */
  readonly words: readonly string[]
  /** Index of the next word. */
  at: number
}

/** A line split at blanks. */
export function lineOf(text: string): Line {
  const trimmed = text.trim()
  return { words: trimmed === '' ? [] : trimmed.split(/\s+/), at: 0 }
}

/** Takes the next word; '' at the end. */
export function next(line: Line): string {
  return line.words[line.at++] ?? ''
}

/** A word as a number when it is one, else as it is. */
export function numeric(word: string): number | string {
  return /^[0-9]{1,15}$/.test(word) ? Number(word) : word
}

/** A line of a text. */
export interface TextLine {
  /** Its words and blanks, without the line break. */
  readonly text: string
  /** It belongs to the one before. */
  readonly indented: boolean
  /** Its number, from 1. */
  readonly number: number
}

/** The lines of a text that are not empty. */
export function linesWithIndent(text: string): TextLine[] {
  return text
    .split('\n')
    .map((line, i) => ({ text: line.replace(/\r$/, ''), indented: /^\s/.test(line), number: i + 1 }))
    .filter((line) => line.text.trim() !== '')
}

/** Where an object was read from, as far as it is not the file and path at hand. */
export interface ObjectPlace {
  /** Line of a text, from 1. */
  readonly line?: number
  /** Another file than that of the list it stands in. */
  readonly file?: string
}

/** Places of objects: an object has the fields of `-j`, and none for a line. */
const PLACES = new WeakMap<object, ObjectPlace>()

/** The same object, with the line it was read from. */
export function atLine<T extends object>(object: T, line: number): T {
  PLACES.set(object, { line })
  return object
}

/** The same objects, and those inside them, with the file they were read from. */
export function inFile<T>(objects: readonly T[], file: string): readonly T[] {
  for (const object of objects) {
    if (typeof object !== 'object' || object === null) continue
    PLACES.set(object, { ...PLACES.get(object), file })
    for (const value of Object.values(object)) if (Array.isArray(value)) inFile(value, file)
  }
  return objects
}

/** Where an object was read from; undefined for one whose place is its path in a JSON file. */
export function placeOfObject(object: object): ObjectPlace | undefined {
  return PLACES.get(object)
}
