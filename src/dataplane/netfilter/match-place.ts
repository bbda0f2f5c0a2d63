import type { AddrType, Match } from '../../model/index.ts'
import { INADDR_BROADCAST, IPTOS_RT_MASK, IPV6_SOURCE, readU32 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { type Flow4, NO_PACKET } from '../kernel/stack.ts'
import { tosOf } from './match-header.ts'
import type { NfPacket } from './packet.ts'
import type { MatchFn } from './rule.ts'

type Of<K extends Match['kind']> = Extract<Match, { kind: K }>

/** `-m addrtype`. @linux net/netfilter/xt_addrtype.c addrtype_mt_v1 */
export function addrtypeMatch(m: Of<'addrtype'>): MatchFn {
  const { srcType, dstType, limitIfaceIn, limitIfaceOut } = m
  const dev = (p: NfPacket): NetDevice | null => (limitIfaceIn ? p.indev : limitIfaceOut ? p.outdev : null)
  const among = (p: NfPacket, source: boolean, types: readonly AddrType[]): boolean => {
    const { stack } = p.ns.sim
    const type =
      p.family === 'inet'
        ? stack.inetAddrType(p.ns, source ? p.src4 : p.dst4, dev(p))
        : stack.inet6AddrType(p.ns, source ? p.src6Key : p.dst6Key, dev(p))
    return types.includes(type as AddrType)
  }
  return (p) =>
    (!srcType || among(p, true, srcType.types) !== (srcType.invert === true)) &&
    (!dstType || among(p, false, dstType.types) !== (dstType.invert === true))
}

/**
 * `-m rpfilter`: whether a reply would leave by the device the packet came in by.
 * @linux net/ipv4/netfilter/ipt_rpfilter.c rpfilter_mt
 */
export function rpfilterMatch(m: Of<'rpfilter'>): MatchFn {
  const invert = m.invert === true
  return (p) => {
    const { indev } = p
    if (indev === null || indev.loopback) return !invert
    return (p.family === 'inet' ? passes4(p, indev, m) : passes6(p, indev, m)) !== invert
  }
}

function passes4(p: NfPacket, indev: NetDevice, m: Of<'rpfilter'>): boolean {
  const { src4, dst4 } = p
  const toGroup = dst4 === INADDR_BROADCAST || dst4 >>> 8 === 0xe00000
  if (src4 >>> 24 === 0 && toGroup) return true
  const flow: Flow4 = {
    daddr: src4,
    saddr: dst4 >>> 28 === 14 || dst4 === INADDR_BROADCAST || dst4 >>> 24 === 0 ? 0 : dst4,
    tos: tosOf(p) & IPTOS_RT_MASK,
    mark: m.validmark ? p.skb.mark : 0,
    oif: null,
    iif: null,
    proto: 0,
    sport: 0,
    dport: 0,
    anySource: false,
    packet: NO_PACKET,
  }
  return p.ns.sim.stack.rpfilterLookupReverse(p.ns, flow, m.loose ? null : indev, m.acceptLocal === true)
}

const LINK_LOCAL = 0xfe80

function passes6(p: NfPacket, indev: NetDevice, m: Of<'rpfilter'>): boolean {
  const source = p.src6Key
  const unspecified = source === '\0'.repeat(16)
  if (unspecified) return true
  const { stack } = p.ns.sim
  const linkLocal = readU32(p.bytes, p.at + IPV6_SOURCE) >>> 16 === LINK_LOCAL
  const dst = stack.ip6RouteOutput(p.ns, {
    daddr: source,
    saddr: p.dst6Key,
    tclass: tosOf(p),
    mark: m.validmark ? p.skb.mark : 0,
    oif: linkLocal || !m.loose ? indev : null,
    proto: p.protocol,
    sport: 0,
    dport: 0,
  })
  if (typeof dst === 'string' || dst.error !== null) return false
  if (dst.kind === 'local') return m.acceptLocal === true && stack.inet6AddrType(p.ns, source, null) !== 'ANYCAST'
  return m.loose === true || dst.dev === indev
}

/** `-m physdev`: the bridge ports of a bridged packet. @linux net/netfilter/xt_physdev.c physdev_mt */
export function physdevMatch(m: Of<'physdev'>): MatchFn {
  const named = (name: string, dev: NetDevice | null): boolean =>
    dev !== null && (name.endsWith('+') ? dev.name.startsWith(name.slice(0, -1)) : dev.name === name)
  return (p) => {
    const { physIn, physOut } = p.skb
    if (m.isBridged && (physIn !== null && physOut !== null) === (m.isBridged.invert === true)) return false
    if (m.isIn && (physIn !== null) === (m.isIn.invert === true)) return false
    if (m.isOut && (physOut !== null) === (m.isOut.invert === true)) return false
    if (m.physdevIn && named(m.physdevIn.name, physIn) === (m.physdevIn.invert === true)) return false
    return !m.physdevOut || named(m.physdevOut.name, physOut) !== (m.physdevOut.invert === true)
  }
}
