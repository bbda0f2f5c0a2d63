import type { Resources } from '../control/index.ts'
import { keptIn, stretchesApart } from '../model/index.ts'
import { type AnyObject, keyOf, madeBy } from './object-keys.ts'

/** What tells objects of a list apart: Calico and Kubernetes both have a NetworkPolicy. */
function placeOf(one: AnyObject): string {
  const isCalico = one.kind === 'NetworkPolicy' && one.apiVersion.includes('projectcalico.org')
  return isCalico ? `${keyOf(one)} of Calico` : keyOf(one)
}

function byName(a: AnyObject, b: AnyObject): number {
  const [left, right] = [keyOf(a), keyOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** Objects of one group, in order of names once somebody asks. */
interface Group {
  readonly members: Map<string, AnyObject>
  sorted: readonly AnyObject[] | undefined
}

const NONE: readonly AnyObject[] = []

/** In which group an object is; undefined: in none. */
export type GroupOf = (one: AnyObject) => string | undefined

/** Objects in groups. */
class Groups {
  private readonly groups = new Map<string, Group>()
  /** How often a group has come or gone. */
  edition = 0
  private readonly groupOf: GroupOf

  constructor(all: Iterable<AnyObject>, groupOf: GroupOf) {
    this.groupOf = groupOf
    for (const one of all) this.add(one)
  }

  keys(): Iterable<string> {
    return this.groups.keys()
  }

  /** Those of a group in the order of the list. */
  inOrder(key: string): readonly AnyObject[] {
    const group = this.groups.get(key)
    return group === undefined ? NONE : [...group.members.values()]
  }

  /** One is another than it was: it stays in its place, if it stays in its group. */
  exchange(was: AnyObject | undefined, now: AnyObject | undefined): void {
    const [before, after] = [was && this.groupOf(was), now && this.groupOf(now)]
    if (was !== undefined && before !== after) this.take(was)
    if (now !== undefined) this.add(now)
  }

  of(key: string): readonly AnyObject[] {
    const group = this.groups.get(key)
    if (group === undefined) return NONE
    group.sorted ??= [...group.members.values()].sort(byName)
    return group.sorted
  }

  add(one: AnyObject): void {
    const key = this.groupOf(one)
    if (key === undefined) return
    const group = this.groups.get(key)
    if (group === undefined) {
      this.groups.set(key, { members: new Map([[placeOf(one), one]]), sorted: undefined })
      this.edition++
    } else {
      group.members.set(placeOf(one), one)
      group.sorted = undefined
    }
  }

  take(one: AnyObject): void {
    const key = this.groupOf(one)
    const group = key === undefined ? undefined : this.groups.get(key)
    if (group === undefined) return
    group.members.delete(placeOf(one))
    group.sorted = undefined
    if (group.members.size > 0) return
    this.groups.delete(key!)
    this.edition++
  }
}

/** Groups for which another list has no object, as they were when somebody asked last. */
interface Outside {
  readonly groups: Groups
  readonly edition: number
  readonly others: ObjectList
  readonly othersEdition: number
  readonly keys: readonly string[]
}

/** A list of objects that are looked for by name, by owner and by node, as it is changed. */
export class ObjectList {
  private source: readonly AnyObject[]
  private readonly byPlace: Map<string, AnyObject>
  /** What was changed of the source. */
  private readonly changed = new Map<string, AnyObject | undefined>()
  private now: readonly AnyObject[] | undefined
  private owned: Groups | undefined
  /** Other groups that somebody asked for, by what makes them. */
  private readonly grouped = new Map<GroupOf, Groups>()
  private outside: Outside | undefined
  /** How often an object has come or gone. */
  private edition = 0

  constructor(source: readonly AnyObject[]) {
    this.source = source
    this.byPlace = new Map(source.map((one) => [placeOf(one), one]))
  }

  /** All of them, in order: those that were added come last. */
  all(): readonly AnyObject[] {
    if (this.changed.size === 0) return this.source
    this.now ??= this.listed()
    return this.now
  }

  private listed(): readonly AnyObject[] {
    const left = new Map(this.changed)
    const kept: AnyObject[] = []
    for (const one of this.source) {
      const place = placeOf(one)
      const other = this.changed.has(place) ? this.changed.get(place) : one
      if (other !== undefined) kept.push(other)
      left.delete(place)
    }
    for (const one of left.values()) if (one !== undefined) kept.push(one)
    return kept
  }

  /** How many there are. */
  get size(): number {
    return this.byPlace.size
  }

  get(key: string): AnyObject | undefined {
    return this.byPlace.get(key)
  }

  /** Those an owner made, in order of names. */
  ownedBy(owner: string): readonly AnyObject[] {
    this.owned ??= new Groups(this.byPlace.values(), madeBy)
    return this.owned.of(owner)
  }

  /** Who made some of them. */
  owners(): Iterable<string> {
    this.owned ??= new Groups(this.byPlace.values(), madeBy)
    return this.owned.keys()
  }

  private groupsBy(groupOf: GroupOf): Groups {
    return keptIn(this.grouped, groupOf, () => new Groups(this.byPlace.values(), groupOf))
  }

  /** Those of a group, in order of names. @param groupOf - always the same function */
  inGroup(groupOf: GroupOf, key: string): readonly AnyObject[] {
    return this.groupsBy(groupOf).of(key)
  }

  /** Those of a group, in the order of the list. */
  inGroupAsListed(groupOf: GroupOf, key: string): readonly AnyObject[] {
    return this.groupsBy(groupOf).inOrder(key)
  }

  /** All groups. */
  groupKeys(groupOf: GroupOf): Iterable<string> {
    return this.groupsBy(groupOf).keys()
  }

  /** Groups for which another list has no object: found out anew only where one of the lists has got or lost something. */
  groupsOutside(groupOf: GroupOf, others: ObjectList, keyOfGroup: (key: string) => string): readonly string[] {
    const groups = this.groupsBy(groupOf)
    const known = this.outside
    const isSame =
      known?.groups === groups &&
      known.edition === groups.edition &&
      known.others === others &&
      known.othersEdition === others.edition
    if (isSame) return known.keys
    const keys = [...groups.keys()].filter((key) => others.get(keyOfGroup(key)) === undefined)
    this.outside = { groups, edition: groups.edition, others, othersEdition: others.edition, keys }
    return keys
  }

  put(one: AnyObject): AnyObject | undefined {
    const was = this.exchange(placeOf(one), one)
    this.changed.set(placeOf(one), one)
    this.now = undefined
    return was
  }

  remove(one: AnyObject): AnyObject | undefined {
    const was = this.exchange(placeOf(one), undefined)
    if (was === undefined) return undefined
    this.changed.set(placeOf(one), undefined)
    this.now = undefined
    return was
  }

  private exchange(place: string, now: AnyObject | undefined): AnyObject | undefined {
    const was = this.byPlace.get(place)
    if (now === undefined) this.byPlace.delete(place)
    else this.byPlace.set(place, now)
    if (was === undefined || now === undefined) this.edition++
    this.owned?.exchange(was, now)
    for (const groups of this.grouped.values()) groups.exchange(was, now)
    return was
  }

  /** Forgets which changes were made, once they are taken back. */
  settle(): void {
    this.changed.clear()
    this.now = undefined
  }

  /** Becomes the list of other objects, at the cost of what is different. */
  follow(source: readonly AnyObject[]): void {
    const before = this.source
    if (source === before) return
    const added = stretchesApart(before, source).flatMap(([was, is]) => this.followStretch(was, is))
    for (const one of added) this.exchange(placeOf(one), one)
    this.source = source
  }

  /** Takes out what a stretch has lost. @returns what it has got */
  private followStretch(before: readonly AnyObject[], source: readonly AnyObject[]): readonly AnyObject[] {
    let i = 0
    let j = 0
    const added: AnyObject[] = []
    while (i < before.length || j < source.length) {
      const was = before[i]
      const is = source[j]
      if (was === is) {
        i++
        j++
      } else if (was !== undefined && before[i + 1] === is) {
        this.exchange(placeOf(was), undefined)
        i++
      } else if (is !== undefined && source[j + 1] === was) {
        added.push(is)
        j++
      } else {
        if (was !== undefined) this.exchange(placeOf(was), undefined)
        if (is !== undefined) added.push(is)
        i++
        j++
      }
    }
    return added
  }
}

/** The list of each name that was asked for last: the next one is mostly the same. Whoever takes one puts it back as it was. */
const last = new Map<keyof Resources, ObjectList>()

/** The list of some objects. */
export function listFor(name: keyof Resources, source: readonly AnyObject[]): ObjectList {
  const known = last.get(name)
  if (known === undefined) return new ObjectList(source)
  last.delete(name)
  known.follow(source)
  return known
}

/** Keeps a list for the next. */
export function keepList(name: keyof Resources, list: ObjectList): void {
  list.settle()
  last.set(name, list)
}
