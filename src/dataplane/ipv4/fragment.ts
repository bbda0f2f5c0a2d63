import { IPV4_FLAG, IPV4_FRAG_OFF, IPV4_TOTAL_LENGTH, isIpv4Fragment, readU16, writeU16 } from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import { pieceLengths } from '../kernel/frag-lengths.ts'
import {
  HEADROOM,
  IPSKB_FRAG_COMPLETE,
  IPSKB_FRAG_PMTU,
  PacketBuffer,
  type PacketOnDevice,
  setDevice,
} from '../kernel/skb.ts'
import { ipSendCheck } from './header.ts'
import { ipOptionsFragment } from './options.ts'

/**
 * Cuts a packet and gives each piece to `output`. A packet that was reassembled on its way is cut where it was cut before,
 * as long as those pieces fit.
 *
 * @linux net/ipv4/ip_output.c ip_do_fragment
 * @param mtu - the longest piece, in bytes with the header
 */
export function ipFragment(skb: PacketOnDevice, mtu: number, output: (fragment: PacketOnDevice) => void): void {
  const dev = skb.dst?.dev ?? skb.dev
  const { ns } = dev
  const limit = skb.fragMaxSize !== 0 && skb.fragMaxSize < mtu ? skb.fragMaxSize : mtu
  const headerLength = (skb.bytes[skb.network]! & 0xf) << 2
  const room = limit - headerLength
  if (room < 8) {
    dropPacket(skb, 'frag_failed', dev)
    return
  }
  skb.cbFlags |= IPSKB_FRAG_COMPLETE
  const isFragment = isIpv4Fragment(skb.bytes, skb.network)
  const left = skb.tail - skb.network - headerLength
  const lengths = pieceLengths(left, room, isFragment ? null : skb.fragLengths)
  ns.log?.fragment(skb, dev, limit, lengths.length)
  ns.log?.end(skb, dev, 'fragmented')
  const send = (piece: PacketOnDevice): void => {
    ns.log?.clone(piece, dev, skb)
    output(piece)
  }
  cut(skb, headerLength, lengths, () => ns.sim.nextPacketId(), send)
}

function cut(
  skb: PacketOnDevice,
  headerLength: number,
  lengths: readonly number[],
  nextId: () => number,
  output: (fragment: PacketOnDevice) => void,
): void {
  const { bytes, network: at } = skb
  const word = readU16(bytes, at + IPV4_FRAG_OFF)
  const df = (skb.cbFlags & IPSKB_FRAG_PMTU) !== 0 ? IPV4_FLAG.DF : 0
  const more = word & IPV4_FLAG.MF
  let offset = (word & IPV4_FLAG.OFFSET) << 3
  let from = at + headerLength
  let first = offset === 0
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number
    const piece = pieceOf(skb, headerLength, from, length, nextId())
    const last = i + 1 === lengths.length
    writeU16(piece.bytes, piece.network + IPV4_FRAG_OFF, (offset >>> 3) | df | (last ? more : IPV4_FLAG.MF))
    writeU16(piece.bytes, piece.network + IPV4_TOTAL_LENGTH, headerLength + length)
    ipSendCheck(piece.bytes, piece.network)
    if (first && headerLength > 20) ipOptionsFragment(bytes, at)
    first = false
    offset += length
    from += length
    output(piece)
  }
}

function pieceOf(skb: PacketOnDevice, headerLength: number, from: number, length: number, id: number): PacketOnDevice {
  const bytes = new Uint8Array(HEADROOM + headerLength + length)
  bytes.set(skb.bytes.subarray(skb.network, skb.network + headerLength), HEADROOM)
  bytes.set(skb.bytes.subarray(from, from + length), HEADROOM + headerLength)
  const piece = new PacketBuffer(bytes, HEADROOM, bytes.length, id)
  piece.network = HEADROOM
  piece.transport = HEADROOM + headerLength
  piece.inheritFrom(skb)
  setDevice(piece, skb.dev)
  return piece
}
