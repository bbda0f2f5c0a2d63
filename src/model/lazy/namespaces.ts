import { dictionary } from '../dictionary.ts'
import type { Namespace } from '../namespace.ts'
import { lateMember } from './late.ts'
import { lazyRecord } from './record.ts'

/** Namespaces by name. */
export type Namespaces = Readonly<Record<string, Namespace>>

/** What stands in place of namespaces below; undefined = removed. */
export type NamespaceLayer = ReadonlyMap<string, Namespace | undefined>

interface Layers {
  readonly base: Namespaces
  readonly changes: NamespaceLayer
}

const layersOf = new WeakMap<Namespaces, Layers>()

/** What is known of namespaces that are made when they are read. */
interface Lazy {
  /** About how many there are. */
  readonly count: number
  /** Their names, where somebody has them. */
  readonly names: (() => readonly string[]) | undefined
}

const lazy = new WeakMap<Namespaces, Lazy>()

/**
 * Says that these namespaces are made one by one when they are read, about so many: an edit must not read them all.
 *
 * @param names - lists them; absent = they are asked
 */
export function markLazy(namespaces: Namespaces, count: number, names?: () => readonly string[]): void {
  lazy.set(namespaces, { count, names })
}

/** The names of all namespaces. Not `Object.keys`: where they are made when they are read, it asks of each name what is under it. */
export function namesIn(namespaces: Namespaces): readonly string[] {
  return lazy.get(namespaces)?.names?.() ?? Object.getOwnPropertyNames(namespaces)
}

/** Whether an edit must leave alone what it does not touch: reading a namespace makes it. */
export function isLazy(namespaces: Namespaces): boolean {
  return lazy.has(namespaces)
}

/** About how many namespaces there are, as far as it is known without listing them: those made at once are few, and not counted. */
export function lazyCount(namespaces: Namespaces): number {
  return lazy.get(namespaces)?.count ?? 0
}

/** Namespaces that are those of a root but for the firewall of some, and for some that are others. */
interface Kin {
  readonly root: Namespaces
  /** Whose firewall may be another. */
  readonly names: ReadonlySet<string>
  /** What firewalls are made of: where it is the same object, they are the same. */
  readonly rules: object
  /** Namespaces that are others than those of the root, each with what it is made of: the same object, the same namespace. */
  readonly others: ReadonlyMap<string, object>
}

const kinOf = new WeakMap<Namespaces, Kin>()

/**
 * The namespaces of a root, some with another firewall. Each of these is made when it is first read: one policy may change the
 * rules of thousands of nodes, and a packet sees a few.
 *
 * @param names - whose firewall may be another
 * @param make - makes one of them; asked once a name
 */
export function withFirewalls(
  root: Namespaces,
  names: ReadonlySet<string>,
  make: (name: string) => Namespace,
): Namespaces {
  const made = isLazy(root) ? lazilyFrom(root, names, make) : plainlyFrom(root, names, make)
  const kin = kinOf.get(root)
  kinOf.set(made, { root: kin?.root ?? root, names, rules: made, others: kin?.others ?? NO_OTHERS })
  return made
}

const NO_OTHERS: ReadonlyMap<string, object> = new Map()

/** What namespaces are made of that differ from a root. */
export interface Derived extends Omit<Kin, 'root'> {
  /** How many there are, about. */
  readonly count: number
  /** All names. */
  readonly list: () => readonly string[]
  /** Whether there is one of a name. */
  readonly has: (name: string) => boolean
  /** Makes one that is not, or may not be, that of the root; asked once a name. */
  readonly make: (name: string) => Namespace
}

/** The namespaces of a root, some of them others, or gone, or new: each is made when it is first read. */
export function derivedFrom(root: Namespaces, { count, list, has, make, ...kin }: Derived): Namespaces {
  const { names, others } = kin
  const isOther = (name: string): boolean => names.has(name) || others.has(name)
  const made = isLazy(root) ? lazyRecord(list, has, (name) => (isOther(name) ? make(name) : root[name]!)) : plain()
  if (isLazy(root)) markLazy(made, count, list)
  kinOf.set(made, { root, ...kin })
  return made

  function plain(): Namespaces {
    const all = dictionary<Namespace>()
    for (const name of list()) {
      if (isOther(name)) lateMember(all, name, () => make(name))
      else all[name] = root[name]!
    }
    return all
  }
}

function lazilyFrom(root: Namespaces, names: ReadonlySet<string>, make: (name: string) => Namespace): Namespaces {
  const known = (name: string): boolean => Object.hasOwn(root, name)
  const made = lazyRecord(
    () => namesIn(root),
    known,
    (name) => (names.has(name) ? make(name) : root[name]!),
  )
  markLazy(made, lazyCount(root), () => namesIn(root))
  return made
}

function plainlyFrom(root: Namespaces, names: ReadonlySet<string>, make: (name: string) => Namespace): Namespaces {
  const made = dictionary<Namespace>()
  for (const name of Object.keys(root)) {
    if (names.has(name)) lateMember(made, name, () => make(name))
    else made[name] = root[name]!
  }
  return made
}

