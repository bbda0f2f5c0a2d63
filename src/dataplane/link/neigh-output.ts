import {
  ETHERNET_HEADER_LENGTH,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  type MacKey,
  writeMac,
  writeU16,
} from '../../wire/index.ts'
import type { NeighFamily } from '../kernel/neighbour.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import { NUD_CONNECTED, NUD_VALID } from '../kernel/nud.ts'
import { type PacketBuffer, setDevice } from '../kernel/skb.ts'
import { devQueueXmit } from './device.ts'
import type { Neigh } from './neigh.ts'
import { neighEventSend } from './neigh-machine.ts'
import { neighOf } from './slot.ts'

/** Puts an Ethernet header in front of the packet (`eth_header`). */
export function pushEthernet(skb: PacketBuffer, destination: MacKey, source: MacKey, protocol: number): void {
  skb.push(ETHERNET_HEADER_LENGTH)
  skb.mac = skb.data
  writeMac(skb.bytes, skb.data, destination)
  writeMac(skb.bytes, skb.data + ETHERNET_SOURCE, source)
  writeU16(skb.bytes, skb.data + ETHERNET_TYPE, protocol)
}

/**
 * Sends a layer-3 packet to a neighbour: at once when its address is known, else when it has answered.
 *
 * @linux include/net/neighbour.h neigh_output
 * @linux net/core/neighbour.c neigh_resolve_output
 */
export function neighOutput(skb: PacketBuffer, dev: NetDevice, family: NeighFamily, key: number | string): void {
  setDevice(skb, dev)
  if (dev.hardHeaderLen === 0) {
    skb.mac = -1
    devQueueXmit(skb)
    return
  }
  const anyKey = family === 'inet' && (dev.loopback || dev.pointToPoint) ? 0 : key
  const entry = neighOf(dev.ns).lookupOrCreate(dev, family, anyKey)
  const { log } = dev.ns
  if (log !== null) log.neighbour(skb, dev, entry.ref)
  if ((entry.state & NUD_CONNECTED) === 0 && neighEventSend(entry, skb)) return
  pushCachedHeader(skb, entry)
  devQueueXmit(skb)
}

/** Copies the header kept with the neighbour, made anew when one of its three fields is another than last time. */
function pushCachedHeader(skb: PacketBuffer, entry: Neigh): void {
  let { header } = entry
  if (header === null || entry.headerProtocol !== skb.protocol || entry.headerSource !== entry.dev.mac) {
    header = new Uint8Array(ETHERNET_HEADER_LENGTH)
    writeMac(header, 0, entry.lladdr)
    writeMac(header, ETHERNET_SOURCE, entry.dev.mac)
    writeU16(header, ETHERNET_TYPE, skb.protocol)
    entry.header = header
    entry.headerProtocol = skb.protocol
    entry.headerSource = entry.dev.mac
  }
  skb.push(ETHERNET_HEADER_LENGTH)
  skb.mac = skb.data
  const { bytes, data } = skb
  for (let i = 0; i < ETHERNET_HEADER_LENGTH; i++) bytes[data + i] = header[i] as number
}

/** Upper layers saw the neighbour answer: takes note, without changing the state (`neigh_confirm`). */
export function neighConfirm(ns: NetNs, dev: NetDevice, family: NeighFamily, key: number | string): void {
  const entry = neighOf(ns).lookup(dev, family, key)
  if (entry !== undefined && (entry.state & NUD_VALID) !== 0) entry.confirmed = ns.sim.clock.now
}
