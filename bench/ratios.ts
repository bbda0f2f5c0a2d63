import { figure, type Row } from './measure.ts'

/** What one round measured: the rows of a group of the earlier revision, and of this one. */
export interface Round {
  readonly before: readonly Row[]
  readonly now: readonly Row[]
}

/** One figure of two revisions over some rounds. */
export interface Compared {
  readonly name: string
  readonly unit: string
  /** The best figure of all rounds; for a rate that is the largest. */
  readonly before: number
  readonly now: number
  /** now / before of each round: the smallest, the middle one (or the mean of the middle two), the largest. */
  readonly ratio: { readonly min: number; readonly median: number; readonly max: number }
}

/** The figures both revisions have, in the order of the newer one, and the names of those that only one has. */
export function comparedRows(rounds: readonly Round[]): { readonly rows: Compared[]; readonly oneSided: string[] } {
  const names = (rows: readonly Row[]): string[] => rows.map(({ name }) => name)
  const first = rounds[0] ?? { before: [], now: [] }
  const [before, now] = [names(first.before), names(first.now)]
  const both = now.filter((name) => before.includes(name))
  return {
    rows: both.map((name) => comparedRow(name, rounds)),
    oneSided: [...new Set([...before, ...now])].filter((name) => !both.includes(name)),
  }
}

function comparedRow(name: string, rounds: readonly Round[]): Compared {
  const row = (rows: readonly Row[]): Row => {
    const found = rows.find((one) => one.name === name)
    if (found === undefined) throw new Error(`bench: "${name}" is missing in a round`)
    return found
  }
  const { unit } = row(rounds[0]?.now ?? [])
  const before = rounds.map((round) => row(round.before).value)
  const now = rounds.map((round) => row(round.now).value)
  const best = unit.endsWith('/s') ? Math.max : Math.min
  return {
    name,
    unit,
    before: best(...before),
    now: best(...now),
    ratio: spread(now.map((value, i) => value / (before[i] ?? 0))),
  }
}

function spread(ratios: readonly number[]): Compared['ratio'] {
  const sorted = [...ratios].sort((a, b) => a - b)
  const at = (i: number): number => sorted[i] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return { min: at(0), median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, max: at(sorted.length - 1) }
}

/** The head of the table whose lines are {@link comparedLine}s. */
export const COMPARED_HEAD: string = line('', 'before', 'now', '', 'ratio', 'min … max')

/** A figure as a line of the table. */
export function comparedLine({ name, unit, before, now, ratio }: Compared): string {
  const range = `${ratio.min.toFixed(2)} … ${ratio.max.toFixed(2)}`
  return line(name, figure(before), figure(now), unit, ratio.median.toFixed(2), range)
}

function line(name: string, before: string, now: string, unit: string, ratio: string, range: string): string {
  return `${name.padEnd(52)} ${before.padStart(9)} ${now.padStart(9)} ${unit.padEnd(4)} ${ratio.padStart(6)}   ${range}`
}
