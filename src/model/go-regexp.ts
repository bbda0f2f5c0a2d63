import { RE2JS } from 're2js'

/** A compiled pattern of the input. */
export interface GoRegexp {
  /** Whether the pattern is found anywhere in a text. Takes time linear in the text. */
  test(text: string): boolean
}

/** A compiled pattern that also says where it is found. */
export interface GoPattern extends GoRegexp {
  /** Where the pattern is found first at an index or behind it; undefined when nowhere. */
  find(text: string, from: number): FoundPattern | undefined
}

/** A place in a text where a pattern was found. */
export interface FoundPattern {
  /** Index of its first character. */
  readonly start: number
  /** Index behind its last character. */
  readonly end: number
  /** What its groups are, the whole first; a group that took no part is null. */
  readonly groups: readonly (string | null)[]
}

/** Patterns longer than this are refused; Calico's own are shorter than 100 characters. */
const LONGEST_PATTERN = 4096

const compiled = new Map<string, GoPattern | string>()
const MOST_COMPILED = 64

/**
 * Compiles a pattern as Calico reads it: Go's regular expressions, which are RE2's. A pattern of the input must never run
 * on the backtracking engine of JavaScript: `(a+)+$` would take it for ever.
 *
 * @param source - the pattern; `(?i)`, `(?P<name>…)`, `[[:alpha:]]`, `\A` and `\z` mean what they mean in Go
 * @returns the pattern, or in words why it is none
 */
export function goRegexp(source: string): GoPattern | string {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const made = compile(source)
  if (compiled.size >= MOST_COMPILED) compiled.clear()
  compiled.set(source, made)
  return made
}

function compile(source: string): GoPattern | string {
  if (source.length > LONGEST_PATTERN) return `longer than ${LONGEST_PATTERN} characters`
  try {
    const pattern = RE2JS.compile(source)
    return {
      test: (text) => pattern.matcher(text).find(),
      find: (text, from) => {
        const matcher = pattern.matcher(text)
        if (from > text.length || !matcher.find(from)) return undefined
        const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i))
        return { start: matcher.start(), end: matcher.end(), groups }
      },
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
