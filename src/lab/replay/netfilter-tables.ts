import type { NetNs, RuleCounter, Simulation } from '../../dataplane/index.ts'
import { conntrackList } from '../../linux/index.ts'

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

/** Starts counting rule hits; the function returned tells what matched since, by namespace (`.v6` behind it for ip6tables). */
export function startHits(sim: Simulation): () => Record<string, string> {
  const before = new Map<string, readonly RuleCounter[]>()
  const names = Object.keys(sim.network.namespaces)
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
