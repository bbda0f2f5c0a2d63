import type { RouteRef } from '../../model/index.ts'
import { type Ip, ipv4ToNumber } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import { FIB_OK, RTN, routeErrorOf, routeTypeName } from '../kernel/rtn.ts'
import { FibResult, LookupRef } from './fib.ts'

/** What to ask the routing tables. */
export interface RouteQuestion {
  /** Destination. */
  readonly dst: Ip
  /** Source; absent = 0.0.0.0. */
  readonly src?: Ip
  /** TOS byte. */
  readonly tos?: number
  /** Packet mark. */
  readonly mark?: number
  /** Input interface; absent = made on this host. */
  readonly iif?: string
  /** Output interface the sender insists on. */
  readonly oif?: string
  /** IP protocol. */
  readonly ipproto?: number
  /** Source port. */
  readonly sport?: number
  /** Destination port. */
  readonly dport?: number
}

/** The answer of the routing tables. */
export interface RouteAnswer {
  /** Which route won, by which rule. */
  readonly ref: RouteRef
  /** Errno name when the packet cannot go, else null. */
  readonly error: string | null
}

/**
 * Asks the routing rules and tables of a namespace as the kernel's `fib_lookup` does: no packet is sent, nothing is checked
 * but the tables. Of several equal next hops it names the first usable one.
 */
export function fibLookup(ns: NetNs, question: RouteQuestion): RouteAnswer {
  const result = new FibResult()
  const daddr = ipv4ToNumber(question.dst)
  const saddr = question.src === undefined ? 0 : ipv4ToNumber(question.src)
  const flow = {
    daddr,
    saddr,
    tos: (question.tos ?? 0) & 0x1c,
    mark: question.mark ?? 0,
    iif: question.iif === undefined ? null : (ns.byName.get(question.iif) ?? null),
    oif: question.oif === undefined ? null : (ns.byName.get(question.oif) ?? null),
    proto: question.ipproto ?? 0,
    sport: question.sport ?? 0,
    dport: question.dport ?? 0,
  }
  const error = ns.fib4.lookup(flow, result)
  const name = result.type === RTN.UNSPEC ? 'none' : routeTypeName(result.type)
  return { ref: new LookupRef(name, daddr, saddr, result), error: error === FIB_OK ? null : routeErrorOf(error) }
}
