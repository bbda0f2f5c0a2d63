import type { NetNs, PacketBuffer, Simulation } from '../dataplane/index.ts'
import { DROPS, type DropCause, type DropSite, type Neighbour, type RouteException } from '../model/index.ts'

/** Whether the kernel's tracepoint for drops sees it. */
export function isTraced(cause: DropCause): boolean {
  const site: DropSite = DROPS[cause]
  return site.traced !== false
}

/** A drop as the captures list it: protocol, reason, function. */
export type DropRow = readonly [protocol: string, reason: string, at: string]

const PROTOCOLS: Readonly<Record<number, string>> = { 2048: 'ipv4', 2054: 'arp', 34525: 'ipv6' }

/** The captures' row for a drop. */
export function dropRow(cause: DropCause, skb: PacketBuffer): DropRow {
  const { reason, at } = DROPS[cause]
  return [PROTOCOLS[skb.protocol] ?? `0x${skb.protocol.toString(16).padStart(4, '0')}`, reason, at]
}

/** A neighbour as `ip -j neigh` prints it. */
function neighbourRow(n: Neighbour): Readonly<Record<string, unknown>> {
  return {
    dst: n.dst,
    dev: n.dev,
    ...(n.lladdr === undefined ? {} : { lladdr: n.lladdr }),
    ...(n.router === true ? { router: null } : {}),
    state: [n.state],
  }
}

/** Neighbour tables by namespace, as in `neighAfter`: namespaces without entries and switches are left out. */
export function neighbourTables(sim: Simulation): Record<string, unknown[]> {
  const out: Record<string, unknown[]> = {}
  for (const [name, model] of Object.entries(sim.network.namespaces)) {
    if (model.role === 'switch') continue
    const rows = sim.netns(name).neigh.dump().map(neighbourRow)
    if (rows.length > 0) out[name] = rows
  }
  return out
}

/** Route exceptions by namespace (`.v6` behind it for IPv6), in the manner of `ip -j route show cache`. */
export function routeCaches(sim: Simulation): Record<string, unknown[]> {
  const out: Record<string, unknown[]> = {}
  for (const name of Object.keys(sim.network.namespaces)) {
    const { cache4, ip6 } = sim.netns(name)
    const rows = cache4.dump().map(routeCacheRow)
    if (rows.length > 0) out[name] = rows
    const rows6 = ip6?.cache.dump().map(routeCacheRow) ?? []
    if (rows6.length > 0) out[`${name}.v6`] = rows6
  }
  return out
}

function routeCacheRow(e: RouteException): Readonly<Record<string, unknown>> {
  return {
    dst: e.dst,
    ...(e.via === undefined ? {} : { gateway: e.via }),
    ...(e.dev === undefined ? {} : { dev: e.dev }),
    flags: [],
    cache: e.redirected === true ? ['redirected'] : [],
    ...(e.expires === undefined ? {} : { expires: e.expires }),
    ...(e.mtu === undefined ? {} : { metrics: [{ mtu: e.mtu }] }),
  }
}

/** Forgets learned addresses of every bridge of a namespace. */
export function flushBridges(ns: NetNs): void {
  for (const dev of ns.devices) dev.bridge?.fdb.flush()
}
