import type { EndClass } from './classes.ts'
import type { Member } from './members.ts'

/** Two ends that stand for all of two classes which are as near to each other. */
export interface Pair {
  /** How near they are. */
  readonly when: 'on one node' | 'on different nodes' | 'itself' | 'elsewhere'
  /** Who asks. */
  readonly from: Member
  /** Who is asked. */
  readonly to: Member
}

/** One pair of ends for each way in which ends of two classes can be near to each other; none of an end and itself. */
export function pairsOf(from: EndClass, to: EndClass): Pair[] {
  const [first, other] = [from.members[0], to.members.find((one) => one !== from.members[0]) ?? to.members[0]]
  if (first === undefined || other === undefined) return []
  if (first.node === undefined || other.node === undefined) {
    return first === other ? [] : [{ when: 'elsewhere', from: first, to: other }]
  }
  const [near, far] = [nearPair(from, to), farPair(from, to)]
  return [...(near === undefined ? [] : [near]), ...(far === undefined ? [] : [far])]
}

function nearPair(from: EndClass, to: EndClass): Pair | undefined {
  const [few, many] = from.byNode.size <= to.byNode.size ? [from, to] : [to, from]
  for (const node of few.byNode.keys()) {
    if (!many.byNode.has(node)) continue
    const start = from.byNode.get(node)?.[0] as Member
    const end = to.byNode.get(node)?.find((one) => one !== start)
    if (end !== undefined) return { when: 'on one node', from: start, to: end }
    const second = from.byNode.get(node)?.[1]
    const last = to.byNode.get(node)?.[0]
    if (second !== undefined && last !== undefined && second !== last)
      return { when: 'on one node', from: second, to: last }
  }
  return undefined
}

function farPair(from: EndClass, to: EndClass): Pair | undefined {
  for (const [node, [start]] of from.byNode) {
    for (const [other, [end]] of to.byNode) {
      if (node !== other && start !== undefined && end !== undefined)
        return { when: 'on different nodes', from: start, to: end }
    }
    // The first node of `to` is another, or it has no other.
    if (to.byNode.size > 1) break
  }
  return undefined
}

/** How many pairs of ends two classes have; none of an end and itself. */
export function countOfPairs(from: EndClass, to: EndClass): number {
  const all = from.members.length * to.members.length
  if (from === to) return all - from.members.length
  if (from.origin !== to.origin) return all
  const names = new Set(to.members.map(({ name }) => name))
  return all - from.members.filter(({ name }) => names.has(name)).length
}
