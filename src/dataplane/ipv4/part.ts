import type { NetNs } from '../kernel/netns.ts'
import { type Change, type Part, type PartKind, routesDiffer } from '../kernel/part.ts'
import { DefaultRoutes } from './default-route.ts'
import { FragQueues, type SavedFragQueues } from './defrag.ts'
import { RouteCache4, type SavedRouteCache4 } from './exceptions.ts'
import { compileFib4, type Fib4, knowsHop } from './fib.ts'
import { Scratch4, scratch4Of } from './scratch.ts'
import { IPV4_SLOT } from './slot.ts'

/** What {@link Ipv4Part.save} gives and {@link Ipv4Part.load} takes. */
export interface SavedIpv4 {
  /** Routing tables, null when they had not been compiled. */
  readonly fib: Fib4 | null
  /** Exceptions, peers, the id counter. */
  readonly cache: SavedRouteCache4
  /** Incomplete datagrams. */
  readonly frags: SavedFragQueues
  /** Choices among equal default routes. */
  readonly defaults: ReadonlyMap<string, number>
}

/** IPv4 in a namespace: routing tables, compiled when first asked for, and what packets have changed. */
export class Ipv4Part implements Part<SavedIpv4> {
  /** Route exceptions (PMTU, redirects). */
  readonly cache: RouteCache4
  /** Incomplete datagrams of all users. */
  readonly frags: FragQueues
  /** Which of equal default routes was taken last. */
  readonly defaults: DefaultRoutes = new DefaultRoutes()
  /** What is filled again for each packet. */
  readonly scratch: Scratch4
  private readonly ns: NetNs
  private compiled: Fib4 | null = null

  constructor(ns: NetNs) {
    this.ns = ns
    this.scratch = scratch4Of(ns.sim)
    this.cache = new RouteCache4(ns)
    this.frags = new FragQueues(ns)
  }

  /** Routing tables and rules. */
  get fib(): Fib4 {
    return this.compiled ?? this.compile()
  }

  private compile(): Fib4 {
    const fib = compileFib4(this.ns)
    this.cache.prune((hop, daddr) => knowsHop(fib, hop, daddr))
    this.defaults.prune(fib)
    this.compiled = fib
    return fib
  }

  update(change: Change): void {
    if (routesDiffer(this.ns, change)) this.compiled = null
  }

  save(): SavedIpv4 {
    const { cache, frags, defaults } = this
    return { fib: this.compiled, cache: cache.save(), frags: frags.save(), defaults: defaults.save() }
  }

  load(saved: SavedIpv4): void {
    this.compiled = saved.fib
    this.cache.load(saved.cache)
    this.frags.load(saved.frags)
    this.defaults.load(saved.defaults)
  }
}

/** IPv4. */
export const IPV4: Readonly<PartKind<Ipv4Part>> = {
  slot: IPV4_SLOT,
  make: (ns) => new Ipv4Part(ns),
  scratch: () => new Scratch4(),
}
