import { IP_PROTOCOL, type Ip6Key, isIpv6LinkLocal, isIpv6Multicast } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { peerOf, pseudoSum, putChecksum, routeDatagram, sendDatagram, sourceOf } from './datagram-output.ts'
import type { Errno } from './errno.ts'
import { type Addr, InetSock } from './inet-sock.ts'
import { inputDevice, ipEnds } from './ip-ends.ts'
import { socketsOf } from './slot.ts'

/** A packet a raw socket received. */
export interface RawPacket {
  /** IPv4: from the IP header on. IPv6: from the transport header on. */
  readonly bytes: Uint8Array
  /** Where the transport header starts in `bytes`. */
  readonly transport: number
  /** Source. */
  readonly saddr: Addr
  /** Destination. */
  readonly daddr: Addr
  /** TTL or hop limit it arrived with. */
  readonly ttl: number
  /** Device it arrived on. */
  readonly dev: NetDevice | null
}

/** A raw socket (SOCK_RAW): sends its payload as the given protocol, receives a copy of every packet of it. */
export class RawSock extends InetSock {
  /** Kind. */
  readonly type = 'raw' as const
  /** ICMP_FILTER: types that are not wanted. */
  blocked: ReadonlySet<number> | null = null
  /** IPV6_CHECKSUM: where the checksum is that the kernel computes; -1 = it computes none. ICMPv6 always has one. */
  checksumAt: number
  /** IPv4 options put into every packet. */
  options: Uint8Array | undefined
  /** Called for every packet received. */
  onReceive: ((packet: RawPacket) => void) | null = null

  constructor(ns: NetNs, family: 'inet' | 'inet6', protocol: number) {
    super(ns, family, protocol)
    this.checksumAt = protocol === IP_PROTOCOL.ICMPV6 ? 2 : -1
    socketsOf(ns).raw.push(this)
  }

  /** Binds to a local address; 0 or '' = any. */
  bind(addr: Addr): Errno | null {
    const failed = bindError(this, addr)
    if (failed !== null) return failed
    this.rcvSaddr = this.saddr = addr
    return null
  }

  /** Fixes the peer: only its packets are received, and the source is chosen now. */
  connect(daddr: Addr): Errno | null {
    if (lacksScope(this, daddr, null)) return 'EINVAL'
    const dst = routeDatagram(this, { daddr, dport: 0, protocol: this.protocol })
    if (typeof dst === 'string') return dst
    const src = sourceOf(this, dst)
    if (!this.saddr) this.saddr = src
    if (!this.rcvSaddr) this.rcvSaddr = src
    this.daddr = peerOf(this, dst, daddr)
    return null
  }

  /** Sends `payload` to `daddr` (`raw_sendmsg`). IPv6: computes the checksum where it is asked to. `oif`: scope of a link-local address. */
  sendTo(payload: Uint8Array, daddr: Addr, oif: NetDevice | null = null): Errno | null {
    const plain = { daddr, dport: 0, protocol: this.protocol, oif }
    const out = this.options === undefined ? plain : { ...plain, options: this.options }
    const dst = routeDatagram(this, out)
    if (typeof dst === 'string') return dst
    const pending = this.takeError()
    if (pending !== null) return pending
    const skb = this.ns.sim.newSkb(payload.length)
    skb.bytes.set(payload, skb.data)
    if (this.family === 'inet6' && this.checksumAt >= 0) {
      putChecksum(skb, skb.data, this.checksumAt, pseudoSum(sourceOf(this, dst), daddr, this.protocol, skb.len), 0)
    }
    return sendDatagram(this, skb, dst, out)
  }

  /** Ends it. */
  close(): void {
    socketsOf(this.ns).raw = socketsOf(this.ns).raw.filter((s) => s !== this)
    this.onReceive = null
    this.onError = null
  }
}

