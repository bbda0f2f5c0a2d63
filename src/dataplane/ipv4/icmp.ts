import type { DropCause } from '../../model/index.ts'
import {
  checksum,
  ICMP_CODE,
  ICMP_HEADER_LENGTH,
  ICMP_REST,
  ICMP_TYPE,
  IP_PROTOCOL,
  IPTOS_TOS_MASK,
  IPV4_SOURCE,
  IPV4_TOS,
  NR_ICMP_TYPES,
  readU32,
  writeU32,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import { putBytes } from '../kernel/slab.ts'
import { icmpErr } from './icmp-err.ts'
import { icmpGlobalAllow, icmpPeerAllow } from './icmp-limit.ts'
import { icmpPushReply, writeIcmp } from './icmp-send.ts'
import { ipOptionsEcho } from './options.ts'
import { ipRouteOutput } from './route-output.ts'
import { RTCF_BROADCAST, RTCF_MULTICAST, rtOf } from './rtable.ts'
import { ipv4Of } from './slot.ts'
import { fibComputeSpecDst } from './spec-dst.ts'
import { ipCurrentTimestamp } from './timestamp.ts'

/** An ICMP message for this host, `data` at the ICMP header. @linux net/ipv4/icmp.c icmp_rcv */
export function icmpRcv(skb: PacketOnDevice): void {
  const { dev } = skb
  const { ns } = dev
  const cause = icmpHandle(skb, ns)
  if (cause !== null) {
    dropPacket(skb, cause, dev)
    return
  }
  ns.log?.deliver(skb, IP_PROTOCOL.ICMP, skb.bytes[skb.transport]!, 'icmp')
  ns.log?.end(skb, dev, 'delivered')
}

/** What becomes of a message: null = taken, else why it is freed. */
function icmpHandle(skb: PacketOnDevice, ns: NetNs): DropCause | null {
  const { bytes, data: at, tail } = skb
  if (!skb.isSummed(at, tail) && checksum(bytes, at, tail) !== 0) return 'icmp_checksum'
  if (tail - at < 8) return 'icmp_short'
  const type = bytes[at]!
  skb.data = at + ICMP_HEADER_LENGTH
  if (type === ICMP_TYPE.EXT_ECHO) return null
  if (type === ICMP_TYPE.EXT_ECHO_REPLY) return pingReply(skb, ns)
  if (type > NR_ICMP_TYPES) return 'icmp_unknown_type'
  const { flags } = rtOf(skb)
  if ((flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) {
    const asks = type === ICMP_TYPE.ECHO || type === ICMP_TYPE.TIMESTAMP
    if (asks && ns.ip.icmpEchoIgnoreBroadcasts) return 'icmp_ignored'
    if (!asks && type !== ICMP_TYPE.ADDRESS && type !== ICMP_TYPE.ADDRESS_REPLY) return 'icmp_ignored'
  }
  switch (type) {
    case ICMP_TYPE.ECHO_REPLY:
      return pingReply(skb, ns)
    case ICMP_TYPE.ECHO:
      if (!ns.ip.icmpEchoIgnoreAll)
        icmpReply(skb, ns, ICMP_TYPE.ECHO_REPLY, bytes[at + ICMP_CODE]!, bytes, skb.data, tail)
      return null
    case ICMP_TYPE.TIMESTAMP:
      return icmpTimestamp(skb, ns)
    case ICMP_TYPE.DEST_UNREACH:
    case ICMP_TYPE.SOURCE_QUENCH:
    case ICMP_TYPE.REDIRECT:
    case ICMP_TYPE.TIME_EXCEEDED:
    case ICMP_TYPE.PARAMETER_PROBLEM:
      return icmpErr(skb, ns, type)
    default:
      return null
  }
}

function pingReply(skb: PacketOnDevice, ns: NetNs): DropCause | null {
  skb.data = skb.transport
  return ns.sim.stack.pingRcv(skb) ? null : 'no_socket_icmp'
}

/** Offset of the receive time behind the header of a timestamp message; the originate time is at 0. */
const RECEIVE_TIME = 4
/** Offset of the transmit time. */
const TRANSMIT_TIME = 8
/** Bytes of the three times. */
const TIMES_LENGTH = 12

/** Answers with the time it came and the time it goes, which are the same here. @linux net/ipv4/icmp.c icmp_timestamp */
function icmpTimestamp(skb: PacketOnDevice, ns: NetNs): DropCause | null {
  if (skb.tail - skb.data < TIMES_LENGTH) return 'icmp_data_short'
  const data = skb.bytes.slice(skb.data, skb.data + TIMES_LENGTH)
  const now = ipCurrentTimestamp(ns.sim)
  writeU32(data, RECEIVE_TIME, now)
  writeU32(data, TRANSMIT_TIME, now)
  icmpReply(skb, ns, ICMP_TYPE.TIMESTAMP_REPLY, 0, data, 0, data.length)
  return null
}

/**
 * Answers a message with its own identifier and sequence number, and `data[from, to)`.
 * @linux net/ipv4/icmp.c icmp_reply
 */
function icmpReply(
  skb: PacketOnDevice,
  ns: NetNs,
  type: number,
  code: number,
  data: Uint8Array,
  from: number,
  to: number,
): void {
  const { bytes, network: at } = skb
  if (!icmpGlobalAllow(ns, type, code)) return
  const options = ipOptionsEcho(skb, ns)
  const tos = bytes[at + IPV4_TOS]!
  const query = ipv4Of(ns).scratch.reply
  const { flow } = query
  flow.daddr = readU32(bytes, at + IPV4_SOURCE)
  flow.saddr = fibComputeSpecDst(skb)
  flow.tos = tos & IPTOS_TOS_MASK
  flow.mark = ns.ip.fwmarkReflect ? skb.mark : 0
  const route = ipRouteOutput(ns, flow)
  if (typeof route === 'string' || !icmpPeerAllow(ns, route, flow.daddr, type, code)) return
  const reply = ns.sim.newSkb(8 + to - from)
  putBytes(reply.bytes, reply.data + ICMP_HEADER_LENGTH, data, from, to)
  writeIcmp(reply, type, code, readU32(bytes, skb.transport + ICMP_REST))
  reply.parent = skb.id
  reply.dst = route
  icmpPushReply(reply, ns, query, flow.saddr !== 0 ? flow.saddr : route.src, tos, options)
}
