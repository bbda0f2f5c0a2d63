/** The word a misspelled one was probably meant to be: equal but for case, else at most two edits away. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const lower = text.toLowerCase()
  let best: string | undefined
  let least = Math.min(2, Math.floor(text.length / 2)) + 1
  for (const word of words) {
    const distance = editDistance(lower, word.toLowerCase())
    if (distance < least) {
      best = word
      least = distance
    }
  }
  return best
}

/** Letters to insert, remove or replace to get from one text to the other. */
function editDistance(a: string, b: string): number {
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
