/**
 * Microseconds one call takes: after a warm-up, the best of many short rounds, so that other work on the machine does not
 * count.
 *
 * @param warmup - milliseconds of calls before anything is timed
 */
export function microseconds(run: () => void, rounds = 150, warmup = 400): number {
  const start = performance.now()
  let calls = 0
  while (performance.now() < start + warmup || calls < 3) {
    run()
    calls++
  }
  // About a millisecond a round: shorter than a time slice of the scheduler.
  const perRound = Math.max(1, Math.round(calls / (performance.now() - start)))
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < rounds; i++) {
    const before = performance.now()
    for (let j = 0; j < perRound; j++) run()
    best = Math.min(best, ((performance.now() - before) * 1000) / perRound)
  }
  return best
}

/** Milliseconds one call takes, and what it gives. */
export function timedCall<T>(run: () => T): readonly [number, T] {
  const start = performance.now()
  const made = run()
  return [performance.now() - start, made]
}

/** The median. */
export function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!
}

/** One line of a report. */
export interface Row {
  /** What was measured. */
  readonly name: string
  /** The figure. */
  readonly value: number
  /** Its unit. */
  readonly unit: string
  /** Ratio to the yardstick of the same run, where there is one. */
  readonly ratio?: number
  /** Anything else that belongs to it, e.g. memory. */
  readonly note?: string
}

/** A figure with three digits. */
export function figure(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}

/** Prints a row as a line of a table. */
export function printRow({ name, value, unit, ratio, note }: Row): void {
  const times = ratio === undefined ? '' : ratio < 0.01 ? `1/${Math.round(1 / ratio)} ×` : `${figure(ratio)} ×`
  const line = `${name.padEnd(52)} ${figure(value).padStart(9)} ${unit.padEnd(4)} ${times.padStart(10)}   ${note ?? ''}`
  console.log(line.trimEnd())
}
