/**
 * The largest number that passes, where whatever passes lets everything smaller pass, too. Numbers that are likely to be the limit are tried
 * first: then a few questions suffice.
 *
 * @param passes - asks one number
 * @param hints - where the limit may be, in any order
 * @param most - the largest number there is
 * @returns -1 when not even 0 passes
 */
export function largestThatPasses(passes: (size: number) => boolean, hints: readonly number[], most: number): number {
  const asked = new Map<number, boolean>()
  const ask = (size: number): boolean => {
    const known = asked.get(size) ?? passes(size)
    asked.set(size, known)
    return known
  }
  if (!ask(0)) return -1
  const likely = [...new Set([...hints.filter((size) => size > 0 && size < most), most])].sort((a, b) => a - b)
  let [low, high] = among(ask, likely, most + 1)
  // The limit itself is a likely number: the next one up tells.
  if (high - low > 1 && !ask(low + 1)) return low
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2)
    if (ask(middle)) low = middle
    else high = middle
  }
  return low
}

/** The greatest of some numbers that passes (0 when none does), and the next, which does not. */
function among(ask: (size: number) => boolean, sizes: readonly number[], beyond: number): [low: number, high: number] {
  let [first, behind] = [0, sizes.length]
  while (first < behind) {
    const middle = (first + behind) >> 1
    if (ask(sizes[middle]!)) first = middle + 1
    else behind = middle
  }
  return [sizes[first - 1] ?? 0, sizes[first] ?? beyond]
}
