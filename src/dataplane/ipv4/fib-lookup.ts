import { ipv4ToNumber } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { RouteAnswer, RouteQuestion } from '../kernel/route-question.ts'
import { FIB_OK, routeErrorOf, routeTypeName } from '../kernel/rtn.ts'
import { FibResult } from './fib.ts'
import { askedOf, LookupRef } from './lookup-ref.ts'
import { ipv4Of } from './slot.ts'

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
  const error = ipv4Of(ns).fib.lookup(flow, result)
  return {
    ref: new LookupRef(routeTypeName(result.type), daddr, saddr, result, askedOf(ns, flow)),
    error: error === FIB_OK ? null : routeErrorOf(error),
  }
}
