import type { NetNs, RuleCounter, Simulation } from '../dataplane/index.ts'
import { conntrackList, iptablesRuleText } from '../linux/index.ts'
import { type Namespace, type Network, pushTo } from '../model/index.ts'

const FAMILIES = ['inet', 'inet6'] as const

type Family = (typeof FAMILIES)[number]

/** Forgets all connections of a namespace (`conntrack -F`). */
export function flushConntrack(ns: NetNs): void {
  ns.nf?.flushConntrack()
}

/** Connections by namespace, as `conntrack -L -o extended` lists them. */
export function conntrackTables(sim: Simulation): Record<string, string> {
  const tables: Record<string, string> = {}
  for (const { name } of Object.values(sim.network.namespaces)) {
    const text = conntrackList(sim.netns(name).nf?.conntrack())
    if (text !== '') tables[name] = text
  }
  return tables
}

/** Namespaces that have rules when a scenario begins: only those are watched, as in the captures, even if others get some later. */
export function withRules(network: Network): string[] {
  const loaded = ({ iptables, ip6tables }: Namespace): boolean =>
    Object.keys(iptables?.tables ?? {}).length + Object.keys(ip6tables?.tables ?? {}).length > 0
  return Object.values(network.namespaces)
    .filter(loaded)
    .map(({ name }) => name)
}

/**
 * Starts counting rule hits; the function returned tells what matched since, by namespace (`.v6` behind it for ip6tables).
 * @param names - namespaces to watch
 */
export function startHits(sim: Simulation, names: readonly string[]): () => Record<string, string> {
  const before = new Map<string, readonly RuleCounter[]>()
  for (const name of names) {
    for (const family of FAMILIES) before.set(keyOf(name, family), sim.netns(name).nf?.counters(family) ?? [])
  }
  return () => {
    const hits: Record<string, string> = {}
    for (const name of names) {
      for (const family of FAMILIES) {
        const key = keyOf(name, family)
        const text = hitsBetween(before.get(key) ?? [], sim.netns(name).nf?.counters(family) ?? [], family)
        if (text !== '') hits[key] = text
      }
    }
    return hits
  }
}

function keyOf(name: string, family: Family): string {
  return family === 'inet' ? name : `${name}.v6`
}

/** The rule from `-A` on, or `:CHAIN POLICY`. */
function counterText({ chain, rule, policy }: RuleCounter, family: Family): string {
  return rule === undefined ? `:${chain} ${policy}` : iptablesRuleText(chain, rule, family)
}

/**
 * What was hit between two readings, as the captures write it: `*table` lines, then `[packets:bytes] rule`. A rule that stood in
 * `before` is found again by table, text and its place among its equals; a counter that went back began anew.
 */
export function hitsBetween(before: readonly RuleCounter[], after: readonly RuleCounter[], family: Family): string {
  const old = new Map<string, RuleCounter[]>()
  for (const c of before) pushTo(old, `${c.table} ${counterText(c, family)}`, c)
  const lines: string[] = []
  let table = ''
  for (const c of after) {
    const was = old.get(`${c.table} ${counterText(c, family)}`)?.shift()
    const anew = was === undefined || was.packets > c.packets
    const packets = anew ? c.packets : c.packets - was.packets
    const bytes = anew ? c.bytes : c.bytes - was.bytes
    if (packets === 0) continue
    if (c.table !== table) {
      table = c.table
      lines.push(`*${table}`)
    }
    lines.push(`[${packets}:${bytes}] ${counterText(c, family)}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
