import { ICMP_TYPE, ICMP_UNREACH, ICMPV6_TYPE, ICMPV6_UNREACH } from '../../wire/index.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import type { Stack } from '../kernel/stack.ts'
import { arpRcv } from './arp.ts'
import { arpSolicit } from './arp-solicit.ts'
import { devQueueXmit, loopbackXmit, netifRx } from './device.ts'
import { neighConfirm, neighOutput } from './neigh-output.ts'

/** Tells the sender of a packet whose neighbour did not answer (`dst_link_failure`). */
function neighErrorReport(skb: PacketOnDevice, family: 'inet' | 'inet6'): void {
  const { stack } = skb.dev.ns.sim
  if (family === 'inet') stack.icmpSend(skb, ICMP_TYPE.DEST_UNREACH, ICMP_UNREACH.HOST, 0)
  else stack.icmpv6Send(skb, ICMPV6_TYPE.DEST_UNREACH, ICMPV6_UNREACH.ADDRESS, 0)
}

/** The link layer's entries in the stack. */
export const linkOps: Readonly<
  Pick<
    Stack,
    | 'devQueueXmit'
    | 'loopbackXmit'
    | 'netifRx'
    | 'neighOutput'
    | 'neighConfirm'
    | 'arpSolicit'
    | 'arpRcv'
    | 'neighErrorReport'
  >
> = {
  devQueueXmit,
  netifRx,
  loopbackXmit,
  neighOutput,
  neighConfirm,
  neighErrorReport,
  arpSolicit,
  arpRcv,
}
