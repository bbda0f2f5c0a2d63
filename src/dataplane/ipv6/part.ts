import type { NetNs } from '../kernel/netns.ts'
import { type Change, type Part, type PartKind, routesDiffer } from '../kernel/part.ts'
import { Scratch6 } from './scratch.ts'
import { IPV6_SLOT } from './slot.ts'
import { createIpv6State, type Ipv6State, type SavedIpv6State } from './state.ts'

/** What {@link Ipv6Part.save} gives and {@link Ipv6Part.load} takes. */
export interface SavedIpv6 {
  /** The state and whether it is that of the model. */
  readonly compiled: Ipv6State | null
  /** See `compiled`. */
  readonly isFresh: boolean
  /** What packets had changed. */
  readonly state: SavedIpv6State | undefined
}

/** IPv6 in a namespace, compiled when first asked for. */
export class Ipv6Part implements Part<SavedIpv6> {
  private readonly ns: NetNs
  private compiled: Ipv6State | null = null
  private isFresh = false

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** Everything IPv6; null while it is off on all devices. */
  get state(): Ipv6State | null {
    return this.isFresh ? this.compiled : this.compile()
  }

  private compile(): Ipv6State | null {
    this.isFresh = true
    this.compiled = createIpv6State(this.ns, this.compiled)
    return this.compiled
  }

  update(change: Change): void {
    if (routesDiffer(this.ns, change)) this.isFresh = false
  }

  save(): SavedIpv6 {
    const { compiled, isFresh } = this
    return { compiled, isFresh, state: compiled?.save() }
  }

  load(saved: SavedIpv6): void {
    this.compiled = saved.compiled
    this.isFresh = saved.isFresh
    if (saved.state !== undefined) this.compiled?.load(saved.state)
  }
}

/** IPv6. */
export const IPV6: Readonly<PartKind<Ipv6Part>> = {
  slot: IPV6_SLOT,
  make: (ns) => new Ipv6Part(ns),
  scratch: () => new Scratch6(),
}
