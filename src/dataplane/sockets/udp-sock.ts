import { IP_PROTOCOL, UDP_DESTINATION_PORT, UDP_HEADER_LENGTH, UDP_LENGTH, writeU16 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { peerOf, pseudoSum, putChecksum, routeDatagram, sendDatagram, sourceOf } from './datagram-output.ts'
import type { Errno } from './errno.ts'
import { type Addr, InetSock } from './inet-sock.ts'
import { bindError, lacksScope } from './raw-sock.ts'
import { socketsOf } from './slot.ts'

/** A datagram a UDP socket received. */
export interface Datagram {
  /** Data. */
  readonly payload: Uint8Array
  /** Sender. */
  readonly saddr: Addr
  /** Sender's port. */
  readonly sport: number
  /** Address it was sent to. */
  readonly daddr: Addr
  /** TTL or hop limit it arrived with. */
  readonly ttl: number
  /** TOS byte or traffic class. */
  readonly tos: number
  /** Device it arrived on. */
  readonly dev: NetDevice | null
}

/** A UDP socket. */
export class UdpSock extends InetSock {
  /** Kind. */
  readonly type = 'udp' as const
  /** SO_NO_CHECK: IPv4 datagrams are sent without a checksum. */
  noCheck = false
  /** SO_REUSEADDR: the port may be shared with other sockets that say so. */
  reuse = false
  /** Called for every datagram received. */
  onReceive: ((datagram: Datagram) => void) | null = null
  private bound = false

  constructor(ns: NetNs, family: 'inet' | 'inet6') {
    super(ns, family, IP_PROTOCOL.UDP)
  }

  /** Binds to an address (0 or '' = any) and port (0 = any free one). */
  bind(addr: Addr, port: number): Errno | null {
    if (this.bound) return 'EINVAL'
    const failed = bindError(this, addr)
    if (failed !== null) return failed
    const sockets = socketsOf(this.ns)
    const chosen = port || sockets.ephemeralPort((p) => this.conflicts(p, addr))
    if (chosen === 0 || this.conflicts(chosen, addr)) return 'EADDRINUSE'
    this.rcvSaddr = this.saddr = addr
    this.sport = chosen
    this.bound = true
    sockets.addUdp(this)
    return null
  }

  private conflicts(port: number, addr: Addr): boolean {
    const others = socketsOf(this.ns).udp.get(port) ?? []
    return others.some(
      (o) =>
        o.family === this.family &&
        !(o.reuse && this.reuse) &&
        (!o.rcvSaddr || !addr || o.rcvSaddr === addr) &&
        (o.boundDev === null || this.boundDev === null || o.boundDev === this.boundDev),
    )
  }

  /** Fixes the peer; chooses the source address now (`ip4_datagram_connect`). */
  connect(daddr: Addr, dport: number, oif: NetDevice | null = null): Errno | null {
    if (lacksScope(this, daddr, oif)) return 'EINVAL'
    const dst = routeDatagram(this, { daddr, dport, protocol: this.protocol, oif })
    if (typeof dst === 'string') return dst
    if (!this.bound) {
      const failed = this.bind(this.rcvSaddr, 0)
      if (failed !== null) return failed
    }
    const src = sourceOf(this, dst)
    if (!this.saddr) this.saddr = src
    if (!this.rcvSaddr) this.rcvSaddr = src
    this.daddr = peerOf(this, dst, daddr)
    this.dport = dport
    return null
  }

  /** Sends to a given peer (`udp_sendmsg`); a pending error is returned instead, once. */
  sendTo(payload: Uint8Array, daddr: Addr, dport: number, oif: NetDevice | null = null): Errno | null {
    if (dport === 0) return 'EINVAL'
    if (!this.bound) {
      const failed = this.bind(this.rcvSaddr, 0)
      if (failed !== null) return failed
    }
    const out = { daddr, dport, protocol: this.protocol, oif }
    // Of IPv6 only the path decides. @linux net/ipv6/udp.c udpv6_sendmsg
    if (this.family === 'inet' && payload.length > 0xffff) return 'EMSGSIZE'
    const dst = routeDatagram(this, out)
    if (typeof dst === 'string') return dst
    const pending = this.takeError()
    if (pending !== null) return pending
    const skb = this.ns.sim.newSkb(UDP_HEADER_LENGTH + payload.length)
    const at = skb.data
    skb.bytes.set(payload, at + UDP_HEADER_LENGTH)
    writeU16(skb.bytes, at, this.sport)
    writeU16(skb.bytes, at + UDP_DESTINATION_PORT, dport)
    writeU16(skb.bytes, at + UDP_LENGTH, skb.len)
    if (!this.noCheck || this.family === 'inet6') {
      putChecksum(skb, at, 6, pseudoSum(sourceOf(this, dst), peerOf(this, dst, daddr), this.protocol, skb.len), 0xffff)
    }
    return sendDatagram(this, skb, dst, out)
  }

  /** Sends to the connected peer. */
  send(payload: Uint8Array): Errno | null {
    return this.dport === 0 ? 'EDESTADDRREQ' : this.sendTo(payload, this.daddr, this.dport)
  }

  /** Ends it. */
  close(): void {
    if (this.bound) socketsOf(this.ns).removeUdp(this)
    this.bound = false
    this.onReceive = null
    this.onError = null
  }
}
