// Every failure that can be brought about, in clusters drawn by seeds: what shows it passes before and fails afterwards as it should,
// the packet is lost where it should be, and the command that confirms it prints what tells it.
import { describe, expect, it } from 'vitest'
import { FAILURES, type Failure, type FailureFamily, type Injection, type ShownFlow } from '../../src/failures/index.ts'
import { isShown, printedBy, setScene } from '../../src/lab/failures/check.ts'
import { askFor, type Lab, lookOf, plannedInjection } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { DRAWN, type Drawn, labOf } from './clusters.ts'

/** Labs as they were opened; asked and broken, and put back. */
const labs = new Map<Drawn, Lab>()
function lab(drawn: Drawn): Lab {
  const known = labs.get(drawn) ?? labOf(drawn)
  labs.set(drawn, known)
  return known
}

/** Clusters in which each failure is tried: FC_RUNS=3 tries it in three, and found nothing. */
const TRIED = Number(process.env['FC_RUNS'] ?? 2)

/** What is planned in the first clusters that have what the failure needs, from another one on for each failure. */
function plansOf({ code }: Failure): { readonly drawn: Drawn; readonly plan: Injection }[] {
  const start = Number(code.slice(1)) % DRAWN.length
  const found: { readonly drawn: Drawn; readonly plan: Injection }[] = []
  for (const drawn of [...DRAWN.slice(start), ...DRAWN.slice(0, start)]) {
    if (found.length === TRIED) break
    try {
      found.push({ drawn, plan: plannedInjection(lab(drawn), code) })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
    }
  }
  return found
}

/** Does something from one moment, and goes back to it. */
function aside<T>(lab: Lab, act: () => T): T {
  const moment = lab.snapshot()
  try {
    return act()
  } finally {
    lab.restore(moment)
  }
}

/** How a flow looks, and where packets of it were dropped. */
function seen(lab: Lab, { ask, lost }: ShownFlow): { readonly look: string; readonly lost: boolean } {
  return aside(lab, () => {
    const run = askFor(lab, ask)
    const drops = run.trace.hops.filter((hop) => hop.kind === 'drop')
    const isThere = drops.some(({ netns, cause }) => netns === lost?.netns && lost.causes.includes(cause))
    return { look: lookOf(run), lost: isThere }
  })
}

/** Commands that print what tells the failure. */
function confirmed(lab: Lab, { shows, confirm }: Injection): readonly string[] {
  const [flow] = shows
  return confirm.flatMap((check) => aside(lab, () => (isShown(check, printedBy(lab, check, flow)) ? [check.line] : [])))
}

/** Brings every failure of some families about, and holds what shows it against what it says. */
export function holdsInjections(...families: readonly FailureFamily[]): void {
  const injectable = FAILURES.filter((one) => families.includes(one.family) && one.notModelled === undefined)
  describe.each(injectable)('$code $title', (failure) => {
    const { code } = failure
    const plans = plansOf(failure)

    it('can be brought about in several clusters', () => {
      expect(plans).toHaveLength(TRIED)
    })

    it.each(plans)('shows in $drawn.mode of seed $drawn.seed', ({ drawn, plan }) => {
      const here = lab(drawn)
      aside(here, () => {
        setScene(here, plan)
        for (const flow of plan.shows) if (flow.before !== undefined) expect(seen(here, flow).look).toBe(flow.before)
        // Where nothing is wrong the commands print something else, or they would tell nothing.
        expect(confirmed(here, plan)).toEqual([])
      })
      aside(here, () => {
        here.inject(code)
        for (const flow of plan.shows) {
          expect(seen(here, flow)).toEqual({ look: flow.after, lost: flow.lost !== undefined })
        }
        expect(confirmed(here, plan)).toEqual(plan.confirm.map(({ line }) => line))
        if (plan.mends.length === 0) return
        for (const { event } of plan.mends) here.occur(event)
        for (const flow of plan.shows) {
          const isAsked = flow.before !== undefined && !plan.steps.some(({ isScene }) => isScene)
          if (isAsked) expect(seen(here, flow).look).toBe(flow.before)
        }
      })
    })
  })
}
