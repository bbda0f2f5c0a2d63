import { type Draft, freeze, produce } from 'immer'
import type { Cable } from './cable.ts'
import { dictionary } from './dictionary.ts'
import { InputError } from './issue.ts'
import { editLazily } from './lazy/edit.ts'
import { isLazy, tellChanges, withChanges } from './lazy/namespaces.ts'
import type { Namespace } from './namespace.ts'
import type { SharedTable } from './shared-table.ts'

/** The plain data of a network: every namespace and the wires between them. Immutable; prints as JSON. */
export interface NetworkData {
  /** Namespaces by name. */
  readonly namespaces: Readonly<Record<string, Namespace>>
  /** Wires. */
  readonly wires: readonly Cable[]
  /** Entry lists shared by many namespaces, by name. */
  readonly shared: Readonly<Record<string, SharedTable>>
}

/** A recipe for an edit: change the draft as if it were mutable. */
export type NetworkRecipe = (draft: Draft<NetworkData>) => void

/**
 * The hinge of packetwalk: an immutable value that says what the Linux tools would print in every network namespace.
 * `edit` gives a new Network that shares what did not change; the old one stays valid.
 */
export class Network implements NetworkData {
  /** Namespaces by name. */
  readonly namespaces: Readonly<Record<string, Namespace>>
  /** Wires. */
  readonly wires: readonly Cable[]
  /** Entry lists shared by many namespaces, by name. */
  readonly shared: Readonly<Record<string, SharedTable>>

  constructor(data: Partial<NetworkData> = {}) {
    this.namespaces = data.namespaces ?? {}
    this.wires = data.wires ?? []
    this.shared = data.shared ?? {}
  }

  /** A changed copy (immer). Returns this very Network when the recipe changes nothing. */
  edit(recipe: NetworkRecipe): Network {
    const before = this.toJSON()
    let returned: unknown
    const changing: NetworkRecipe = (draft) => {
      returned = recipe(draft)
    }
    const after = isLazy(before.namespaces) ? editLazily(before, changing) : produce(before, changing)
    assertRecipe(returned, after !== before)
    return after === before ? this : new Network(after)
  }

  /**
   * A copy with some namespaces replaced, added or removed (undefined), and these wires and shared tables: what `edit` would give, with
   * no draft of anything.
   */
  replaced(
    changes: ReadonlyMap<string, Namespace | undefined>,
    { wires, shared }: Pick<NetworkData, 'wires' | 'shared'>,
  ): Network {
    for (const ns of changes.values()) freeze(ns, true)
    const { namespaces } = this
    const made =
      changes.size === 0
        ? namespaces
        : isLazy(namespaces)
          ? withChanges(namespaces, changes)
          : changedCopy(namespaces, changes)
    // Where shared tables are others, so may be what namespaces see.
    if (made !== namespaces && !isLazy(namespaces) && shared === this.shared) {
      tellChanges(namespaces, made, { names: [...changes.keys()], firewalls: new Set() })
    }
    return new Network({ namespaces: made, wires, shared })
  }

  /** The plain data, for JSON and for comparison. */
  toJSON(): NetworkData {
    return { namespaces: this.namespaces, wires: this.wires, shared: this.shared }
  }
}

function changedCopy(
  namespaces: NetworkData['namespaces'],
  changes: ReadonlyMap<string, Namespace | undefined>,
): NetworkData['namespaces'] {
  const copy = dictionary<Namespace>()
  // One by one: Object.assign and spreads take three times as long where names are as many as these.
  for (const name of Object.keys(namespaces)) copy[name] = namespaces[name] as Namespace
  for (const [name, ns] of changes) {
    if (ns === undefined) delete copy[name]
    else copy[name] = ns
  }
  return Object.freeze(copy)
}

/** A recipe changes its draft; one that only returns something, or goes on later, was meant otherwise. */
function assertRecipe(returned: unknown, changed: boolean): void {
  const isLater = returned instanceof Promise
  if (!isLater && (changed || returned === undefined)) return
  const received = isLater ? 'a promise' : `a recipe that changes nothing and returns ${typeof returned}`
  const expected = 'a recipe that changes the draft it is given, at once'
  throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received }])
}
