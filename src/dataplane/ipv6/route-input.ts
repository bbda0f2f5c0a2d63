import type { DropCause } from '../../model/index.ts'
import {
  IP_PROTOCOL,
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_NEXT_HEADER,
  IPV6_SOURCE,
  readIp6Key,
  readU16,
  UDP_DESTINATION_PORT,
} from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { RTN, routeTypeName } from '../kernel/rtn.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { isMulticast6, needsStrict } from './addr.ts'
import type { Fib6Nexthop } from './fib6-info.ts'
import type { Flow6 } from './fib6-rule.ts'
import { askedOf6, LookupRef6 } from './lookup-ref6.ts'
import { selectMultipath6 } from './multipath.ts'
import { errorOf, rt6Of } from './route-output.ts'
import { sendDueProbes } from './router-probe.ts'
import { Rt6 } from './rt6.ts'
import { type Fib6Query, scratch6Of } from './scratch.ts'
import { ipv6Of } from './slot.ts'

/**
 * Routes a received packet: sets `skb.dst`. Errors are routes, too: what they mean for the packet shows when it follows them.
 *
 * @linux net/ipv6/route.c ip6_route_input
 */
export function ip6RouteInput(skb: PacketBuffer, dev: NetDevice): DropCause | null {
  const { ns } = dev
  const ip6 = ipv6Of(ns)
  if (ip6 === null) return 'ip6_disabled'
  const { bytes, network: at } = skb
  const query = scratch6Of(ns.sim).input
  const { flow, result } = query
  flow.daddr = readIp6Key(bytes, at + IPV6_DESTINATION)
  flow.saddr = readIp6Key(bytes, at + IPV6_SOURCE)
  flow.tclass = (readU16(bytes, at) >> 4) & 0xff
  flow.mark = skb.mark
  flow.iif = dev
  flow.proto = bytes[at + IPV6_NEXT_HEADER] as number
  readPorts(skb, flow)
  ip6.fib.lookup(flow, dev, needsStrict(flow.daddr), result)
  const rt = decide(dev, query)
  skb.dst = rt
  if (ns.log !== null) {
    const asked = askedOf6(ip6.fib, flow, dev, needsStrict(flow.daddr))
    const ref = new LookupRef6(routeTypeName(result.type), flow.daddr, flow.saddr, result, asked)
    rt.ref = ref
    ns.log.routeInput(skb, dev, ref, null)
  }
  if (ip6.dueProbes.length > 0) sendDueProbes(ip6)
  return null
}

function readPorts(skb: PacketBuffer, flow: Flow6): void {
  const at = skb.network + IPV6_HEADER_LENGTH
  const hasPorts = (flow.proto === IP_PROTOCOL.TCP || flow.proto === IP_PROTOCOL.UDP) && at + 4 <= skb.tail
  flow.sport = hasPorts ? readU16(skb.bytes, at) : 0
  flow.dport = hasPorts ? readU16(skb.bytes, at + UDP_DESTINATION_PORT) : 0
}

function decide(dev: NetDevice, { flow, result }: Fib6Query): Rt6 {
  const { ns } = dev
  const error = errorOf(result.type)
  if (error !== null) {
    const ref = new LookupRef6(routeTypeName(result.type), flow.daddr, flow.saddr, result)
    const kind = result.type === RTN.BLACKHOLE ? 'blackhole' : 'error'
    return new Rt6(kind, ns.lo, ns.lo, null, error, '', result.nexthop, null, isMulticast6(flow.daddr), ref)
  }
  const first = result.nexthop as Fib6Nexthop
  const hop = first.info.nexthops.length > 1 ? selectMultipath6(ns, first, flow) : first
  result.nexthop = hop
  if (isMulticast6(flow.daddr)) return rt6Of(result, hop, flow.daddr, '', 'forward')
  const known = hop.rtInput
  if (known !== null && ipv6Of(ns)?.cache.find(hop, flow.daddr) === null) return known
  const rt = rt6Of(result, hop, flow.daddr, '', 'forward')
  if (rt.exception === null) hop.rtInput = rt
  return rt
}
