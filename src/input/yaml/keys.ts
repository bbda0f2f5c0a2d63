/** Keys that mean something else than themselves, here or there. */
const ODD: ReadonlySet<string> = new Set(['__proto__', '<<'])

/** Whether a key is for the full parser: it stands twice, or means something else than itself. */
export function isOddKey(map: object, key: string): boolean {
  return Object.hasOwn(map, key) || ODD.has(key)
}
