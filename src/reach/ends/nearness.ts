import { keptIn } from '../../model/index.ts'
import type { EndClass } from './classes.ts'
import { pairsOf } from './pairs.ts'

const BITS = { itself: 0, elsewhere: 1, 'on one node': 2, 'on different nodes': 4 } as const

/** Sets of nodes of so many are compared anew each time. */
const FEW = 4

/** More than any number of classes. */
const MANY = 2 ** 24

/** How near the ends of two classes can be to each other: a number that is the same where `pairsOf` gives the same sorts of pairs. */
export class Nearness {
  private readonly ids = new Map<string, number>()
  private readonly sets = new Map<EndClass, number>()
  private readonly known = new Map<number, number>()

  /** 0: there is no pair of two ends. */
  of(from: EndClass, to: EndClass): number {
    if (from.origin === to.origin) return pairsOf(from, to).reduce((bits, { when }) => bits | BITS[when], 0)
    if (from.members.length === 0 || to.members.length === 0) return 0
    if (from.byNode.size === 0 || to.byNode.size === 0) return BITS.elsewhere
    if (Math.min(from.byNode.size, to.byNode.size) <= FEW) return this.compared(from, to)
    return keptIn(this.known, this.idOf(from) * MANY + this.idOf(to), () => this.compared(from, to))
  }

  private compared(from: EndClass, to: EndClass): number {
    const [few, many] = from.byNode.size <= to.byNode.size ? [from, to] : [to, from]
    let isShared = false
    for (const node of few.byNode.keys()) {
      if (!many.byNode.has(node)) continue
      isShared = true
      break
    }
    const isSame = isShared && many.byNode.size === 1
    return (isShared ? BITS['on one node'] : 0) | (isSame ? 0 : BITS['on different nodes'])
  }

  /** Classes on the same nodes have the same number. */
  private idOf(one: EndClass): number {
    return keptIn(this.sets, one, () => keptIn(this.ids, [...one.byNode.keys()].sort().join(' '), () => this.ids.size))
  }
}
