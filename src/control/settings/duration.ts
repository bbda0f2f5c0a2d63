const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

const PART = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)/g

/** A duration as Go writes it (`1m30s`), in milliseconds; undefined when it is none. */
export function durationOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\+?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h))+$/.test(value)) {
    return value === '0' ? 0 : undefined
  }
  return [...value.matchAll(PART)].reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!, 0)
}
