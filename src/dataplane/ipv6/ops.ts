import type { NetDevice } from '../net-device.ts'
import type { PacketBuffer } from '../skb.ts'
import type { Stack } from '../stack.ts'

function refuse(skb: PacketBuffer): void {
  const dev = skb.dev as NetDevice
  dev.ns.sim.stack.drop(skb, 'not_modelled', dev.ns, dev)
}

/** IPv6's entries in the stack: not modelled yet, so every packet is refused by name. */
export const ipv6Ops: Pick<
  Stack,
  | 'ipv6Rcv'
  | 'ip6LocalOut'
  | 'ip6Output'
  | 'ip6Xmit'
  | 'ip6RouteOutput'
  | 'ip6RouteInput'
  | 'ip6RouteMeHarder'
  | 'icmpv6Send'
  | 'ip6Defrag'
  | 'inet6AddrType'
  | 'ipv6DevGetSaddr'
  | 'ip6UpdatePmtu'
  | 'ndiscRcv'
  | 'ndiscSolicit'
> = {
  ipv6Rcv: refuse,
  ip6LocalOut: refuse,
  ip6Output: refuse,
  ip6Xmit: () => 'ENETUNREACH',
  ip6RouteOutput: () => 'ENETUNREACH',
  ip6RouteInput: () => 'not_modelled',
  ip6RouteMeHarder: () => false,
  icmpv6Send: () => {},
  ip6Defrag: () => false,
  inet6AddrType: () => 'UNSPEC',
  ipv6DevGetSaddr: () => '',
  ip6UpdatePmtu: () => {},
  ndiscRcv: refuse,
  ndiscSolicit: () => {},
}
