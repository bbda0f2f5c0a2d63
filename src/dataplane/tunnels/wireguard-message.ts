import {
  IP_PROTOCOL,
  UDP_HEADER_LENGTH,
  WIREGUARD_SENDER,
  WIREGUARD_TRANSPORT_HEADER_LENGTH,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { type PacketBuffer, setDevice } from '../kernel/skb.ts'
import { udpTunnelXmit } from './outer.ts'
import type { PeerState } from './wireguard-peers.ts'

const KEY_BYTES = 44

/** Adds zero bytes behind the packet, in a larger buffer when there is no room. */
export function extendTail(skb: PacketBuffer, n: number): void {
  if (skb.tail + n > skb.bytes.length) {
    const grown = new Uint8Array(skb.tail + n)
    grown.set(skb.bytes.subarray(0, skb.tail))
    skb.bytes = grown
  }
  skb.bytes.fill(0, skb.tail, skb.tail + n)
  skb.tail += n
}

/** Writes a little-endian index. */
export function writeIndex(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = (value >>> (8 * i)) & 0xff
}

/** Sends a WireGuard message, `data` at its first byte. @linux drivers/net/wireguard/socket.c send4 */
export function sendToPeer(dev: NetDevice, peer: PeerState, skb: PacketBuffer, tos: number): void {
  const { ns } = dev
  const { stack } = ns.sim
  const info = dev.model.wireguard
  const { endpoint } = peer
  if (info === undefined || endpoint === null) {
    dropPacket(skb, 'wireguard_no_endpoint', dev)
    return
  }
  const mark = info.fwmark
  const ports = { sport: info.listenPort, dport: endpoint.port }
  if (typeof endpoint.address === 'string') {
    dropPacket(skb, 'not_modelled', dev)
    return
  }
  const dst = stack.ipRouteOutput(ns, {
    daddr: endpoint.address,
    saddr: 0,
    tos: tos & 0x1c,
    mark,
    oif: null,
    iif: null,
    proto: IP_PROTOCOL.UDP,
    ...ports,
    anySource: false,
    packet: skb.id,
  })
  if (typeof dst === 'string' || dst.dev === dev) {
    dropPacket(skb, typeof dst === 'string' ? 'tunnel_no_route' : 'tunnel_loop', dev)
    return
  }
  const overhead = UDP_HEADER_LENGTH + 20 + WIREGUARD_TRANSPORT_HEADER_LENGTH
  ns.log?.encap(skb, dev, 'wireguard', overhead, dst.src, endpoint.address, 'endpoint')
  skb.mark = mark
  udpTunnelXmit(
    skb,
    dev,
    dst,
    dst.src as number,
    endpoint.address,
    { tos, ttl: 0, df: false },
    { ...ports, checksum: true },
  )
}

/** A message of this type with the sender's index. */
export function newMessage(dev: NetDevice, length: number, type: number, index: number): PacketBuffer {
  const skb = dev.ns.sim.newSkb(length)
  skb.bytes[skb.data] = type
  writeIndex(skb.bytes, skb.data + WIREGUARD_SENDER, index)
  setDevice(skb, dev)
  return skb
}

/** Writes a public key as text. */
export function writeKey(bytes: Uint8Array, at: number, key: string): void {
  for (let i = 0; i < KEY_BYTES; i++) bytes[at + i] = i < key.length ? key.charCodeAt(i) : 0
}

/** Reads a public key as text. */
export function readKey(bytes: Uint8Array, at: number): string {
  let key = ''
  for (let i = 0; i < KEY_BYTES && bytes[at + i]; i++) key += String.fromCharCode(bytes[at + i] as number)
  return key
}
