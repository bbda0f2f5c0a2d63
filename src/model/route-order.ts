import {
  compareIps,
  containsPrefix,
  ipv4ToNumber,
  ipv6ToBytes,
  type Prefix,
  prefixAddress,
  prefixLength,
  readIp6Key,
} from '../wire/index.ts'
import type { Route } from './route.ts'

const TABLE_IDS: Readonly<Record<string, number>> = { unspec: 0, default: 253, main: 254, local: 255 }

/** The number of a routing table: `main` is 254, `local` 255, `default` 253; other names must be decimal numbers. Undefined when it is neither. */
export function tableId(table: string): number | undefined {
  const known = TABLE_IDS[table]
  if (known !== undefined) return known
  return /^[0-9]{1,10}$/.test(table) ? Number(table) : undefined
}

/**
 * Orders routes as `ip route show table all` prints them; for a stable `sort`. IPv4 before IPv6, then by table.
 * IPv4: by destination address, the longer prefix first, then by metric. IPv6: the walk of the kernel's tree, where
 * everything inside a prefix comes before the prefix itself.
 *
 * @linux net/ipv4/fib_trie.c fn_trie_dump_leaf
 * @linux net/ipv6/ip6_fib.c fib6_walk_continue
 */
export function compareRoutes(a: Route, b: Route): number {
  if (a.family !== b.family) return a.family === 'inet' ? -1 : 1
  if (a.table !== b.table) {
    const byTable = compareTables(a.table, b.table)
    if (byTable !== 0) return byTable
  }
  const byPrefix = a.family === 'inet' ? compareIpv4(a.dst, b.dst) : compareIpv6(a.dst, b.dst)
  if (byPrefix !== 0) return byPrefix
  return compareRest(a, b)
}

/** The kernel keeps its tables in 256 lists by the low byte of the table's number and prints list after list. */
function compareTables(a: string, b: string): number {
  const left = tableId(a) ?? 0
  const right = tableId(b) ?? 0
  return (left & 255) - (right & 255) || left - right
}

function compareIpv4(a: Prefix, b: Prefix): number {
  if (a === b) return 0
  return compareIps(prefixAddress(a), prefixAddress(b)) || prefixLength(b) - prefixLength(a)
}

function compareIpv6(a: Prefix, b: Prefix): number {
  if (a === b) return 0
  if (containsPrefix(a, b)) return 1
  if (containsPrefix(b, a)) return -1
  return compareIps(prefixAddress(a), prefixAddress(b))
}

/** The routes in the order the kernel prints them; routes the kernel does not tell apart stay in the order given. */
export function inKernelOrder(routes: readonly Route[]): Route[] {
  const keyed = routes.map((route) => ({ route, key: keys.get(route) ?? keyOf(route) }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : compareRest(a.route, b.route)))
  const inOrder = keyed.map(({ route }) => route)
  ordered.add(inOrder)
  return inOrder
}

/** Routes are immutable: each is parsed once, however many lists it stands in. */
const keys = new WeakMap<Route, string>()

function keyOf(route: Route): string {
  const key = orderKey(route)
  keys.set(route, key)
  return key
}

/** Lists that are in order: one more route finds its place there without all of them being sorted again. */
const ordered = new WeakSet<readonly Route[]>()

/**
 * The routes and one more, in the order the kernel prints them.
 * @param first - whether it comes before those the kernel does not tell it from, or behind
 */
export function withRouteInOrder(routes: readonly Route[], route: Route, first = false): Route[] {
  if (!ordered.has(routes)) return inKernelOrder(first ? [route, ...routes] : [...routes, route])
  let [low, high] = [0, routes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compareRoutes(routes[middle] as Route, route)
    if (order < 0 || (order === 0 && !first)) low = middle + 1
    else high = middle
  }
  const more = [...routes.slice(0, low), route, ...routes.slice(low)]
  ordered.add(more)
  return more
}

/** What {@link compareRoutes} compares up to the destination, as one text: a list of routes is parsed once, not at every comparison. */
function orderKey(route: Route): string {
  const table = tableId(route.table) ?? 0
  const high = Math.floor(table / 256)
  const list = String.fromCharCode(table & 255, Math.floor(high / 65536), high & 65535)
  return route.family === 'inet' ? `4${list}${ipv4Key(route.dst)}` : `6${list}${ipv6Key(route.dst)}`
}

function ipv4Key(dst: Prefix): string {
  const address = ipv4ToNumber(prefixAddress(dst))
  return String.fromCharCode(address >>> 16, address & 0xffff, 32 - prefixLength(dst))
}

/** A prefix sorts by its last address: behind everything inside it. */
function ipv6Key(dst: Prefix): string {
  const length = prefixLength(dst)
  const bytes = ipv6ToBytes(prefixAddress(dst))
  for (let bit = length; bit < 128; bit += 8 - (bit & 7)) bytes[bit >> 3] = bytes[bit >> 3]! | (0xff >> (bit & 7))
  return readIp6Key(bytes, 0) + String.fromCharCode(128 - length)
}

function compareRest(a: Route, b: Route): number {
  if (a.family === 'inet' && (a.tos ?? 0) !== (b.tos ?? 0)) return (b.tos ?? 0) - (a.tos ?? 0)
  return (a.metric ?? 0) - (b.metric ?? 0)
}
