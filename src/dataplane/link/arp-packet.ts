import { ARP_LENGTH, type ArpFields, BROADCAST_MAC_KEY, buildArp, ETHERTYPE } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { setDevice } from '../kernel/skb.ts'
import { devQueueXmit } from './device.ts'
import { pushEthernet } from './neigh-output.ts'

/** Protocol number under which records name ARP: its EtherType, as it has no IP protocol. */
const ARP = ETHERTYPE.ARP

/**
 * Builds an ARP packet and sends it.
 *
 * @param destination - hardware address of the frame; null = broadcast
 * @param answers - id of the packet this one answers or is sent for; 0 = none
 * @linux net/ipv4/arp.c arp_send_dst
 */
export function sendArp(dev: NetDevice, destination: number | null, fields: ArpFields, answers: number): void {
  if (dev.noarp || dev.hardHeaderLen === 0) return
  const { ns } = dev
  const skb = ns.sim.newSkb(ARP_LENGTH)
  buildArp(skb.bytes, skb.data, fields)
  skb.network = skb.data
  skb.protocol = ARP
  setDevice(skb, dev)
  ns.log?.create(skb, dev, ARP, answers)
  pushEthernet(skb, destination ?? BROADCAST_MAC_KEY, dev.mac, ARP)
  devQueueXmit(skb)
}
