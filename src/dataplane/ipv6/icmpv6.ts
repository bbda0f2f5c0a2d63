import type { DropCause } from '../../model/index.ts'
import {
  checksumHolds,
  ICMPV6_CODE,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_INFORMATIONAL,
  ICMPV6_REST,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_SOURCE,
  pseudoHeaderSum6,
  readIp6Key,
  readU16,
  readU32,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { isMulticast6 } from './addr.ts'
import { icmpv6Notify } from './icmpv6-err.ts'
import { icmpv6GlobalAllow, icmpv6PeerAllow } from './icmpv6-limit.ts'
import { icmpv6Iif, sendIcmpv6 } from './icmpv6-send.ts'
import { icmpv6Taken } from './icmpv6-taken.ts'
import { ip6RouteOutput } from './route-output.ts'
import { rt6Of } from './rt6.ts'
import { ipv6Of } from './slot.ts'

/** An ICMPv6 message for this host, `data` at the ICMPv6 header. @linux net/ipv6/icmp.c icmpv6_rcv */
export function icmpv6Rcv(skb: PacketOnDevice): void {
  const { dev } = skb
  const end = icmpv6Handle(skb, dev)
  if (end === null) icmpv6Taken(skb, dev)
  else if (end !== 'gone') dropPacket(skb, end, dev)
}

/** What becomes of a message: null = taken, `gone` = it waits or was dropped already, else why it is freed. */
function icmpv6Handle(skb: PacketOnDevice, dev: NetDevice): DropCause | 'gone' | null {
  const { ns } = dev
  const { bytes, data: at, tail } = skb
  const pseudo = pseudoHeaderSum6(bytes, skb.network, IP_PROTOCOL.ICMPV6, tail - at)
  if (!checksumHolds(bytes, at, tail, pseudo)) return 'icmp6_checksum'
  if (tail - at < ICMPV6_HEADER_LENGTH) return 'icmp6_short'
  const type = bytes[at] as number
  switch (type) {
    case ICMPV6_TYPE.ECHO_REQUEST:
      echoReply(skb, dev)
      return null
    case ICMPV6_TYPE.ECHO_REPLY:
      return ns.sim.stack.pingRcv(skb) ? null : 'no_socket_icmp6'
    case ICMPV6_TYPE.ROUTER_SOLICITATION:
    case ICMPV6_TYPE.ROUTER_ADVERTISEMENT:
    case ICMPV6_TYPE.NEIGHBOR_SOLICITATION:
    case ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT:
    case ICMPV6_TYPE.REDIRECT:
      return ns.sim.stack.ndiscRcv(skb) ? null : 'gone'
    default:
      if (type >= ICMPV6_INFORMATIONAL) return null
      return icmpv6Notify(skb, dev, type, bytes[at + ICMPV6_CODE] as number, readU32(bytes, at + ICMPV6_REST))
  }
}

/** Answers a ping with its own words. @linux net/ipv6/icmp.c icmpv6_echo_reply */
function echoReply(skb: PacketBuffer, dev: NetDevice): void {
  const { ns } = dev
  const { bytes, network: at } = skb
  const asked = readIp6Key(bytes, at + IPV6_DESTINATION)
  const toGroup = isMulticast6(asked)
  const { anycast } = rt6Of(skb)
  if (ignoresEcho(ns, toGroup, anycast)) return
  const rt = ip6RouteOutput(ns, {
    daddr: readIp6Key(bytes, at + IPV6_SOURCE),
    saddr: toGroup || anycast ? '' : asked,
    tclass: 0,
    mark: ipv6Of(ns)?.globals.fwmarkReflect ? skb.mark : 0,
    oif: icmpv6Iif(skb, dev),
    proto: IP_PROTOCOL.ICMPV6,
    sport: 0,
    dport: 0,
  })
  const daddr = readIp6Key(bytes, at + IPV6_SOURCE)
  if (typeof rt === 'string' || !icmpv6GlobalAllow(ns, ICMPV6_TYPE.ECHO_REPLY)) return
  if (!icmpv6PeerAllow(ns, rt, daddr, ICMPV6_TYPE.ECHO_REPLY)) return
  const message = {
    type: ICMPV6_TYPE.ECHO_REPLY,
    code: bytes[skb.transport + ICMPV6_CODE] as number,
    info: readU32(bytes, skb.transport + ICMPV6_REST),
    body: bytes.slice(skb.transport + ICMPV6_HEADER_LENGTH, skb.tail),
    daddr,
    saddr: toGroup || anycast ? rt.src : asked,
    tclass: (readU16(bytes, at) >> 4) & 0xff,
    mark: ipv6Of(ns)?.globals.fwmarkReflect ? skb.mark : 0,
  }
  sendIcmpv6(ns, rt, message, skb.id)
}

function ignoresEcho(ns: NetNs, toGroup: boolean, anycast: boolean): boolean {
  const globals = ipv6Of(ns)?.globals
  if (globals === undefined || globals.echoIgnoreAll) return true
  return (toGroup && globals.echoIgnoreMulticast) || (anycast && globals.echoIgnoreAnycast)
}
