import { type GoPattern, goRegexp, literalPattern } from '../../model/index.ts'

/** How a pattern of grep, sed or awk is written. */
export type PatternStyle = 'basic' | 'extended' | 'fixed'

/**
 * Compiles a pattern of the tools. Undefined when it is no regular expression that takes linear time, e.g. for a back-reference.
 * @param flags - `i` for letters of either case, `w` for whole words
 */
export function textPattern(pattern: string, style: PatternStyle, flags = ''): GoPattern | undefined {
  const source = style === 'fixed' ? literalPattern(pattern) : posix(pattern, style === 'extended')
  if (source === undefined) return undefined
  const whole = flags.includes('w') ? `\\b(?:${source})\\b` : source
  const expression = goRegexp(flags.includes('i') ? `(?i)${whole}` : whole)
  return typeof expression === 'string' ? undefined : expression
}

/** A pattern of POSIX in the words of RE2. */
function posix(pattern: string, isExtended: boolean): string | undefined {
  let out = ''
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string
    if (c === '[') {
      const end = bracketEnd(pattern, i)
      if (end === -1) return undefined
      out += bracket(pattern.slice(i + 1, end))
      i = end
    } else if (c === '\\') {
      const next = pattern[++i]
      if (next === undefined || /[1-9]/.test(next)) return undefined
      out += escaped(next, isExtended)
    } else if (!isExtended && '|+?(){}'.includes(c)) out += `\\${c}`
    else if (!isExtended && c === '*' && /(^|\\\(|\(|\^)$/.test(out)) out += '\\*'
    else if (!isExtended && c === '^' && !/(^|\(|\|)$/.test(out)) out += '\\^'
    else if (!isExtended && c === '$' && !/^($|\\\)|\\\|)/.test(pattern.slice(i + 1))) out += '\\$'
    else out += c
  }
  return out
}

function escaped(c: string, isExtended: boolean): string {
  if (c === '<' || c === '>') return '\\b'
  if ('|+?(){}'.includes(c)) return isExtended ? `\\${c}` : c
  return /[A-Za-z.*[\]^$\\/-]/.test(c) ? `\\${c}` : c.replace(/[^\w\s]/, '\\$&')
}

/** Where `]` closes a bracket: one that stands first is a letter, and classes have their own. */
function bracketEnd(pattern: string, from: number): number {
  let i = from + 1
  if (pattern[i] === '^') i += 1
  if (pattern[i] === ']') i += 1
  for (; i < pattern.length; i++) {
    if (pattern[i] === ']') return i
    if (/^\[[:.=]/.test(pattern.slice(i, i + 2))) {
      const end = pattern.indexOf(`${pattern[i + 1]}]`, i + 2)
      if (end === -1) return -1
      i = end + 1
    }
  }
  return -1
}

/** Between brackets a backslash is a letter. */
function bracket(inner: string): string {
  const [, negated = '', rest = ''] = /^(\^?)([\s\S]*)$/.exec(inner) ?? []
  const letters = rest.replace(/^\]/, '\\]').replace(/\\(?!\]$)|\[(?![:.=])/g, '\\$&')
  return `[${negated}${letters}]`
}
