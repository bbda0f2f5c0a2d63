import { DASH, GREATER, PLUS } from '../characters.ts'
import type { Cursor } from './cursor.ts'

/** The text behind `|` or `>` of a value inside one that is indented by `parent`; the place is a new line then. */
export function blockScalar(cursor: Cursor, parent: number): string | undefined {
  const isFolded = cursor.char(cursor.at) === GREATER
  cursor.at++
  const chomp = cursor.char(cursor.at)
  if (chomp === PLUS || chomp === DASH) cursor.at++
  if (!cursor.isLineOver()) return cursor.other()
  cursor.nextLine()
  const lines = linesInside(cursor, parent)
  return lines === undefined ? cursor.other() : (textOf(lines, isFolded, chomp) ?? cursor.other())
}

/** Lines that are further in than `parent`, without their indentation; undefined when that is not plain. */
function linesInside(cursor: Cursor, parent: number): string[] | undefined {
  const { text, end } = cursor
  const lines: string[] = []
  let indent = -1
  let widest = 0
  while (cursor.at < end) {
    const start = cursor.at
    cursor.skipBlanks()
    const blanks = cursor.at - start
    const newline = text.indexOf('\n', cursor.at)
    if (newline < 0 || newline >= end) return undefined // a last line that does not end
    const isEmpty = newline === cursor.at
    // Blanks beyond the indentation are text, or wrong.
    if (isEmpty && indent >= 0 && blanks > indent) return undefined
    if (!isEmpty && blanks <= Math.max(parent, indent - 1)) {
      cursor.at = start
      return lines
    }
    if (isEmpty) widest = Math.max(widest, blanks)
    else if (indent < 0) {
      if (widest > blanks) return undefined
      indent = blanks
    }
    const line = isEmpty ? '' : text.slice(start + indent, newline)
    if (line.includes('\r') || line.startsWith('\t')) return undefined
    lines.push(line)
    cursor.at = newline + 1
  }
  return lines
}

/** Lines as the text they stand for; undefined when they do not fold simply. */
function textOf(lines: readonly string[], isFolded: boolean, chomp: number): string | undefined {
  let last = lines.length
  while (last > 0 && lines[last - 1] === '') last--
  const content = lines.slice(0, last)
  const empty = lines.length - last
  if (isFolded && content.some((line) => line.startsWith(' '))) return undefined
  const text = isFolded ? folded(content) : content.join('\n')
  if (chomp === DASH) return text
  if (chomp === PLUS) return text + '\n'.repeat(last === 0 ? empty : empty + 1)
  return last === 0 ? '' : `${text}\n`
}

/** Lines joined by blanks; an empty line stands for the end of one. */
function folded(lines: readonly string[]): string {
  let text = ''
  for (const [i, line] of lines.entries()) {
    const next = lines[i + 1]
    text += line === '' ? '\n' : next === undefined || next === '' ? line : `${line} `
  }
  return text
}
