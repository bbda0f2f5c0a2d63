/** What `$` and backticks in a line mean in a session. */
export interface Environment {
  /** Value of a variable; undefined when it was never set. */
  get(name: string): string | undefined
  /** What a command prints. */
  output(command: string): string
}

const NAME = /^[A-Za-z_]\w*/

/** Whether blanks in a value make words of it, as they do outside of quotes, or not, as behind `NAME=`. */
export type Splitting = 'split' | 'whole'

/**
 * Puts values in the place of `$NAME`, `${NAME}`, `$?`, `$(COMMAND)` and backticks; what stands between single quotes stays.
 * @returns the text, still to be split into words; a refusal names what is not expanded
 */
export function expanded(
  text: string,
  environment: Environment,
  splitting: Splitting = 'split',
): string | { readonly refused: string } {
  let quote = ''
  let out = ''
  for (let i = 0; i < text.length; ) {
    const c = text[i] as string
    if (c === '\\' && quote !== "'") {
      out += text.slice(i, i + 2)
      i += 2
      continue
    }
    if (quote === "'" || (c !== '$' && c !== '`')) {
      if (quote === '' ? c === '"' || c === "'" : c === quote) quote = quote === '' ? c : ''
      out += c
      i += 1
      continue
    }
    const found = valueAt(text, i, environment)
    if ('refused' in found) return found
    out += quote === '"' ? found.value.replace(/["\\$`]/g, '\\$&') : bare(found.value, splitting)
    i += found.length
  }
  return out
}

/** The same for the text of a here-document, in which quotes are letters. */
export function expandedDocument(text: string, environment: Environment): string | { readonly refused: string } {
  let out = ''
  for (let i = 0; i < text.length; ) {
    const c = text[i] as string
    const next = text[i + 1] ?? ''
    if (c === '\\' && '$`\\\n'.includes(next) && next !== '') {
      out += next === '\n' ? '' : next
      i += 2
    } else if (c === '$' || c === '`') {
      const found = valueAt(text, i, environment)
      if ('refused' in found) return found
      out += found.value
      i += found.length
    } else {
      out += c
      i += 1
    }
  }
  return out
}

/** A value outside of quotes: blanks split it, all else in it stands for itself. */
function bare(value: string, splitting: Splitting): string {
  return value.replace(splitting === 'split' ? /[^\sA-Za-z0-9_.:/,+=@%^-]/g : /[^A-Za-z0-9_.:/,+=@%^-]/g, '\\$&')
}

type Found = { readonly value: string; readonly length: number } | { readonly refused: string }

function valueAt(text: string, at: number, environment: Environment): Found {
  const rest = text.slice(at)
  if (rest.startsWith('$((')) return refused('$((', 'there is no arithmetic')
  if (rest.startsWith('$(')) return substituted(rest, matching(rest), 2, environment)
  if (rest.startsWith('`')) return substituted(rest, rest.indexOf('`', 1) + 1, 1, environment)
  if (rest.startsWith('${')) {
    const [whole, name] = /^\$\{([A-Za-z_]\w*|\?)\}/.exec(rest) ?? []
    if (whole === undefined || name === undefined) return refused('${', 'a name alone stands between the braces')
    return { value: environment.get(name) ?? '', length: whole.length }
  }
  const name = rest[1] === '?' ? '?' : NAME.exec(rest.slice(1))?.[0]
  if (name !== undefined) return { value: environment.get(name) ?? '', length: name.length + 1 }
  return { value: '$', length: 1 }
}

function substituted(rest: string, length: number, opening: number, environment: Environment): Found {
  const value = environment.output(rest.slice(opening, length - 1)).replace(/\n+$/, '')
  return { value, length }
}

/** Length of `$(…)`, whose parentheses are known to match. */
function matching(rest: string): number {
  let depth = 0
  let quote = ''
  for (let i = 1; i < rest.length; i++) {
    const c = rest[i] as string
    if (c === '\\' && quote !== "'") i += 1
    else if (quote !== '') quote = c === quote ? '' : quote
    else if (c === '"' || c === "'") quote = c
    else if (c === '(') depth += 1
    else if (c === ')' && --depth === 0) return i + 1
  }
  return rest.length
}

function refused(word: string, why: string): { readonly refused: string } {
  return { refused: `"${word}" is not known here: ${why}` }
}
