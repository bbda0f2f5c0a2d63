import type { DropCause } from '../../model/index.ts'
import {
  ICMP_CODE,
  ICMP_REST,
  ICMP_TIME_EXCEEDED,
  ICMP_TYPE,
  ICMP_UNREACH,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  NR_ICMP_UNREACH,
  readU32,
} from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import type { Flow4 } from '../kernel/stack.ts'
import { ipRedirect, ipUpdatePmtu } from './pmtu.ts'
import { ipv4Of } from './slot.ts'

/**
 * An ICMP error for this host, `data` at the header it quotes.
 *
 * @linux net/ipv4/icmp.c icmp_unreach, icmp_redirect
 * @returns why it is freed, or null
 */
export function icmpErr(skb: PacketOnDevice, ns: NetNs, type: number): DropCause | null {
  const { bytes, data: at, tail } = skb
  if (tail - at < 20) return type === ICMP_TYPE.REDIRECT ? 'icmp_data_short' : 'icmp_short'
  const word = readU32(bytes, skb.transport + ICMP_REST)
  const code = bytes[skb.transport + ICMP_CODE]!
  if (type === ICMP_TYPE.REDIRECT) {
    deliverError(skb, ns, type, code, word)
    return null
  }
  if ((bytes[at]! & 0xf) < 5) return 'icmp_quote_bad'
  let info = 0
  if (type === ICMP_TYPE.DEST_UNREACH) {
    if ((code & 15) === ICMP_UNREACH.FRAG_NEEDED) {
      if (ns.ip.noPmtuDisc === 2) return null
      if (ns.ip.noPmtuDisc === 3 && bytes[at + IPV4_PROTOCOL] !== IP_PROTOCOL.TCP) return null
      if (ns.ip.noPmtuDisc !== 1) info = word & 0xffff
    }
    if (code > NR_ICMP_UNREACH) return null
  } else if (type === ICMP_TYPE.PARAMETER_PROBLEM) info = word >>> 24
  else if (type === ICMP_TYPE.TIME_EXCEEDED && code === ICMP_TIME_EXCEEDED.REASSEMBLY) return null
  deliverError(skb, ns, type, code, info)
  return null
}

/** To whoever sent the quoted packet. @linux net/ipv4/icmp.c icmp_socket_deliver */
function deliverError(skb: PacketOnDevice, ns: NetNs, type: number, code: number, info: number): void {
  const { bytes, data: at, tail } = skb
  const inner = at + ((bytes[at]! & 0xf) << 2)
  if (tail < inner + 8) return
  const { stack } = ns.sim
  if (stack.tunnelErr(skb, 'inet', type, code, info)) return
  stack.icmpSocketErr(skb, 'inet', type, code, info)
  if (bytes[at + IPV4_PROTOCOL] === IP_PROTOCOL.ICMP && bytes[inner] === ICMP_TYPE.ECHO_REPLY)
    ownReplyErr(skb, ns, type, code, info)
}

/** An error about an echo reply of this host's stack, which no socket sent. @linux net/ipv4/icmp.c icmp_err */
function ownReplyErr(skb: PacketOnDevice, ns: NetNs, type: number, code: number, info: number): void {
  const { quoted: flow } = ipv4Of(ns).scratch
  quotedFlow(skb, ns, flow)
  if (type === ICMP_TYPE.DEST_UNREACH && code === ICMP_UNREACH.FRAG_NEEDED) ipUpdatePmtu(ns, flow, info)
  else if (type === ICMP_TYPE.REDIRECT) {
    ipRedirect(ns, flow, info, readU32(skb.bytes, skb.network + IPV4_SOURCE), skb.dev)
  }
}

/** The flow of the packet that an error quotes at `data`. */
function quotedFlow(skb: PacketBuffer, ns: NetNs, into: Flow4): void {
  const { bytes, data: at } = skb
  into.daddr = readU32(bytes, at + IPV4_DESTINATION)
  into.saddr = readU32(bytes, at + IPV4_SOURCE)
  into.tos = bytes[at + IPV4_TOS]!
  into.mark = ns.ip.fwmarkReflect ? skb.mark : 0
  into.proto = bytes[at + IPV4_PROTOCOL]!
}
