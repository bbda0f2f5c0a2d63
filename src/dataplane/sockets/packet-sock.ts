import { ETHERNET_HEADER_LENGTH, ETHERNET_TYPE, ETHERTYPE, readU16 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { setDevice } from '../kernel/skb.ts'

/**
 * Sends a frame as it is on a device, as a packet socket does: no route, no neighbour, no netfilter.
 * @linux net/packet/af_packet.c packet_snd
 */
export function sendFrame(dev: NetDevice, frame: Uint8Array): void {
  const { sim } = dev.ns
  const skb = sim.newSkb(frame.length)
  skb.bytes.set(frame, skb.data)
  setDevice(skb, dev)
  skb.mac = skb.data
  skb.network = skb.data + dev.hardHeaderLen
  const ethernet = dev.hardHeaderLen === ETHERNET_HEADER_LENGTH
  if (ethernet && frame.length >= ETHERNET_HEADER_LENGTH) skb.protocol = readU16(frame, ETHERNET_TYPE)
  else if (!ethernet) skb.protocol = (frame[0] ?? 0) >> 4 === 6 ? ETHERTYPE.IPV6 : ETHERTYPE.IPV4
  sim.stack.devQueueXmit(skb)
}
