import { InvariantError } from '../../wire/index.ts'
import type { Stack } from '../stack.ts'

function unwritten(): never {
  throw new InvariantError('not written yet')
}

/** The link layer's entries in the stack. */
export const linkOps: Pick<
  Stack,
  'devQueueXmit' | 'netifRx' | 'neighOutput' | 'neighConfirm' | 'arpSolicit' | 'arpRcv' | 'drop'
> = {
  devQueueXmit: unwritten,
  netifRx: unwritten,
  neighOutput: unwritten,
  neighConfirm: unwritten,
  arpSolicit: unwritten,
  arpRcv: unwritten,
  drop: unwritten,
}
