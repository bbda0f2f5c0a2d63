import { compareIps, containsPrefix, type Prefix, prefixAddress, prefixLength } from '../wire/index.ts'
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
  if (a.family === 'inet' && (a.tos ?? 0) !== (b.tos ?? 0)) return (b.tos ?? 0) - (a.tos ?? 0)
  return (a.metric ?? 0) - (b.metric ?? 0)
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
  return [...routes].sort(compareRoutes)
}
