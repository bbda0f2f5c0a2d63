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

/** The lines of a text, each with whether it is indented (belongs to the one before). */
export function linesWithIndent(text: string): { readonly text: string; readonly indented: boolean }[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line, indented: /^\s/.test(line) }))
}
