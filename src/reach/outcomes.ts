import type { ReachOutcome } from './reach.ts'

/** Outcomes by number; equal ones have one. */
export class Outcomes {
  /** All of them. */
  readonly all: ReachOutcome[] = []
  private readonly ids = new Map<string, number>()

  /** The number of an outcome. */
  of(outcome: ReachOutcome): number {
    const key = JSON.stringify(outcome)
    const known = this.ids.get(key)
    if (known !== undefined) return known
    this.ids.set(key, this.all.length)
    return this.all.push(outcome) - 1
  }

  /** What several cases come to: the same, or it depends. */
  over(
    partly: NonNullable<ReachOutcome['partly']>,
    cases: readonly { readonly when: string; readonly outcome: number }[],
  ): number {
    const [first, ...others] = cases
    if (first === undefined || others.every(({ outcome }) => outcome === first.outcome)) return first?.outcome ?? -1
    const told = cases.map(({ outcome }) => this.all[outcome] as ReachOutcome)
    const verdicts = new Set(told.map(({ verdict }) => verdict))
    const [verdict] = verdicts
    if (verdicts.size === 1 && verdict !== 'partly') {
      // The same for reasons of their own: the first is told, and the least that any of them is worth.
      return this.of({ ...(told[0] as ReachOutcome), certainty: leastOf(told) })
    }
    const open = told.findIndex((one) => one.verdict !== 'allowed')
    const notes = [...new Set(told.flatMap((one) => one.notes ?? []))]
    return this.of({
      verdict: 'partly',
      why: `${cases[open]?.when}: ${told[open]?.why}`,
      partly,
      parts: cases,
      how: told.some(({ how }) => how === 'walked') ? 'walked' : 'computed',
      certainty: leastOf(told),
      from: told.some(({ from }) => from === 'dump') ? 'dump' : 'objects',
      ...(notes.length === 0 ? {} : { notes }),
    })
  }
}

/** The least that one of several answers is worth. */
export function leastOf(all: readonly Pick<ReachOutcome, 'certainty'>[]): ReachOutcome['certainty'] {
  if (all.some(({ certainty }) => certainty === 'undecided')) return 'undecided'
  return all.some(({ certainty }) => certainty === 'assumed') ? 'assumed' : 'certain'
}
