import { RE2JS } from 're2js'

/** A compiled pattern of the input. */
export interface GoRegexp {
  /** Whether the pattern is found anywhere in a text. Takes time linear in the text. */
  test(text: string): boolean
}

/** Patterns longer than this are refused; Calico's own are shorter than 100 characters. */
const LONGEST_PATTERN = 4096

const compiled = new Map<string, GoRegexp | string>()
const MOST_COMPILED = 64

/**
 * Compiles a pattern as Calico reads it: Go's regular expressions, which are RE2's. A pattern of the input must never run
 * on the backtracking engine of JavaScript: `(a+)+$` would take it for ever.
 *
 * @param source - the pattern; `(?i)`, `(?P<name>…)`, `[[:alpha:]]`, `\A` and `\z` mean what they mean in Go
 * @returns the pattern, or in words why it is none
 */
export function goRegexp(source: string): GoRegexp | string {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const made = compile(source)
  if (compiled.size >= MOST_COMPILED) compiled.clear()
  compiled.set(source, made)
  return made
}

function compile(source: string): GoRegexp | string {
  if (source.length > LONGEST_PATTERN) return `longer than ${LONGEST_PATTERN} characters`
  try {
    const pattern = RE2JS.compile(source)
    return { test: (text) => pattern.matcher(text).find() }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
