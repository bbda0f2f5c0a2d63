import type { Candidate, LossReason, RuleAction } from '../../model/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RT_TABLE, RTN } from '../kernel/rtn.ts'
import { type Fib6Info, type Fib6Nexthop, makeFib6Info } from './fib6-info.ts'
import { compileRules6, type Fib6Rule, type Flow6, ruleMatches6 } from './fib6-rule.ts'
import { lossAgainst6, obstacle6, selectRoute } from './fib6-select.ts'
import { SharedRoutes6 } from './fib6-shared.ts'
import { Fib6Table } from './fib6-table.ts'

/** What a lookup found; filled by the lookup, so that it allocates nothing. */
export class Fib6Result {
  /** Next hop of the route that won; null = none did. */
  nexthop: Fib6Nexthop | null = null
  /** RTN number of what came of it; UNSPEC when nothing was found. */
  type: number = RTN.UNSPEC
  /** The policy rule that decided; null = none. */
  rule: Fib6Rule | null = null

  /** Empties it. */
  clear(): void {
    this.nexthop = null
    this.type = RTN.UNSPEC
    this.rule = null
  }
}

/** The compiled IPv6 routing tables and rules of a namespace. */
export class Fib6 {
  /** Namespace it was compiled for. */
  readonly ns: NetNs
  /** Tables by number. */
  readonly tables: ReadonlyMap<number, Fib6Table>
  /** Rules by priority. */
  readonly rules: readonly Fib6Rule[]

  constructor(ns: NetNs, tables: ReadonlyMap<number, Fib6Table>) {
    this.ns = ns
    this.tables = tables
    this.rules = compileRules6(ns)
  }

  /**
   * Finds the route of a flow by the rules (`fib6_rule_lookup`). A blackhole, unreachable or prohibit route or rule ends the
   * search with its type; nothing found leaves the type UNSPEC.
   *
   * @param dev - device the route is asked for: the input device of received packets, the output device of own ones
   * @param strict - only routes by that device count
   */
  lookup(flow: Flow6, dev: NetDevice | null, strict: boolean, result: Fib6Result): void {
    result.clear()
    for (let i = this.nextRule(0, flow); i >= 0; i = this.nextRule(i + 1, flow)) {
      const rule = this.rules[i] as Fib6Rule
      const action = rule.rule?.action ?? 'lookup'
      if (isRefusal(action)) result.type = ACTION_TYPES[action]
      else if (!this.byTable(rule, flow, dev, strict, result)) continue
      result.rule = rule
      return
    }
    result.clear()
  }

  /**
   * Every route that contains the destination, in the order a lookup meets them, and why each was not taken: the same rules
   * and tables, up to the table that answers.
   *
   * @param won - the route the lookup took; null = none
   */
  candidates(flow: Flow6, dev: NetDevice | null, strict: boolean, won: Fib6Info | null): Candidate[] {
    const met: Candidate[] = []
    for (let i = this.nextRule(0, flow); i >= 0; i = this.nextRule(i + 1, flow)) {
      const rule = this.rules[i] as Fib6Rule
      if (isRefusal(rule.rule?.action ?? 'lookup')) break
      const table = this.tables.get(rule.table)
      if (table !== undefined && meet({ table, rule, daddr: flow.daddr, dev, strict, won }, met)) break
    }
    return met
  }

  /** Index of the first rule from `from` on that applies to the flow and decides or looks something up; -1 = none. */
  private nextRule(from: number, flow: Flow6): number {
    let i = from
    while (i < this.rules.length) {
      const rule = this.rules[i] as Fib6Rule
      const action = rule.rule?.action ?? 'lookup'
      if (action === 'nop' || !ruleMatches6(rule, flow, this.ns.lo)) i++
      else if (action === 'goto') i = rule.target > i ? rule.target : i + 1
      else return i
    }
    return -1
  }

  /** Every route that is this namespace's own, those of shared tables aside. */
  infos(): Fib6Info[] {
    return [...this.tables.values()].flatMap((table) => table.infos())
  }

