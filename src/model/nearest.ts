/**
 * The word a misspelled one was probably meant to be: equal but for case, else a few letters away (half of a short word, at
 * most two of one up to eight letters, a third of a longer one).
 */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const lower = text.toLowerCase()
  const limit = Math.max(Math.min(2, Math.floor(text.length / 2)), Math.floor(text.length / 3))
  let best: string | undefined
  let least = limit + 1
  for (const word of words) {
    const distance = editDistance(lower, word.toLowerCase(), limit)
    const isNearer = distance < least || (distance === least && best !== undefined && isLiker(word, best, text))
    if (distance <= limit && isNearer) {
      best = word
      least = distance
    }
  }
  return best
}

/** Whether one word is nearer in length to a text than another: of two that are as far, letters were rather swapped than left out. */
function isLiker(word: string, than: string, text: string): boolean {
  return Math.abs(word.length - text.length) < Math.abs(than.length - text.length)
}

/** `did you mean "x"?` when a valid name is near or holds the one that was given, else the first few of them. */
export function didYouMean(name: string, valid: readonly string[]): string {
  const best = nearestWord(name, valid) ?? valid.find((word) => word.includes(name))
  if (best !== undefined) return `did you mean "${best}"?`
  const shown = valid.slice(0, 8).join(', ')
  return valid.length === 0 ? 'there are none' : `there are ${shown}${valid.length > 8 ? ', …' : ''}`
}

/** Letters to insert, remove or replace to get from one text to the other; given up beyond `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
