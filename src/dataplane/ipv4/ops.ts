import { InvariantError } from '../../wire/index.ts'
import type { Stack } from '../stack.ts'

/** The entry points that IPv4 gives to the stack. */
export type Ipv4Ops = Pick<
  Stack,
  | 'ipRcv'
  | 'ipRouteInput'
  | 'ipRouteOutput'
  | 'ipLocalOut'
  | 'ipQueueXmit'
  | 'ipRouteMeHarder'
  | 'ipOutput'
  | 'icmpSend'
  | 'ipDefrag'
  | 'ipFragment'
  | 'inetSelectAddr'
  | 'inetAddrType'
  | 'ipUpdatePmtu'
  | 'ipRedirect'
>

function missing(): never {
  throw new InvariantError('ipv4: not written yet')
}

/** IPv4's part of the stack. */
export const ipv4Ops: Ipv4Ops = {
  ipRcv: missing,
  ipRouteInput: missing,
  ipRouteOutput: missing,
  ipLocalOut: missing,
  ipQueueXmit: missing,
  ipRouteMeHarder: missing,
  ipOutput: missing,
  icmpSend: missing,
  ipDefrag: missing,
  ipFragment: missing,
  inetSelectAddr: missing,
  inetAddrType: missing,
  ipUpdatePmtu: missing,
  ipRedirect: missing,
}
