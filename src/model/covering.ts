import { contains, type Ip, ipv4ToNumber, isIpv4, maskOf, prefixAddress, prefixLength } from '../wire/index.ts'
import type { Namespace } from './namespace.ts'
import type { FdbEntry, Neighbour } from './neighbour.ts'
import type { NetworkData } from './network.ts'
import type { Route } from './route.ts'
import { inKernelOrder } from './route-order.ts'
import { fabricFdb, fabricNeighbour, fabricRoute } from './routes.ts'
import type { Fabric, FabricEntry, FabricUse } from './shared.ts'

/** The IPv4 entries of a fabric by prefix length and network. */
interface FabricPrefixes {
  readonly byLength: ReadonlyMap<number, ReadonlyMap<number, readonly FabricEntry[]>>
  readonly inet6: readonly FabricEntry[]
}

/** Fabrics are immutable: each is sorted once, however many nodes share it. */
const prefixes = new WeakMap<Fabric, FabricPrefixes>()

function networkOf(address: number, length: number): number {
  return (address & maskOf(length)) >>> 0
}

function prefixesOf(fabric: Fabric): FabricPrefixes {
  const known = prefixes.get(fabric)
  if (known !== undefined) return known
  const byLength = new Map<number, Map<number, FabricEntry[]>>()
  const inet6: FabricEntry[] = []
  for (const entry of fabric.entries) {
    if (entry.dst === undefined) continue
    const address = prefixAddress(entry.dst)
    if (!isIpv4(address)) {
      inet6.push(entry)
      continue
    }
    const length = prefixLength(entry.dst)
    const networks = byLength.get(length) ?? new Map<number, FabricEntry[]>()
    byLength.set(length, networks)
    const network = networkOf(ipv4ToNumber(address), length)
    const list = networks.get(network)
    if (list === undefined) networks.set(network, [entry])
    else list.push(entry)
  }
  const made = { byLength, inet6 }
  prefixes.set(fabric, made)
  return made
}

function entriesCovering(fabric: Fabric, dst: Ip): readonly FabricEntry[] {
  const { byLength, inet6 } = prefixesOf(fabric)
  if (!isIpv4(dst)) return inet6.filter((entry) => entry.dst !== undefined && contains(entry.dst, dst))
  const address = ipv4ToNumber(dst)
  return [...byLength].flatMap(([length, networks]) => networks.get(networkOf(address, length)) ?? [])
}

/** Addresses remembered for a namespace. */
const MOST_ANSWERS = 64

interface Answers {
  readonly fabrics: NetworkData['fabrics']
  readonly byAddress: Map<Ip, readonly Route[]>
}

/** Namespaces are immutable: who traces a packet asks the same thing of the same routes again and again. */
const answers = new WeakMap<Namespace, Answers>()

/**
 * The routes of a namespace, of all tables, that contain an address, in the order the kernel prints them: what `routesOf`
 * lists, less what has nothing to do with the address.
 */
export function routesCovering(network: Pick<NetworkData, 'fabrics'>, ns: Namespace, dst: Ip): readonly Route[] {
  let known = answers.get(ns)
  if (known === undefined || known.fabrics !== network.fabrics || known.byAddress.size >= MOST_ANSWERS) {
    known = { fabrics: network.fabrics, byAddress: new Map() }
    answers.set(ns, known)
  }
  const before = known.byAddress.get(dst)
  if (before !== undefined) return before
  const found = findCovering(network, ns, dst)
  known.byAddress.set(dst, found)
  return found
}

/** An IPv4 prefix as numbers. */
interface Range {
  readonly network: number
  readonly length: number
}

/** Routes are immutable: their text is read once, however many addresses are asked for. */
const ranges = new WeakMap<Route, Range>()

function rangeOf(route: Route): Range {
  const known = ranges.get(route)
  if (known !== undefined) return known
  const made = { network: ipv4ToNumber(prefixAddress(route.dst)), length: prefixLength(route.dst) }
  ranges.set(route, made)
  return made
}

function coveringOf(routes: readonly Route[], dst: Ip): Route[] {
  if (!isIpv4(dst)) return routes.filter((route) => route.family === 'inet6' && contains(route.dst, dst))
  const address = ipv4ToNumber(dst)
  return routes.filter((route) => {
    if (route.family !== 'inet') return false
    const { network, length } = rangeOf(route)
    return Math.clz32(network ^ address) >= length
  })
}

function findCovering(network: Pick<NetworkData, 'fabrics'>, ns: Namespace, dst: Ip): Route[] {
  const covering = coveringOf(ns.routes, dst)
  for (const use of ns.fabrics ?? []) {
    const fabric = use.as === 'route' ? network.fabrics[use.fabric] : undefined
    if (fabric === undefined) continue
    for (const entry of entriesCovering(fabric, dst)) {
      if (entry.owner === ns.name || use.except?.includes(entry.owner) === true) continue
      const route = fabricRoute(entry, use)
      if (route !== undefined) covering.push(route)
    }
  }
  return inKernelOrder(covering)
}

/** The configured neighbour with this address on a device, shared ones included: what `neighboursOf` would list. */
export function findNeighbour(
  network: Pick<NetworkData, 'fabrics'>,
  ns: Namespace,
  dev: string,
  dst: string,
): Neighbour | undefined {
  const own = ns.neighbours.find((entry) => entry.dst === dst && entry.dev === dev)
  return own ?? firstShared(network, ns, dev, 'neighbour', (entry) => entry.via === dst, fabricNeighbour)
}

/** The configured forwarding entry with this address on a device, shared ones included: what `fdbOf` would list. */
export function findFdb(
  network: Pick<NetworkData, 'fabrics'>,
  ns: Namespace,
  dev: string,
  mac: string,
): FdbEntry | undefined {
  const own = ns.fdb.find((entry) => entry.mac === mac && entry.dev === dev)
  return own ?? firstShared(network, ns, dev, 'fdb', (entry) => entry.lladdr === mac, fabricFdb)
}

function firstShared<T>(
  network: Pick<NetworkData, 'fabrics'>,
  ns: Namespace,
  dev: string,
  as: FabricUse['as'],
  fits: (entry: FabricEntry) => boolean,
  make: (entry: FabricEntry, use: FabricUse) => T | undefined,
): T | undefined {
  for (const use of ns.fabrics ?? []) {
    if (use.as !== as || use.dev !== dev) continue
    for (const entry of network.fabrics[use.fabric]?.entries ?? []) {
      if (!fits(entry) || entry.owner === ns.name || use.except?.includes(entry.owner) === true) continue
      const made = make(entry, use)
      if (made !== undefined) return made
    }
  }
  return undefined
}
