/** How a text is set, as far as its width goes. */
export interface Face {
  /** Size of the type. */
  readonly size: number
  /** Family. */
  readonly family: 'sans' | 'mono'
  /** Heavier. */
  readonly bold?: boolean
}

/**
 * Advances of the characters from space to ~, in hundredths of the size: those of DejaVu, the widest of the fonts that pictures are met in.
 * Other characters are taken for the widest of the signs that pictures use.
 */
const SANS = advances(
  '32 41 46 84 64 96 78 28 40 40 50 84 32 37 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 54 100 69 69 70 77 64 58 78 76 30 30 66 56 87 75 79 61 79 70 64 62 74 69 99 69 62 69 40 34 40 84 50 50 62 64 55 64 62 36 64 64 28 28 58 28 98 64 62 64 64 42 53 40 64 60 82 60 60 53 64 34 64 84',
)
const BOLD = advances(
  '35 46 53 84 70 101 88 31 46 46 53 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 100 78 77 74 83 69 69 83 84 38 38 78 64 100 84 85 74 85 77 73 69 82 78 111 78 73 73 46 37 46 84 50 50 68 72 60 72 68 44 72 72 35 35 67 35 105 72 69 72 72 50 60 48 72 66 93 65 66 59 72 37 72 84',
)
const MONO = 60.5
const OTHER = 100
/** A line that would fit to the last hundredth is broken: letters are not set so exactly. */
const SLACK = 1e-6

function advances(text: string): readonly number[] {
  return text.split(' ').map(Number)
}

/** Width of a text in the widest of the fonts that are met. */
export function widthOf(text: string, face: Face): number {
  return (hundredths(text, face) * face.size) / 100
}

/** The same in hundredths of the size; sums of whole numbers, so that a line is exactly as wide as its parts. */
function hundredths(text: string, { family, bold }: Face): number {
  const table = family === 'mono' ? undefined : bold === true ? BOLD : SANS
  let sum = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!
    // Two units of UTF-16.
    if (code > 0xffff) at++
    sum += table === undefined ? MONO : (table[code - 32] ?? OTHER)
  }
  return sum
}

/** Text folded at spaces into lines of at most a width; a word that is wider than a line is broken. */
export function foldedText(text: string, width: number, face: Face): readonly string[] {
  const room = (width * 100) / face.size
  const space = hundredths(' ', face)
  const lines: string[] = []
  let [line, used] = ['', 0]
  const take = (word: string, own: number): void => {
    if (line !== '' && used + space + own < room - SLACK) {
      line = `${line} ${word}`
      used += space + own
    } else {
      if (line !== '') lines.push(line)
      line = word
      used = own
    }
  }
  for (const word of text.split(' ')) {
    const own = hundredths(word, face)
    if (own <= room) take(word, own)
    else for (const part of brokenWord(word, room, face)) take(part, hundredths(part, face))
  }
  return [...lines, line]
}

function brokenWord(word: string, room: number, face: Face): readonly string[] {
  const parts: string[] = []
  let [part, used] = ['', 0]
  for (const char of word) {
    const own = hundredths(char, face)
    if (part !== '' && used + own > room) {
      parts.push(part)
      part = char
      used = own
    } else {
      part += char
      used += own
    }
  }
  return [...parts, part]
}
