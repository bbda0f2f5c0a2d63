/** Edit distance (insertions, deletions, substitutions), given up beyond `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, (row[j - 1] as number) + same))
    }
    row = next
  }
  return row[b.length] as number
}

/** `did you mean "x"?` when one of the valid names is close, else the first few of them. */
export function nearest(name: string, valid: readonly string[]): string {
  const limit = Math.max(2, Math.floor(name.length / 3))
  let best: string | undefined
  let score = limit + 1
  for (const candidate of valid) {
    const d = distance(name, candidate, limit)
    if (d < score) {
      best = candidate
      score = d
    }
  }
  if (best === undefined) best = valid.find((v) => v.includes(name))
  if (best !== undefined) return `did you mean "${best}"?`
  const shown = valid.slice(0, 8).join(', ')
  return valid.length === 0 ? 'there are none' : `there are ${shown}${valid.length > 8 ? ', …' : ''}`
}
