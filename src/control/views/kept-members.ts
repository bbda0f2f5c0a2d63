import type { Namespace, NamespaceMember } from '../../model/index.ts'
import { isSameData } from '../same-data.ts'

interface Kept {
  /** What it was made of. */
  readonly seen: readonly unknown[]
  readonly value: unknown
}

/** Whether these are the very same sets. */
function areSameSets(a: unknown, b: unknown): boolean {
  const [one, other] = [a, b] as [Namespace['ipsets'], Namespace['ipsets']]
  if (one === undefined || other === undefined) return one === other
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}

/** Members of a node's namespace as they were made last: one whose writers have seen nothing else since is the very same object. */
export class KeptMembers {
  private readonly kept = new Map<NamespaceMember, Kept>()

  /** A member, made where one of those is another that it is made of. */
  of(member: NamespaceMember, seen: readonly unknown[], make: () => unknown): unknown {
    const known = this.kept.get(member)
    if (known !== undefined && member !== 'shared' && seen.every((one, i) => one === known.seen[i])) return known.value
    const made = make()
    // Tables have names that depend on the network.
    const isSame =
      (member === 'shared' && isSameData(known?.value, made)) ||
      (member === 'ipsets' && areSameSets(known?.value, made))
    const value = isSame ? known?.value : made
    this.kept.set(member, { seen, value })
    return value
  }
}
