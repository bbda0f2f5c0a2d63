import type { Candidate, LossReason, Route, RuleAction } from '../../model/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import {
  errorOfType,
  FIB_AGAIN,
  FIB_EACCES,
  FIB_EINVAL,
  FIB_ENETUNREACH,
  FIB_OK,
  type FibError,
  RT_SCOPE,
  RT_TABLE,
  RTN,
} from '../kernel/rtn.ts'
import { hopKey } from './exceptions.ts'
import { type FibAlias, FibInfoPool, type FibNexthop, formOf, nexthopAlive } from './fib-info.ts'
import { compileRules, type FibFlow, type FibRule, hasCustomRules, needsPorts, ruleMatches } from './fib-rule.ts'
import { SharedRoutes } from './fib-shared.ts'
import { FibTable } from './fib-table.ts'
import { RouteMemo } from './route-memo.ts'

/** What a lookup found (`struct fib_result`); filled by the lookup, so that it allocates nothing. */
export class FibResult {
  /** RTN number of the route; UNSPEC when none was found. */
  type: number = RTN.UNSPEC
  /** The route. */
  alias: FibAlias | null = null
  /** Its next hop. */
  nexthop: FibNexthop | null = null
  /** Number of the table. */
  table = 0
  /** The policy rule that led there; null when no rule was needed. */
  rule: FibRule | null = null

  /** Empties it. */
  clear(): void {
    this.type = RTN.UNSPEC
    this.alias = null
    this.nexthop = null
    this.table = 0
    this.rule = null
  }
}

/** The compiled IPv4 routing tables and rules of a namespace. Immutable but for decisions cached in next hops. */
export class Fib4 {
  /** Namespace it was compiled for. */
  readonly ns: NetNs
  /** Tables by number. While there are no custom rules `local` and `main` are one, as in the kernel. */
  readonly tables: ReadonlyMap<number, FibTable>
  /** Rules by priority. */
  readonly rules: readonly FibRule[]
  /** There are other rules than the kernel's three. */
  readonly customRules: boolean
  /** Somebody else than the kernel added local routes. */
  readonly customLocalRoutes: boolean
  /** A rule looks at protocol or ports. */
  readonly needsPorts: boolean
  /** Devices by the addresses they have; of two, the first registered. */
  readonly addresses: ReadonlyMap<number, NetDevice>
  /** Decisions for received packets. */
  readonly inputMemo: RouteMemo = new RouteMemo()
  /** Decisions for own packets. */
  readonly outputMemo: RouteMemo = new RouteMemo()
  private readonly pool: FibInfoPool
  private readonly main: FibTable | undefined
  private readonly fallback: FibTable | undefined

  constructor(ns: NetNs, tables: ReadonlyMap<number, FibTable>, pool: FibInfoPool) {
    this.ns = ns
    this.pool = pool
    this.tables = tables
    this.rules = compileRules(ns, ns.model.rules)
    this.customRules = hasCustomRules(ns.model.rules)
    this.customLocalRoutes = ns.model.routes.some(
      (r) => r.family === 'inet' && r.type === 'local' && r.protocol !== 'kernel',
    )
    this.needsPorts = needsPorts(ns.model.rules)
    const addresses = new Map<number, NetDevice>()
    for (const dev of ns.devices) for (const a of dev.addrs4) if (!addresses.has(a.local)) addresses.set(a.local, dev)
    this.addresses = addresses
    this.main = tables.get(RT_TABLE.MAIN)
    this.fallback = tables.get(RT_TABLE.DEFAULT)
  }

  /**
   * Finds the route of a flow (`fib_lookup`).
   * @param ignoreLinkState - also takes next hops without carrier
   */
  lookup(flow: FibFlow, result: FibResult, ignoreLinkState = false): FibError {
    result.clear()
    if (this.customRules) return this.byRules(flow, result, ignoreLinkState)
    let error: FibError = FIB_AGAIN
    if (this.main !== undefined) error = lookupTable(this.main, flow, result, ignoreLinkState)
    if (error === FIB_AGAIN && this.fallback !== undefined)
      error = lookupTable(this.fallback, flow, result, ignoreLinkState)
    if (error !== FIB_AGAIN) return error
    result.clear()
    return FIB_ENETUNREACH
  }

  /** Looks in the local table only; FIB_AGAIN = nothing there. */
  lookupLocal(flow: FibFlow, result: FibResult): FibError {
    result.clear()
    const table = this.tables.get(RT_TABLE.LOCAL)
    return table === undefined ? FIB_AGAIN : lookupTable(table, flow, result, false)
  }

  /** How many routes have a next hop, by its key (`hopKey`). */
  routesOfHop(hop: string): number {
    const mark = hop.indexOf('#')
    return this.pool.usesOf(mark < 0 ? hop : hop.slice(0, mark))
  }

