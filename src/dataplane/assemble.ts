import { ipv4Ops } from './ipv4/ops.ts'
import { IPV4 } from './ipv4/part.ts'
import { ipv6Ops } from './ipv6/ops.ts'
import { IPV6 } from './ipv6/part.ts'
import type { PartKind } from './kernel/part.ts'
import type { Stack } from './kernel/stack.ts'
import { linkOps } from './link/ops.ts'
import { LINK } from './link/part.ts'
import { netfilterOps } from './netfilter/ops.ts'
import { NETFILTER } from './netfilter/part.ts'
import { socketOps } from './sockets/ops.ts'
import { SOCKETS } from './sockets/part.ts'
import { tunnelOps } from './tunnels/ops.ts'
import { TUNNELS } from './tunnels/part.ts'

/** The whole stack: every part's entry points in one table, by which the parts call each other. */
export const STACK: Readonly<Stack> = {
  ...linkOps,
  ...ipv4Ops,
  ...ipv6Ops,
  ...netfilterOps,
  ...socketOps,
  ...tunnelOps,
}

/** The parts a namespace has, each at its slot: updated, saved and put back in this order. */
export const PARTS: readonly PartKind[] = [LINK, IPV4, IPV6, NETFILTER, SOCKETS, TUNNELS]
