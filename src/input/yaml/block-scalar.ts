import { DASH, GREATER, PLUS, RETURN, TAB } from '../characters.ts'
import { utf8Text } from '../utf8-text.ts'
import type { Cursor } from './cursor.ts'

/** The text behind `|` or `>` of a value inside one that is indented by `parent`; the place is a new line then. */
export function blockScalar(cursor: Cursor, parent: number): void {
  const isFolded = cursor.byte(cursor.at) === GREATER
  cursor.at++
  const chomp = cursor.byte(cursor.at)
  if (chomp === PLUS || chomp === DASH) cursor.at++
  // What stands at the margin may end a document.
  if (parent < 0 || !cursor.isLineOver()) {
    cursor.other()
    return
  }
  cursor.nextLine()
  const lines: string[] = []
  const text = passLines(cursor, parent, cursor.out.isMuted && !isFolded ? undefined : lines)
    ? textOf(lines, isFolded, chomp)
    : undefined
  if (text === undefined) cursor.other()
  else cursor.out.text(text)
}

/** Past the lines that are further in than `parent`, which it adds without their indentation; false when that is not plain. */
function passLines(cursor: Cursor, parent: number, lines: string[] | undefined): boolean {
  const { bytes, end } = cursor
  let indent = -1
  let widest = 0
  while (cursor.at < end) {
    const start = cursor.at
    cursor.skipBlanks()
    const blanks = cursor.at - start
    const newline = cursor.lineEnd(cursor.at)
    if (newline === end) return false // a last line that does not end
    const isEmpty = newline === cursor.at
    // Blanks beyond the indentation are text, or wrong.
    if (isEmpty && indent >= 0 && blanks > indent) return false
    if (!isEmpty && blanks <= Math.max(parent, indent - 1)) {
      cursor.at = start
      return true
    }
    if (isEmpty) widest = Math.max(widest, blanks)
    else if (indent < 0) {
      if (widest > blanks) return false
      indent = blanks
    }
    const from = isEmpty ? newline : start + indent
    if (bytes[from] === TAB || holds(bytes, RETURN, from, newline)) return false
    lines?.push(utf8Text(bytes.subarray(from, newline)))
    cursor.at = newline + 1
  }
  return true
}

function holds(bytes: Uint8Array, code: number, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === code) return true
  return false
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