  /**
   * Every route that contains the destination, in the order this very lookup meets them, and why each was not taken: the same
   * rules and tables, without stopping at the first that fits, up to the table that answers.
   */
  candidates(flow: FibFlow): Candidate[] {
    const met: Candidate[] = []
    if (!this.customRules) {
      const tables = [this.main, this.fallback].filter((table) => table !== undefined)
      tables.some((table) => meet(table, flow, null, met))
      return met
    }
    for (let i = this.nextRule(0, flow); i >= 0; i = this.nextRule(i + 1, flow)) {
      const rule = this.rules[i] as FibRule
      if ((rule.rule?.action ?? 'lookup') !== 'lookup') break
      const table = this.tables.get(rule.table)
      if (table !== undefined && meet(table, flow, rule, met)) break
    }
    return met
  }

  private byRules(flow: FibFlow, result: FibResult, ignoreLinkState: boolean): FibError {
    for (let i = this.nextRule(0, flow); i >= 0; i = this.nextRule(i + 1, flow)) {
      const rule = this.rules[i] as FibRule
      const action = rule.rule?.action ?? 'lookup'
      const error = isRefusal(action) ? errorOfAction(action) : this.byTable(rule, flow, result, ignoreLinkState)
      if (error === FIB_AGAIN) continue
      result.rule = rule
      return error
    }
    result.clear()
    return FIB_ENETUNREACH
  }

  /** Index of the first rule from `from` on that applies to the flow and decides or looks something up; -1 = none. */
  private nextRule(from: number, flow: FibFlow): number {
    let i = from
    while (i < this.rules.length) {
      const rule = this.rules[i] as FibRule
      const action = rule.rule?.action ?? 'lookup'
      if (action === 'nop' || !ruleMatches(rule, flow, this.ns.lo)) i++
      else if (action === 'goto') i = rule.target > i ? rule.target : i + 1
      else return i
    }
    return -1
  }

  private byTable(rule: FibRule, flow: FibFlow, result: FibResult, ignoreLinkState: boolean): FibError {
    const table = this.tables.get(rule.table)
    if (table === undefined) return FIB_AGAIN
    const error = lookupTable(table, flow, result, ignoreLinkState)
    if (error !== FIB_OK) return error
    const suppress = rule.rule?.suppressPrefixlength
    if (suppress !== undefined && (result.alias as FibAlias).prefixLength <= suppress) {
      result.clear()
      return FIB_AGAIN
    }
    return FIB_OK
  }
}

/** The longest prefix with a usable next hop. @linux net/ipv4/fib_trie.c fib_table_lookup */
function lookupTable(table: FibTable, flow: FibFlow, result: FibResult, ignoreLinkState: boolean): FibError {
  if (table.shared.length > 0) {
    for (const { aliases } of table.leaves(flow.daddr)) {
      const error = tryAliases(aliases, flow, result, ignoreLinkState)
      if (error >= 0) return error as FibError
    }
    return FIB_AGAIN
  }
  for (let node = table.find(flow.daddr); node !== null; node = node.parent) {
    const error = tryAliases(node.value, flow, result, ignoreLinkState)
    if (error >= 0) return error as FibError
  }
  return FIB_AGAIN
}

/** The first route of a prefix that fits; -1 = none does, try a shorter prefix. */
function tryAliases(
  aliases: readonly FibAlias[],
  flow: FibFlow,
  result: FibResult,
  ignoreLinkState: boolean,
): FibError | -1 {
  for (const alias of aliases) {
    if (obstacle(alias, flow, ignoreLinkState) !== null) continue
    const error = errorOfType(alias.type)
    result.alias = alias
    result.nexthop = error === FIB_OK ? usableNexthop(alias, flow.oif, ignoreLinkState) : null
    result.type = alias.type
    result.table = alias.table
    return error
  }
  return -1
}

/** What keeps a route from being taken for a flow, whatever the others are; null = nothing does. */
function obstacle(alias: FibAlias, flow: FibFlow, ignoreLinkState: boolean): LossReason | null {
  if (alias.tos !== 0 && alias.tos !== flow.tos) return 'tos'
  if (errorOfType(alias.type) !== FIB_OK) return null
  let reason: LossReason = 'no-device'
  for (const hop of alias.info.nexthops) {
    const problem = hopObstacle(hop, flow.oif, ignoreLinkState)
    if (problem === null) return null
    reason = problem
  }
  return reason
}

function hopObstacle(hop: FibNexthop, oif: NetDevice | null, ignoreLinkState: boolean): LossReason | null {
  const { dev } = hop
  if (dev === null) return 'no-device'
  if (!nexthopAlive(hop)) return 'device-down'
  if (!nexthopUsable(hop, ignoreLinkState)) return 'link-down'
  return oif === null || oif === dev ? null : 'not-the-output-device'
}

