import {
  checksum,
  ETHERNET_HEADER_LENGTH,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  ETHERTYPE,
  IPV4_DESTINATION,
  IPV4_FLAG,
  IPV4_FRAG_OFF,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_PAYLOAD_LENGTH,
  type Ip6Key,
  ipv4HeaderFault,
  readIp6Key,
  readMac,
  readU16,
  readU32,
  writeMac,
  writeU16,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { NUD_CONNECTED } from '../kernel/nud.ts'
import { PACKET_HOST, PACKET_OTHERHOST, type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'
import { NF_ACCEPT, NF_FORWARD, NF_POST_ROUTING, NF_PRE_ROUTING } from '../kernel/stack.ts'
import { neighOf } from './slot.ts'

/** Goes on with a bridged packet. */
export type Next = (skb: PacketOnDevice) => void

/** Whether this bridge shows a frame of this protocol to iptables or ip6tables. */
export function callsIptables(bridge: NetDevice, protocol: number): boolean {
  const { ns, model } = bridge
  if (protocol === ETHERTYPE.IPV4) return ns.bridgeNfCallIptables || model.bridge?.nfCallIptables === true
  return protocol === ETHERTYPE.IPV6 && (ns.bridgeNfCallIp6tables || model.bridge?.nfCallIp6tables === true)
}

/**
 * A frame came in on a port: shows it to PREROUTING as if the bridge had received it, and sees to it that a rewritten
 * destination is followed. `data` at the IP header.
 *
 * @linux net/bridge/br_netfilter_hooks.c br_nf_pre_routing, br_nf_pre_routing_finish
 */
export function bridgePreRouting(bridge: NetDevice, skb: PacketBuffer, port: NetDevice, next: Next): void {
  if (!isValid(skb)) {
    dropPacket(skb, 'netfilter_drop', port)
    return
  }
  const destination = readMac(skb.bytes, skb.mac)
  const source = readMac(skb.bytes, skb.mac + ETHERNET_SOURCE)
  const { pktType } = skb
  const before = daddrOf(skb)
  if (pktType === PACKET_OTHERHOST) skb.pktType = PACKET_HOST
  skb.physIn = port
  setDevice(skb, bridge)
  if (!runHook(skb, NF_PRE_ROUTING, bridge, null)) return
  skb.pktType = pktType
  restoreHeader(skb, destination, source)
  if (daddrOf(skb) !== before && !followDnat(bridge, skb, source)) return
  setDevice(skb, port)
  next(skb)
}

/** Runs a hook of the packet's family; false: the packet is gone or kept. */
function runHook(skb: PacketOnDevice, hook: number, indev: NetDevice | null, outdev: NetDevice | null): boolean {
  const { ns } = skb.dev
  if (!ns.hasHooks) return true
  const family = skb.protocol === ETHERTYPE.IPV4 ? 'inet' : 'inet6'
  return ns.sim.stack.nfHook(family, hook, skb, indev, outdev) === NF_ACCEPT
}

/** Reassembly may have put the packet into another buffer: writes its Ethernet header anew. */
function restoreHeader(skb: PacketBuffer, destination: number, source: number): void {
  skb.push(ETHERNET_HEADER_LENGTH)
  skb.mac = skb.data
  writeMac(skb.bytes, skb.mac, destination)
  writeMac(skb.bytes, skb.mac + ETHERNET_SOURCE, source)
  writeU16(skb.bytes, skb.mac + ETHERNET_TYPE, skb.protocol)
  skb.pull(ETHERNET_HEADER_LENGTH)
  skb.network = skb.data
}

/**
 * The destination was rewritten. Behind the same bridge: the frame gets that host's address. Elsewhere: it is handed to the
 * host, which routes it.
 *
 * @returns true to go on with the frame; false: it was taken over or dropped
 */
function followDnat(bridge: NetDevice, skb: PacketOnDevice, source: number): boolean {
  const { stack } = bridge.ns.sim
  const isV4 = skb.protocol === ETHERTYPE.IPV4
  const at = skb.data
  const cause = isV4
    ? stack.ipRouteInput(
        skb,
        readU32(skb.bytes, at + IPV4_DESTINATION),
        readU32(skb.bytes, at + IPV4_SOURCE),
        skb.bytes[at + IPV4_TOS] as number,
        bridge,
      )
    : stack.ip6RouteInput(skb, skb.dev)
  const { dst } = skb
  if (cause !== null || dst === null) {
    dropPacket(skb, cause ?? 'no_route', bridge)
    return false
  }
  if (dst.dev !== bridge || dst.kind === 'local') {
    skb.dst = null
    writeMac(skb.bytes, skb.mac, bridge.mac)
    skb.pktType = PACKET_HOST
    return true
  }
  const key = dst.gateway ?? daddrOf(skb)
  skb.dst = null
  const entry = neighOf(bridge.ns).lookupOrCreate(bridge, isV4 ? 'inet' : 'inet6', key)
  if ((entry.state & NUD_CONNECTED) !== 0) {
    writeMac(skb.bytes, skb.mac, entry.lladdr)
    return true
  }
  skb.bridgedDnat = source
  stack.neighOutput(skb, bridge, isV4 ? 'inet' : 'inet6', key)
  return false
}

/**
 * A frame whose destination was rewritten has come back from the neighbour layer, `data` behind its Ethernet header: it is again
 * one that came in by its port, with its own source address.
 *
 * @linux net/bridge/br_netfilter_hooks.c br_nf_dev_xmit, br_nf_pre_routing_finish_bridge_slow
 */
export function bridgeDevXmit(skb: PacketBuffer): void {
  writeMac(skb.bytes, skb.mac + ETHERNET_SOURCE, skb.bridgedDnat)
  skb.bridgedDnat = 0
}

/**
 * Between two ports: FORWARD, then POSTROUTING, both with the bridge as input and output device. What is then too long for
 * the bridge, or was put together from fragments, is cut again.
 *
 * @linux net/bridge/br_netfilter_hooks.c br_nf_forward_ip, br_nf_post_routing, br_nf_dev_queue_xmit
 */
export function bridgeForward(bridge: NetDevice, skb: PacketOnDevice, port: NetDevice, next: Next): void {
  if (!isValid(skb)) {
    dropPacket(skb, 'netfilter_drop', port)
    return
  }
  const destination = readMac(skb.bytes, skb.mac)
  const source = readMac(skb.bytes, skb.mac + ETHERNET_SOURCE)
  const { pktType } = skb
  if (pktType === PACKET_OTHERHOST) skb.pktType = PACKET_HOST
  skb.physOut = port
  if (!runHook(skb, NF_FORWARD, bridge, bridge) || !runHook(skb, NF_POST_ROUTING, null, bridge)) return
  skb.pktType = pktType
  const finish = (piece: PacketOnDevice): void => {
    setDevice(piece, port)
    piece.physIn = null
    piece.physOut = null
    restoreHeader(piece, destination, source)
    next(piece)
  }
  const limit = skb.fragMaxSize === 0 ? port.mtu : Math.min(port.mtu, skb.fragMaxSize)
  if (skb.len <= limit || skb.protocol !== ETHERTYPE.IPV4) finish(skb)
  else if (mayFragment(skb, bridge.mtu)) {
    const mtu = skb.fragMaxSize === 0 ? bridge.mtu : Math.min(bridge.mtu, skb.fragMaxSize)
    bridge.ns.sim.stack.ipFragment(skb, mtu, finish)
  } else dropPacket(skb, 'frag_needed_local', port)
}

function mayFragment(skb: PacketBuffer, mtu: number): boolean {
  const df = (readU16(skb.bytes, skb.data + IPV4_FRAG_OFF) & IPV4_FLAG.DF) !== 0
  return (!df || skb.ignoreDf) && skb.fragMaxSize <= mtu
}

function daddrOf(skb: PacketBuffer): number | Ip6Key {
  return skb.protocol === ETHERTYPE.IPV4
    ? readU32(skb.bytes, skb.data + IPV4_DESTINATION)
    : readIp6Key(skb.bytes, skb.data + IPV6_DESTINATION)
}

/** What IP itself would refuse is refused here too; bytes behind the packet are cut off (`br_validate_ipv4`, `br_validate_ipv6`). */
function isValid(skb: PacketBuffer): boolean {
  const { bytes, data, tail } = skb
  if (skb.protocol === ETHERTYPE.IPV4) {
    if (ipv4HeaderFault(bytes, data, tail) !== undefined) return false
    const header = ((bytes[data] as number) & 15) * 4
    const total = readU16(bytes, data + IPV4_TOTAL_LENGTH)
    if (total < header || total > tail - data || checksum(bytes, data, data + header) !== 0) return false
    skb.trim(total)
    return true
  }
  if (tail - data < IPV6_HEADER_LENGTH || (bytes[data] as number) >> 4 !== 6) return false
  const total = IPV6_HEADER_LENGTH + readU16(bytes, data + IPV6_PAYLOAD_LENGTH)
  if (total > tail - data) return false
  skb.trim(total)
  return true
}