/**
 * Why a socket cannot be bound to an address; null when it can. An IPv4 address is too short for a socket of IPv6.
 * @linux net/ipv4/af_inet.c __inet_bind, net/ipv6/af_inet6.c inet6_bind
 */
export function bindError(sock: InetSock, addr: Addr): Errno | null {
  const isIpv4 = typeof addr === 'number'
  if (isIpv4 !== (sock.family === 'inet')) return isIpv4 ? 'EINVAL' : 'EAFNOSUPPORT'
  return isLocal(sock, addr) ? null : 'EADDRNOTAVAIL'
}

function isLocal(sock: InetSock, addr: Addr): boolean {
  if (!addr || sock.ns.ip.nonlocalBind) return true
  const { stack } = sock.ns.sim
  if (typeof addr === 'string') return stack.inet6AddrType(sock.ns, addr, null) === 'LOCAL'
  const type = stack.inetAddrType(sock.ns, addr, null)
  return type === 'LOCAL' || type === 'BROADCAST' || type === 'MULTICAST'
}

/**
 * Whether nobody said on which link an address of IPv6 is meant that every link has: no socket is connected to such a one.
 * @linux net/ipv6/datagram.c __ip6_datagram_connect, include/net/ipv6.h __ipv6_addr_needs_scope_id
 */
export function lacksScope(sock: InetSock, addr: Addr, oif: NetDevice | null): boolean {
  if (typeof addr === 'number' || oif !== null || sock.boundDev !== null) return false
  const key = addr as Ip6Key
  return isIpv6LinkLocal(key) || (isIpv6Multicast(key) && isOneLink(key))
}

/** Multicast of interface-local or link-local scope. @rfc 4291 §2.7 */
const isOneLink = (group: Ip6Key): boolean => [1, 2].includes(group.charCodeAt(1) & 0xf)

/** Whether a raw socket hears packets of these addresses, seen from the receiver (`raw_v4_match`). */
export function rawMatches(s: RawSock, protocol: number, raddr: Addr, laddr: Addr, dev: NetDevice | null): boolean {
  return (
    s.protocol === protocol &&
    (!s.daddr || s.daddr === raddr) &&
    (!s.rcvSaddr || s.rcvSaddr === laddr) &&
    (s.boundDev === null || s.boundDev === dev)
  )
}

/**
 * Raw sockets get their copy of a packet whose `data` is at the transport header. True when one matched, whether or not
 * its ICMP filter let the packet through.
 * @linux net/ipv4/raw.c raw_v4_input; net/ipv6/raw.c ipv6_raw_deliver
 */
export function rawLocalDeliver(skb: PacketOnDevice, protocol: number): boolean {
  const socks = skb.dev === null ? undefined : socketsOf(skb.dev.ns).raw
  if (!socks || socks.length === 0) return false
  const { family, saddr, daddr } = ipEnds(skb)
  const v4 = family === 'inet'
  const dev = inputDevice(skb, daddr)
  let delivered = false
  // A receiver may open a socket, which is appended, or close one, which makes another array.
  const open = socks.length
  for (let i = 0; i < open; i++) {
    const s = socks[i] as RawSock
    if (s.family !== family || !rawMatches(s, protocol, saddr, daddr, dev)) continue
    delivered = true
    if (isFiltered(s, skb)) continue
    const from = v4 ? skb.network : skb.data
    s.onReceive?.({
      bytes: s.ns.sim.slab.slice(skb.bytes, from, skb.tail),
      transport: skb.data - from,
      saddr,
      daddr,
      ttl: skb.bytes[skb.network + (v4 ? 8 : 7)] as number,
      dev,
    })
  }
  return delivered
}

function isFiltered(s: RawSock, skb: PacketBuffer): boolean {
  if (s.blocked === null) return false
  if (s.protocol !== IP_PROTOCOL.ICMP && s.protocol !== IP_PROTOCOL.ICMPV6) return false
  return s.blocked.has(skb.bytes[skb.data] as number)
}
