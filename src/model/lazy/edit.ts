import { createDraft, current, type Draft, freeze } from 'immer'
import type { Namespace } from '../namespace.ts'
import type { NetworkData, NetworkRecipe } from '../network.ts'
import { withChanges } from './namespaces.ts'

/** Namespaces as a recipe sees them: each becomes a draft when it is first read. */
class NamespaceDrafts {
  /** What the recipe reads and writes. */
  readonly proxy: Record<string, Draft<Namespace>>
  private readonly base: NetworkData['namespaces']
  private readonly drafts = new Map<string, Draft<Namespace>>()
  private readonly written = new Map<string, Namespace | undefined>()

  constructor(base: NetworkData['namespaces']) {
    this.base = base
    this.proxy = new Proxy<Record<string, Draft<Namespace>>>(
      {},
      {
        get: (target, key) => (typeof key === 'string' ? this.read(key) : Reflect.get(target, key)),
        has: (target, key) => (typeof key === 'string' ? this.has(key) : Reflect.has(target, key)),
        ownKeys: () => this.keys(),
        getOwnPropertyDescriptor: (target, key) => {
          if (typeof key !== 'string') return Reflect.getOwnPropertyDescriptor(target, key)
          if (!this.has(key)) return undefined
          return { configurable: true, enumerable: true, get: () => this.read(key) }
        },
        set: (_target, key, value) => typeof key === 'string' && this.write(key, value as Namespace),
        deleteProperty: (_target, key) => typeof key === 'string' && this.write(key, undefined),
      },
    )
  }

  private has(key: string): boolean {
    return this.written.has(key) ? this.written.get(key) !== undefined : Object.hasOwn(this.base, key)
  }

  private keys(): string[] {
    const added = [...this.written.keys()].filter((key) => this.has(key) && !Object.hasOwn(this.base, key))
    return [...Object.keys(this.base).filter((key) => this.has(key)), ...added]
  }

  private read(key: string): Draft<Namespace> | undefined {
    if (this.written.has(key)) return this.written.get(key) as Draft<Namespace> | undefined
    const known = this.drafts.get(key)
    if (known !== undefined || !Object.hasOwn(this.base, key)) return known
    const made = createDraft(freeze(plain(this.base[key] as Namespace), true))
    this.drafts.set(key, made)
    return made
  }

  private write(key: string, value: Namespace | undefined): true {
    this.written.set(key, value)
    return true
  }

  /** What is another namespace than before. */
  changes(): ReadonlyMap<string, Namespace | undefined> {
    const changes = new Map<string, Namespace | undefined>()
    for (const [key, draft] of this.drafts) {
      const before = plain(this.base[key] as Namespace)
      const after = settled(draft) as Namespace
      if (after !== before) changes.set(key, after)
    }
    for (const [key, value] of this.written) changes.set(key, value === undefined ? undefined : settled(value))
    return changes
  }
}

/** The plain form of namespaces that make their parts on demand; the same one each time. */
const plainForms = new WeakMap<Namespace, Namespace>()

function plain(ns: Namespace): Namespace {
  const known = plainForms.get(ns)
  if (known !== undefined) return known
  const made = { ...ns }
  plainForms.set(ns, made)
  plainForms.set(made, made)
  return made
}

/** A value without drafts in it; parts that the recipe did not change are the very same as before. */
function settled<T>(value: T): T {
  const holder = createDraft({ value: undefined as unknown }) as { value: unknown }
  holder.value = value
  return freeze((current(holder) as { value: T }).value, true)
}

/** A part of the network that becomes a draft when it is first read. */
class PartDraft<T extends object> {
  private readonly base: T
  private value: unknown

  constructor(base: T) {
    this.base = base
  }

  /** What the recipe reads. */
  get(): unknown {
    this.value ??= createDraft(freeze(this.base, true))
    return this.value
  }

  /** Puts something else in its place. */
  set(value: unknown): void {
    this.value = value
  }

  /** What came of it. */
  result(): T {
    return this.value === undefined ? this.base : (settled(this.value) as T)
  }
}

/**
 * Runs a recipe over a network whose namespaces are made when they are read: it makes, copies and compares only those the
 * recipe looks at.
 *
 * @returns `data` itself when the recipe changes nothing
 */
export function editLazily(data: NetworkData, recipe: NetworkRecipe): NetworkData {
  const namespaces = new NamespaceDrafts(data.namespaces)
  const wires = new PartDraft(data.wires)
  const shared = new PartDraft(data.shared)
  let replaced: NetworkData['namespaces'] | undefined
  const draft = {
    get namespaces(): unknown {
      return replaced ?? namespaces.proxy
    },
    set namespaces(value: unknown) {
      replaced = value === namespaces.proxy ? undefined : (value as NetworkData['namespaces'])
    },
    get wires(): unknown {
      return wires.get()
    },
    set wires(value: unknown) {
      wires.set(value)
    },
    get shared(): unknown {
      return shared.get()
    },
    set shared(value: unknown) {
      shared.set(value)
    },
  }
  recipe(draft as Draft<NetworkData>)
  const changes = namespaces.changes()
  const after: NetworkData = {
    namespaces:
      replaced !== undefined
        ? settled(replaced)
        : changes.size > 0
          ? withChanges(data.namespaces, changes)
          : data.namespaces,
    wires: wires.result(),
    shared: shared.result(),
  }
  const same = (['namespaces', 'wires', 'shared'] as const).every((key) => after[key] === data[key])
  return same ? data : after
}
