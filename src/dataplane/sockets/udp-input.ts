import type { DropCause } from '../../model/index.ts'
import {
  ICMP_TYPE,
  ICMP_UNREACH,
  ICMPV6_TYPE,
  ICMPV6_UNREACH,
  IP_PROTOCOL,
  IPV4_TOS,
  readU16,
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  UDP_HEADER_LENGTH,
  UDP_LENGTH,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { checksumRight, pseudoSum } from './datagram-output.ts'
import { type IpEnds, inputDevice, ipEnds } from './ip-ends.ts'
import { socketsOf } from './slot.ts'
import type { UdpSock } from './udp-sock.ts'

/**
 * UDP input, `data` at the UDP header.
 * @linux net/ipv4/udp.c __udp4_lib_rcv; net/ipv6/udp.c __udp6_lib_rcv
 */
export function udpRcv(skb: PacketOnDevice): void {
  const { dev } = skb
  const { ns } = dev
  const end = receive(skb, dev)
  if (end === 'delivered' || end === 'consumed') ns.log?.end(skb, dev, end)
  else if (end !== 'encapsulated') dropPacket(skb, end, dev)
}

/** What becomes of a datagram: a tunnel took it, a socket did, it was read without a taker, or it is dropped for a cause. */
type Outcome = DropCause | 'encapsulated' | 'delivered' | 'consumed'

function receive(skb: PacketOnDevice, dev: NetDevice): Outcome {
  const { ns } = dev
  const ends = ipEnds(skb)
  const v4 = ends.family === 'inet'
  if (skb.len < UDP_HEADER_LENGTH) return 'udp_short'
  const length = readU16(skb.bytes, skb.data + UDP_LENGTH) || (v4 ? 0 : skb.len)
  if (length < UDP_HEADER_LENGTH || length > skb.len) return 'udp_short'
  skb.trim(length)
  const unsummed = readU16(skb.bytes, skb.data + UDP_CHECKSUM) === 0
  if (!unsummed && !checksumRight(skb, skb.data, pseudoSum(ends.saddr, ends.daddr, IP_PROTOCOL.UDP, length))) {
    return v4 ? 'udp_checksum' : 'udp6_checksum'
  }
  const sport = readU16(skb.bytes, skb.data)
  const dport = readU16(skb.bytes, skb.data + UDP_DESTINATION_PORT)
  if (isGroup(skb, ends)) return deliverToGroup(skb, ends, sport, dport)
  if (ns.sim.stack.udpEncapRcv(skb, ends.family)) return 'encapsulated'
  if (unsummed && !v4) return 'udp6_checksum'
  const from = inputDevice(skb, ends.daddr)
  const sockets = socketsOf(ns)
  let sock = sockets.lookupUdp(ends.family, ends.saddr, sport, ends.daddr, dport, from)
  if (sock === null && ns.sim.onUnclaimed?.({ protocol: 'udp', daddr: ends.daddr, dport, sport }, ns) === true) {
    sock = sockets.lookupUdp(ends.family, ends.saddr, sport, ends.daddr, dport, from)
  }
  if (sock === null) return refuse(skb, ns, v4)
  deliverUdp(sock, skb, ends, sport, dport)
  return 'delivered'
}

/** Tells the sender that nobody listens. */
function refuse(skb: PacketBuffer, ns: NetNs, v4: boolean): DropCause {
  if (v4) ns.sim.stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.PORT, 0)
  else ns.sim.stack.icmpv6Send(skb, ICMPV6_TYPE.DEST_UNREACH, ICMPV6_UNREACH.PORT, 0)
  return v4 ? 'no_socket_udp' : 'no_socket_udp6'
}

function isGroup(skb: PacketBuffer, ends: IpEnds): boolean {
  if (typeof ends.daddr === 'string') return ends.daddr.charCodeAt(0) === 0xff
  return skb.dst !== null && (skb.dst.broadcast || skb.dst.multicast)
}

/** Every socket that matches gets a broadcast or multicast datagram; nobody is told when there is none. */
function deliverToGroup(skb: PacketOnDevice, ends: IpEnds, sport: number, dport: number): Outcome {
  const { dev } = skb
  const { ns } = dev
  const socks = (socketsOf(ns).udp.get(dport) ?? []).filter(
    (s) =>
      s.family === ends.family &&
      (!s.rcvSaddr || s.rcvSaddr === ends.daddr) &&
      (s.dport === 0 || (s.daddr === ends.saddr && s.dport === sport)) &&
      (s.boundDev === null || s.boundDev === dev),
  )
  for (const s of socks) deliverUdp(s, skb, ends, sport, dport)
  if (socks.length > 0) return 'delivered'
  return ends.family === 'inet' ? 'broadcast_not_wanted' : 'consumed'
}

function deliverUdp(sock: UdpSock, skb: PacketOnDevice, ends: IpEnds, sport: number, dport: number): void {
  sock.ns.log?.deliver(skb, IP_PROTOCOL.UDP, dport, 'udp-socket')
  const { bytes, network } = skb
  const v4 = ends.family === 'inet'
  sock.onReceive?.({
    payload: bytes.slice(skb.data + UDP_HEADER_LENGTH, skb.tail),
    saddr: ends.saddr,
    sport,
    daddr: ends.daddr,
    ttl: bytes[network + (v4 ? 8 : 7)] as number,
    tos: v4 ? (bytes[network + IPV4_TOS] as number) : (readU16(bytes, network) >> 4) & 0xff,
    dev: inputDevice(skb, ends.daddr),
  })
}
