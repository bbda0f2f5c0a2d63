// Values without what tests of equality do not look at.

const ORIGINS: ReadonlySet<string> = new Set(['origin', 'sysctlOrigins'])

/** A deep copy without origins and with sorted keys. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, item) => (ORIGINS.has(key) ? undefined : sorted(item)))) as T
}

function sorted(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
  return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
}
