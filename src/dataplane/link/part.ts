import type { Namespace } from '../../model/index.ts'
import { ArpView } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { type Change, type Part, type PartKind, routesDiffer } from '../kernel/part.ts'
import { NeighTable, type SavedNeighTable } from './neigh-table.ts'
import { LINK_SLOT } from './slot.ts'

/** The link layer in a namespace: its neighbours. What bridges have learned is kept with their devices. */
export class LinkPart implements Part<SavedNeighTable> {
  /** Neighbour table, both families. */
  readonly neigh: NeighTable
  private readonly ns: NetNs

  constructor(ns: NetNs) {
    this.ns = ns
    this.neigh = new NeighTable(ns)
    this.neigh.seed()
  }

  update(change: Change): void {
    if (change.shared || neighboursDiffer(change.before, this.ns.model)) this.neigh.seed()
    if (routesDiffer(this.ns, change)) this.neigh.forgetDerived()
  }

  save(): SavedNeighTable {
    return this.neigh.save()
  }

  load(saved: SavedNeighTable): void {
    this.neigh.load(saved)
  }
}

function neighboursDiffer(before: Namespace, after: Namespace): boolean {
  return after.neighbours !== before.neighbours || after.proxyNeighbours !== before.proxyNeighbours
}

/** The link layer. */
export const LINK: Readonly<PartKind<LinkPart>> = {
  slot: LINK_SLOT,
  make: (ns) => new LinkPart(ns),
  scratch: () => new ArpView(new Uint8Array(0)),
}
