import type { DropCause, ResolvedRoute, Route, RouteType } from '../model/index.ts'
import {
  buildIpv4Header,
  buildIpv6Header,
  ETHERTYPE,
  IPV4_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  type Ip6Key,
  ipv4ToNumber,
  ipv6ToKey,
  isIpv4,
  keyToIpv6,
  numberToIpv4,
  UDP_DESTINATION_PORT,
  UDP_SOURCE_PORT,
  writeU16,
} from '../wire/index.ts'
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, Rtable } from './ipv4/rtable.ts'
import { Rt6 } from './ipv6/rt6.ts'
import { SECOND } from './kernel/clock.ts'
import type { RouteError } from './kernel/dst.ts'
import type { NetDevice } from './kernel/net-device.ts'
import type { RouteQuestion } from './kernel/route-question.ts'
import { routeTypeName } from './kernel/rtn.ts'
import { HEADROOM, IPSKB_DOREDIRECT, PacketBuffer } from './kernel/skb.ts'
import { NO_PACKET } from './kernel/stack.ts'
import type { NetNamespace } from './net-namespace.ts'

/** The wildcard, which an IPv6 lookup has for a source that was not given. */
const ANY6 = '\0'.repeat(16) as Ip6Key

/** Why there is no way: an errno, EXDEV for a source that comes in by the wrong device. */
export type RouteGetError = RouteError | 'EXDEV'

/**
 * What `RTM_GETROUTE` answers: the decision that a packet would get, made here or received on `iif`, exceptions that were
 * learned included. Nothing is sent and nothing recorded.
 *
 * @linux net/ipv4/route.c inet_rtm_getroute, net/ipv6/route.c inet6_rtm_getroute
 * @param uid - who asks
 */
export function routeGet(ns: NetNamespace, question: RouteQuestion, uid = 0): ResolvedRoute | RouteGetError {
  const { log } = ns
  ns.log = null
  try {
    return isIpv4(question.dst) ? routeGet4(ns, question, uid) : routeGet6(ns, question)
  } finally {
    ns.log = log
  }
}

function deviceOf(ns: NetNamespace, name: string | undefined): NetDevice | null {
  return name === undefined ? null : (ns.device(name) ?? null)
}

function routeGet4(ns: NetNamespace, question: RouteQuestion, uid: number): ResolvedRoute | RouteGetError {
  const daddr = ipv4ToNumber(question.dst)
  const saddr = question.src === undefined ? 0 : ipv4ToNumber(question.src)
  const iif = deviceOf(ns, question.iif)
  const { tos = 0, mark = 0, ipproto: proto = 0, sport = 0, dport = 0 } = question
  if (iif !== null) {
    const skb = probe4(question, daddr, saddr, iif)
    const cause = ns.sim.stack.ipRouteInput(skb, daddr, saddr, tos, iif)
    if (cause !== null) return refusal(cause)
    return told4(ns, skb.dst, question, { iif: iif.name, redirect: (skb.cbFlags & IPSKB_DOREDIRECT) !== 0 })
  }
  const oif = deviceOf(ns, question.oif)
  const flow = { daddr, saddr, tos, mark, oif, iif: null, proto, sport, dport, anySource: false, packet: NO_PACKET }
  const rt = ns.sim.stack.ipRouteOutput(ns, flow)
  return typeof rt === 'string' ? rt : told4(ns, rt, question, { uid })
}

/** A packet as the kernel makes one up for the lookup. */
function probe4(question: RouteQuestion, daddr: number, saddr: number, iif: NetDevice): PacketBuffer {
  const length = IPV4_HEADER_LENGTH + 8
  const bytes = new Uint8Array(HEADROOM + length)
  const { ipproto: protocol = 17, tos = 0 } = question
  const at = buildIpv4Header(bytes, HEADROOM, {
    source: saddr,
    destination: daddr,
    protocol,
    ttl: 64,
    totalLength: length,
    tos,
  })
  return probe(bytes, at, question, iif, ETHERTYPE.IPV4)
}

function probe(bytes: Uint8Array, at: number, question: RouteQuestion, iif: NetDevice, protocol: number): PacketBuffer {
  writeU16(bytes, at + UDP_SOURCE_PORT, question.sport ?? 0)
  writeU16(bytes, at + UDP_DESTINATION_PORT, question.dport ?? 0)
  const skb = new PacketBuffer(bytes, HEADROOM, bytes.length, 0)
  skb.network = HEADROOM
  skb.transport = at
  skb.protocol = protocol
  skb.mark = question.mark ?? 0
  skb.dev = iif
  return skb
}

/** What a packet that is refused before the tables answer is told. */
function refusal(cause: DropCause): RouteGetError {
  return cause === 'rp_filter' ? 'EXDEV' : 'EINVAL'
}

interface Asker {
  readonly iif?: string
  readonly redirect?: boolean
  readonly uid?: number
}

