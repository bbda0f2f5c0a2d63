import {
  ecnDecapsulate,
  innerTos,
  overheadBytes,
  setEcn4,
  setEcn6,
  vxlanHeaderFault,
  vxlanOuter,
  vxlanSourcePort,
} from '../../encap/index.ts'
import {
  addressKey,
  buildUdp,
  buildVxlan,
  ETHERNET_HEADER_LENGTH,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  ETHERTYPE,
  ICMP_TYPE,
  ICMP_UNREACH,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV4_DESTINATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_NEXT_HEADER,
  IPV6_SOURCE,
  isIpv4,
  isIpv4Fragment,
  readIp6Key,
  readMac,
  readU16,
  readU24,
  readU32,
  UDP_DESTINATION_PORT,
  UDP_HEADER_LENGTH,
  VXLAN_HEADER_LENGTH,
  VXLAN_VNI,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { Dst } from '../kernel/dst.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'
import { flowOfHeader, linkOf, udpTunnelXmit, updateInnerPmtu } from './outer.ts'
import { type VxlanRemote, vxlanFindMac, vxlanSnoop } from './vxlan-fdb.ts'

const UDP_AND_VXLAN = UDP_HEADER_LENGTH + VXLAN_HEADER_LENGTH
const OVERHEAD4 = overheadBytes('vxlan', 4) as number
const OVERHEAD6 = overheadBytes('vxlan', 6) as number
const ALL_ZEROS = 0

type Vxlan = NonNullable<NetDevice['model']['vxlan']>

/** The addresses of a device's settings. */
interface Ends {
  /** Own address in engine form; null = none. */
  readonly local: number | string | null
  /** Outer packets are IPv6. */
  readonly six: boolean
}

const endsByInfo = new WeakMap<Vxlan, Ends>()

/** The addresses in engine form, read once per settings. */
function endsOf(info: Vxlan): Ends {
  const known = endsByInfo.get(info)
  if (known !== undefined) return known
  const local = info.local === undefined ? null : addressKey(info.local)
  const six = typeof local === 'string' || (info.remote !== undefined && !isIpv4(info.remote))
  const made = { local, six }
  endsByInfo.set(info, made)
  return made
}

/**
 * Sends an Ethernet frame into a VXLAN device: the FDB says where, by the inner destination MAC address; without an entry
 * (Calico writes no default one) the frame is lost.
 * @linux drivers/net/vxlan/vxlan_core.c vxlan_xmit
 */
export function vxlanXmit(skb: PacketBuffer, dev: NetDevice): void {
  const { ns } = dev
  const mac = readMac(skb.bytes, skb.data)
  const remotes = vxlanFindMac(dev, mac) ?? vxlanFindMac(dev, ALL_ZEROS) ?? defaultRemote(dev)
  const first = remotes?.[0]
  if (remotes === undefined || first === undefined) {
    dropPacket(skb, 'vxlan_no_fdb', dev)
    return
  }
  for (let i = 1; i < remotes.length; i++) {
    const copy = skb.copy(ns.sim)
    ns.log?.clone(copy, dev, skb)
    vxlanXmitOne(copy, dev, remotes[i] as VxlanRemote)
  }
  vxlanXmitOne(skb, dev, first)
}

function defaultRemote(dev: NetDevice): VxlanRemote[] | undefined {
  const remote = dev.model.vxlan?.remote
  return remote === undefined ? undefined : [{ address: addressKey(remote) }]
}

function vxlanXmitOne(skb: PacketBuffer, dev: NetDevice, remote: VxlanRemote): void {
  const { ns } = dev
  const info = dev.model.vxlan
  if (info === undefined) {
    dropPacket(skb, 'vxlan_no_fdb', dev)
    return
  }
  const outer = vxlanOuter(skb.bytes, skb.data, info)
  const sport = sourcePort(skb, dev)
  const dport = remote.port ?? info.dstport
  const dst = routeOf(skb, dev, remote, outer.tos, sport, dport)
  if (typeof dst === 'string' || dst.dev === dev) {
    dropPacket(skb, typeof dst === 'string' ? 'vxlan_no_route' : 'tunnel_loop', dev)
    return
  }
  const six = typeof remote.address === 'string'
  const overhead = six ? OVERHEAD6 : OVERHEAD4
  const ip = skb.data + ETHERNET_HEADER_LENGTH
  if (skb.tail - ip > dst.mtu - overhead) updateInnerPmtu(skb, dev, ip, dst.mtu - overhead)
  const source = endsOf(info).local ?? dst.src
  ns.log?.encap(skb, dev, 'vxlan', overhead - ETHERNET_HEADER_LENGTH, source, remote.address, 'fdb')
  skb.push(VXLAN_HEADER_LENGTH)
  buildVxlan(skb.bytes, skb.data, remote.vni ?? info.id)
  if (six) vxlanXmit6(skb, dev, source as string, remote.address as string, outer, sport, dport)
  else {
    udpTunnelXmit(skb, dev, dst, source as number, remote.address as number, outer, {
      sport,
      dport,
      checksum: info.udpcsum,
    })
  }
}

function vxlanXmit6(
  skb: PacketBuffer,
  dev: NetDevice,
  source: string,
  destination: string,
  outer: { readonly tos: number; readonly ttl: number },
  sport: number,
  dport: number,
): void {
  const { ns } = dev
  const mark = skb.mark
  skb.scrub(false)
  skb.sk = null
  skb.push(UDP_HEADER_LENGTH)
  const pseudo = keySum(source) + keySum(destination) + IP_PROTOCOL.UDP + skb.len
  const checksum = dev.model.vxlan?.udp6zerocsumtx !== true
  buildUdp(skb.bytes, skb.data, {
    sourcePort: sport,
    destinationPort: dport,
    length: skb.len,
    ...(checksum ? { pseudo } : {}),
  })
  const hopLimit = outer.ttl === 0 ? -1 : outer.ttl
  setDevice(skb, dev)
  const send = {
    daddr: destination,
    saddr: source,
    nexthdr: IP_PROTOCOL.UDP,
    tclass: outer.tos,
    hopLimit,
    oif: null,
    sk: null,
    mark,
    ignoreDf: true,
    flowLabel: 0,
    encapsulated: true,
  } as const
  const failed = ns.sim.stack.ip6Xmit(skb, ns, send)
  if (failed !== null && failed !== 'EPERM') dropPacket(skb, 'vxlan_no_route', dev)
}

function keySum(key: string): number {
  let sum = 0
  for (let i = 0; i < 16; i += 2) sum += (key.charCodeAt(i) << 8) | key.charCodeAt(i + 1)
  return sum
}

function routeOf(
  skb: PacketBuffer,
  dev: NetDevice,
  remote: VxlanRemote,
  tos: number,
  sport: number,
  dport: number,
): Dst | string {
  const info = dev.model.vxlan
  const local = info === undefined ? null : endsOf(info).local
  const { ns } = dev
  const oif = linkOf(dev, remote.via)
  if (typeof remote.address === 'string') {
    const saddr = typeof local === 'string' ? local : ''
    return ns.sim.stack.ip6RouteOutput(ns, {
      daddr: remote.address,
      saddr,
      tclass: tos,
      mark: skb.mark,
      oif,
      proto: IP_PROTOCOL.UDP,
      sport,
      dport,
      packet: skb.id,
    })
  }
  return ns.sim.stack.ipRouteOutput(ns, {
    daddr: remote.address,
    saddr: typeof local === 'number' ? local : 0,
    tos: tos & 0x1c,
    mark: skb.mark,
    oif,
    iif: null,
    proto: IP_PROTOCOL.UDP,
    sport,
    dport,
    anySource: false,
    packet: skb.id,
  })
}

/** UDP source port from a seeded hash of the inner flow. @linux include/net/udp.h udp_flow_src_port */
function sourcePort(skb: PacketBuffer, dev: NetDevice): number {
  const range = dev.model.vxlan?.portRange
  const { low, high } = range !== undefined && range.high > 0 ? range : dev.ns.ip.localPorts
  return vxlanSourcePort(flowHash(skb, dev.ns.sim.seed), low, high)
}

/** A hash over addresses, protocol and ports of the inner packet (MAC addresses when it is not IP). */
function flowHash(skb: PacketBuffer, seed: number): number {
  const { bytes, data } = skb
  const type = readU16(bytes, data + ETHERNET_TYPE)
  const ip = data + ETHERNET_HEADER_LENGTH
  let h = (0x811c9dc5 ^ seed) >>> 0
  const mix = (from: number, to: number): void => {
    for (let i = from; i < to && i < skb.tail; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193)
  }
  if (type === ETHERTYPE.IPV4) {
    const first = !isIpv4Fragment(bytes, ip)
    mix(ip + 9, ip + 10)
    mix(ip + 12, ip + 20)
    const l4 = ip + ((bytes[ip] as number) & 15) * 4
    if (first && (bytes[ip + IPV4_PROTOCOL] === IP_PROTOCOL.TCP || bytes[ip + IPV4_PROTOCOL] === IP_PROTOCOL.UDP))
      mix(l4, l4 + 4)
  } else if (type === ETHERTYPE.IPV6) {
    mix(ip + 6, ip + 7)
    mix(ip + 8, ip + 40)
    if (bytes[ip + IPV6_NEXT_HEADER] === IP_PROTOCOL.TCP || bytes[ip + IPV6_NEXT_HEADER] === IP_PROTOCOL.UDP)
      mix(ip + IPV6_HEADER_LENGTH, ip + IPV6_HEADER_LENGTH + 4)
  } else mix(data, data + ETHERNET_TYPE)
  h ^= h >>> 15
  return Math.imul(h, 0x85ebca6b) >>> 0
}

/** The VXLAN device that is up, listens on this port for this outer family and, if given, has this VNI. */
export function vxlanDevice(ns: NetNs, family: 'inet' | 'inet6', port: number, vni?: number): NetDevice | undefined {
  const six = family === 'inet6'
  for (const dev of ns.devices) {
    if (!dev.up) continue
    const info = dev.model.vxlan
    if (info === undefined || info.dstport !== port || (vni !== undefined && info.id !== vni)) continue
    if (endsOf(info).six === six) return dev
  }
  return undefined
}

/**
 * VXLAN input: `data` at the UDP header, checked by the caller.
 * @linux drivers/net/vxlan/vxlan_core.c vxlan_rcv
 */
export function vxlanRcv(skb: PacketOnDevice, family: 'inet' | 'inet6'): void {
  const link = skb.dev
  const { ns } = link
  const { stack } = ns.sim
  const { bytes, data, network } = skb
  const fault = vxlanHeaderFault(bytes, data + UDP_HEADER_LENGTH, skb.tail)
  if (fault === 'truncated' || fault === 'no_vni_flag') {
    dropPacket(skb, fault === 'truncated' ? 'vxlan_short' : 'vxlan_flags', link)
    return
  }
  const dev = vxlanDevice(
    ns,
    family,
    readU16(bytes, data + UDP_DESTINATION_PORT),
    readU24(bytes, data + UDP_HEADER_LENGTH + VXLAN_VNI),
  )
  if (dev === undefined || fault !== undefined) {
    dropPacket(skb, dev === undefined ? 'vxlan_no_vni' : 'vxlan_flags', link)
    return
  }
  if (skb.len < UDP_AND_VXLAN + ETHERNET_HEADER_LENGTH) {
    dropPacket(skb, 'vxlan_short', dev)
    return
  }
  const frame = data + UDP_AND_VXLAN
  const source = family === 'inet' ? readU32(bytes, network + IPV4_SOURCE) : readIp6Key(bytes, network + IPV6_SOURCE)
  if (readMac(bytes, frame + ETHERNET_SOURCE) === dev.mac) {
    dropPacket(skb, 'vxlan_own_mac', dev)
    return
  }
  if (dev.model.vxlan?.learning === true && vxlanSnoop(dev, source, readMac(bytes, frame + ETHERNET_SOURCE))) {
    dropPacket(skb, 'vxlan_no_fdb', dev)
    return
  }
  if (!carryEcn(skb, frame)) {
    dropPacket(skb, 'tunnel_ecn', dev)
    return
  }
  const target =
    family === 'inet' ? readU32(bytes, network + IPV4_DESTINATION) : readIp6Key(bytes, network + IPV6_DESTINATION)
  ns.log?.decap(skb, dev, 'vxlan', frame - network, source, target)
  skb.pull(UDP_AND_VXLAN)
  skb.scrub(false)
  skb.mac = -1
  skb.network = -1
  skb.transport = -1
  stack.netifRx(skb, dev)
}

/** Carries the outer congestion mark in; false when it does not fit the inner header. */
function carryEcn(skb: PacketBuffer, frame: number): boolean {
  const { bytes, network } = skb
  const type = readU16(bytes, frame + ETHERNET_TYPE)
  const ip = frame + ETHERNET_HEADER_LENGTH
  if (type !== ETHERTYPE.IPV4 && type !== ETHERTYPE.IPV6) return true
  if (ip + 20 > skb.tail) return true
  const ecn = ecnDecapsulate(innerTos(bytes, network), innerTos(bytes, ip))
  if (ecn === 'drop') return false
  if (type === ETHERTYPE.IPV4) setEcn4(bytes, ip, ecn)
  else setEcn6(bytes, ip, ecn)
  return true
}

/**
 * An ICMP error about an outer VXLAN packet, `data` at the quoted outer header: a smaller path MTU is kept for the outer
 * destination.
 * @linux net/ipv4/udp.c __udp4_lib_err_encap, drivers/net/vxlan/vxlan_core.c vxlan_err_lookup
 */
export function vxlanErr(
  skb: PacketBuffer,
  ns: NetNs,
  family: 'inet' | 'inet6',
  type: number,
  code: number,
  info: number,
): boolean {
  const { bytes, data } = skb
  const l4 = family === 'inet' ? data + ((bytes[data] as number) & 15) * 4 : data + IPV6_HEADER_LENGTH
  const protocol = family === 'inet' ? bytes[data + IPV4_PROTOCOL] : bytes[data + IPV6_NEXT_HEADER]
  if (protocol !== IP_PROTOCOL.UDP || l4 + UDP_AND_VXLAN > skb.tail) return false
  const dev = vxlanDevice(
    ns,
    family,
    readU16(bytes, l4 + UDP_DESTINATION_PORT),
    readU24(bytes, l4 + UDP_HEADER_LENGTH + VXLAN_VNI),
  )
  if (dev === undefined) return false
  if (family === 'inet' && type === ICMP_TYPE.DEST_UNREACH && code === ICMP_UNREACH.FRAG_NEEDED) {
    ns.sim.stack.ipUpdatePmtu(ns, flowOfHeader(bytes, data, 0, null), info)
  }
  if (family === 'inet6' && type === ICMPV6_TYPE.PACKET_TOO_BIG) {
    ns.sim.stack.ip6UpdatePmtu(
      ns,
      {
        daddr: readIp6Key(bytes, data + IPV6_DESTINATION),
        saddr: readIp6Key(bytes, data + IPV6_SOURCE),
        mark: 0,
        oif: null,
      },
      info,
    )
  }
  return true
}
