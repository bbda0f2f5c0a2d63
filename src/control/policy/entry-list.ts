import { keptIn, once, pushTo } from '../../model/index.ts'
import type { Entry } from './entries.ts'
import type { SetId } from './model.ts'
import type { SetSpec } from './set-spec.ts'

/** The policies of a cluster in order: tier, order in it, name. */
export class EntryList {
  /** All of them. */
  readonly entries: readonly Entry[]
  private readonly ranks: ReadonlyMap<Entry, number>
  private readonly global: readonly Entry[]
  private readonly byNamespace = new Map<string, Entry[]>()
  private readonly candidates = new Map<string, readonly Entry[]>()
  private readonly fresh = new WeakMap<EntryList, readonly Entry[]>()

  constructor(entries: readonly Entry[]) {
    this.entries = entries
    this.ranks = new Map(entries.map((entry, i) => [entry, i]))
    this.global = entries.filter(({ spec }) => spec.namespace === undefined)
    for (const entry of entries)
      if (entry.spec.namespace !== undefined) pushTo(this.byNamespace, entry.spec.namespace, entry)
  }

  /** All sets that their rules ask, by id. */
  readonly sets: () => ReadonlyMap<SetId, SetSpec> = once((): ReadonlyMap<SetId, SetSpec> => {
    const all = new Map<SetId, SetSpec>()
    for (const entry of this.entries) for (const [id, spec] of entry.sets()) if (!all.has(id)) all.set(id, spec)
    return all
  })

  /** Whether a policy is one of them. */
  has(entry: Entry): boolean {
    return this.ranks.has(entry)
  }

  /** Place of a policy in the order. */
  rank(entry: Entry): number {
    return this.ranks.get(entry)!
  }

  /** Policies in order. */
  inOrder(entries: readonly Entry[]): Entry[] {
    return [...entries].sort((a, b) => this.rank(a) - this.rank(b))
  }

  /** Policies that may select endpoints of a namespace, in order; without a namespace, those that may select host endpoints. */
  candidatesFor(namespace: string | undefined): readonly Entry[] {
    const own = namespace === undefined ? undefined : this.byNamespace.get(namespace)
    if (namespace === undefined || own === undefined) return this.global
    return keptIn(this.candidates, namespace, () => this.inOrder([...this.global, ...own]))
  }

  /** Policies that another list has not. */
  notIn(other: EntryList): readonly Entry[] {
    return keptIn(this.fresh, other, () => this.entries.filter((entry) => !other.has(entry)))
  }
}

/** Whether a policy may select endpoints of a namespace; of none: host endpoints. */
export function mayConcern({ spec }: Entry, namespace: string | undefined): boolean {
  return spec.namespace === undefined || spec.namespace === namespace
}
