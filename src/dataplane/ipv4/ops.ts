import type { Stack } from '../kernel/stack.ts'
import { ipDefrag } from './defrag.ts'
import { ipFragment } from './fragment.ts'
import { icmpSend } from './icmp-send.ts'
import { inetAddrType, inetSelectAddr } from './inet-addr.ts'
import { ipRcv } from './input.ts'
import { ipLocalOut } from './output.ts'
import { ipDstUpdatePmtu, ipRedirect, ipUpdatePmtu } from './pmtu.ts'
import { ipQueueXmit } from './queue-xmit.ts'
import { ipRouteMeHarder } from './reroute.ts'
import { ipRouteInput } from './route-input.ts'
import { ipRouteOutput } from './route-output.ts'
import { rpfilterLookupReverse } from './rpfilter.ts'

/** The entry points that IPv4 gives to the stack. */
export type Ipv4Ops = Pick<
  Stack,
  | 'ipRcv'
  | 'ipRouteInput'
  | 'ipRouteOutput'
  | 'ipLocalOut'
  | 'ipQueueXmit'
  | 'ipRouteMeHarder'
  | 'icmpSend'
  | 'ipDefrag'
  | 'ipFragment'
  | 'inetSelectAddr'
  | 'inetAddrType'
  | 'ipUpdatePmtu'
  | 'ipDstUpdatePmtu'
  | 'ipRedirect'
  | 'rpfilterLookupReverse'
>

/** IPv4's part of the stack. */
export const ipv4Ops: Readonly<Ipv4Ops> = {
  ipRcv,
  ipRouteInput,
  ipRouteOutput,
  ipLocalOut,
  ipQueueXmit,
  ipRouteMeHarder,
  icmpSend,
  ipDefrag,
  ipFragment,
  inetSelectAddr,
  inetAddrType,
  ipUpdatePmtu,
  ipDstUpdatePmtu,
  ipRedirect,
  rpfilterLookupReverse,
}
