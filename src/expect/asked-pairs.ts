import { endpointsIn } from '../control/index.ts'
import type { Expectation } from '../input/index.ts'
import type { Lab } from '../lab/index.ts'
import { pushTo } from '../model/index.ts'
import { endsAlike } from '../reach/index.ts'
import type { Pair } from './pair.ts'

/** Pairs that packets are sent between, and what is to be said of those that are left out. */
interface AskedPairs {
  readonly walked: readonly Pair[]
  readonly remarks: readonly string[]
}

/**
 * The pairs of an expectation that packets are sent between. Where there are more than may be asked, one at least of all that policy and
 * ways do not tell apart, so that none is left out that could be otherwise; what else there is room for is spread over the rest.
 */
export function askedPairs(lab: Lab, expected: Expectation, pairs: readonly Pair[], most: number): AskedPairs {
  if (pairs.length <= most) return { walked: pairs, remarks: [] }
  if (lab.cluster === null)
    return { walked: spread(pairs, most), remarks: [`${most} of ${pairs.length} pairs were asked`] }
  const kinds = [...kindsOf(lab, expected, pairs).values()]
  const firsts = spread(kinds, most).map(([first]) => first as Pair)
  const taken = new Set(firsts)
  const others = pairs.filter((pair) => !taken.has(pair))
  const also = new Set(spread(others, most - firsts.length))
  const walked = pairs.filter((pair) => taken.has(pair) || also.has(pair))
  const what =
    firsts.length < kinds.length
      ? `of ${firsts.length} of the ${kinds.length} kinds`
      : `of each of the ${kinds.length} kinds`
  return { walked, remarks: [`${walked.length} of ${pairs.length} pairs were asked, some ${what} that differ`] }
}

/** Pairs by what tells them apart: how their ends behave, whether they are on one node; by nodes where the way is told by its nodes. */
function kindsOf(lab: Lab, { via }: Expectation, pairs: readonly Pair[]): ReadonlyMap<string, readonly Pair[]> {
  const numberOf = endsAlike(lab)
  const kinds = new Map<string, Pair[]>()
  const pods = endpointsIn(lab.cluster?.workloadEndpoints ?? [])
  const homeOf = (name: string): string | undefined =>
    name.startsWith('node/') ? name.slice('node/'.length) : pods.at(name)?.node
  for (const pair of pairs) {
    const [from, to] = [homeOf(pair.from), homeOf(pair.to)]
    const where = via === undefined ? from !== undefined && from === to : `${from} ${to}`
    pushTo(kinds, `${numberOf(pair.from) ?? pair.from} ${numberOf(pair.to) ?? pair.to} ${where}`, pair)
  }
  return kinds
}

/** So many of a list, evenly spread over it, the first among them. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]!)
}
