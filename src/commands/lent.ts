import { type LentEntries, lentTo, type Namespace, type Network } from '../model/index.ts'

type List = keyof LentEntries

const LISTS: readonly List[] = ['routes', 'neighbours', 'fdb']

/** What a namespace has of shared tables, written out, and what it is told by in a list. */
interface Lent {
  readonly shared: Network['shared']
  readonly entries: LentEntries
  readonly sets: { readonly [L in List]: ReadonlySet<unknown> }
}

/** Of so many shared entries it is kept what they are for a namespace, written out; with more each of many nodes would hold its own. */
const MOST_KEPT = 512

/** Of namespaces that were edited: a program that edits one will edit it again. */
const known = new WeakMap<Namespace, Lent>()

function lentOf({ shared }: Pick<Network, 'shared'>, ns: Namespace): Lent {
  const kept = known.get(ns)
  if (kept?.shared === shared) return kept
  const entries = lentTo({ shared }, ns)
  const { routes, neighbours, fdb } = entries
  const sets = { routes: new Set(routes), neighbours: new Set(neighbours), fdb: new Set(fdb) }
  return { shared, entries, sets }
}

/** Namespaces of a network as a recipe has them: with all that they share written out. */
export class WithLent {
  private readonly network: Pick<Network, 'shared'>
  private readonly lent = new Map<Namespace, Lent>()

  constructor(network: Pick<Network, 'shared'>) {
    this.network = network
  }

  /** What a namespace shares, written out. */
  entriesOf(ns: Namespace): LentEntries {
    return this.of(ns).entries
  }

  private of(ns: Namespace): Lent {
    const before = this.lent.get(ns)
    if (before !== undefined) return before
    const lent = lentOf(this.network, ns)
    this.lent.set(ns, lent)
    return lent
  }

  /**
   * An edited namespace whose shared entries are those of the shared tables again; where one was changed or removed, all stay written out.
   *
   * @param whole - as it was before the edit, with all written out
   */
  taken(ns: Namespace, whole: Namespace, edited: Namespace): Namespace {
    if (ns.shared === undefined || edited.shared !== undefined) return edited
    const lent = this.of(ns)
    const own: { -readonly [K in keyof Namespace]: unknown } = { ...edited }
    for (const list of LISTS) {
      if (edited[list] === whole[list]) {
        own[list] = ns[list]
        continue
      }
      const { size } = lent.sets[list]
      const kept = size === 0 ? edited[list] : edited[list].filter((entry: unknown) => !lent.sets[list].has(entry))
      if (edited[list].length - kept.length !== size) return edited
      own[list] = Object.freeze(kept)
    }
    own.shared = ns.shared
    const after = Object.freeze(own) as Namespace
    if (LISTS.every((list) => lent.sets[list].size <= MOST_KEPT)) known.set(after, lent)
    return after
  }
}
