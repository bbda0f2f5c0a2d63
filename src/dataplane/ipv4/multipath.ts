import { sysctlOf } from '../../model/index.ts'
import { IP_PROTOCOL, IPV4_PROTOCOL, isIpv4Fragment, readU16, UDP_DESTINATION_PORT } from '../../wire/index.ts'
import { mix } from '../kernel/flow-hash.ts'
import type { NetNs } from '../kernel/netns.ts'
import { NUD_VALID } from '../kernel/nud.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { type FibResult, nexthopUsable } from './fib.ts'
import type { FibNexthop } from './fib-info.ts'
import type { FibFlow } from './fib-rule.ts'

/** The hash of a flow: addresses, with policy 1 also protocol and ports. */
export function fibMultipathHash(ns: NetNs, flow: FibFlow): number {
  let hash = mix(mix(mix(0x9e3779b9, ns.sim.seed), flow.saddr), flow.daddr)
  if (ns.ip.multipathHashPolicy === 1) hash = mix(mix(hash, flow.proto), (flow.sport << 16) | flow.dport)
  return hash
}

/**
 * Chooses among several next hops by hash and weight; those that cannot carry packets have no share. With
 * `fib_multipath_use_neigh` a gateway that does not answer is passed over.
 *
 * @linux net/ipv4/fib_semantics.c fib_select_multipath
 */
export function fibSelectMultipath(ns: NetNs, result: FibResult, hash: number): void {
  const hops = hopsOf(result)
  let total = 0
  for (const hop of hops) if (nexthopUsable(hop, false)) total += hop.weight
  if (total === 0) return
  const careful = usesNeigh(ns)
  let found = false
  let left = (hash / 0x1_0000_0000) * total
  for (const hop of hops) {
    if (!nexthopUsable(hop, false)) continue
    left -= hop.weight
    if (careful && !answers(ns, hop)) continue
    if (careful && !found) result.nexthop = hop
    found = true
    if (left < 0) {
      result.nexthop = hop
      return
    }
  }
}

function usesNeigh(ns: NetNs): boolean {
  return sysctlOf(ns.model, 'net.ipv4.fib_multipath_use_neigh') === '1'
}

/** Whether the gateway of a hop is known to be there, or nothing is known (`fib_good_nh`). */
function answers(ns: NetNs, hop: FibNexthop): boolean {
  if (hop.gateway === 0 || hop.dev === null) return true
  const neigh = ns.neigh.lookup(hop.dev, 'inet', hop.gateway)
  return neigh === undefined || (neigh.state & NUD_VALID) !== 0
}

/** Whether every packet with these addresses, TOS and mark would be routed alike, as long as the tables stay. */
export function isLasting(ns: NetNs, result: FibResult): boolean {
  return !isMultipath(result) || (ns.ip.multipathHashPolicy === 0 && !usesNeigh(ns))
}

/** Whether a route has several next hops. */
export function isMultipath(result: FibResult): boolean {
  return (result.alias?.info.nexthops.length ?? 0) > 1
}

/** Protocols whose ports are looked at. */
const PORTED: ReadonlySet<number> = new Set([IP_PROTOCOL.TCP, IP_PROTOCOL.UDP, IP_PROTOCOL.SCTP])

/** Reads protocol and ports of a packet into a flow, as rules on ports and the multipath hash need them. */
export function dissectFlow(skb: PacketBuffer, flow: FibFlow): void {
  const at = skb.network
  const bytes = skb.bytes
  flow.proto = bytes[at + IPV4_PROTOCOL]!
  flow.sport = 0
  flow.dport = 0
  const isFragment = isIpv4Fragment(bytes, at)
  if (isFragment || !PORTED.has(flow.proto)) return
  const transport = at + ((bytes[at]! & 0xf) << 2)
  if (transport + 4 > skb.tail) return
  flow.sport = readU16(bytes, transport)
  flow.dport = readU16(bytes, transport + UDP_DESTINATION_PORT)
}

/** All next hops of the route a lookup found. */
export function hopsOf(result: FibResult): readonly FibNexthop[] {
  return result.alias?.info.nexthops ?? []
}
