import type { Stack } from '../kernel/stack.ts'
import { ip6Defrag } from './defrag.ts'
import { icmpv6Send } from './icmpv6-send.ts'
import { inet6AddrType } from './inet6-addr.ts'
import { ipv6Rcv } from './input.ts'
import { ndiscRcv } from './ndisc.ts'
import { ndiscSolicit } from './ndisc-send.ts'
import { ip6LocalOut } from './output.ts'
import { ip6UpdatePmtu } from './pmtu.ts'
import { ip6RouteMeHarder } from './reroute.ts'
import { ip6RouteInput } from './route-input.ts'
import { ip6RouteOutput } from './route-output.ts'
import { ipv6DevGetSaddr } from './select-source.ts'
import { ip6Xmit } from './xmit.ts'

/** The entry points that IPv6 gives to the stack. */
export type Ipv6Ops = Pick<
  Stack,
  | 'ipv6Rcv'
  | 'ip6LocalOut'
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
>

/** IPv6's part of the stack. */
export const ipv6Ops: Readonly<Ipv6Ops> = {
  ipv6Rcv,
  ip6LocalOut,
  ip6Xmit,
  ip6RouteOutput,
  ip6RouteInput,
  ip6RouteMeHarder,
  icmpv6Send,
  ip6Defrag,
  inet6AddrType,
  ipv6DevGetSaddr,
  ip6UpdatePmtu,
  ndiscRcv,
  ndiscSolicit,
}
