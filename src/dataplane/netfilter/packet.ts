import type { DropCause } from '../../model/index.ts'
import { IPV4_DESTINATION, IPV4_SOURCE, IPV6_DESTINATION, IPV6_SOURCE, readIp6Key, readU32 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { Conn } from './conn.ts'
import type { Netfilter } from './netfilter.ts'
import { Segment } from './tcp-track.ts'
import { type Addr, findTransport, type TransportPlace, Tuple } from './tuple.ts'

/** A packet as matches and targets see it: the skb, where it is, and what was read of its headers. */
export class NfPacket implements TransportPlace {
  /** The packet. */
  skb!: PacketBuffer
  /** Its bytes; the same as `skb.bytes`. */
  bytes!: Uint8Array
  /** Namespace. */
  ns!: NetNs
  /** Netfilter of the namespace. */
  nf!: Netfilter
  /** Family of the hook. */
  family: 'inet' | 'inet6' = 'inet'
  /** NF_ hook number. */
  hook = 0
  /** Device it came in by, null for own packets. */
  indev: NetDevice | null = null
  /** Device it will leave by, null before routing. */
  outdev: NetDevice | null = null
  /** Offset of the IP header. */
  at = 0
  /** One past the last byte. */
  end = 0
  /** Upper-layer protocol (IPv6: behind the extension headers). */
  protocol = 0
  /** Offset of the upper layer. */
  transport = 0
  /** Fragment offset in bytes; 0 = first or only piece. */
  fragmentOffset = 0
  /** The upper layer could be found. */
  transportFound = false
  /** A match found the packet so broken that it must be dropped. */
  hotdrop = false
  /** Why it is dropped, if it is. */
  cause: DropCause = 'netfilter_drop'
  /** A rule with something not modelled was reached: its name. */
  unmodelled = ''
  /** No other packet is in a hook of this namespace: this one is no answer to such. */
  isOutermost = true
  /** Conntrack zone a CT target chose. */
  zone = 0
  /** Time, in nanoseconds. */
  now = 0
  /** Source; IPv4. */
  src4 = 0
  /** Destination; IPv4. */
  dst4 = 0
  /** Working space: a tuple read of the packet, or made for it. */
  readonly tuple: Tuple = new Tuple()
  /** Working space: the inverse of a tuple. */
  readonly inverse: Tuple = new Tuple()
  /** Working space: the fields of a TCP header. */
  readonly segment: Segment = new Segment()
  /** Working space: the upper layer of a packet that is quoted, or being rewritten. */
  readonly place: TransportPlace = { protocol: 0, transport: 0, fragmentOffset: 0 }
  private src6: string | null = null
  private dst6: string | null = null

  /** Reads the headers of the skb (again): after a target changed them, or the packet was replaced. */
  load(): void {
    const { skb } = this
    this.bytes = skb.bytes
    this.at = networkOf(skb)
    this.end = skb.tail
    this.transportFound = findTransport(this.family, skb.bytes, this.at, skb.tail, this)
    if (this.family === 'inet') {
      this.src4 = readU32(skb.bytes, this.at + IPV4_SOURCE)
      this.dst4 = readU32(skb.bytes, this.at + IPV4_DESTINATION)
    } else {
      this.src6 = null
      this.dst6 = null
    }
  }

  /** Its connection, null = none or untracked: conntrack alone sets `skb.ct`. */
  get ct(): Conn | null {
    return this.skb.ct as Conn | null
  }

  /** Name of `indev`, '' when null. */
  get inName(): string {
    return this.indev === null ? '' : this.indev.name
  }

  /** Name of `outdev`, '' when null. */
  get outName(): string {
    return this.outdev === null ? '' : this.outdev.name
  }

  /** Source key; IPv6. */
  get src6Key(): string {
    this.src6 ??= readIp6Key(this.bytes, this.at + IPV6_SOURCE)
    return this.src6
  }

  /** Destination key; IPv6. */
  get dst6Key(): string {
    this.dst6 ??= readIp6Key(this.bytes, this.at + IPV6_DESTINATION)
    return this.dst6
  }

  /** Source in engine form. */
  get src(): Addr {
    return this.family === 'inet' ? this.src4 : this.src6Key
  }

  /** Destination in engine form. */
  get dst(): Addr {
    return this.family === 'inet' ? this.dst4 : this.dst6Key
  }

  /** Length from the IP header on. */
  get length(): number {
    return this.end - this.at
  }
}

/** Packets in hooks at this moment, by depth: a REJECT sends its answer, which has hooks of its own, while the first is still busy. */
export class HookContexts {
  /** Working space of a packet that passes as the last one did, without a context. */
  readonly segment: Segment = new Segment()
  private readonly packets: NfPacket[] = []
  private depth = 0

  /** No packet is in a hook. */
  get isEmpty(): boolean {
    return this.depth === 0
  }

  /** The context of a packet that enters a hook. */
  enter(): NfPacket {
    const at = this.depth++
    const known = this.packets[at]
    if (known !== undefined) return known
    const made = new NfPacket()
    made.isOutermost = at === 0
    this.packets[at] = made
    return made
  }

  /** The packet has left the hook. */
  leave(): void {
    this.depth--
  }
}

/** The device of a hook: the one out before the one in. Every hook has one of them. */
export function deviceOf(p: NfPacket): NetDevice {
  return (p.outdev ?? p.indev) as NetDevice
}

/** Where the IP header of a packet is. */
export function networkOf(skb: PacketBuffer): number {
  return skb.network >= 0 ? skb.network : skb.data
}