function usableNexthop(alias: FibAlias, oif: NetDevice | null, ignoreLinkState: boolean): FibNexthop | null {
  for (const hop of alias.info.nexthops) if (hopObstacle(hop, oif, ignoreLinkState) === null) return hop
  return null
}

/**
 * Adds what one table has for a flow. Without a rule it is one of the tables the kernel asks by itself.
 * @returns whether it answers, so that no other is asked
 */
function meet(table: FibTable, flow: FibFlow, rule: FibRule | null, met: Candidate[]): boolean {
  const suppress = rule?.rule?.suppressPrefixlength ?? -1
  let best: FibAlias | null = null
  let answers = false
  for (const { aliases } of table.leaves(flow.daddr)) {
    for (const alias of aliases) {
      let lost = obstacle(alias, flow, false) ?? (best === null ? null : lossAgainst(best, alias))
      if (lost === null) {
        best = alias
        if (alias.type === RTN.THROW) lost = 'throw'
        else if (alias.prefixLength <= suppress) lost = 'suppressed'
        else answers = true
      }
      const rulePriority = rule === null ? priorityOf(alias.table) : rule.priority
      const candidate = { route: alias.route, table: tableName(alias.table), rulePriority }
      met.push(lost === null ? candidate : { ...candidate, lost })
    }
  }
  return answers
}

function lossAgainst(winner: FibAlias, loser: FibAlias): LossReason {
  if (loser.prefixLength < winner.prefixLength) return 'shorter-prefix'
  return loser.info.priority > winner.info.priority ? 'higher-metric' : 'listed-later'
}

/** Priority of the kernel's own rule that leads to a table. */
export function priorityOf(table: number): number {
  if (table === RT_TABLE.LOCAL) return 0
  return table === RT_TABLE.MAIN ? 32766 : 32767
}

/** Whether a next hop may be chosen now. */
export function nexthopUsable(hop: FibNexthop, ignoreLinkState: boolean): boolean {
  if (!nexthopAlive(hop)) return false
  const dev = hop.dev as NetDevice
  return ignoreLinkState || !dev.conf4.ignoreRoutesWithLinkdown || dev.carrier || hop.scope === RT_SCOPE.NOWHERE
}

function isRefusal(action: RuleAction): action is 'blackhole' | 'unreachable' | 'prohibit' {
  return action === 'blackhole' || action === 'unreachable' || action === 'prohibit'
}

function errorOfAction(action: 'blackhole' | 'unreachable' | 'prohibit'): FibError {
  if (action === 'unreachable') return FIB_ENETUNREACH
  return action === 'prohibit' ? FIB_EACCES : FIB_EINVAL
}

/** Compiles the routing tables and rules of a namespace; its devices must be in place. */
export function compileFib4(ns: NetNs): Fib4 {
  const tables = new Map<number, FibTable>()
  const custom = hasCustomRules(ns.model.rules)
  const pool = new FibInfoPool(ns)
  const tableOf = (id: number): FibTable => {
    const known = tables.get(id)
    if (known !== undefined) return known
    const made = new FibTable(id)
    tables.set(id, made)
    if (!custom && (id === RT_TABLE.LOCAL || id === RT_TABLE.MAIN))
      tables.set(id === RT_TABLE.LOCAL ? RT_TABLE.MAIN : RT_TABLE.LOCAL, made)
    return made
  }
  for (const route of ns.model.routes) if (route.family === 'inet') insertRoute(tableOf, pool, route)
  for (const use of ns.model.shared ?? []) {
    const table = use.as === 'route' ? ns.sim.network.shared[use.table] : undefined
    if (table === undefined) continue
    const view = new SharedRoutes(ns, use, table, pool)
    tableOf(view.table).shared.push(view)
  }
  return new Fib4(ns, tables, pool)
}

/** Whether some route to an address still has this next hop. */
export function knowsHop(fib: Fib4, hop: string, daddr: number): boolean {
  for (const table of fib.tables.values()) {
    for (const { aliases } of table.leaves(daddr)) {
      if (aliases.some((alias) => alias.info.nexthops.some((one) => hopKey(one) === hop))) return true
    }
  }
  return false
}

function insertRoute(tableOf: (id: number) => FibTable, pool: FibInfoPool, route: Route): void {
  const form = formOf(route)
  const { table, network } = form
  if (table >= 0) tableOf(table).insert(network, pool.alias(route, form, table))
}

/** The name of a table, or its number as text. */
export function tableName(id: number): string {
  if (id === RT_TABLE.LOCAL) return 'local'
  if (id === RT_TABLE.MAIN) return 'main'
  return id === RT_TABLE.DEFAULT ? 'default' : String(id)
}
