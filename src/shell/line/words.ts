/**
 * Words of a command as a POSIX shell makes them: between double quotes a backslash is one unless it stands before `$`, a backtick,
 * a double quote or another. Undefined when a quote stays open.
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    const next = text[i + 1]
    if (c === '\\' && quote !== "'" && next !== undefined) {
      word = (word ?? '') + (quote === '"' && !'$`"\\\n'.includes(next) ? c + next : next)
      i += 1
    } else if (quote !== '') {
      if (c === quote) quote = ''
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (c === ' ' || c === '\t' || c === '\n') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + c
  }
  if (quote !== '') return undefined
  if (word !== undefined) words.push(word)
  return words
}
