import type { Address, Cable, Interface, Namespace } from '../model/index.ts'
import { contains, isHostPrefix, prefixOf } from '../wire/index.ts'

/** An interface of a namespace. */
export interface End {
  /** Its namespace. */
  readonly ns: Namespace
  /** The interface. */
  readonly dev: Interface
}

/** What is known of the veth pairs of a dump. */
export interface VethPairs {
  /** Pairs of which both ends were dumped. */
  readonly wires: readonly Cable[]
  /** Ends whose other end was not dumped. */
  readonly single: readonly End[]
  /** Ends for which several interfaces could be the other end, and none is likelier. */
  readonly ambiguous: readonly End[]
  /** Pairs for which nothing but their indices speaks. */
  readonly byIndexOnly: readonly Cable[]
}

/** Evidence from which a pair is taken among several that the indices allow. */
const ENOUGH = 2

/**
 * Finds the two ends of veth pairs: each names the index of the other (`eth0@if7`) and a number for its namespace, which
 * means nothing outside. Several pairs may fit; then addresses, routes, neighbours and forwarding entries decide.
 */
export function pairVeths(namespaces: readonly Namespace[]): VethPairs {
  const search = new Search(namespaces)
  search.run()
  return search.result()
}

class Search {
  private readonly open: End[]
  private readonly pairs: [End, End][] = []
  /** Namespace behind `NETNS\nNETNSID`. */
  private readonly behind = new Map<string, string>()
  private readonly weak: Cable[] = []

  constructor(namespaces: readonly Namespace[]) {
    this.open = namespaces.flatMap((ns) =>
      Object.values(ns.interfaces)
        .filter((dev) => dev.kind === 'veth' && dev.linkIndex !== undefined)
        .map((dev): End => ({ ns, dev })),
    )
  }

  run(): void {
    while (this.joinOnly() || this.joinLikeliest());
  }

  result(): VethPairs {
    const ambiguous = this.open.filter((end) => this.candidates(end).length > 0)
    const single = this.open.filter((end) => !ambiguous.includes(end))
    return { wires: this.pairs.map(cableOf), single, ambiguous, byIndexOnly: this.weak }
  }

  private candidates(a: End): End[] {
    return this.open.filter((b) => b !== a && indicesFit(a, b) && this.placesFit(a, b) && !contradicts(a, b))
  }

  /** What is known of the numbers of namespaces allows the pair. */
  private placesFit(a: End, b: End): boolean {
    return this.placeFits(a, b) && this.placeFits(b, a)
  }

  private placeFits(a: End, b: End): boolean {
    if (a.dev.linkNetnsid === undefined) return a.ns === b.ns || b.dev.linkNetnsid !== undefined
    if (a.ns === b.ns) return false
    const known = this.behind.get(`${a.ns.name}\n${a.dev.linkNetnsid}`)
    if (known !== undefined) return known === b.ns.name
    for (const [key, name] of this.behind) if (name === b.ns.name && key.startsWith(`${a.ns.name}\n`)) return false
    return true
  }