  private byTable(rule: Fib6Rule, flow: Flow6, dev: NetDevice | null, strict: boolean, result: Fib6Result): boolean {
    const table = this.tables.get(rule.table)
    const hop = table === undefined ? null : lookupTable6(table, flow.daddr, dev, strict)
    if (hop === null || hop.info.type === RTN.THROW) return false
    const suppress = rule.rule?.suppressPrefixlength
    if (suppress !== undefined && hop.info.prefixLength <= suppress) return false
    result.nexthop = hop
    result.type = hop.info.type
    return true
  }
}

function isRefusal(action: RuleAction): action is keyof typeof ACTION_TYPES {
  return action in ACTION_TYPES
}

/** What a table is asked when candidates are told. */
interface Meeting {
  readonly table: Fib6Table
  readonly rule: Fib6Rule
  readonly daddr: string
  readonly dev: NetDevice | null
  readonly strict: boolean
  readonly won: Fib6Info | null
}

/** Adds what one table has; true when the route that won is among it. */
function meet({ table, rule, daddr, dev, strict, won }: Meeting, met: Candidate[]): boolean {
  const suppress = rule.rule?.suppressPrefixlength ?? -1
  let best: Fib6Info | null = null
  let answers = false
  for (const length of table.prefixLengths) {
    const routes = table.at(daddr, length) ?? []
    if (routes.includes(won as Fib6Info)) best ??= won
    for (const info of routes) {
      let lost: LossReason | null = obstacle6(info, dev, strict)
      if (lost === null && info !== won) {
        if (best !== null) lost = lossAgainst6(best, info)
        else {
          best = info
          lost = info.type === RTN.THROW ? 'throw' : length <= suppress ? 'suppressed' : null
        }
      }
      if (info === won) answers = true
      const candidate = { route: info.route, table: tableName(info.table), rulePriority: rule.priority }
      met.push(lost === null || info === won ? candidate : { ...candidate, lost })
    }
  }
  return answers
}

/** An `unreachable` rule ends as if there were no route at all. */
const ACTION_TYPES = { unreachable: RTN.UNSPEC, prohibit: RTN.PROHIBIT, blackhole: RTN.BLACKHOLE } as const

/** The longest prefix with a usable route. @linux net/ipv6/route.c fib6_table_lookup */
function lookupTable6(table: Fib6Table, daddr: string, dev: NetDevice | null, strict: boolean): Fib6Nexthop | null {
  for (const length of table.prefixLengths) {
    const routes = table.at(daddr, length)
    if (routes === undefined) continue
    const hop = selectRoute(routes, dev, strict)
    if (hop !== null) return hop
  }
  return null
}

/** Compiles the routing tables and rules of a namespace; its devices must be in place. */
export function compileFib6(ns: NetNs): Fib6 {
  const tables = new Map<number, Fib6Table>()
  const tableOf = (id: number): Fib6Table => {
    const table = tables.get(id) ?? new Fib6Table(id)
    tables.set(id, table)
    return table
  }
  for (const route of ns.model.routes) {
    const info = route.family === 'inet6' ? makeFib6Info(ns, route) : undefined
    if (info !== undefined) tableOf(info.table).insert(info)
  }
  for (const use of ns.model.shared ?? []) {
    const table = use.as === 'route' ? ns.sim.network.shared[use.table] : undefined
    if (table === undefined) continue
    const view = new SharedRoutes6(ns, use, table)
    tableOf(view.table).addShared(view)
  }
  return new Fib6(ns, tables)
}

/** Whether some table still has a next hop of this identity towards an address. */
export function knowsHop6(fib: Fib6, daddr: string, isIt: (hop: Fib6Nexthop) => boolean): boolean {
  for (const table of fib.tables.values()) {
    for (const length of table.prefixLengths) {
      for (const info of table.at(daddr, length) ?? []) if (info.nexthops.some(isIt)) return true
    }
  }
  return false
}

/** The name of a table, or its number as text. */
export function tableName(id: number): string {
  if (id === RT_TABLE.LOCAL) return 'local'
  return id === RT_TABLE.MAIN ? 'main' : String(id)
}
