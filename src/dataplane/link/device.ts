import { assertNever, VLAN_TAG_LENGTH } from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { PACKET_LOOPBACK, type PacketBuffer, type PacketOnDevice, setDevice } from '../kernel/skb.ts'

/** Hand-overs after which a packet without a TTL counts as looping. */
const MAX_CROSSINGS = 4096

/**
 * Hands a complete frame to its device: `data` at the Ethernet header, or at the IP header of a layer-3 device. A device
 * without carrier has no queue and loses it.
 *
 * @linux net/core/dev.c __dev_queue_xmit
 */
export function devQueueXmit(skb: PacketOnDevice): void {
  const { dev } = skb
  if (!dev.up || !dev.carrier) {
    dev.txDropped++
    dropPacket(skb, dev.up ? 'qdisc_drop' : 'link_down', dev)
    return
  }
  if (dev.hardHeaderLen !== 0) skb.mac = skb.data
  tapFrame(dev, 'out', skb, skb.data)
  dev.txPackets++
  dev.txBytes += skb.tail - skb.data
  const { kind } = dev
  switch (kind) {
    case 'veth':
    case 'ethernet':
      wireXmit(skb, dev)
      break
    case 'bridge':
      skb.recordedAt = -1
      dev.bridge?.xmit(skb)
      break
    case 'loopback':
      skb.sk = null
      netifRx(skb, dev)
      break
    case 'dummy':
      dev.ns.log?.end(skb, dev, 'swallowed')
      break
    case 'ipip':
    case 'vxlan':
    case 'wireguard':
      skb.recordedAt = -1
      dev.ns.sim.stack.tunnelXmit(skb, dev)
      break
    default:
      assertNever(kind)
  }
}

/**
 * To the other end of a wire. The receiving end refuses what is longer than its MTU; what a packet knew in its old
 * namespace stays behind.
 *
 * @linux drivers/net/veth.c veth_xmit
 * @linux net/core/dev.c __dev_forward_skb2
 */
function wireXmit(skb: PacketBuffer, dev: NetDevice): void {
  const { peer } = dev
  if (peer === null) {
    dev.txDropped++
    dropPacket(skb, 'no_carrier', dev)
  } else if (!isForwardable(peer, skb)) {
    dev.txDropped++
    dropPacket(skb, 'veth_frame_too_long', dev)
  } else {
    skb.scrub(peer.ns !== dev.ns)
    netifRx(skb, peer)
  }
}

/** Whether a device takes a frame of this length (`is_skb_forwardable`); `data` at the link header. */
export function isForwardable(dev: NetDevice, skb: PacketBuffer): boolean {
  return dev.up && skb.len <= dev.mtu + dev.hardHeaderLen + VLAN_TAG_LENGTH
}

/** Queues a received frame, `data` at the link header: processed after everything queued before it (`netif_rx`). */
export function netifRx(skb: PacketBuffer, dev: NetDevice): void {
  setDevice(skb, dev)
  if (++skb.crossings > MAX_CROSSINGS) dropPacket(skb, 'loop_guard', dev)
  else dev.ns.sim.enqueue(skb)
}

/** Hands a copy of an own broadcast or multicast back to this host; no device and no tap sees it (`dev_loopback_xmit`). */
export function loopbackXmit(skb: PacketBuffer, dev: NetDevice): void {
  skb.mac = -1
  skb.pktType = PACKET_LOOPBACK
  skb.sk = null
  netifRx(skb, dev)
}

/** Shows a frame `bytes[start, tail)` to the recorder and to the taps (`dev_queue_xmit_nit`, `ptype_all`). */
export function tapFrame(dev: NetDevice, direction: 'in' | 'out', skb: PacketBuffer, start: number): void {
  const { log, sim } = dev.ns
  if (log !== null) {
    if (direction === 'in') log.rx(skb, dev, start)
    else log.tx(skb, dev, start)
  }
  const { taps } = sim
  for (let i = 0; i < taps.length; i++) taps[i]?.(dev, direction, skb.bytes, start, skb.tail)
}
