import type { DropCause } from '../../model/index.ts'
import {
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TYPE,
  IPV6_DESTINATION,
  IPV6_EXTENSION_LENGTH,
  IPV6_HEADER_LENGTH,
  IPV6_OPTION,
  IPV6_OPTION_DATA,
  IPV6_OPTION_LENGTH,
  IPV6_PAYLOAD_LENGTH,
  IPV6_ROUTING_TYPE,
  IPV6_SEGMENTS_LEFT,
  readIp6Key,
  readU16,
  readU32,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { PACKET_HOST, type PacketBuffer, type PacketOnDevice } from '../kernel/skb.ts'
import { isMulticast6 } from './addr.ts'
import { icmpv6Send } from './icmpv6-send.ts'

/** Longest run of padding that is believed. */
const MAX_PADDING = 7

/** Takes the hop-by-hop header of a received packet. False: the packet was dropped. @linux net/ipv6/exthdrs.c ipv6_parse_hopopts */
export function parseHopByHop(skb: PacketOnDevice): boolean {
  const { dev } = skb
  const at = skb.network + IPV6_HEADER_LENGTH
  const length = extensionLength(skb, at)
  if (length === 0) {
    dropPacket(skb, 'ip6_extension_bad', dev)
    return false
  }
  if (!parseOptions(skb, dev, at, length, true)) return false
  skb.transport = at + length
  return true
}

/** Takes a destination options header, `data` at it. False: the packet was dropped. @linux net/ipv6/exthdrs.c ipv6_destopt_rcv */
export function receiveDestinationOptions(skb: PacketBuffer, dev: NetDevice): boolean {
  const length = extensionLength(skb, skb.data)
  if (length !== 0) return parseOptions(skb, dev, skb.data, length, false)
  dropPacket(skb, 'ip6_extension_bad', dev)
  return false
}

/**
 * Takes a routing header, `data` at it: one that has reached its end passes, others are refused, since no type that needs
 * forwarding here is modelled or, for type 0, allowed.
 *
 * @rfc 5095
 * @linux net/ipv6/exthdrs.c ipv6_rthdr_rcv
 */
export function receiveRouting(skb: PacketBuffer, dev: NetDevice): boolean {
  const { bytes, data: at } = skb
  const isForOne = skb.pktType === PACKET_HOST && !isMulticast6(readIp6Key(bytes, skb.network + IPV6_DESTINATION))
  if (extensionLength(skb, at) === 0 || !isForOne) {
    dropPacket(skb, 'ip6_extension_bad', dev)
    return false
  }
  if (bytes[at + IPV6_SEGMENTS_LEFT] === 0) return true
  paramProblem(skb, dev, ICMPV6_PARAMETER_PROBLEM.HEADER_FIELD, at + IPV6_ROUTING_TYPE - skb.network)
  return false
}

/** Length of the extension header at `at`; 0 when it does not fit. */
function extensionLength(skb: PacketBuffer, at: number): number {
  if (at + 8 > skb.tail) return 0
  const length = ((skb.bytes[at + IPV6_EXTENSION_LENGTH] as number) + 1) * 8
  return at + length > skb.tail ? 0 : length
}

/** Tells the sender which byte was wrong and drops the packet (`icmpv6_param_prob`). */
function paramProblem(skb: PacketBuffer, dev: NetDevice, code: number, pointer: number): void {
  icmpv6Send(skb, ICMPV6_TYPE.PARAMETER_PROBLEM, code, pointer)
  dropPacket(skb, 'ip6_extension_bad', dev)
}

/** Walks the options of the header at `from`. False: the packet was dropped. @linux net/ipv6/exthdrs.c ip6_parse_tlv */
function parseOptions(skb: PacketBuffer, dev: NetDevice, from: number, length: number, hopByHop: boolean): boolean {
  const { bytes } = skb
  const bad = (cause: DropCause): false => {
    dropPacket(skb, cause, dev)
    return false
  }
  let padding = 0
  for (let at = from + 2; at < from + length; ) {
    const type = bytes[at] as number
    if (type === IPV6_OPTION.PAD1) {
      if (++padding > MAX_PADDING) return bad('ip6_extension_bad')
      at++
      continue
    }
    const size = (bytes[at + IPV6_OPTION_LENGTH] as number) + IPV6_OPTION_DATA
    if (at + 2 > from + length || at + size > from + length) return bad('ip6_extension_bad')
    if (type === IPV6_OPTION.PADN) {
      padding += size
      if (padding > MAX_PADDING || !isZero(bytes, at + IPV6_OPTION_DATA, at + size)) return bad('ip6_extension_bad')
    } else {
      padding = 0
      if (!takeOption(skb, dev, at, type, hopByHop)) return false
    }
    at += size
  }
  return true
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false
  return true
}

/** One option that is no padding. False: the packet was dropped. */
function takeOption(skb: PacketBuffer, dev: NetDevice, at: number, type: number, hopByHop: boolean): boolean {
  if (hopByHop && type === IPV6_OPTION.ROUTER_ALERT) {
    if (skb.bytes[at + IPV6_OPTION_LENGTH] === 2) return true
    dropPacket(skb, 'ip6_extension_bad', dev)
    return false
  }
  if (hopByHop && type === IPV6_OPTION.JUMBO) return jumbo(skb, dev, at)
  return unknownOption(skb, dev, at, type)
}

/** A jumbo payload is longer than any packet here can be: whatever it says is wrong. @rfc 2675 */
function jumbo(skb: PacketBuffer, dev: NetDevice, at: number): boolean {
  const { bytes, network } = skb
  if (bytes[at + IPV6_OPTION_LENGTH] !== 4 || (at - network) % 4 !== 2) {
    dropPacket(skb, 'ip6_extension_bad', dev)
    return false
  }
  const fits = readU32(bytes, at + IPV6_OPTION_DATA) > 0xffff
  const wrong = fits && readU16(bytes, network + IPV6_PAYLOAD_LENGTH) !== 0 ? at : at + IPV6_OPTION_DATA
  if (fits && readU16(bytes, network + IPV6_PAYLOAD_LENGTH) === 0) dropPacket(skb, 'ip6_too_small', dev)
  else paramProblem(skb, dev, ICMPV6_PARAMETER_PROBLEM.HEADER_FIELD, wrong - network)
  return false
}

/** The two highest bits of an unknown option say what to do. @rfc 8200 §4.2 @linux net/ipv6/exthdrs.c ip6_tlvopt_unknown */
function unknownOption(skb: PacketBuffer, dev: NetDevice, at: number, type: number): boolean {
  const action = type >> 6
  if (action === 0) return true
  const toGroup = isMulticast6(readIp6Key(skb.bytes, skb.network + IPV6_DESTINATION))
  if (action === 2 || (action === 3 && !toGroup))
    paramProblem(skb, dev, ICMPV6_PARAMETER_PROBLEM.OPTION, at - skb.network)
  else dropPacket(skb, 'ip6_extension_bad', dev)
  return false
}
