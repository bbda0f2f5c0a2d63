import {
  BACKSLASH,
  BLANK,
  CLOSE_LIST,
  CLOSE_MAP,
  COLON,
  COMMA,
  NEWLINE,
  OPEN_LIST,
  OPEN_MAP,
  QUOTE,
  RETURN,
  TAB,
} from './characters.ts'

/** A key that stands twice in one object. */
export interface DuplicateKey {
  /** Where the second one begins, as an index in the text. */
  readonly offset: number
  /** The path of the object's field. */
  readonly path: readonly (string | number)[]
}

/** What one walk over a JSON text finds. */
export interface JsonScan {
  /** Keys given twice, the first {@link MOST_DUPLICATES} of them. */
  readonly duplicates: readonly DuplicateKey[]
  /** Whether something lies deeper than asked. */
  readonly tooDeep: number | undefined
}

const MOST_DUPLICATES = 20

/** Index of the first character from `at` on that is no white space. */
function skipBlank(text: string, at: number): number {
  let i = at
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c !== BLANK && c !== NEWLINE && c !== RETURN && c !== TAB) break
  }
  return i
}

/** Index behind a string that begins at `at`. */
function skipString(text: string, at: number): number {
  for (let i = at + 1; ; ) {
    const end = text.indexOf('"', i)
    if (end === -1) return text.length
    let slashes = end - 1
    while (text.charCodeAt(slashes) === BACKSLASH) slashes -= 1
    if ((end - slashes) % 2 === 1) return end + 1
    i = end + 1
  }
}

/** Index behind a value that begins at `at`: a string, a list, a map, or a word. */
function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if (first === QUOTE) return skipString(text, at)
  if (first !== OPEN_LIST && first !== OPEN_MAP) return skipWord(text, at)
  let depth = 0
  for (let i = at; i < text.length; ) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) {
      i = skipString(text, i)
      continue
    }
    if (c === OPEN_LIST || c === OPEN_MAP) depth += 1
    else if (c === CLOSE_LIST || c === CLOSE_MAP) depth -= 1
    i += 1
    if (depth === 0) return i
  }
  return text.length
}

/** Index behind a number, `true`, `false` or `null`. */
function skipWord(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === COMMA || c === CLOSE_LIST || c === CLOSE_MAP || c <= BLANK) return i
  }
  return text.length
}

const keyText = (text: string, from: number, to: number): string => {
  const raw = text.slice(from + 1, to - 1)
  return raw.includes('\\') ? (JSON.parse(text.slice(from, to)) as string) : raw
}

/**
 * Walks a text that `JSON.parse` has taken, once, for what the parser does not say: keys given twice, and depth.
 *
 * @param text - valid JSON
 * @param deepest - levels of lists and maps inside each other that are allowed
 */
export function scanJson(text: string, deepest: number): JsonScan {
  const duplicates: DuplicateKey[] = []
  /** Keys of the open maps, indices of the open lists. */
  const open: (Set<string> | number)[] = []
  const path: (string | number)[] = []
  let at = 0
  while (at < text.length) {
    const c = text.charCodeAt(at)
    switch (c) {
      case OPEN_LIST:
      case OPEN_MAP:
        if (open.length === deepest) return { duplicates, tooDeep: at }
        open.push(c === OPEN_MAP ? new Set() : 0)
        path.push(0)
        at += 1
        break
      case CLOSE_LIST:
      case CLOSE_MAP:
        open.pop()
        path.pop()
        at += 1
        break
      case COMMA: {
        const top = open.at(-1)
        if (typeof top === 'number') path[path.length - 1] = open[open.length - 1] = top + 1
        at += 1
        break
      }
      case QUOTE: {
        const end = skipString(text, at)
        const next = skipBlank(text, end)
        const keys = open.at(-1)
        if (text.charCodeAt(next) === COLON && keys instanceof Set) {
          const key = keyText(text, at, end)
          path[path.length - 1] = key
          if (keys.has(key) && duplicates.length < MOST_DUPLICATES) duplicates.push({ offset: at, path: [...path] })
          keys.add(key)
          at = next + 1
        } else at = end
        break
      }
      default:
        at += 1
    }
  }
  return { duplicates, tooDeep: undefined }
}

/** The values that stand behind each other in a text; what is no JSON comes out as some part. */
export function* jsonValues(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = skipBlank(text, 0); start < text.length; ) {
    const end = skipValue(text, start)
    yield { start, end }
    start = skipBlank(text, end)
  }
}
