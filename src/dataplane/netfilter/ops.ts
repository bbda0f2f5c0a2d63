import { NF_ACCEPT, type Stack } from '../kernel/stack.ts'
import { nfHook } from './hooks.ts'

/** Netfilter's part of the stack. */
export const netfilterOps: Pick<Stack, 'nfHook'> = {
  nfHook: (family, hook, skb, indev, outdev) => {
    const dev = hook < 3 ? indev : outdev
    const nf = (dev ?? indev ?? outdev ?? skb.dev ?? skb.dst?.dev)?.ns.nf
    return nf ? nfHook(nf, family, hook, skb, indev, outdev) : NF_ACCEPT
  },
}
