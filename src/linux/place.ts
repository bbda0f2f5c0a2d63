import type { Issue, IssueKind, Origin } from '../model/index.ts'
import type { LeftOut } from './left-out.ts'

/** Where in the input a parser stands, and where it puts what is wrong there. */
export interface Place {
  /** The file, e.g. `node01/route.json`. */
  readonly file: string
  /** Path inside the file; empty in a text file. */
  readonly path: readonly (string | number)[]
  /** Line of a text file, from 1. */
  readonly line?: number
  /** Faults found so far; parsers append. */
  readonly issues: Issue[]
  /** Entries that are lost; parsers append. Absent: nobody asks. */
  readonly leftOut?: LeftOut[]
}

/** The start of a file. */
export function placeIn(file: string, issues: Issue[], leftOut?: LeftOut[]): Place {
  return { file, path: [], issues, ...(leftOut === undefined ? {} : { leftOut }) }
}

/** Writes a fault down. Received text is cut to a line of sensible length. */
export function report(
  place: Place,
  kind: IssueKind,
  expected: string,
  received: unknown,
  key?: string | number,
): undefined {
  place.issues.push({
    kind,
    file: place.file,
    ...(place.line === undefined ? {} : { line: place.line }),
    path: key === undefined ? place.path : [...place.path, key],
    expected,
    received: shorten(typeof received === 'string' ? received : (JSON.stringify(received) ?? 'nothing')),
  })
  return undefined
}

/** The origin of a fact read at this place. */
export function originAt(place: Place): Origin {
  if (place.line !== undefined) return { component: 'dump', file: place.file, line: place.line }
  return { component: 'dump', file: place.file, ...(place.path.length === 0 ? {} : { field: place.path.join('.') }) }
}

/** The lines of a text that are not empty, each with its place. */
export function linesOf(text: string, place: Place): { readonly text: string; readonly place: Place }[] {
  const lines: { text: string; place: Place }[] = []
  let number = 0
  for (const raw of text.split('\n')) {
    number += 1
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.trim() !== '') lines.push({ text: line, place: { ...place, line: number } })
  }
  return lines
}

/** A text of at most 120 characters on one line, for messages. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`
}
