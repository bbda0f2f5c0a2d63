import type { Connection } from './conntrack.ts'
import type { Dst } from './dst.ts'
import type { IpOptions } from './ip-options.ts'
import type { NetDevice } from './net-device.ts'
import type { Sock } from './sock.ts'
import type { World } from './world.ts'

/** Packet types (`skb->pkt_type`), by the link-layer destination. */
export const PACKET_HOST = 0
/** Sent to the broadcast address. */
export const PACKET_BROADCAST = 1
/** Sent to a multicast address. */
export const PACKET_MULTICAST = 2
/** Sent to somebody else. */
export const PACKET_OTHERHOST = 3
/** A copy of our own broadcast or multicast, for ourselves. */
export const PACKET_LOOPBACK = 5

/** `IPCB(skb)->flags`: already forwarded. */
export const IPSKB_FORWARDED = 1
/** A redirect is owed to the sender. */
export const IPSKB_DOREDIRECT = 2
/** Reassembled by conntrack; fragments again up to `fragMaxSize`. */
export const IPSKB_FRAG_COMPLETE = 4
/** All fragments carried DF: fragments again with DF. */
export const IPSKB_FRAG_PMTU = 8
/** Rerouted after netfilter: do not run POSTROUTING again. */
export const IPSKB_REROUTED = 16

/** Bytes reserved in front of a packet: enough for two encapsulations and link headers. */
export const HEADROOM = 192

/**
 * A packet: one buffer with headroom, offsets of the headers in it, and the few fields an skb has. All offsets are
 * absolute positions in `bytes`. Forwarding changes it in place; encapsulation pushes into the headroom.
 */
export class PacketBuffer {
  /** The buffer; data lies in `[data, tail)`. */
  bytes: Uint8Array
  /** First byte of the current layer (`skb->data`). */
  data: number
  /** One past the last byte (`skb->tail`). */
  tail: number
  /** Link-layer header, or -1. */
  mac = -1
  /** Network header, or -1. */
  network = -1
  /** Transport header, or -1. */
  transport = -1
  /** Ethertype of the network header. */
  protocol = 0
  /** Device it arrived on, or leaves by; null while a packet made here has none. */
  dev: NetDevice | null = null
  /** ifindex it arrived on first in this namespace (`skb_iif`), 0 = made here. */
  iif = 0
  /** One of the PACKET_ constants. */
  pktType: number = PACKET_HOST
  /** Mark (`skb->mark`). */
  mark = 0
  /** Connection, null = none or untracked. */
  ct: Connection | null = null
  /** One of the IP_CT_ constants. */
  ctinfo = 0
  /** Socket that sent it (local output only). */
  sk: Sock | null = null
  /** Route. */
  dst: Dst | null = null
  /** Control block flags: IPSKB_ constants (IPv4), IP6SKB_ (IPv6). */
  cbFlags = 0
  /** Largest fragment it was reassembled from, 0 = was not fragmented. */
  fragMaxSize = 0
  /** Fragments may be made though DF is clear locally (`skb->ignore_df`). */
  ignoreDf = false
  /** Bridge port it came in by while bridged (`nf_bridge->physindev`). */
  physIn: NetDevice | null = null
  /** Bridge port it leaves by while bridged. */
  physOut: NetDevice | null = null
  /**
   * Its own source address, a 48-bit number, while it is on its way through the neighbour layer because its destination was
   * rewritten to another host behind the same bridge (`nf_bridge->bridged_dnat`); 0 = it is not.
   */
  bridgedDnat = 0
  /** Packet id in records; a new packet gets a new one. */
  id: number
  /** Id of the packet this one was made from (clone, fragment, encapsulation keeps its id), 0 = none. */
  parent = 0
  /** IPv4 options as input found them, null = none. */
  opt: IpOptions | null = null
  /** Payload lengths of the fragments it was reassembled from, null = was whole; fragmenting again keeps them. */
  fragLengths: readonly number[] | null = null
  /** `bytes[summedFrom, summedTo)` was found to have a right checksum; whoever rewrites a part of it mends the sum. -1 = unknown. */
  private summedFrom = -1
  private summedTo = -1
  /** Where a recorder has its bytes while it is on a wire, which changes none of them; -1 = nowhere. */
  recordedAt = -1
  /** What it was recorded in; null = nothing yet. */
  recordedIn: object | null = null
  /** How often it was handed to a receiver; guards against loops without TTL. */
  crossings = 0

