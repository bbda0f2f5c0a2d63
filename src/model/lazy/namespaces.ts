import type { Namespace } from '../namespace.ts'

/** Namespaces by name. */
export type Namespaces = Readonly<Record<string, Namespace>>

/** What stands in place of namespaces below; undefined = removed. */
type Changes = ReadonlyMap<string, Namespace | undefined>

interface Layers {
  readonly base: Namespaces
  readonly changes: Changes
}

const layersOf = new WeakMap<Namespaces, Layers>()
const lazy = new WeakSet<Namespaces>()

/** Says that these namespaces are made one by one when they are read: an edit must not read them all. */
export function markLazy(namespaces: Namespaces): void {
  lazy.add(namespaces)
}

/** Whether an edit must leave alone what it does not touch: reading a namespace makes it. */
export function isLazy(namespaces: Namespaces): boolean {
  return lazy.has(namespaces)
}

/** The namespaces below with some replaced, added or removed; reads as plain data, and cannot be written. */
export function withChanges(below: Namespaces, changed: Changes): Namespaces {
  const { base, changes: before } = layersOf.get(below) ?? { base: below, changes: new Map() }
  const changes: Changes = new Map([...before, ...changed])
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
  lazy.add(made)
  return made
}

/**
 * Names of the namespaces in which two networks may differ, when they lie over the same base; undefined when nothing but a
 * comparison of all of them can tell.
 */
export function changedNames(a: Namespaces, b: Namespaces): readonly string[] | undefined {
  if (a === b) return []
  const left = layersOf.get(a) ?? { base: a, changes: new Map() }
  const right = layersOf.get(b) ?? { base: b, changes: new Map() }
  if (left.base !== right.base) return undefined
  const names = new Set([...left.changes.keys(), ...right.changes.keys()])
  return [...names].filter((name) => a[name] !== b[name])
}
