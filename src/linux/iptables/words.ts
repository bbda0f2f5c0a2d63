/** The words of a rule, quotes taken off, and a cursor over them. */
export interface Words {
  /** The words. */
  readonly list: readonly string[]
  /** Index of the next word. */
  at: number
}

/** Splits a rule as a shell would: blanks between words, double or single quotes, backslash. Undefined when a quote stays open. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let word = ''
  let started = false
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '\\' && quote !== "'" && i + 1 < text.length) {
      word += text[++i]!
      started = true
    } else if (quote !== '') {
      if (c === quote) quote = ''
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      started = true
    } else if (c === ' ' || c === '\t') {
      if (started) words.push(word)
      word = ''
      started = false
    } else {
      word += c
      started = true
    }
  }
  if (quote !== '') return undefined
  if (started) words.push(word)
  return words
}

/** The next word without taking it. */
export function peek(words: Words): string | undefined {
  return words.list[words.at]
}

/** Takes the next word. */
export function take(words: Words): string | undefined {
  const word = words.list[words.at]
  if (word !== undefined) words.at += 1
  return word
}

/** Whether an option takes a word as `iptables-save` quotes it: only where it must. */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_.:/,+=@%^-]+$/.test(word)) return word
  return `"${word.replace(/["'\\]/g, '\\$&')}"`
}

/** A free text as `iptables-save` writes it: quoted unless it is letters, digits, `_` and `-` only. */
export function quoteText(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `"${text.replace(/["'\\]/g, '\\$&')}"`
}
