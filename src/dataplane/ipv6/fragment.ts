import {
  buildIpv6Fragment,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV6_EXTENSION_LENGTH,
  IPV6_FRAGMENT_LENGTH,
  IPV6_HEADER_LENGTH,
  IPV6_MIN_MTU,
  IPV6_PAYLOAD_LENGTH,
  isIpv6Extension,
  writeU16,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import { pieceLengths } from '../kernel/frag-lengths.ts'
import { HEADROOM, PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'

/** The headers every fragment repeats: up to the first that only the destination reads. @rfc 8200 §4.5 */
interface UnfragmentablePart {
  /** Its length with the IPv6 header. */
  readonly length: number
  /** Where the header lies that names what follows, relative to the packet. */
  readonly nexthdrAt: number
}

/**
 * Cuts a packet and gives each piece to `output`. Only packets made here may be cut, and those that were reassembled on their
 * way, which are cut where they were cut before as long as the pieces fit. Others are too big.
 *
 * @linux net/ipv6/ip6_output.c ip6_fragment
 * @param pathMtu - the longest piece, in bytes with all headers
 */
export function ip6Fragment(skb: PacketOnDevice, pathMtu: number, output: (fragment: PacketOnDevice) => void): void {
  const dev = skb.dst?.dev ?? skb.dev
  const { ns } = dev
  const part = unfragmentable(skb)
  let mtu = pathMtu
  let fits = skb.ignoreDf || skb.tail - skb.network <= mtu
  if (skb.fragMaxSize !== 0) {
    fits &&= skb.fragMaxSize <= mtu
    mtu = Math.max(skb.fragMaxSize, IPV6_MIN_MTU)
  }
  if (!fits || mtu < part.length + IPV6_FRAGMENT_LENGTH + 8) {
    ns.sim.stack.icmpv6Send(skb, ICMPV6_TYPE.PACKET_TOO_BIG, 0, pathMtu)
    dropPacket(skb, 'ip6_fragment_too_big', dev)
    return
  }
  const room = mtu - part.length - IPV6_FRAGMENT_LENGTH
  const lengths = pieceLengths(skb.tail - skb.network - part.length, room, skb.fragLengths)
  const { sim } = ns
  const id = sim.random()
  ns.log?.fragment(skb, dev, mtu, lengths.length)
  ns.log?.end(skb, dev, 'fragmented')
  let offset = 0
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number
    const piece = pieceOf(skb, part, offset, length, i + 1 < lengths.length, id, sim.nextPacketId())
    offset += length
    ns.log?.clone(piece, dev, skb)
    output(piece)
  }
}

/** @linux net/ipv6/output_core.c ip6_find_1stfragopt */
function unfragmentable(skb: PacketBuffer): UnfragmentablePart {
  const { bytes, network: at } = skb
  let nexthdrAt = 6
  let length = IPV6_HEADER_LENGTH
  let hadRouting = false
  for (;;) {
    const next = bytes[at + nexthdrAt] as number
    if (!isIpv6Extension(next) || next === IP_PROTOCOL.FRAGMENT) break
    if (next === IP_PROTOCOL.DESTINATION_OPTIONS && hadRouting) break
    if (next === IP_PROTOCOL.ROUTING) hadRouting = true
    if (next === IP_PROTOCOL.DESTINATION_OPTIONS && !routingFollows(skb, length)) break
    const size = ((bytes[at + length + IPV6_EXTENSION_LENGTH] as number) + 1) * 8
    if (at + length + size > skb.tail) break
    nexthdrAt = length
    length += size
  }
  return { length, nexthdrAt }
}

/** Whether a routing header follows the destination options at `offset`: then hops on the way read them. */
function routingFollows(skb: PacketBuffer, offset: number): boolean {
  return skb.bytes[skb.network + offset] === IP_PROTOCOL.ROUTING
}

function pieceOf(
  skb: PacketOnDevice,
  part: UnfragmentablePart,
  offset: number,
  length: number,
  more: boolean,
  id: number,
  packetId: number,
): PacketOnDevice {
  const headers = part.length + IPV6_FRAGMENT_LENGTH
  const bytes = new Uint8Array(HEADROOM + headers + length)
  const from = skb.network + part.length + offset
  bytes.set(skb.bytes.subarray(skb.network, skb.network + part.length), HEADROOM)
  const nextHeader = bytes[HEADROOM + part.nexthdrAt] as number
  bytes[HEADROOM + part.nexthdrAt] = IP_PROTOCOL.FRAGMENT
  buildIpv6Fragment(bytes, HEADROOM + part.length, { nextHeader, fragmentOffset: offset, m: more, identification: id })
  bytes.set(skb.bytes.subarray(from, from + length), HEADROOM + headers)
  writeU16(bytes, HEADROOM + IPV6_PAYLOAD_LENGTH, headers - IPV6_HEADER_LENGTH + length)
  const piece = new PacketBuffer(bytes, HEADROOM, bytes.length, packetId)
  piece.network = HEADROOM
  piece.transport = HEADROOM + part.length
  piece.inheritFrom(skb)
  setDevice(piece, skb.dev)
  return piece
}
