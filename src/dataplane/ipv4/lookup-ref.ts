import type { Candidate, Lookup, Route, RouteResult } from '../../model/index.ts'
import { numberToIpv4 } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { type Fib4, type FibResult, priorityOf, tableName } from './fib.ts'
import type { FibAlias, FibNexthop } from './fib-info.ts'
import type { FibFlow, FibRule } from './fib-rule.ts'
import { ipv4Of } from './slot.ts'

/** A lookup by the tables: what was asked of which. */
export interface Asked {
  /** The tables. */
  readonly fib: Fib4
  /** What they were asked; a copy. */
  readonly flow: FibFlow
}

/** Keeps what a lookup asked, so that it can be explained later. */
export function askedOf(ns: NetNs, flow: FibFlow): Asked {
  const { daddr, saddr, tos, mark, iif, oif, proto, sport, dport } = flow
  return { fib: ipv4Of(ns).fib, flow: { daddr, saddr, tos, mark, iif, oif, proto, sport, dport } }
}

/** What a lookup asked and found, for records. Text is made only when read. */
export class LookupRef implements Lookup {
  private readonly daddr: number
  private readonly saddr: number
  private readonly alias: FibAlias | null
  private readonly nexthop: FibNexthop | null
  private readonly rule: FibRule | null
  private readonly asked: Asked | null
  private known: readonly Candidate[] | null = null
  /** What came of it. */
  readonly result: RouteResult

  constructor(
    found: RouteResult,
    daddr: number,
    saddr: number,
    result: FibResult | null,
    /** Null when the tables were not asked, or what they said was not followed. */
    asked: Asked | null = null,
  ) {
    this.result = found
    this.daddr = daddr
    this.saddr = saddr
    this.alias = result?.alias ?? null
    this.nexthop = result?.nexthop ?? null
    this.rule = result?.rule ?? null
    this.asked = asked
  }

  /** Destination looked up. */
  get dst(): string {
    return numberToIpv4(this.daddr)
  }

  /** Source looked up. */
  get src(): string {
    return numberToIpv4(this.saddr)
  }

  /** Priority of the rule that matched; 0 and 32766 for the kernel's own. */
  get rulePriority(): number {
    if (this.rule !== null) return this.rule.priority
    return this.alias === null ? 32767 : priorityOf(this.alias.table)
  }

  /** Table that answered, '' when none did. */
  get table(): string {
    return this.alias === null ? '' : tableName(this.alias.table)
  }

  /** The winning route. */
  get route(): Route | undefined {
    return this.alias?.route
  }

  /** Gateway, '' when there is none. */
  get via(): string {
    const gateway = this.nexthop?.gateway ?? 0
    return gateway === 0 ? '' : numberToIpv4(gateway)
  }

  /** Output device, '' when there is none. */
  get dev(): string {
    return this.nexthop?.dev?.name ?? ''
  }

  /** Every route that contains the destination, and why the others lost. Made when first read: before the next edit. */
  get candidates(): readonly Candidate[] {
    this.known ??= this.explain()
    return this.known
  }

  private explain(): readonly Candidate[] {
    if (this.asked === null) return []
    const met = this.asked.fib.candidates(this.asked.flow)
    const won = this.alias?.route
    if (won === undefined) return met
    // Among equal default routes the one whose router answers is taken (`fib_select_default`).
    return met.map((one) => {
      if (one.route === won) return { route: one.route, table: one.table, rulePriority: one.rulePriority }
      return one.lost === undefined ? { ...one, lost: 'unreachable-router' } : one
    })
  }
}
