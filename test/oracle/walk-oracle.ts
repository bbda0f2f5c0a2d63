// Where a packet goes, worked out slowly: every list is scanned from its beginning, nothing is compiled or remembered.
import type { Network, Route, Rule } from '../../src/model/index.ts'

/** How a walk ended. */
export type Fate =
  | 'martian source'
  | 'delivered'
  | 'ttl exceeded'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'no route'
  | 'nobody there'

/** A packet's way. */
export interface Walk {
  /** Namespaces in order; the last is where it ended. */
  readonly path: readonly string[]
  /** TTL as it left each of them. */
  readonly ttls: readonly number[]
  /** How it ended. */
  readonly fate: Fate
}

const number = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** Whether an address lies in a prefix: the first bits, one by one, as text. */
function isIn(address: string, prefix: string): boolean {
  const [base = '', length = '32'] = prefix.split('/')
  const bits = (text: string): string => number(text).toString(2).padStart(32, '0').slice(0, Number(length))
  return bits(address) === bits(base)
}

/** The longest prefix of a table; of two alike the lower metric, then the first. */
function inTable(routes: readonly Route[], table: string, destination: string): Route | undefined {
  let best: Route | undefined
  for (const route of routes) {
    if (route.family !== 'inet' || route.table !== table || !isIn(destination, route.dst)) continue
    const length = (one: Route): number => Number(one.dst.split('/')[1])
    if (best === undefined || length(route) > length(best)) best = route
    else if (length(route) === length(best) && (route.metric ?? 0) < (best.metric ?? 0)) best = route
  }
  return best
}

function applies(rule: Rule, source: string, destination: string): boolean {
  if (rule.family !== 'inet') return false
  const from = rule.from === undefined || isIn(source, rule.from)
  return from && (rule.to === undefined || isIn(destination, rule.to))
}

/** Rules in order of priority; a table without an answer, or with `throw`, passes on to the next rule. */
function lookup(network: Network, netns: string, source: string, destination: string): Route | undefined {
  const ns = network.namespaces[netns]!
  for (const rule of [...ns.rules].sort((a, b) => a.priority - b.priority)) {
    if (!applies(rule, source, destination)) continue
    const found = inTable(ns.routes, rule.table ?? 'main', destination)
    if (found !== undefined && found.type !== 'throw') return found
  }
  return undefined
}

function hasAddress(network: Network, netns: string, address: string): boolean {
  const interfaces = Object.values(network.namespaces[netns]!.interfaces)
  return interfaces.some((one) => one.addresses.some(({ local }) => local === address))
}

/** The namespace at the other end of a wire, when it has the address. */
function acrossWire(network: Network, netns: string, dev: string, address: string): string | undefined {
  for (const { ends } of network.wires) {
    for (const [a, b] of [ends, [ends[1], ends[0]]] as const) {
      if (a.netns !== netns || a.dev !== dev) continue
      if (hasAddress(network, b.netns, address)) return b.netns
    }
  }
  return undefined
}

/** Walks a packet from a namespace until it ends. Reverse path filters are taken to be off. */
export function walk(network: Network, from: string, source: string, destination: string, ttl: number): Walk {
  const path = [from]
  const ttls: number[] = []
  for (let here = from, left = ttl; ; ) {
    const end = (fate: Fate): Walk => ({ path, ttls, fate })
    const route = lookup(network, here, source, destination)
    if (route === undefined) return end('no route')
    if (route.type === 'blackhole' || route.type === 'unreachable' || route.type === 'prohibit') return end(route.type)
    // Whoever has the source address sends such packets and does not receive them.
    if (path.length > 1 && hasAddress(network, here, source)) return end('martian source')
    if (route.type === 'local') return end('delivered')
    if (path.length > 1) {
      if (left <= 1) return end('ttl exceeded')
      left -= 1
    }
    const next = acrossWire(network, here, route.dev!, route.via ?? destination)
    if (next === undefined) return end('nobody there')
    ttls.push(left)
    path.push(next)
    here = next
  }
}
