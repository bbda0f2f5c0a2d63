import type { PortRange } from '../../../model/index.ts'
import type { Prefix } from '../../../wire/index.ts'
import type { FelixAction, FelixMatch, FelixRule } from './chain.ts'
import type { Marks } from './marks.ts'
import { clearMark, inSet, marked, net, ports, setMark, setMasked, unmarked } from './words.ts'

/** Side of a packet. */
export type Side = 'source' | 'destination'

/** Places for ports in one `multiport`; a range takes two. @linux include/uapi/linux/netfilter/xt_multiport.h */
const PORT_PLACES = 15

/** Ports in parts that fit one `multiport` each. @calico felix/rules/policy.go SplitPortList */
export function portSplits(ranges: readonly PortRange[]): PortRange[][] {
  return inPlaces(ranges, ({ low, high }) => low !== high)
}

/** A list cut before the first entry that no longer fits; a range takes two places, everything else one. */
export function inPlaces<One>(list: readonly One[], isRange: (one: One) => boolean): One[][] {
  const splits: One[][] = []
  let free = 0
  for (const one of list) {
    const needed = isRange(one) ? 2 : 1
    if (free < needed) {
      splits.push([])
      free = PORT_PLACES
    }
    splits.at(-1)!.push(one)
    free -= needed
  }
  return splits
}

/** The match of ports of a side. */
export function portMatch(side: Side, ranges: readonly PortRange[]): FelixMatch {
  return ports(side === 'source' ? 'sports' : 'dports', ranges)
}

/** The match of a set of address and port of a side. */
export function ipPortMatch(side: Side, set: string): FelixMatch {
  return side === 'source' ? inSet(set, 'src', 'src') : inSet(set, 'dst', 'dst')
}

/** A rule without what all of a policy's rules share. */
export type BareRule = Pick<FelixRule, 'match'> & { readonly action: FelixAction }

/**
 * Rules before the one that decides, for what one rule cannot ask: one of several alternatives. The first bit says that all
 * blocks so far matched; the second is for the block at hand.
 *
 * @calico felix/rules/policy.go matchBlockBuilder
 */
export class MatchBlocks {
  /** The rules so far. */
  readonly rules: BareRule[] = []
  private readonly allMatched: number
  private readonly thisMatches: number
  private hasPositive = false

  constructor({ scratch0, scratch1 }: Marks) {
    this.allMatched = scratch0
    this.thisMatches = scratch1
  }

  /** One of the alternatives matches. */
  oneOf(alternatives: readonly (readonly FelixMatch[])[]): void {
    this.begin(0)
    // The first block that adds may write its answer where all answers are kept.
    const isFirst = !this.hasPositive
    const bit = isFirst ? this.allMatched : this.thisMatches
    for (const match of alternatives) this.rules.push({ match, action: setMark(bit) })
    if (!isFirst) this.rules.push({ match: [unmarked(this.thisMatches)], action: clearMark(this.allMatched) })
    this.hasPositive = true
  }

  /** None of the ranges has the address. */
  noneOf(side: Side, ranges: readonly Prefix[]): void {
    this.begin(this.allMatched)
    for (const range of ranges) this.rules.push({ match: [net(side, range)], action: clearMark(this.allMatched) })
  }

  /** What the deciding rule asks. */
  result(): FelixMatch[] {
    return this.rules.length === 0 ? [] : [marked(this.allMatched)]
  }

  private begin(value: number): void {
    if (this.rules.length > 0) return
    this.rules.push({ match: [], action: setMasked(value, (this.allMatched | this.thisMatches) >>> 0) })
  }
}
