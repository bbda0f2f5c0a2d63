// What an object holds: everything that can be reached over its fields.
import { types } from 'node:util'

/**
 * How many objects of each class are reached; of what makes its members when they are read none is made.
 * @param besides - what is not walked
 */
export function reachable(root: object, besides: readonly object[] = []): ReadonlyMap<string, number> {
  const left = new Set(besides)
  const seen = new Set<object>([root])
  const add = (value: unknown): void => {
    if (typeof value === 'object' && value !== null && !types.isProxy(value) && !ArrayBuffer.isView(value))
      seen.add(value)
  }
  const counts = new Map<string, number>()
  // A set that grows while it is walked hands out what was added.
  for (const one of seen) {
    if (left.has(one)) continue
    const name = one.constructor?.name ?? 'dictionary'
    counts.set(name, (counts.get(name) ?? 0) + 1)
    if (one instanceof Map) for (const key of one.keys()) add(key)
    if (one instanceof Map || one instanceof Set) for (const value of one.values()) add(value)
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(one))) add(value)
  }
  return counts
}
