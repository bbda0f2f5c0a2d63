/** A text inside a regular expression: each of its characters stands for itself. */
export function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/**
 * A pattern of a text that has no place for another pattern. It stands for the whole text: `^` would not do, since where patterns are
 * read line by line a later line would match whatever stands before it.
 */
export function lackingPattern(pattern: string): string {
  return `(?<![\\s\\S])(?![\\s\\S]*(?:${pattern}))`
}
