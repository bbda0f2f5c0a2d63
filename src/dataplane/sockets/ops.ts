import type { Stack } from '../kernel/stack.ts'
import { rawLocalDeliver } from './raw-sock.ts'
import { icmpSocketErr } from './socket-error.ts'
import { tcpRcv } from './tcp-input.ts'
import { udpRcv } from './udp-input.ts'

/** The socket side of the stack: what IP delivery calls. */
export const socketOps: Readonly<Pick<Stack, 'rawLocalDeliver' | 'udpRcv' | 'tcpRcv' | 'pingRcv' | 'icmpSocketErr'>> = {
  rawLocalDeliver,
  udpRcv,
  tcpRcv,
  // Only unprivileged programs use ping sockets; ours run as root, on raw sockets.
  pingRcv: () => false,
  icmpSocketErr,
}
