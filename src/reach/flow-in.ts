import { protocolNumber } from '../linux/index.ts'
import { checkArgument, isRecord, keptIn } from '../model/index.ts'
import type { Family } from '../wire/index.ts'
import type { Reach, ReachOutcome } from './reach.ts'
import { checkAnswer } from './reach-form.ts'

/** A flow that is looked up in an answer. */
export interface FlowLookedUp {
  /** Member of an end that asks, as the ends list it. */
  readonly from: string
  /** Member of an end that is asked. */
  readonly to: string
  /** `tcp`, `udp`, `sctp`, `icmp`, `icmpv6`, or a number. */
  readonly protocol: string | number
  /** Destination port; of ICMP type × 256 + code; absent: 0, as of protocols without any. */
  readonly point?: number
  /** Family, where both ends have both; absent: any. */
  readonly family?: Family
}

/** Finds cells by their ends. */
interface Index {
  readonly ends: ReadonlyMap<string, readonly number[]>
  readonly patterns: ReadonlyMap<string, number>
}

const indices = new WeakMap<Reach, Index>()

function indexOf(reach: Reach): Index {
  return keptIn(indices, reach, () => {
    checkAnswer('reach', reach)
    const ends = new Map<string, number[]>()
    for (const [i, { members }] of reach.ends.entries()) {
      for (const name of members) keptIn(ends, name, () => []).push(i)
    }
    return { ends, patterns: new Map(reach.cells.map(({ from, to, pattern }) => [`${from} ${to}`, pattern])) }
  })
}

/** What an answer says of one flow; undefined where it says nothing of it. */
export function flowIn(reach: Reach, flow: FlowLookedUp): ReachOutcome | undefined {
  checkArgument(isRecord(reach), 'reach', 'an answer, such as reachOf() gives', reach)
  checkArgument(isRecord(flow), 'flow', 'a flow: { from, to, protocol, … }', flow)
  const { from, to, protocol, point = 0, family } = flow
  const { ends, patterns } = indexOf(reach)
  const number = (word: string | number): number | undefined => protocolNumber(String(word))
  const wanted = number(protocol)
  for (const start of ends.get(from) ?? []) {
    for (const end of ends.get(to) ?? []) {
      const pattern = reach.patterns[patterns.get(`${start} ${end}`) ?? -1] ?? []
      const near = pattern.filter(
        ({ headers }) => family === undefined || headers.family === undefined || headers.family === family,
      )
      const own = near.filter(({ headers }) => headers.protocol !== 'other' && number(headers.protocol) === wanted)
      const found = (own.length > 0 ? own : near.filter(({ headers }) => headers.protocol === 'other')).find(
        ({ headers: { low, high, protocol: name } }) => name === 'other' || (low <= point && point <= high),
      )
      if (found !== undefined) return reach.outcomes[found.outcome]
    }
  }
  return undefined
}
