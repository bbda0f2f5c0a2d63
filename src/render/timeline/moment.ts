/** A moment of virtual time in seconds, e.g. `12.300 s`. @param ns - nanoseconds */
export function momentText(ns: number): string {
  return `${(ns / 1e9).toFixed(3)} s`
}

/** How long something took, in the unit that suits: `300 ms`, `2.4 s`, `2 min 5 s`. @param ns - nanoseconds */
export function lengthText(ns: number): string {
  const ms = ns / 1e6
  if (ms < 1) return `${(ns / 1e3).toFixed(0)} µs`
  if (ms < 1_000) return `${trimmed(ms)} ms`
  if (ms < 60_000) return `${trimmed(ms / 1_000)} s`
  const minutes = Math.floor(ms / 60_000)
  const seconds = Math.round((ms - minutes * 60_000) / 1_000)
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)))
}
