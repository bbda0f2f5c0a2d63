import { FLAG, type MapShape, map, type Shape, TEXT, whole } from './shape.ts'
import type { TextCheck } from './text-checks.ts'

/** Shapes and checks that kinds of BGP share. */

/** Metrics that BIRD may give a route of the kernel. */
export const ROUTE_PRIORITY: Shape = whole(1, 2147483646)

/** A password, by the Secret that has it. */
export const PASSWORD: MapShape = map({
  secretKeyRef: map({ name: TEXT, key: TEXT, optional: FLAG }),
})

/** Parts of a community: two of 16 bits or three of 32. @rfc 1997, 8092 */
function partsOf(text: string): readonly string[] | undefined {
  const parts = text.split(':')
  return (parts.length === 2 || parts.length === 3) && parts.every((part) => /^\d+$/.test(part)) ? parts : undefined
}

function inRange(parts: readonly string[]): boolean {
  const limit = parts.length === 2 ? 2 ** 16 : 2 ** 32
  return parts.every((part) => Number(part) < limit)
}

/** Whether a text is written as a community, in or out of range. */
export function looksLikeCommunity(text: string): boolean {
  return partsOf(text) !== undefined
}

/** A community. */
export const COMMUNITY: TextCheck = {
  what: 'a community: aa:nn of 16 bits each, or aa:nn:mm of 32 bits each',
  ok: (text) => {
    const parts = partsOf(text)
    return parts !== undefined && inRange(parts)
  },
}

/** The same without leading zeros. */
export const PLAIN_COMMUNITY: TextCheck = {
  what: `${COMMUNITY.what}, without leading zeros`,
  ok: (text) => COMMUNITY.ok(text) && !/(^|:)0\d/.test(text),
}
