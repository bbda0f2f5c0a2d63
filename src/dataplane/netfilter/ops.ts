import { InvariantError } from '../../wire/index.ts'
import type { Stack } from '../stack.ts'

/** Netfilter's part of the stack. */
export const netfilterOps: Pick<Stack, 'nfHook'> = {
  nfHook: () => {
    throw new InvariantError('nfHook is not written yet')
  },
}
