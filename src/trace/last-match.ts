/** The last element that passes the test; undefined when none does. (`findLast` is younger than the language level here.) */
export function lastMatch<T>(list: readonly T[], test: (one: T) => boolean): T | undefined {
  for (let i = list.length - 1; i >= 0; i--) {
    const one = list[i] as T
    if (test(one)) return one
  }
  return undefined
}
