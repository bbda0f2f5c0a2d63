import {
  BROADCAST_MAC_KEY,
  ETHERNET_HEADER_LENGTH,
  ETHERNET_TYPE,
  ETHERTYPE,
  readMac,
  readU16,
} from '../../wire/index.ts'
import { dropPacket } from '../kernel/drop.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import {
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  type PacketBuffer,
  type PacketOnDevice,
  setDevice,
} from '../kernel/skb.ts'
import { tapFrame } from './device.ts'

/** Smallest value of the type field that is an EtherType; below it is an 802.3 length. */
const MIN_ETHERTYPE = 0x0600
/** Protocol number of 802.3 frames (`ETH_P_802_2`). */
const LLC = 4
const SERVICE_VLAN = 0x88a8

/** Processes a queued frame: `data` at the link header, or at the IP header on a layer-3 device. */
export function receiveQueued(skb: PacketOnDevice): void {
  const { dev } = skb
  if (!dev.up) {
    dev.rxDropped++
    dropPacket(skb, 'link_down', dev)
    return
  }
  if (skb.pktType === PACKET_LOOPBACK) {
    deliver(skb, dev)
    return
  }
  dev.rxPackets++
  dev.rxBytes += skb.tail - skb.data
  tapFrame(dev, 'in', skb, skb.data)
  if (dev.hardHeaderLen === 0) {
    skb.mac = -1
    skb.protocol = (skb.bytes[skb.data] as number) >> 4 === 6 ? ETHERTYPE.IPV6 : ETHERTYPE.IPV4
  } else if (!ethTypeTrans(skb, dev)) {
    dropPacket(skb, 'frame_too_short', dev)
    return
  }
  deliver(skb, dev)
}

/**
 * A bridge hands a frame to its own device: `data` behind the Ethernet header, which `mac` points to. The packet type is
 * the one the port saw.
 *
 * @linux net/bridge/br_input.c br_pass_frame_up
 */
export function receiveFromBridge(skb: PacketBuffer, dev: NetDevice): void {
  setDevice(skb, dev)
  dev.rxPackets++
  dev.rxBytes += skb.tail - skb.data
  tapFrame(dev, 'in', skb, skb.mac)
  deliver(skb, dev)
}

/** Takes the Ethernet header off; false when there is none. @linux net/ethernet/eth.c eth_type_trans */
function ethTypeTrans(skb: PacketBuffer, dev: NetDevice): boolean {
  const at = skb.data
  if (skb.tail - at < ETHERNET_HEADER_LENGTH) return false
  const { bytes } = skb
  skb.mac = at
  skb.data = at + ETHERNET_HEADER_LENGTH
  const destination = readMac(bytes, at)
  if (destination === dev.mac) skb.pktType = PACKET_HOST
  else if (((bytes[at] as number) & 1) === 0) skb.pktType = PACKET_OTHERHOST
  else skb.pktType = destination === BROADCAST_MAC_KEY ? PACKET_BROADCAST : PACKET_MULTICAST
  const type = readU16(bytes, at + ETHERNET_TYPE)
  skb.protocol = type >= MIN_ETHERTYPE ? type : LLC
  return true
}

/** The bridge of a port first, then the protocol. @linux net/core/dev.c __netif_receive_skb_core */
function deliver(skb: PacketOnDevice, dev: NetDevice): void {
  skb.iif = dev.ifindex
  skb.network = skb.data
  if (skb.pktType !== PACKET_LOOPBACK && dev.master?.handleFrame(skb, dev)) return
  const { stack } = dev.ns.sim
  switch (skb.protocol) {
    case ETHERTYPE.IPV4:
      stack.ipRcv(skb)
      break
    case ETHERTYPE.IPV6:
      stack.ipv6Rcv(skb)
      break
    case ETHERTYPE.ARP:
      stack.arpRcv(skb)
      break
    case ETHERTYPE.VLAN:
    case SERVICE_VLAN:
      dropPacket(skb, 'vlan_unmodelled', dev)
      break
    case LLC:
      dropPacket(skb, 'llc_unwanted', dev)
      break
    default:
      dev.rxDropped++
      dropPacket(skb, 'unknown_ethertype', dev)
  }
}
