import type { NetNs, RuleCounter, Simulation } from '../dataplane/index.ts'
import { conntrackList } from '../linux/index.ts'
import type { Namespace, Network } from '../model/index.ts'

const FAMILIES = ['inet', 'inet6'] as const

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
        const text = sim.netns(name).nf?.hits(family, before.get(key) ?? []) ?? ''
        if (text !== '') hits[key] = text
      }
    }
    return hits
  }
}

function keyOf(name: string, family: (typeof FAMILIES)[number]): string {
  return family === 'inet' ? name : `${name}.v6`
}
