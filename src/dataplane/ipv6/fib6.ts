import type { Route, RouteRef } from '../../model/index.ts'
import { type Ip6Key, keyToIpv6 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RTN, routeTypeName } from '../kernel/rtn.ts'
import { FabricView6 } from './fib6-fabric.ts'
import { type Fib6Info, type Fib6Nexthop, makeFib6Info } from './fib6-info.ts'
import { compileRules6, type Fib6Rule, type Flow6, ruleMatches6 } from './fib6-rule.ts'
import { selectRoute } from './fib6-select.ts'
import { Fib6Table } from './fib6-table.ts'

const LOCAL = 255
const MAIN = 254

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
    let i = 0
    while (i < this.rules.length) {
      const rule = this.rules[i] as Fib6Rule
      i++
      if (!ruleMatches6(rule, flow, this.ns.lo)) continue
      const action = rule.rule?.action ?? 'lookup'
      if (action === 'nop') continue
      if (action === 'goto') {
        if (rule.target >= i) i = rule.target
        continue
      }
      if (action === 'lookup') {
        if (!this.byTable(rule, flow, dev, strict, result)) continue
      } else result.type = ACTION_TYPES[action]
      result.rule = rule
      return
    }
    result.clear()
  }

  /** Every route that is this namespace's own, fabrics aside. */
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
  for (const use of ns.model.fabrics ?? []) {
    const fabric = use.as === 'route' ? ns.sim.network.fabrics[use.fabric] : undefined
    if (fabric === undefined) continue
    const view = new FabricView6(ns, use, fabric)
    tableOf(view.table).addFabric(view)
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

function tableName(id: number): string {
  if (id === LOCAL) return 'local'
  return id === MAIN ? 'main' : String(id)
}

/** What a lookup asked and found, for records. Text is made only when read. */
export class LookupRef6 implements RouteRef {
  private readonly daddr: string
  private readonly saddr: string
  private readonly hop: Fib6Nexthop | null
  private readonly rule: Fib6Rule | null
  /** What came of it. */
  readonly resultType: string

  constructor(resultType: string, daddr: string, saddr: string, result: Fib6Result | null) {
    this.resultType = resultType
    this.daddr = daddr
    this.saddr = saddr
    this.hop = result?.nexthop ?? null
    this.rule = result?.rule ?? null
  }

  /** Destination looked up. */
  get dst(): string {
    return keyToIpv6(this.daddr as Ip6Key)
  }

  /** Source looked up. */
  get src(): string {
    return this.saddr === '' ? '::' : keyToIpv6(this.saddr as Ip6Key)
  }

  /** Priority of the rule that matched. */
  get rulePriority(): number {
    return this.rule?.priority ?? 32766
  }

  /** Table that answered, '' when none did. */
  get table(): string {
    return this.hop === null ? '' : tableName(this.hop.info.table)
  }

  /** The winning route. */
  get route(): Route | undefined {
    return this.hop?.info.route
  }

  /** Gateway, '' when there is none. */
  get via(): string {
    const gateway = this.hop?.gateway ?? ''
    return gateway === '' ? '' : keyToIpv6(gateway as Ip6Key)
  }

  /** Output device, '' when there is none. */
  get dev(): string {
    return this.hop?.dev?.name ?? ''
  }
}

/** What a result is called in records. */
export function resultName(result: Fib6Result): string {
  return result.type === RTN.UNSPEC ? 'none' : routeTypeName(result.type)
}
