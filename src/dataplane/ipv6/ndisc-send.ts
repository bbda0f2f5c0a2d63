import {
  buildNeighborAdvertisement,
  buildNeighborSolicitation,
  ETHERTYPE,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  type Ip6Key,
  NA_FLAG,
  ND_HOP_LIMIT,
  type NeighborFields,
  neighborMessageLength,
  readIp6Key,
  solicitedNode,
  writeIp6Key,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { NF_ACCEPT, NF_LOCAL_OUT } from '../kernel/stack.ts'
import { ANY_ADDR, isMulticast6 } from './addr.ts'
import { findAddr6, ipv6ChkAddr, linkLocalOf } from './inet6-addr.ts'
import { LookupRef6 } from './lookup-ref6.ts'
import { ip6Output } from './output.ts'
import { keySum } from './pseudo.ts'
import { Rt6 } from './rt6.ts'
import { ipv6DevGetSaddr } from './select-source.ts'
import { IP6SKB_NO_LOOP } from './skb-flags.ts'
import { ipv6Of } from './slot.ts'

/**
 * Asks for a neighbour's hardware address: at the address known so far while there are unicast probes left, then at its
 * solicited-node group. The asker is the sender of the packet that waits, if the device has that address.
 *
 * @param probes - solicitations sent before this one
 * @linux net/ipv6/ndisc.c ndisc_solicit
 */
export function ndiscSolicit(
  dev: NetDevice,
  target: string,
  probes: number,
  _lladdr: number,
  trigger: PacketBuffer | null,
): void {
  const { ucastSolicit, appSolicit } = dev.neigh6
  const isUnicast = probes < ucastSolicit
  if (!isUnicast && probes < ucastSolicit + appSolicit) return
  const sender = trigger === null ? '' : readIp6Key(trigger.bytes, trigger.network + IPV6_SOURCE)
  const source = sender !== '' && ipv6ChkAddr(dev.ns, sender, dev, true) ? sender : ''
  ndiscSendNs(dev, target, isUnicast ? target : solicitedNode(target as Ip6Key), source, trigger?.id ?? 0)
}

/** Sends a neighbour solicitation; '' as source = the link-local address of the device. @linux net/ipv6/ndisc.c ndisc_send_ns */
function ndiscSendNs(dev: NetDevice, target: string, daddr: string, source: string, parent: number): void {
  const saddr = source !== '' ? source : linkLocalOf(dev)
  if (saddr === '' || ipv6Of(dev.ns) === null) return
  const withOption = saddr !== ANY_ADDR && dev.hardHeaderLen !== 0
  const length = neighborMessageLength(withOption)
  const skb = dev.ns.sim.newSkb(length)
  buildNeighborSolicitation(skb.bytes, skb.data, neighborFields(dev, target, saddr, daddr, length, withOption))
  ndiscSendSkb(skb, dev, daddr, saddr, parent)
}

/** A neighbour advertisement to send. */
export interface Advertisement {
  /** Whom it goes to. */
  readonly daddr: string
  /** Whose address it is about. */
  readonly target: string
  /** This host is a router. */
  readonly router: boolean
  /** It answers a solicitation. */
  readonly solicited: boolean
  /** It may replace what others know. */
  readonly override: boolean
  /** It carries our hardware address. */
  readonly withOption: boolean
}

/** Sends a neighbour advertisement. @linux net/ipv6/ndisc.c ndisc_send_na */
export function ndiscSendNa(dev: NetDevice, na: Advertisement, parent: number): void {
  const { ns } = dev
  const own = findAddr6(dev, na.target) !== undefined
  const saddr = own ? na.target : ipv6DevGetSaddr(ns, dev, na.daddr)
  if (saddr === '') return
  const withOption = na.withOption && dev.hardHeaderLen !== 0
  const flags =
    (na.router ? NA_FLAG.ROUTER : 0) + (na.solicited ? NA_FLAG.SOLICITED : 0) + (na.override ? NA_FLAG.OVERRIDE : 0)
  const length = neighborMessageLength(withOption)
  const skb = ns.sim.newSkb(length)
  const fields = neighborFields(dev, na.target, saddr, na.daddr, length, withOption)
  buildNeighborAdvertisement(skb.bytes, skb.data, { ...fields, flags })
  ndiscSendSkb(skb, dev, na.daddr, saddr, parent)
}

function neighborFields(
  dev: NetDevice,
  target: string,
  saddr: string,
  daddr: string,
  length: number,
  withOption: boolean,
): NeighborFields {
  const pseudo = keySum(saddr) + keySum(daddr) + IP_PROTOCOL.ICMPV6 + length
  const base = { target: target as Ip6Key, pseudo }
  return withOption ? { ...base, linkLayer: dev.mac as NonNullable<NeighborFields['linkLayer']> } : base
}

/**
 * Sends a message of neighbour discovery out of a device, whatever the tables say: the destination is on the link.
 *
 * @linux net/ipv6/ndisc.c ndisc_send_skb
 */
export function ndiscSendSkb(skb: PacketBuffer, dev: NetDevice, daddr: string, saddr: string, parent: number): void {
  const { ns } = dev
  skb.transport = skb.data
  skb.push(IPV6_HEADER_LENGTH)
  const { bytes, data: at } = skb
  writeU32(bytes, at, 0x6000_0000)
  writeU16(bytes, at + IPV6_PAYLOAD_LENGTH, skb.tail - at - IPV6_HEADER_LENGTH)
  bytes[at + IPV6_NEXT_HEADER] = IP_PROTOCOL.ICMPV6
  bytes[at + IPV6_HOP_LIMIT] = ND_HOP_LIMIT
  writeIp6Key(bytes, at + IPV6_SOURCE, saddr as Ip6Key)
  writeIp6Key(bytes, at + IPV6_DESTINATION, daddr as Ip6Key)
  skb.network = at
  skb.protocol = ETHERTYPE.IPV6
  skb.cbFlags = IP6SKB_NO_LOOP
  skb.parent = parent
  const multicast = isMulticast6(daddr)
  const ref = new LookupRef6('unicast', daddr, saddr, null)
  skb.dst = new Rt6(multicast ? 'multicast' : 'output', dev, dev, null, null, saddr, null, null, multicast, ref)
  ns.log?.create(skb, dev, IP_PROTOCOL.ICMPV6, parent)
  if (ns.hasHooks && ns.sim.stack.nfHook('inet6', NF_LOCAL_OUT, skb, null, dev) !== NF_ACCEPT) return
  ip6Output(skb)
}
