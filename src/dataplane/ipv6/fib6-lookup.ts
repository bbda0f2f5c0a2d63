import { ipv6ToKey } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { RouteAnswer, RouteQuestion } from '../kernel/route-question.ts'
import { routeTypeName } from '../kernel/rtn.ts'
import { needsStrict } from './addr.ts'
import { Fib6Result } from './fib6.ts'
import { askedOf6, LookupRef6 } from './lookup-ref6.ts'
import { errorOf } from './route-output.ts'
import { ipv6Of } from './slot.ts'

/**
 * Asks the IPv6 rules and tables of a namespace as the kernel does for an own packet, or for a received one when the question
 * names an input interface: no packet is sent, and no source is chosen.
 */
export function fib6Lookup(ns: NetNs, question: RouteQuestion): RouteAnswer {
  const result = new Fib6Result()
  const daddr = ipv6ToKey(question.dst)
  const saddr = question.src === undefined ? '' : ipv6ToKey(question.src)
  const device = (name: string | undefined) => (name === undefined ? null : (ns.byName.get(name) ?? null))
  const iif = device(question.iif)
  const oif = device(question.oif)
  const flow = {
    daddr,
    saddr,
    tclass: question.tos ?? 0,
    mark: question.mark ?? 0,
    iif,
    oif,
    proto: question.ipproto ?? 0,
    sport: question.sport ?? 0,
    dport: question.dport ?? 0,
  }
  const strict = needsStrict(daddr) || (iif === null && oif !== null && saddr === '')
  const ip6 = ipv6Of(ns)
  ip6?.fib.lookup(flow, iif ?? oif, strict, result)
  if (ip6 !== null) ip6.dueProbes.length = 0
  const asked = ip6 === null ? null : askedOf6(ip6.fib, flow, iif ?? oif, strict)
  return { ref: new LookupRef6(routeTypeName(result.type), daddr, saddr, result, asked), error: errorOf(result.type) }
}
