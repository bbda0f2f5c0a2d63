import type { Asked } from './probe.ts'

/** Probes one after the other that all had an answer, or all had none, asked at one pace: what is kept of thousands. */
export interface AskedRun {
  readonly first: Asked
  readonly isLost: boolean
  readonly count: number
  /** When the last of them was asked. */
  readonly last: number
  /** From one to the next; 0 where there is one. */
  readonly pace: number
}

/** Adds one that was asked after all of these. */
export function addAsked(runs: AskedRun[], asked: Asked): void {
  const isLost = asked.answered === null
  const run = runs.at(-1)
  const pace = run === undefined ? 0 : asked.at - run.last
  const goesOn = run !== undefined && run.isLost === isLost && (run.count === 1 || run.pace === pace)
  if (goesOn) runs[runs.length - 1] = { ...run, count: run.count + 1, last: asked.at, pace }
  else runs.push({ first: asked, isLost, count: 1, last: asked.at, pace: 0 })
}

/** What of these was asked up to a time. */
export function askedUntil(runs: readonly AskedRun[], time: number): AskedRun[] {
  return runs.flatMap((run) => {
    const { first, last, pace } = run
    if (first.at > time) return []
    if (last <= time) return [run]
    const more = Math.floor((time - first.at) / pace)
    return [{ ...run, count: more + 1, last: first.at + more * pace, pace: more === 0 ? 0 : pace }]
  })
}
