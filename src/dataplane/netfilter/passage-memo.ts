import {
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  isIpv4Fragment,
  readU32,
} from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { isAnswered, isSettled } from './conn.ts'
import { type NfPacket, networkOf } from './packet.ts'
import { Passage, WHOLE } from './passage.ts'
import { hasPorts } from './tuple.ts'

/** A hook remembers this many passages of flows with the same hash; the next one takes the place of the oldest. */
const WAYS = 4

/** The passages of the last flows at a hook. */
export class PassageMemo {
  private readonly passages: (Passage | undefined)[] = []
  private turn = 0

  /**
   * The passage of a packet's flow. Null for packets whose passage is not remembered, and for the first of a flow.
   */
  of(p: NfPacket): Passage | null {
    if (!isRemembered(p)) return null
    const upper = upperAt(p.bytes, p.protocol, p.transport)
    const first = bucketOf(p.src4, p.dst4, upper) * WAYS
    for (let i = first; i < first + WAYS; i++) {
      const known = this.passages[i]
      if (known === undefined) return this.begin(i, p, upper)
      if (known.fits(p, upper)) return known.isBusy() ? known : null
    }
    this.turn = (this.turn + 1) % WAYS
    return this.begin(first + this.turn, p, upper)
  }

  /** Counts with the rules what went by them since the last time. */
  settle(): void {
    for (const passage of this.passages) passage?.settle()
  }

  /** The passage of the last packet like this one, if it is known; for one nobody has looked at yet. */
  last(skb: PacketBuffer, indev: NetDevice | null, outdev: NetDevice | null): Passage | null {
    const { bytes } = skb
    const at = networkOf(skb)
    if (skb.tail - at < WHOLE) return null
    const upper = upperAt(bytes, bytes[at + IPV4_PROTOCOL]!, at + IPV4_HEADER_LENGTH)
    const first = bucketOf(readU32(bytes, at + IPV4_SOURCE), readU32(bytes, at + IPV4_DESTINATION), upper) * WAYS
    for (let i = first; i < first + WAYS; i++) {
      const known = this.passages[i]
      if (known === undefined) return null
      if (known.upper === upper && known.isThatOf(skb, at, indev, outdev)) return known
    }
    return null
  }

  private begin(place: number, p: NfPacket, upper: number): null {
    const passage = this.passages[place] ?? new Passage()
    this.passages[place] = passage
    passage.begin(p, upper)
    return null
  }
}

/**
 * Whole IPv4 packets of protocols whose headers conntrack reads, not bridged, and not the answer to one that is in a hook now. Those that
 * begin a connection are not worth it: the next one finds it in another state.
 */
function isRemembered(p: NfPacket): boolean {
  const { protocol, skb } = p
  if (p.family !== 'inet' || !p.transportFound || isIpv4Fragment(p.bytes, p.at) || !p.isOutermost) return false
  if (skb.physIn !== null || skb.physOut !== null) return false
  if (skb.ct !== null && !isAnswered(skb.ctinfo) && !isSettled(skb)) return false
  if (protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.UDP) return p.end - p.transport >= 8
  return p.end - p.transport >= 20 && (protocol === IP_PROTOCOL.IPIP || hasPorts(protocol))
}

/** Ports, or type and code of ICMP; 0 for protocols without either. */
function upperAt(bytes: Uint8Array, protocol: number, transport: number): number {
  if (protocol === IP_PROTOCOL.IPIP) return 0
  const word = readU32(bytes, transport)
  return protocol === IP_PROTOCOL.ICMP ? word >>> 16 : word
}

/** One of 8: a node has a few of these for each hook, and a cluster has many nodes. */
function bucketOf(src: number, dst: number, upper: number): number {
  return Math.imul(src ^ Math.imul(dst, 0x9e3779b1) ^ upper, 0x85ebca6b) >>> 29
}
