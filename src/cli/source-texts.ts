import { readFileSync, statSync } from 'node:fs'
import type { SourceText } from '../render/index.ts'
import type { Trace } from '../trace/index.ts'

/** Bytes of a file whose lines are shown; a longer one is told by name and line only. */
const MOST = 16 * 1024 * 1024

/** The files that facts of a trace came from, as far as they can be read again: not from a pipe, not out of an archive. */
export function sourceTexts(trace: Trace): readonly SourceText[] {
  const names = new Set(trace.hops.flatMap(({ facts }) => facts.flatMap(({ origin }) => origin?.file ?? [])))
  return [...names].flatMap((name) => (isShort(name) ? [{ name, text: readFileSync(name, 'utf8') }] : []))
}

function isShort(name: string): boolean {
  const found = statSync(name, { throwIfNoEntry: false })
  return found?.isFile() === true && found.size <= MOST
}
