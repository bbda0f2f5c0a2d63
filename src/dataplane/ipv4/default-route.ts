import type { NetNs } from '../kernel/netns.ts'
import { NUD_INCOMPLETE, NUD_REACHABLE, NUD_VALID } from '../kernel/nud.ts'
import { RT_SCOPE, RTN } from '../kernel/rtn.ts'
import type { Fib4, FibResult } from './fib.ts'
import type { FibAlias, FibNexthop } from './fib-info.ts'
import type { FibFlow } from './fib-rule.ts'
import { ipv4Of } from './slot.ts'

/**
 * Which of several equal default routes was taken last, by the first of them (`fa_default`). Routes are known by what they say, so
 * that a choice outlives a recompilation and goes into a snapshot.
 */
export class DefaultRoutes {
  private chosen = new Map<string, number>()

  /** Place of the route taken last; -1 = none yet. */
  last(first: FibAlias): number {
    return this.chosen.get(keyOf(first)) ?? -1
  }

  /** Takes note of a choice. */
  choose(first: FibAlias, order: number): void {
    this.chosen.set(keyOf(first), order)
  }

  /** Forgets choices of routes that are gone. */
  prune(fib: Fib4): void {
    if (this.chosen.size === 0) return
    const known = new Set<string>()
    for (const table of fib.tables.values()) for (const alias of table.at(0, 0)) known.add(keyOf(alias))
    for (const key of this.chosen.keys()) if (!known.has(key)) this.chosen.delete(key)
  }

  /** A copy. */
  save(): ReadonlyMap<string, number> {
    return new Map(this.chosen)
  }

  /** Goes back to a copy. */
  load(saved: ReadonlyMap<string, number>): void {
    this.chosen = new Map(saved)
  }
}

function keyOf({ table, tos, info }: FibAlias): string {
  return `${table} ${tos} ${info.key}`
}

/** Whether the route found is one of several default routes of its table, among which the gateways' state decides. */
export function isAmongDefaults(ns: NetNs, result: FibResult): boolean {
  if (result.alias === null || result.alias.prefixLength !== 0 || result.type !== RTN.UNICAST) return false
  return (ipv4Of(ns).fib.tables.get(result.table)?.at(0, 0).length ?? 0) > 1
}

interface Search {
  lastResort: FibAlias | null
  lastIndex: number
}

/**
 * Among default routes of one metric, leaves those whose gateway does not answer. Only for own packets.
 *
 * @linux net/ipv4/fib_semantics.c fib_select_default
 */
export function fibSelectDefault(ns: NetNs, flow: FibFlow, result: FibResult): void {
  const candidates = candidatesOf(ns, flow, result)
  const first = candidates[0]
  if (first === undefined || first.info !== result.alias?.info) return
  const { defaults } = ipv4Of(ns)
  if (candidates.length === 1) {
    defaults.choose(first, -1)
    return
  }
  const before = defaults.last(first)
  const search: Search = { lastResort: null, lastIndex: -1 }
  for (const [order, alias] of candidates.entries()) {
    if (looksDead(ns, alias, order, before, search)) continue
    take(result, alias)
    defaults.choose(first, order)
    return
  }
  if (search.lastResort !== null) take(result, search.lastResort)
  defaults.choose(first, search.lastIndex)
}

/** Default routes with a gateway, in order, as long as their metric is the one found. */
function candidatesOf(ns: NetNs, flow: FibFlow, result: FibResult): FibAlias[] {
  const found = result.alias as FibAlias
  const list: FibAlias[] = []
  let priority = found.info.priority
  let tos = 0
  for (const alias of ipv4Of(ns).fib.tables.get(result.table)?.at(0, 0) ?? []) {
    if (alias.table !== found.table || (alias.tos !== 0 && alias.tos !== flow.tos)) continue
    if (alias.info.priority > priority && alias.tos === tos) {
      if (tos !== 0) continue
      break
    }
    tos = alias.tos
    priority = alias.info.priority
    const hop = alias.info.nexthops[0]
    if (alias.type !== RTN.UNICAST || alias.info.scope !== found.info.scope) continue
    if (hop?.dev?.up !== true || hop.scope !== RT_SCOPE.LINK) continue
    list.push(alias)
  }
  return list
}

/** @linux net/ipv4/fib_semantics.c fib_detect_death */
function looksDead(ns: NetNs, alias: FibAlias, order: number, before: number, search: Search): boolean {
  const hop = alias.info.nexthops[0] as FibNexthop
  const neigh = hop.dev === null ? undefined : ns.neigh.lookup(hop.dev, 'inet', hop.gateway)
  if (neigh === undefined || neigh.state === NUD_REACHABLE) return false
  const valid = (neigh.state & NUD_VALID) !== 0
  if (valid && order !== before) return false
  if (valid || (search.lastIndex < 0 && order > before && neigh.state !== NUD_INCOMPLETE)) {
    search.lastResort = alias
    search.lastIndex = order
  }
  return true
}

function take(result: FibResult, alias: FibAlias): void {
  result.alias = alias
  result.nexthop = alias.info.nexthops[0] ?? null
}
