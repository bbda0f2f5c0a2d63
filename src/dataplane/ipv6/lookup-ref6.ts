import type { Candidate, Lookup, Route, RouteResult } from '../../model/index.ts'
import { type Ip6Key, keyToIpv6 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { type Fib6, type Fib6Result, tableName } from './fib6.ts'
import type { Fib6Nexthop } from './fib6-info.ts'
import type { Fib6Rule, Flow6 } from './fib6-rule.ts'

/** A lookup by the tables: what was asked of which. */
export interface Asked6 {
  /** The tables. */
  readonly fib: Fib6
  /** What they were asked; a copy. */
  readonly flow: Flow6
  /** Device the route was asked for. */
  readonly dev: NetDevice | null
  /** Only routes by that device count. */
  readonly strict: boolean
}

/** Keeps what a lookup asked, so that it can be explained later. */
export function askedOf6(fib: Fib6, asked: Flow6, dev: NetDevice | null, strict: boolean): Asked6 {
  const { daddr, saddr, tclass, mark, iif, oif, proto, sport, dport } = asked
  return { fib, flow: { daddr, saddr, tclass, mark, iif, oif, proto, sport, dport }, dev, strict }
}

/** What a lookup asked and found, for records. Text is made only when read. */
export class LookupRef6 implements Lookup {
  private readonly daddr: string
  private readonly saddr: string
  private readonly hop: Fib6Nexthop | null
  private readonly rule: Fib6Rule | null
  private readonly asked: Asked6 | null
  private known: readonly Candidate[] | null = null
  /** What came of it. */
  readonly result: RouteResult

  constructor(
    found: RouteResult,
    daddr: string,
    saddr: string,
    result: Fib6Result | null,
    /** Null when the tables were not asked. */
    asked: Asked6 | null = null,
  ) {
    this.result = found
    this.daddr = daddr
    this.saddr = saddr
    this.hop = result?.nexthop ?? null
    this.rule = result?.rule ?? null
    this.asked = asked
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

  /** Every route that contains the destination, and why the others lost. Made when first read: before the next edit. */
  get candidates(): readonly Candidate[] {
    if (this.known !== null) return this.known
    const { asked, hop } = this
    this.known = asked === null ? [] : asked.fib.candidates(asked.flow, asked.dev, asked.strict, hop?.info ?? null)
    return this.known
  }
}
