import { IPV6_DESTINATION, IPV6_NEXT_HEADER, IPV6_SOURCE, readIp6Key, readU16 } from '../../wire/index.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { isLinkLocal6, isMulticast6 } from './addr.ts'
import { ip6RouteOutput } from './route-output.ts'
import { rt6Of } from './rt6.ts'

/**
 * Routes a packet of this host again after netfilter changed its address or mark.
 *
 * @linux net/ipv6/netfilter.c ip6_route_me_harder
 * @returns false when there is no route: the caller drops the packet
 */
export function ip6RouteMeHarder(skb: PacketBuffer): boolean {
  const old = rt6Of(skb)
  const { bytes, network: at } = skb
  const daddr = readIp6Key(bytes, at + IPV6_DESTINATION)
  const strict = isMulticast6(daddr) || isLinkLocal6(daddr)
  const rt = ip6RouteOutput(old.dev.ns, {
    daddr,
    saddr: readIp6Key(bytes, at + IPV6_SOURCE),
    tclass: (readU16(bytes, at) >> 4) & 0xff,
    mark: skb.mark,
    oif: skb.sk?.boundDev ?? (strict ? old.dev : null),
    proto: bytes[at + IPV6_NEXT_HEADER] as number,
    sport: 0,
    dport: 0,
    packet: skb.id,
  })
  if (typeof rt === 'string') return false
  skb.dst = rt
  return true
}
