import type { NetNs } from '../kernel/netns.ts'
import { RT_SCOPE, RTN } from '../kernel/rtn.ts'
import type { FibResult } from './fib.ts'
import type { FibAlias, FibNexthop } from './fib-info.ts'
import type { FibFlow } from './fib-rule.ts'

const NUD_INCOMPLETE = 1
const NUD_REACHABLE = 2
/** Link-layer address known. */
const NUD_VALID = 0xde

/** Which of several equal default routes was chosen last, by the first of them. */
const chosen = new WeakMap<FibAlias, number>()

/** Whether the route found is one of several default routes of its table, among which the gateways' state decides. */
export function isAmongDefaults(ns: NetNs, result: FibResult): boolean {
  if (result.alias === null || result.alias.prefixLength !== 0 || result.type !== RTN.UNICAST) return false
  return (ns.fib4.tables.get(result.table)?.at(0, 0).length ?? 0) > 1
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
  const before = chosen.get(first) ?? -1
  const search: Search = { lastResort: null, lastIndex: -1 }
  if (candidates.length === 1) {
    chosen.set(first, -1)
    return
  }
  for (const [order, alias] of candidates.entries()) {
    if (looksDead(ns, alias, order, before, search)) continue
    take(result, alias)
    chosen.set(first, order)
    return
  }
  if (search.lastResort !== null) take(result, search.lastResort)
  chosen.set(first, search.lastIndex)
}

/** Default routes with a gateway, in order, as long as their metric is the one found. */
function candidatesOf(ns: NetNs, flow: FibFlow, result: FibResult): FibAlias[] {
  const found = result.alias as FibAlias
  const list: FibAlias[] = []
  let priority = found.info.priority
  let tos = 0
  for (const alias of ns.fib4.tables.get(result.table)?.at(0, 0) ?? []) {
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
