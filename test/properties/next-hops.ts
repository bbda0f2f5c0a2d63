// Where packets go, worked out from the tables alone by the plainest means: scan all routes, take the longest prefix, then
// the lowest metric. Knows nothing of the engine.
import {
  fdbOf,
  type Namespace,
  type Network,
  neighboursOf,
  type Route,
  routesOf,
  segmentsOf,
} from '../../src/model/index.ts'
import { contains, type Ip, type Prefix, prefixAddress, prefixLength } from '../../src/wire/index.ts'

/** Where one namespace sends what is for a destination. */
export type Step =
  | { readonly kind: 'here' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'to'; readonly netns: string; readonly outer?: Ip }

/** The next hops of a network, of one family. */
export class NextHops {
  private readonly network: Network
  private readonly routes = new Map<string, Route[]>()
  private readonly holders = new Map<string, string>()
  private readonly neighboursOnLink = new Map<string, string[]>()

  constructor(network: Network, family: Route['family'] = 'inet') {
    this.network = network
    for (const ns of Object.values(network.namespaces)) {
      const own = routesOf(network, ns).filter(
        (route) => route.family === family && (route.table === 'main' || route.table === 'local'),
      )
      this.routes.set(ns.name, own)
      for (const dev of Object.values(ns.interfaces)) {
        for (const { local } of dev.addresses) if (dev.name !== 'lo') this.holders.set(local, ns.name)
      }
    }
    for (const { stations } of segmentsOf(network)) {
      for (const station of stations) {
        const others = stations.filter((other) => other !== station).map((other) => other.netns)
        this.neighboursOnLink.set(`${station.netns} ${station.dev}`, others)
      }
    }
  }

  /** Namespaces that route: all but switches. */
  get routers(): string[] {
    return Object.values(this.network.namespaces)
      .filter((ns) => ns.role !== 'switch')
      .map((ns) => ns.name)
  }

  /** One address of every class of IPv4: addresses between which no table of the network tells a difference. */
  classes(): Ip[] {
    const prefixes = new Set<Prefix>()
    for (const routes of this.routes.values()) for (const route of routes) prefixes.add(route.dst)
    const found = new Set<Ip>()
    for (const prefix of prefixes) {
      found.add(prefixAddress(prefix))
      const inner = representative(prefix, prefixes)
      if (inner !== undefined) found.add(inner)
    }
    return [...found].filter((ip) => !/^(0|127|22[4-9]|23\d|24\d|25\d)\./.test(ip))
  }

  /** The best route by a plain scan: longest prefix, lowest metric, first listed. */
  route(netns: string, dst: Ip): Route | undefined {
    let best: Route | undefined
    for (const route of this.routes.get(netns) ?? []) {
      if (!contains(route.dst, dst)) continue
      const gain = best === undefined ? 1 : prefixLength(route.dst) - prefixLength(best.dst)
      if (gain > 0 || (gain === 0 && (route.metric ?? 0) < (best!.metric ?? 0))) best = route
    }
    return best
  }

  /** What a namespace does with a packet for a destination. */
  step(netns: string, dst: Ip): Step {
    const route = this.route(netns, dst)
    if (route === undefined) return { kind: 'refused', why: 'no route' }
    if (route.type === 'local' || route.type === 'broadcast') return { kind: 'here' }
    if (route.type !== 'unicast') return { kind: 'refused', why: route.type }
    const ns = this.network.namespaces[netns]!
    const link = ns.interfaces[route.dev!]!
    const gateway = route.via ?? dst
    if (link.kind === 'ipip') return this.tunnel(netns, gateway)
    if (link.kind === 'vxlan') return this.tunnel(netns, this.remoteOf(ns, link.name, gateway))
    const others = this.neighboursOnLink.get(`${netns} ${link.name}`) ?? []
    const holder = others.find((other) => this.holders.get(gateway) === other) ?? this.proxy(ns, others)
    return holder === undefined ? { kind: 'refused', why: `nobody has ${gateway}` } : { kind: 'to', netns: holder }
  }

  /** A pod's gateway is an address that its node answers for. */
  private proxy(ns: Namespace, others: readonly string[]): string | undefined {
    return ns.role === 'pod' ? others[0] : undefined
  }

  private tunnel(netns: string, outer: Ip | undefined): Step {
    if (outer === undefined) return { kind: 'refused', why: 'no tunnel end' }
    const way = this.walk(netns, outer)
    const end = way.at(-1)
    return end === undefined || !this.arrives(netns, outer)
      ? { kind: 'refused', why: `${outer} is out of reach` }
      : { kind: 'to', netns: end, outer }
  }

  private remoteOf(ns: Namespace, dev: string, gateway: Ip): Ip | undefined {
    const lladdr = neighboursOf(this.network, ns).find((entry) => entry.dev === dev && entry.dst === gateway)?.lladdr
    return fdbOf(this.network, ns).find((entry) => entry.dev === dev && entry.mac === lladdr)?.dst
  }

  /** Namespaces a packet is routed by, first and last included; a loop ends after as many steps as there are namespaces. */
  walk(from: string, dst: Ip): string[] {
    const way = [from]
    for (let i = 0; i < this.routers.length + 1; i++) {
      const step = this.step(way.at(-1)!, dst)
      if (step.kind !== 'to') break
      way.push(step.netns)
    }
    return way
  }

  /** Whether a packet ends at the namespace that has its destination, without passing any namespace twice. */
  arrives(from: string, dst: Ip): boolean {
    const way = this.walk(from, dst)
    const end = way.at(-1)!
    return new Set(way).size === way.length && this.holders.get(dst) === end && this.step(end, dst).kind === 'here'
  }
}

/** An address of a prefix in none of the longer prefixes inside it, when one of a few tries is. */
function representative(prefix: Prefix, all: ReadonlySet<Prefix>): Ip | undefined {
  const length = prefixLength(prefix)
  if (length === 32) return undefined
  const inner = [...all].filter((other) => prefixLength(other) > length && contains(prefix, prefixAddress(other)))
  const [a, b, c, d] = prefixAddress(prefix).split('.').map(Number) as [number, number, number, number]
  const base = ((a * 256 + b) * 256 + c) * 256 + d
  const size = 2 ** (32 - length)
  for (const part of [0.77, 0.5, 0.31, 0.9, 0.13, 0.66, 0.04]) {
    const at = base + Math.min(size - 1, Math.floor(size * part))
    const ip = [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256).join('.') as Ip
    if (!inner.some((other) => contains(other, ip))) return ip
  }
  return undefined
}
