import { InvariantError } from '../../wire/index.ts'
import type { Stack } from '../stack.ts'

/** The socket side of the stack: what IP delivery calls. */
export const socketOps: Pick<Stack, 'rawLocalDeliver' | 'udpRcv' | 'tcpRcv' | 'pingRcv' | 'icmpSocketErr'> = {
  rawLocalDeliver: () => false,
  udpRcv: notWritten,
  tcpRcv: notWritten,
  pingRcv: () => false,
  icmpSocketErr: () => {},
}

function notWritten(): never {
  throw new InvariantError('not written yet')
}
