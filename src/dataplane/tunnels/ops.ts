import { readU16, UDP_CHECKSUM, UDP_DESTINATION_PORT, UDP_HEADER_LENGTH, UDP_LENGTH } from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import type { Stack } from '../kernel/stack.ts'
import { ipipErr, ipipXmit, tunnel4Rcv } from './ipip.ts'
import { vxlanDevice, vxlanErr, vxlanRcv, vxlanXmit } from './vxlan.ts'
import { wireguardDevice, wireguardRcv, wireguardXmit } from './wireguard.ts'

function tunnelXmit(skb: PacketBuffer, dev: NetDevice): void {
  if (dev.kind === 'vxlan') vxlanXmit(skb, dev)
  else if (dev.kind === 'wireguard') wireguardXmit(skb, dev)
  else ipipXmit(skb, dev)
}

/**
 * UDP input for the kernel's own sockets: VXLAN and WireGuard. The caller has checked the checksum, if there is one. False when no tunnel listens on the port, or the datagram is
 * so short that plain UDP judges it.
 * @linux net/ipv4/udp.c udp_queue_rcv_one_skb (encap_rcv)
 */
function udpEncapRcv(skb: PacketOnDevice, family: 'inet' | 'inet6'): boolean {
  const { dev } = skb
  const { ns } = dev
  const { bytes, data } = skb
  if (skb.len < UDP_HEADER_LENGTH) return false
  const length = readU16(bytes, data + UDP_LENGTH)
  if (length <= UDP_HEADER_LENGTH || length > skb.len) return false
  const port = readU16(bytes, data + UDP_DESTINATION_PORT)
  const vxlan = vxlanDevice(ns, family, port)
  const wireguard = vxlan === undefined ? wireguardDevice(ns, port) : undefined
  if (vxlan === undefined && wireguard === undefined) return false
  if (family === 'inet6' && !mayLackChecksum(skb, vxlan)) {
    dropPacket(skb, 'udp6_checksum', dev)
    return true
  }
  skb.trim(length)
  if (wireguard !== undefined) wireguardRcv(skb, wireguard)
  else vxlanRcv(skb, family)
  return true
}

/** Whether an IPv6 datagram has a checksum, which UDP input has found to be right, or may do without. */
function mayLackChecksum(skb: PacketOnDevice, vxlan: NetDevice | undefined): boolean {
  return readU16(skb.bytes, skb.data + UDP_CHECKSUM) !== 0 || vxlan?.model.vxlan?.udp6zerocsumrx === true
}

/** The tunnels' entries in the stack. */
export const tunnelOps: Readonly<Pick<Stack, 'tunnelXmit' | 'tunnel4Rcv' | 'udpEncapRcv' | 'tunnelErr'>> = {
  tunnelXmit,
  tunnel4Rcv,
  udpEncapRcv,
  tunnelErr(skb, family, type, code, info) {
    const { ns } = skb.dev
    if (family === 'inet' && ipipErr(skb, ns, type, code, info)) return true
    return vxlanErr(skb, ns, family, type, code, info)
  },
}