  constructor(bytes: Uint8Array, data: number, tail: number, id: number) {
    this.bytes = bytes
    this.data = data
    this.tail = tail
    this.id = id
  }

  /** Length of the current layer and all above it, in bytes. */
  get len(): number {
    return this.tail - this.data
  }

  /** Makes room for n bytes in front of `data` and moves `data` there; grows the buffer when the headroom is used up. */
  push(n: number): void {
    if (this.data < n) this.growHead(n)
    this.data -= n
  }

  /** Takes n bytes off the front. The caller has checked the length. */
  pull(n: number): void {
    this.data += n
  }

  /** Cuts or extends nothing: sets the tail so that `len` is n (n <= len). */
  trim(n: number): void {
    this.tail = this.data + n
  }

  private growHead(n: number): void {
    const extra = n - this.data + HEADROOM
    const grown = new Uint8Array(this.bytes.length + extra)
    grown.set(this.bytes.subarray(this.data, this.tail), this.data + extra)
    this.bytes = grown
    this.summed(-1, -1)
    this.data += extra
    this.tail += extra
    if (this.mac >= 0) this.mac += extra
    if (this.network >= 0) this.network += extra
    if (this.transport >= 0) this.transport += extra
  }

  /** Whether the checksum of an upper layer `[from, to)` is known to be right, as a card would say (`CHECKSUM_UNNECESSARY`). */
  isSummed(from: number, to: number): boolean {
    return this.summedFrom === from && this.summedTo === to
  }

  /** The checksum of an upper layer `[from, to)` is right; -1 = who knows. */
  summed(from: number, to: number): void {
    this.summedFrom = from
    this.summedTo = to
  }

  /** A copy that is the same packet, with its own bytes: a snapshot keeps its id and where it came from. */
  again(): this {
    const c = this.like(this.bytes.slice(), this.id)
    c.parent = this.parent
    return c
  }

  /** A copy with its own bytes and a new id. */
  copy(sim: World): this {
    return this.like(sim.slab.copy(this.bytes), sim.nextPacketId())
  }

  private like(bytes: Uint8Array, id: number): this {
    const c = new PacketBuffer(bytes, this.data, this.tail, id)
    c.mac = this.mac
    c.network = this.network
    c.transport = this.transport
    c.fragMaxSize = this.fragMaxSize
    c.ignoreDf = this.ignoreDf
    c.opt = this.opt
    c.fragLengths = this.fragLengths
    c.inheritFrom(this)
    // A copy has a device if this has.
    return c as this
  }

  /** Takes over what every packet made of `skb`, a copy or a fragment, keeps of it (`ip_copy_metadata`). */
  inheritFrom(skb: PacketBuffer): void {
    this.protocol = skb.protocol
    this.dev = skb.dev
    this.iif = skb.iif
    this.pktType = skb.pktType
    this.mark = skb.mark
    this.ct = skb.ct
    this.ctinfo = skb.ctinfo
    this.sk = skb.sk
    this.dst = skb.dst
    this.cbFlags = skb.cbFlags
    this.physIn = skb.physIn
    this.physOut = skb.physOut
    this.bridgedDnat = skb.bridgedDnat
    this.parent = skb.id
    this.crossings = skb.crossings
  }

  /** Forgets what must not cross into another namespace (`skb_scrub_packet`). */
  scrub(crossNetns: boolean): void {
    this.pktType = PACKET_HOST
    this.iif = 0
    this.ignoreDf = false
    this.dst = null
    this.ct = null
    this.ctinfo = 0
    this.physIn = null
    this.physOut = null
    this.bridgedDnat = 0
    this.cbFlags = 0
    this.fragMaxSize = 0
    this.opt = null
    if (!crossNetns) return
    this.sk = null
    this.mark = 0
  }
}

/** A packet that has its device: it came in by it, or is about to leave by it. */
export type PacketOnDevice = PacketBuffer & { dev: NetDevice }

/** Gives a packet its device. */
export function setDevice(skb: PacketBuffer, dev: NetDevice): asserts skb is PacketOnDevice {
  skb.dev = dev
}
