import { freeze } from 'immer'
import { dictionary } from '../dictionary.ts'
import { carried } from './carried.ts'
import { once } from './once.ts'
import { lazyRecord } from './record.ts'

const late = new WeakSet<object>()

/**
 * Whether a record was made by {@link lateRecord} or {@link lateLookup}: who wants to know something of all its values makes them.
 * Chains that are late change no set, so that nobody need look.
 */
export function isLate(record: object): boolean {
  return late.has(record)
}

/**
 * Gives an object a member that is made when it is first read, and is the very same from then on. What copies the object
 * (a spread, a recipe of `edit`) reads it, and finds plain data.
 */
export function lateMember(target: object, key: string, make: () => unknown): void {
  const get = once(() => freeze(make(), true))
  Object.defineProperty(target, key, { enumerable: true, configurable: true, get })
}

/** What the late members of one object are made of, and what was made. */
class LateSource<S> {
  readonly source: S
  /** Nothing is made of most of them. */
  private made: Map<string, unknown> | undefined

  constructor(source: S) {
    this.source = source
  }

  get(key: string, make: (source: S) => unknown): unknown {
    const known = this.made?.get(key)
    if (known !== undefined) return known
    const value = make(this.source)
    this.made ??= new Map()
    this.made.set(key, value)
    return value
  }
}

const sources = carried<LateSource<unknown>>()

/**
 * As {@link lateMember}, for objects of which there are many: what they are made of is kept in the object, and all share their
 * getters. With closures of its own each would be a hidden class of its own to V8, which lives until the old generation is collected.
 *
 * @param makers - makes each member out of what an object's members are made of
 * @returns gives an object these members, behind those it has
 */
export function lateMembers<S>(
  makers: Readonly<Record<string, (source: S) => unknown>>,
): (target: object, source: S) => void {
  const members = Object.entries(makers).map(([key, make]) => {
    function get(this: object): unknown {
      return (sources.of(this) as LateSource<S>).get(key, make)
    }
    return { key, descriptor: { enumerable: true, configurable: true, get } }
  })
  return (target, source) => {
    if (sources.of(target) === undefined) sources.give(target, new LateSource(source))
    // One by one: defineProperties reads every descriptor anew, and takes twice as long.
    for (const { key, descriptor } of members) Object.defineProperty(target, key, descriptor)
  }
}

/**
 * A record each of whose values is made when it is first read. It is frozen, so that whoever freezes what it is part of
 * looks no further and makes nothing.
 */
export function lateRecord<T>(makers: Iterable<readonly [string, () => T]>): Readonly<Record<string, T>> {
  const record = dictionary<T>()
  for (const [key, make] of makers) lateMember(record, key, make)
  late.add(record)
  return Object.freeze(record)
}

/**
 * A record like {@link lateRecord} of which even the keys are dear: they are listed when somebody lists them. What it is part of has
 * to be frozen by whoever makes it: freezing the record itself would make all of it.
 *
 * @param names - all keys, in order
 * @param known - whether a key is one of them
 * @param make - makes the value of a key; asked once a key
 */
export function lateLookup<T>(
  names: () => readonly string[],
  known: (name: string) => boolean,
  make: (name: string) => T,
): Readonly<Record<string, T>> {
  const record = lazyRecord(names, known, (name) => freeze(make(name), true))
  late.add(record)
  return record
}
