import type { IpSet } from '../ruleset.ts'
import { once } from './once.ts'

const found = new WeakMap<IpSet, () => Iterable<string>>()

/**
 * A set whose members are looked for when somebody reads them: a set of a large cluster may hold each of its pods, and whoever asks
 * for one address needs no list of all. It is frozen, so that whoever freezes what it is part of makes none.
 *
 * @param find - finds members one after the other, some perhaps twice
 * @param listed - the list that is made of all that was found; what it leaves out must be in the set by another member
 */
export function lateSet(
  set: Omit<IpSet, 'members'>,
  find: () => Iterable<string>,
  listed: (members: readonly string[]) => readonly string[] = (members) => members,
): IpSet {
  const members = once(() => Object.freeze(listed([...new Set(find())])))
  const late: IpSet = Object.freeze({
    ...set,
    get members() {
      return members()
    },
  })
  found.set(late, find)
  return late
}

/** The members of a set one after the other, some perhaps twice; no more of them are made than somebody asks for. */
export function eachMember(set: IpSet): Iterable<string> {
  return found.get(set)?.() ?? set.members
}