function told4(
  ns: NetNamespace,
  rt: unknown,
  question: RouteQuestion,
  { iif, redirect, uid }: Asker,
): ResolvedRoute | RouteGetError {
  if (!(rt instanceof Rtable)) return 'EINVAL'
  if (rt.error !== null) return rt.error
  const { pathMtu, exception, gateway, nexthop } = rt
  const route = rt.ref.route
  const mtu = pathMtu !== 0 ? pathMtu : (nexthop?.info.mtu ?? 0)
  const isLocal = rt.kind === 'local'
  const cache = [
    ...((rt.flags & RTCF_LOCAL) !== 0 ? (['local'] as const) : []),
    ...((rt.flags & RTCF_MULTICAST) !== 0 ? (['mc'] as const) : []),
    ...((rt.flags & RTCF_BROADCAST) !== 0 ? (['brd'] as const) : []),
    ...(redirect === true ? (['redirect'] as const) : []),
  ]
  return {
    family: 'inet',
    type: routeTypeName(rt.type) as RouteType,
    dst: question.dst,
    ...(question.src === undefined ? {} : { from: question.src }),
    ...(gateway === null ? {} : { via: numberToIpv4(gateway) }),
    dev: isLocal ? 'lo' : rt.dev.name,
    ...tableOf(route, ns.fib4.customRules ? rt.ref.table : route === undefined ? '' : mergedTable(rt.ref.table)),
    ...(iif !== undefined || question.src !== undefined || rt.src === 0 ? {} : { src: numberToIpv4(rt.src) }),
    ...(question.mark === undefined || question.mark === 0 ? {} : { mark: question.mark }),
    ...(uid === undefined ? {} : { uid }),
    ...(iif === undefined ? {} : { iif }),
    ...metrics(mtu, rt.mtuLocked && mtu !== 0, rt.advmss),
    ...(pathMtu === 0 || exception === null ? {} : { expires: secondsLeft(ns, exception.expires) }),
    cache,
  }
}

/** While there are no rules of its own, `local` and `main` are one table. @linux net/ipv4/fib_frontend.c fib_unmerge */
function mergedTable(table: string): string {
  return table === 'local' ? 'main' : table
}

function tableOf(route: Route | undefined, table: string): Pick<ResolvedRoute, 'table' | 'route'> {
  return { ...(table === '' ? {} : { table }), ...(route === undefined ? {} : { route }) }
}

function metrics(mtu: number, lock: boolean, advmss: number): Pick<ResolvedRoute, 'mtu' | 'mtuLock' | 'advmss'> {
  return {
    ...(mtu === 0 ? {} : { mtu }),
    ...(lock ? { mtuLock: true } : {}),
    ...(advmss === 0 ? {} : { advmss }),
  }
}

function secondsLeft({ sim }: NetNamespace, at: number): number {
  return Math.max(0, Math.floor((at - sim.clock.now) / SECOND))
}

function routeGet6(ns: NetNamespace, question: RouteQuestion): ResolvedRoute | RouteGetError {
  const daddr = ipv6ToKey(question.dst)
  const saddr = question.src === undefined ? ANY6 : ipv6ToKey(question.src)
  const iif = deviceOf(ns, question.iif)
  const { tos: tclass = 0, mark = 0, ipproto: proto = 0, sport = 0, dport = 0 } = question
  if (iif !== null) {
    const bytes = new Uint8Array(HEADROOM + IPV6_HEADER_LENGTH + 8)
    const fields = { source: saddr, destination: daddr, nextHeader: question.ipproto ?? 17, hopLimit: 64 }
    const at = buildIpv6Header(bytes, HEADROOM, { ...fields, payloadLength: 8, trafficClass: tclass })
    const skb = probe(bytes, at, question, iif, ETHERTYPE.IPV6)
    const cause = ns.sim.stack.ip6RouteInput(skb, iif)
    return cause === null ? told6(ns, skb.dst, question, daddr) : refusal(cause)
  }
  const oif = deviceOf(ns, question.oif)
  const from = oif === null || question.src !== undefined ? saddr : ''
  const rt = ns.sim.stack.ip6RouteOutput(ns, { daddr, saddr: from, tclass, mark, oif, proto, sport, dport })
  return typeof rt === 'string' ? rt : told6(ns, rt, question, daddr)
}

function told6(ns: NetNamespace, rt: unknown, question: RouteQuestion, daddr: string): ResolvedRoute | RouteGetError {
  if (!(rt instanceof Rt6)) return 'EINVAL'
  if (rt.error !== null) return rt.error
  const { gateway, exception, info } = rt
  const chosen = info !== null && info.prefsrc !== '' ? info.prefsrc : ns.sim.stack.ipv6DevGetSaddr(ns, rt.idev, daddr)
  const learned = exception !== null && exception.mtu !== 0 ? exception : null
  const route = info?.route
  return {
    family: 'inet6',
    type: routeTypeName(info?.type ?? 0) as RouteType,
    dst: question.dst,
    from: question.src ?? keyToIpv6(ANY6),
    ...(gateway === null ? {} : { via: keyToIpv6(gateway as Ip6Key) }),
    dev: rt.dev.name,
    ...tableOf(route, route?.table ?? ''),
    ...(question.iif !== undefined || chosen === '' ? {} : { src: keyToIpv6(chosen as Ip6Key) }),
    ...(question.iif === undefined ? {} : { iif: question.iif }),
    ...metrics(learned?.mtu ?? info?.mtu ?? 0, rt.mtuLocked, rt.advmss),
    ...(learned === null || learned.expires === 0 ? {} : { expires: secondsLeft(ns, learned.expires) }),
    cache: [],
  }
}
