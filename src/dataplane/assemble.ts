import { ipv4Ops } from './ipv4/ops.ts'
import { ipv6Ops } from './ipv6/ops.ts'
import type { Stack } from './kernel/stack.ts'
import { linkOps } from './link/ops.ts'
import { netfilterOps } from './netfilter/ops.ts'
import { socketOps } from './sockets/ops.ts'
import { tunnelOps } from './tunnels/ops.ts'

/** The whole stack: every part's entry points in one table, by which the parts call each other. */
export const STACK: Stack = {
  ...linkOps,
  ...ipv4Ops,
  ...ipv6Ops,
  ...netfilterOps,
  ...socketOps,
  ...tunnelOps,
}
