/**
 * Characters that do something to a terminal, a log or an XML parser instead of being seen: controls (C0, DEL, C1), the marks that
 * turn the direction of text, line separators, and code points that are no characters.
 */
const UNSEEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/gu

/**
 * All of {@link UNSEEN} but line feed and tab, by code units, and halves of pairs that may be whole: a text without any of these
 * has nothing to escape, and to find that out takes a tenth of the time.
 */
const SUSPECT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]/

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(char: string): string {
  return SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A name or value from the input as part of a line: what cannot be seen is written as an escape (`\n`, `\u001b`). */
export function printable(text: string): string {
  return text.replace(UNSEEN, escaped)
}

/** A text from the input with its middle left out where it is longer than `most` characters, and how long it is. */
export function shortened(text: string, most = 600): string {
  if (text.length <= most) return text
  const half = most >> 1
  return `${text.slice(0, half)}…${text.slice(-half)} (${text.length} characters)`
}

/** Text of several lines: as {@link printable}, but line feeds and tabs stay. */
export function printableLines(text: string): string {
  if (!SUSPECT.test(text)) return text
  return text.replace(UNSEEN, (char) => (char === '\n' || char === '\t' ? char : escaped(char)))
}

/** Whether a text holds nothing that {@link printable} would write as an escape. */
export function isPrintable(text: string): boolean {
  return text.search(UNSEEN) === -1
}
