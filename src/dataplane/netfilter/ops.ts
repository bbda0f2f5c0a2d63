import { NF_ACCEPT, type Stack } from '../kernel/stack.ts'
import { nfHook } from './hooks.ts'
import { netfilterOf } from './slot.ts'

/** Netfilter's part of the stack. */
export const netfilterOps: Readonly<Pick<Stack, 'nfHook'>> = {
  nfHook: (family, hook, skb, indev, outdev) => {
    const dev = outdev ?? indev
    const nf = dev === null ? null : netfilterOf(dev.ns)
    return nf === null ? NF_ACCEPT : nfHook(nf, family, hook, skb, indev, outdev)
  },
}
