import { prefixKey } from '../../wire/index.ts'
import { mix } from '../kernel/flow-hash.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Fib6Nexthop } from './fib6-info.ts'
import type { Flow6 } from './fib6-rule.ts'
import { ipv6Of } from './slot.ts'

function mixKey(hash: number, key: string): number {
  let h = hash
  for (let i = 0; i < key.length; i++) h = mix(h, key.charCodeAt(i))
  return h
}

/** Chooses among the next hops of a route by hash and weight; those that cannot carry packets have no share (`fib6_select_path`). */
export function selectMultipath6(ns: NetNs, chosen: Fib6Nexthop, flow: Flow6): Fib6Nexthop {
  let hash = mixKey(mixKey(mix(0x9e3779b9, ns.sim.seed), prefixKey(flow.saddr, 128)), flow.daddr)
  if (ipv6Of(ns)?.globals.multipathHashPolicy === 1) {
    hash = mix(mix(hash, flow.proto), (flow.sport << 16) | flow.dport)
  }
  const usable = chosen.info.nexthops.filter((hop) => hop.dev?.up === true)
  const total = usable.reduce((sum, hop) => sum + hop.weight, 0)
  let left = (hash / 0x1_0000_0000) * total
  for (const hop of usable) {
    left -= hop.weight
    if (left < 0) return hop
  }
  return chosen
}
