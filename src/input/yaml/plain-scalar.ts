/** Whether a word that begins so may be more than text; most begin with a letter that no number, truth value or null begins with. */
export function mayMean(first: number): boolean {
  return MAY_MEAN.has(first)
}

/** A word of one line without quotes, as the core schema of YAML 1.2 takes it (§10.3.2). */
export function plainScalar(text: string): unknown {
  const first = text.charCodeAt(0)
  if (NULLS.has(text)) return null
  if (TRUES.has(text)) return true
  if (FALSES.has(text)) return false
  if (/^[-+]?[0-9]+$/.test(text)) return Number.parseInt(text, 10)
  if (/^0o[0-7]+$/.test(text)) return Number.parseInt(text.slice(2), 8)
  if (/^0x[0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16)
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) return Number.parseFloat(text)
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return first === MINUS ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return /^\.(nan|NaN|NAN)$/.test(text) ? Number.NaN : text
}

const MINUS = 0x2d
const MAY_MEAN: ReadonlySet<number> = new Set(Array.from('0123456789+-.~nNtTfF', (char) => char.charCodeAt(0)))
const NULLS: ReadonlySet<string> = new Set(['~', 'null', 'Null', 'NULL'])
const TRUES: ReadonlySet<string> = new Set(['true', 'True', 'TRUE'])
const FALSES: ReadonlySet<string> = new Set(['false', 'False', 'FALSE'])

/** Characters behind a backslash in double quotes (YAML 1.2 §5.7), but for those with digits. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** What stands in double quotes, on one line; undefined when an escape is none. */
export function unescaped(text: string): string | undefined {
  if (!text.includes('\\')) return text
  let out = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      out += text[at]
      continue
    }
    const char = text[++at] ?? ''
    const digits = Object.hasOwn(DIGITS, char) ? DIGITS[char]! : 0
    const code = digits === 0 ? undefined : codePoint(text.slice(at + 1, at + 1 + digits), digits)
    const meant = code === undefined ? (Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined) : code
    if (meant === undefined) return undefined
    out += meant
    at += digits
  }
  return out
}

function codePoint(hex: string, digits: number): string | undefined {
  const code = hex.length === digits && /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : Number.NaN
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
