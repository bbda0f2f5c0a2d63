/** What policy says of a flow of a class. */
export interface Decision {
  /** Verdict. `partly`: it depends on something that is no part of the class. */
  readonly verdict: 'allowed' | 'denied' | 'partly' | 'undecided' | 'broken'
  /** Why, in a sentence without its full stop. */
  readonly why: string
  /** Objects that decide it. */
  readonly by: readonly string[]
  /** What it depends on. */
  readonly partly?: 'source port' | 'endpoint' | 'node pair'
  /** What is said of each part. */
  readonly parts?: readonly { readonly when: string; readonly decision: number }[]
}

/** Nothing is in the way. */
export const ALLOWED = 0

/** Decisions by number; equal ones have one. */
export class Decisions {
  /** All of them. */
  readonly all: Decision[] = [{ verdict: 'allowed', why: '', by: [] }]
  private readonly ids = new Map<string, number>([[JSON.stringify(this.all[0]), ALLOWED]])

  /** The number of a decision. What is allowed is allowed, by whatever rule. */
  of(decision: Decision): number {
    if (decision.verdict === 'allowed') return ALLOWED
    const key = JSON.stringify(decision)
    const known = this.ids.get(key)
    if (known !== undefined) return known
    this.ids.set(key, this.all.length)
    return this.all.push(decision) - 1
  }

  /** What several cases come to: the same, or it depends. */
  over(
    partly: NonNullable<Decision['partly']>,
    cases: readonly { readonly when: string; readonly decision: number }[],
  ): number {
    const [first, ...others] = cases
    if (first === undefined || others.every(({ decision }) => decision === first.decision)) {
      return first?.decision ?? ALLOWED
    }
    const verdicts = new Set(cases.map(({ decision }) => this.all[decision]?.verdict))
    const [verdict] = verdicts
    if (verdicts.size === 1 && verdict === 'denied') {
      // Denied whichever it is, for several reasons: the first is told.
      return first.decision
    }
    const open = cases.find(({ decision }) => decision !== ALLOWED)
    const why = `it depends on the ${partly}: ${open?.when}: ${this.all[open?.decision ?? 0]?.why}`
    return this.of({ verdict: 'partly', why, by: [], partly, parts: cases })
  }
}
