/**
 * Microseconds one call takes: after a warm-up, the best of many short rounds, so that other work on the machine does not
 * count.
 */
export function microseconds(run: () => void, rounds = 150): number {
  const warm = performance.now() + 400
  let calls = 0
  while (performance.now() < warm) {
    run()
    calls++
  }
  const perRound = Math.max(1, Math.round(calls / 400))
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < rounds; i++) {
    const start = performance.now()
    for (let j = 0; j < perRound; j++) run()
    best = Math.min(best, ((performance.now() - start) * 1000) / perRound)
  }
  return best
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
}

/** Prints rows as a table. */
export function report(rows: readonly Row[]): void {
  const width = Math.max(...rows.map((row) => row.name.length))
  for (const { name, value, unit, ratio } of rows) {
    const figure = value >= 100 ? value.toFixed(0) : value.toFixed(2)
    const times = ratio === undefined ? '' : `   ${ratio.toFixed(1)} × yardstick`
    console.log(`${name.padEnd(width)}  ${figure.padStart(10)} ${unit}${times}`)
  }
}
