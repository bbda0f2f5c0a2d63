import type { NetDevice } from '../kernel/net-device.ts'
import { FIB_OK, RT_SCOPE, RTN, routeTypeName } from '../kernel/rtn.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { FibResult } from './fib.ts'
import type { FibNexthop } from './fib-info.ts'
import type { FibFlow } from './fib-rule.ts'
import { inetLookupIfaddr } from './inet-addr.ts'
import { LookupRef } from './lookup-ref.ts'
import { dissectFlow } from './multipath.ts'
import { ipv4Of } from './slot.ts'

/** The source may come in here; it is reached through a gateway, or nothing was checked. */
const SOURCE_OK = 0
/** The source may come in here and is directly connected. */
const SOURCE_ONLINK = 1
/** The source can never come in here (-EINVAL). */
const SOURCE_MARTIAN = -1
/** The reverse path leads elsewhere (-EXDEV). */
export const SOURCE_RPFILTER = -2

/**
 * Whether a packet from `src` may come in by `dev`: reverse path filter, and no own address as source.
 *
 * @linux net/ipv4/fib_frontend.c fib_validate_source
 * @param oif - device the packet will leave by; null for packets to this host
 * @returns one of the SOURCE_ numbers
 */
export function fibValidateSource(
  skb: PacketBuffer,
  src: number,
  dst: number,
  tos: number,
  oif: NetDevice | null,
  dev: NetDevice,
): number {
  const conf = dev.conf4
  if (conf.rpFilter === 0 && (oif !== dev || !conf.sendRedirects)) {
    if (conf.acceptLocal) return SOURCE_OK
    const fib = ipv4Of(dev.ns).fib
    if (!fib.customLocalRoutes && !fib.customRules) {
      return inetLookupIfaddr(dev.ns, src) === undefined ? SOURCE_OK : SOURCE_MARTIAN
    }
  }
  const verdict = fullCheck(skb, src, dst, tos, oif, dev)
  const { log } = dev.ns
  if (log !== null && conf.rpFilter !== 0) {
    const { result } = ipv4Of(dev.ns).scratch.source
    log.rpFilter(skb, dev, verdict >= 0, new LookupRef(routeTypeName(result.type), src, dst, result))
  }
  return verdict
}

function fullCheck(
  skb: PacketBuffer,
  src: number,
  dst: number,
  tos: number,
  oif: NetDevice | null,
  dev: NetDevice,
): number {
  const { conf4: conf } = dev
  const { fib, scratch } = ipv4Of(dev.ns)
  const { flow, result } = scratch.source
  flow.oif = null
  flow.iif = oif
  flow.daddr = src
  flow.saddr = dst
  flow.tos = tos
  flow.mark = conf.srcValidMark ? skb.mark : 0
  if (fib.needsPorts) dissectReversed(skb, flow)
  const noAddress = dev.addrs4.length === 0
  if (fib.lookup(flow, result) !== FIB_OK) return lastResort(conf.rpFilter)
  if (result.type !== RTN.UNICAST && (result.type !== RTN.LOCAL || !conf.acceptLocal)) return SOURCE_MARTIAN
  if (usesDevice(result, dev) || (result.type === RTN.LOCAL && dev.loopback)) return connected(result)
  if (noAddress) return lastResort(conf.rpFilter)
  if (conf.rpFilter === 1) return SOURCE_RPFILTER
  flow.oif = dev
  const found = fib.lookup(flow, result, true) === FIB_OK
  return found && result.type === RTN.UNICAST ? connected(result) : SOURCE_OK
}

function lastResort(rpFilter: number): number {
  return rpFilter === 0 ? SOURCE_OK : SOURCE_RPFILTER
}

function usesDevice(result: FibResult, dev: NetDevice): boolean {
  return result.alias?.info.nexthops.some((hop) => hop.dev === dev) === true
}

function connected(result: FibResult): number {
  return (result.nexthop as FibNexthop).scope >= RT_SCOPE.HOST ? SOURCE_ONLINK : SOURCE_OK
}

function dissectReversed(skb: PacketBuffer, flow: FibFlow): void {
  dissectFlow(skb, flow)
  const { sport } = flow
  flow.sport = flow.dport
  flow.dport = sport
}