  private join(a: End, b: End): true {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      if (from.dev.linkNetnsid !== undefined) {
        this.behind.set(`${from.ns.name}\n${from.dev.linkNetnsid}`, to.ns.name)
      }
      this.open.splice(this.open.indexOf(from), 1)
    }
    this.pairs.push([a, b])
    if (this.evidence(a, b) < ENOUGH) this.weak.push(cableOf([a, b]))
    return true
  }

  /** Joins a pair of which neither end fits another one. */
  private joinOnly(): boolean {
    for (const a of this.open) {
      const [b, ...others] = this.candidates(a)
      if (b !== undefined && others.length === 0 && this.candidates(b).length === 1) return this.join(a, b)
    }
    return false
  }

  /** Joins a pair that is likelier than every other its ends could be part of. */
  private joinLikeliest(): boolean {
    for (const a of this.open) {
      const b = this.likeliest(a)
      if (b !== undefined && this.likeliest(b) === a) return this.join(a, b)
    }
    return false
  }

  private likeliest(a: End): End | undefined {
    const ranked = this.candidates(a).map((b) => ({ b, score: this.evidence(a, b) }))
    const [first, second] = ranked.sort((x, y) => y.score - x.score)
    if (first === undefined || first.score < ENOUGH || first.score === second?.score) return undefined
    return first.b
  }

  private evidence(a: End, b: End): number {
    const sameNet = sharesSubnet(this.addressesAt(a), this.addressesAt(b))
    return seenFrom(a, b) + seenFrom(b, a) + (sameNet ? 3 : 0) + (a.dev.mtu === b.dev.mtu ? 0.5 : 0)
  }

  /** Addresses of an end; for a port of a bridge those of the bridge and of what its other ports lead to. */
  private addressesAt(end: End): readonly Address[] {
    if (end.dev.master === undefined) return end.dev.addresses
    const others = this.pairs.flatMap(([a, b]) => (isSibling(a, end) ? [b] : isSibling(b, end) ? [a] : []))
    const own = end.ns.interfaces[end.dev.master]?.addresses ?? []
    return [...own, ...others.flatMap((other) => other.dev.addresses)]
  }
}

function indicesFit(a: End, b: End): boolean {
  return a.dev.linkIndex === b.dev.ifindex && b.dev.linkIndex === a.dev.ifindex
}

/** A route to single addresses through one end, none of which the other end has; or both are in subnets, but in different ones. */
function contradicts(a: End, b: End): boolean {
  if (leadsElsewhere(a, b) || leadsElsewhere(b, a)) return true
  return hasSubnet(a) && hasSubnet(b) && !sharesSubnet(a.dev.addresses, b.dev.addresses)
}

function hasSubnet({ dev }: End): boolean {
  return dev.addresses.some(
    (address) => address.scope === 'global' && !isHostPrefix(prefixOf(address.local, address.prefixlen)),
  )
}

function leadsElsewhere(a: End, b: End): boolean {
  const hosts = hostRoutes(a)
  const own = b.dev.addresses.filter((address) => address.scope === 'global').map((address) => address.local as string)
  return own.length > 0 && hosts.length > 0 && !hosts.some((host) => own.includes(host))
}

/** Addresses that have a route of their own, without a gateway, through an interface. */
export function hostRoutes({ ns, dev }: End): string[] {
  return ns.routes.flatMap((route) => {
    const direct = route.dev === dev.name && route.via === undefined && route.type === 'unicast'
    const isHost = direct && isHostPrefix(route.dst) && !dev.addresses.some((a) => route.dst.startsWith(`${a.local}/`))
    return isHost && !route.dst.startsWith('169.254.') ? [route.dst.slice(0, route.dst.indexOf('/'))] : []
  })
}

/** How much one namespace knows of the interface that may be at the other end. */
function seenFrom(a: End, b: End): number {
  let score = 0
  const own = b.dev.addresses.map((address) => address.local as string)
  if (hostRoutes(a).some((host) => own.includes(host))) score += 4
  if (a.ns.neighbours.some((entry) => entry.dev === a.dev.name && entry.lladdr === b.dev.mac)) score += 4
  const learned = a.ns.fdb.some((entry) => entry.dev === a.dev.name && entry.mac === b.dev.mac && !entry.self)
  return score + (learned ? 2 : 0)
}

/** Two ports of one bridge. */
function isSibling(a: End, b: End): boolean {
  return a.ns === b.ns && a.dev.master === b.dev.master && a.dev !== b.dev
}

function sharesSubnet(some: readonly Address[], others: readonly Address[]): boolean {
  return some.some((address) => {
    const net = prefixOf(address.local, address.prefixlen)
    if (address.scope !== 'global' || isHostPrefix(net)) return false
    return others.some(({ scope, local }) => scope === 'global' && contains(net, local))
  })
}

function cableOf([a, b]: readonly [End, End]): Cable {
  return {
    ends: [
      { netns: a.ns.name, dev: a.dev.name },
      { netns: b.ns.name, dev: b.dev.name },
    ],
    origin: { component: 'dump', note: 'each end names the index of the other' },
  }
}
