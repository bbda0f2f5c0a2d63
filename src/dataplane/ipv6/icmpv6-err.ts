import type { DropCause } from '../../model/index.ts'
import {
  ICMPV6_HEADER_LENGTH,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_SOURCE,
  readIp6Key,
  walkIpv6,
} from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { PacketBuffer, PacketOnDevice } from '../kernel/skb.ts'
import { ip6UpdatePmtu } from './pmtu.ts'
import { ipv6Of } from './slot.ts'

/**
 * An ICMPv6 error for this host, `data` at the ICMPv6 header: whoever sent the quoted packet is told.
 *
 * @linux net/ipv6/icmp.c icmpv6_notify
 * @returns why it is freed, or null
 */
export function icmpv6Notify(
  skb: PacketOnDevice,
  dev: NetDevice,
  type: number,
  code: number,
  info: number,
): DropCause | null {
  skb.data += ICMPV6_HEADER_LENGTH
  if (skb.tail - skb.data < IPV6_HEADER_LENGTH) return 'icmp6_short'
  const { bytes, data, tail } = skb
  const chain = walkIpv6(bytes, data, tail)
  if (chain.fault !== undefined || chain.payloadAt + 8 > tail) return 'icmp6_short'
  const { stack } = dev.ns.sim
  if (stack.tunnelErr(skb, 'inet6', type, code, info)) return null
  if (type === ICMPV6_TYPE.PACKET_TOO_BIG && info >= 0) learnMtu(skb, dev, chain.protocol, info)
  stack.icmpSocketErr(skb, 'inet6', type, code, info)
  return null
}

/** The path MTU of the quoted packet; that of an echo counts for the way by the device the error came in by. */
function learnMtu(skb: PacketBuffer, dev: NetDevice, protocol: number, mtu: number): void {
  const { bytes, data } = skb
  const { ns } = dev
  const flow = {
    daddr: readIp6Key(bytes, data + IPV6_DESTINATION),
    saddr: readIp6Key(bytes, data + IPV6_SOURCE),
    mark: ipv6Of(ns)?.globals.fwmarkReflect ? skb.mark : 0,
    oif: protocol === IP_PROTOCOL.ICMPV6 ? dev : null,
  }
  ip6UpdatePmtu(ns, flow, mtu)
}
