import { ecnDecapsulate, ipipOuter, setEcn4, setEcn6 } from '../../encap/index.ts'
import {
  ICMP_TYPE,
  ICMP_UNREACH,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  readU16,
  readU32,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { addressNumber, flowOfHeader, ipTunnelXmit, linkOf, updateInnerPmtu } from './outer.ts'

/**
 * Sends an IPv4 packet into an IPIP tunnel. With `remote any` (tunl0) the gateway of the inner route is the outer
 * destination: that is how one device reaches every node.
 * @linux net/ipv4/ip_tunnel.c ip_tunnel_xmit
 */
export function ipipXmit(skb: PacketBuffer, dev: NetDevice): void {
  const { ns } = dev
  const { stack } = ns.sim
  const info = dev.model.ipip
  if (info === undefined || skb.bytes[skb.data] === undefined || (skb.bytes[skb.data] as number) >> 4 !== 4) {
    dropPacket(skb, 'tunnel_wrong_protocol', dev)
    return
  }
  const inner = skb.data
  const destination = addressNumber(info.remote) || nexthopOf(skb)
  if (destination === 0) {
    dropPacket(skb, 'tunnel_no_destination', dev)
    return
  }
  const outer = ipipOuter(skb.bytes, inner, info)
  const dst = stack.ipRouteOutput(ns, {
    daddr: destination,
    saddr: addressNumber(info.local),
    tos: outer.tos & 0x1c,
    mark: 0,
    oif: linkOf(dev, info.link),
    iif: null,
    proto: IP_PROTOCOL.IPIP,
    sport: 0,
    dport: 0,
    anySource: false,
    packet: skb.id,
  })
  if (typeof dst === 'string') {
    dropPacket(skb, 'tunnel_no_route', dev)
    return
  }
  if (dst.dev === dev) {
    dropPacket(skb, 'tunnel_loop', dev)
    return
  }
  if (tooBig(skb, dev, inner, outer.df, dst.mtu)) return
  ns.log?.encap(skb, dev, 'ipip', IPV4_HEADER_LENGTH, dst.src, destination, info.remote ? 'remote' : 'gateway')
  const source = addressNumber(info.local) || (dst.src as number)
  ipTunnelXmit(skb, dev, dst, source, destination, IP_PROTOCOL.IPIP, outer)
}

/** The next hop of the inner route: the outer destination of a tunnel without a remote. */
function nexthopOf(skb: PacketBuffer): number {
  if (skb.dst === null) return 0
  const { gateway } = skb.dst
  return typeof gateway === 'number' ? gateway : readU32(skb.bytes, skb.data + IPV4_DESTINATION)
}

/**
 * Path MTU through the tunnel: tells the inner route, and answers a DF packet that does not fit.
 * @linux net/ipv4/ip_tunnel.c tnl_update_pmtu
 */
function tooBig(skb: PacketBuffer, dev: NetDevice, inner: number, df: boolean, outerMtu: number): boolean {
  const mtu = df ? outerMtu - IPV4_HEADER_LENGTH : (skb.dst?.mtu ?? dev.mtu)
  updateInnerPmtu(skb, dev, inner, mtu)
  if ((readU16(skb.bytes, inner + IPV4_FRAG_OFF) & IPV4_FLAG.DF) === 0 || mtu >= skb.len) return false
  dev.ns.sim.stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.FRAG_NEEDED, mtu)
  dropPacket(skb, 'tunnel_too_big', dev)
  return true
}

/**
 * The tunnel device for outer addresses, by how well it fits: both ends, remote only, local only, then the fallback device
 * (`tunl0`: neither). Only devices that are up count.
 * @param link - device the outer packet came in by
 * @linux net/ipv4/ip_tunnel.c ip_tunnel_lookup
 */
function ipipLookup(ns: NetNs, link: NetDevice | null, local: number, remote: number): NetDevice | undefined {
  let best: NetDevice | undefined
  let bestScore = -1
  for (const dev of ns.devices) {
    if (dev.kind !== 'ipip' || !dev.up) continue
    const score = rank(dev, link, local, remote)
    if (score > bestScore) {
      best = dev
      bestScore = score
    }
  }
  return best
}

function rank(dev: NetDevice, link: NetDevice | null, local: number, remote: number): number {
  const info = dev.model.ipip
  const wantsLocal = addressNumber(info?.local)
  const wantsRemote = addressNumber(info?.remote)
  if (wantsRemote !== 0 && wantsRemote !== remote) return -1
  if (wantsLocal !== 0 && wantsLocal !== local) return -1
  if (info?.link !== undefined && info.link !== link?.name) return -1
  return (wantsRemote !== 0 ? 4 : 0) + (wantsLocal !== 0 ? 2 : 0) + (info?.link !== undefined ? 1 : 0)
}

/**
 * IPIP input: `data` at the inner header, `network` at the outer one. Without a tunnel that takes it the sender hears port
 * unreachable.
 * @linux net/ipv4/ipip.c ipip_tunnel_rcv, net/ipv4/tunnel4.c tunnel4_rcv
 */
export function tunnel4Rcv(skb: PacketOnDevice): void {
  const link = skb.dev
  const { ns } = link
  const { stack } = ns.sim
  const { bytes, network } = skb
  const version = (bytes[skb.data] ?? 0) >> 4
  const dev =
    skb.len >= IPV4_HEADER_LENGTH && bytes[network + IPV4_PROTOCOL] === IP_PROTOCOL.IPIP
      ? ipipLookup(ns, link, readU32(bytes, network + IPV4_DESTINATION), readU32(bytes, network + IPV4_SOURCE))
      : undefined
  if (dev === undefined) {
    stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.PORT, 0)
    dropPacket(skb, 'tunnel_none', link)
    return
  }
  const ecn = ecnDecapsulate(
    bytes[network + IPV4_TOS] as number,
    version === 6 ? 0 : (bytes[skb.data + IPV4_TOS] as number),
  )
  if (ecn === 'drop') {
    dropPacket(skb, 'tunnel_ecn', dev)
    return
  }
  if (version === 6) setEcn6(bytes, skb.data, ecn)
  else setEcn4(bytes, skb.data, ecn)
  const { log } = ns
  log?.decap(
    skb,
    dev,
    'ipip',
    skb.data - network,
    readU32(bytes, network + IPV4_SOURCE),
    readU32(bytes, network + IPV4_DESTINATION),
  )
  skb.scrub(false)
  skb.mac = -1
  skb.network = -1
  skb.transport = -1
  stack.netifRx(skb, dev)
}

/**
 * An ICMP error about an outer packet, `data` at the quoted outer header: a smaller path MTU is kept for the outer
 * destination, so that the next inner packet is answered; everything else about a tunnel without a remote is ignored.
 * @linux net/ipv4/ipip.c ipip_err
 */
export function ipipErr(skb: PacketBuffer, ns: NetNs, type: number, code: number, info: number): boolean {
  const { bytes, data } = skb
  if (bytes[data + IPV4_PROTOCOL] !== IP_PROTOCOL.IPIP) return false
  const dev = ipipLookup(ns, skb.dev, readU32(bytes, data + IPV4_SOURCE), readU32(bytes, data + IPV4_DESTINATION))
  if (dev === undefined) return false
  if (type === ICMP_TYPE.DEST_UNREACH && code === ICMP_UNREACH.FRAG_NEEDED) {
    ns.sim.stack.ipUpdatePmtu(ns, flowOfHeader(bytes, data, 0, linkOf(dev, dev.model.ipip?.link)), info)
  }
  return true
}