/** The namespaces below with some replaced, added or removed; reads as plain data, and cannot be written. */
export function withChanges(below: Namespaces, changed: NamespaceLayer): Namespaces {
  const { base, changes: before } = layersOf.get(below) ?? { base: below, changes: new Map() }
  const changes: NamespaceLayer = new Map([...before, ...changed])
  const known = (key: string): boolean => (changes.has(key) ? changes.get(key) !== undefined : Object.hasOwn(base, key))
  const read = (key: string): Namespace | undefined => (changes.has(key) ? changes.get(key) : base[key])
  const made: Namespaces = new Proxy<Record<string, Namespace>>(
    {},
    {
      get: (target, key) => (typeof key === 'string' ? read(key) : Reflect.get(target, key)),
      has: (target, key) => (typeof key === 'string' ? known(key) : Reflect.has(target, key)),
      ownKeys: () => [
        ...Object.keys(base).filter(known),
        ...[...changes.keys()].filter((key) => known(key) && !(key in base)),
      ],
      getOwnPropertyDescriptor: (target, key) => {
        if (typeof key !== 'string') return Reflect.getOwnPropertyDescriptor(target, key)
        return known(key) ? { configurable: true, enumerable: true, get: () => read(key) } : undefined
      },
      set: () => false,
      deleteProperty: () => false,
      defineProperty: () => false,
    },
  )
  layersOf.set(made, { base, changes })
  markLazy(made, lazyCount(base))
  return made
}

/** The namespaces below with some replaced, added or removed. What is made late below is not made by that. */
export function withReplaced(below: Namespaces, changes: NamespaceLayer): Namespaces {
  if (changes.size === 0) return below
  if (isLazy(below)) return withChanges(below, changes)
  const made = dictionary<Namespace>()
  const put = (name: string): void => {
    const changed = changes.get(name)
    if (changed !== undefined) made[name] = changed
  }
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(below))) {
    if (changes.has(name)) put(name)
    else Object.defineProperty(made, name, property)
  }
  for (const name of changes.keys()) if (!Object.hasOwn(below, name)) put(name)
  layersOf.set(made, { base: below, changes })
  return made
}

/** What stands in namespaces otherwise than below them. Namespaces that are no layer over these are compared, and are one from then on. */
export function changesOver(below: Namespaces, edited: Namespaces): NamespaceLayer {
  const known = changesBetween(below, edited)
  const differs = (name: string): boolean =>
    !Object.hasOwn(below, name) || !Object.hasOwn(edited, name) || below[name] !== edited[name]
  const names = known?.names ?? [...new Set([...Object.keys(below), ...Object.keys(edited)])].filter(differs)
  const changes = new Map(names.map((name) => [name, Object.hasOwn(edited, name) ? edited[name] : undefined]))
  if (known === undefined) layersOf.set(edited, { base: below, changes })
  return changes
}

/**
 * Names of the namespaces in which two networks may differ, when they lie over the same base; undefined when nothing but a
 * comparison of all of them can tell.
 */
export function changedNames(a: Namespaces, b: Namespaces): readonly string[] | undefined {
  const changes = changesBetween(a, b)
  return changes === undefined || changes.firewalls.size > 0 ? undefined : changes.names
}

/** In what two networks may differ. */
export interface NamespaceChanges {
  /** Namespaces that are others. */
  readonly names: readonly string[]
  /** Namespaces of the rest whose firewall may be another: who wants to know for certain reads them. */
  readonly firewalls: ReadonlySet<string>
}

const NOTHING: NamespaceChanges = { names: [], firewalls: new Set() }

const told = new WeakMap<Namespaces, WeakMap<Namespaces, NamespaceChanges>>()

/** Says in what some namespaces differ from others: who made both may know better than a comparison could find. */
export function tellChanges(before: Namespaces, after: Namespaces, changes: NamespaceChanges): void {
  const known = told.get(after) ?? new WeakMap<Namespaces, NamespaceChanges>()
  told.set(after, known.set(before, changes))
}

/** In what two networks may differ, as far as it is known without reading them; undefined when only a comparison can tell. */
export function changesBetween(a: Namespaces, b: Namespaces): NamespaceChanges | undefined {
  if (a === b) return NOTHING
  const left = layersOf.get(a) ?? { base: a, changes: new Map<string, never>() }
  const right = layersOf.get(b) ?? { base: b, changes: new Map<string, never>() }
  const names = [...new Set([...left.changes.keys(), ...right.changes.keys()])].filter((name) => a[name] !== b[name])
  if (left.base === right.base) return { names, firewalls: NOTHING.firewalls }
  const known = told.get(right.base)?.get(left.base) ?? told.get(left.base)?.get(right.base)
  if (known !== undefined) return { names: [...new Set([...names, ...known.names])], firewalls: known.firewalls }
  const [one, other] = [left.base, right.base].map(kinOfBase)
  if (one!.root !== other!.root) return undefined
  const differing = new Set(names)
  for (const { others } of [one!, other!]) {
    for (const name of others.keys()) if (one!.others.get(name) !== other!.others.get(name)) differing.add(name)
  }
  const { firewalls } = one!.rules === other!.rules ? NOTHING : { firewalls: bothOf(one!.names, other!.names) }
  return { names: [...differing], firewalls }
}

function kinOfBase(base: Namespaces): Kin {
  return kinOf.get(base) ?? { root: base, names: NOTHING.firewalls, rules: base, others: NO_OTHERS }
}

function bothOf(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return a === b || b.size === 0 ? a : a.size === 0 ? b : new Set([...a, ...b])
}
