import { NF_ACCEPT, type Stack } from '../kernel/stack.ts'
import { nfHook } from './hooks.ts'
import { netfilterOf } from './slot.ts'

/** Netfilter's part of the stack. */
export const netfilterOps: Readonly<Pick<Stack, 'nfHook'>> = {
  nfHook: (family, hook, skb, indev, outdev) => {
    const dev = hook < 3 ? indev : outdev
    const ns = (dev ?? indev ?? outdev ?? skb.dev ?? skb.dst?.dev)?.ns
    const nf = ns === undefined ? null : netfilterOf(ns)
    return nf === null ? NF_ACCEPT : nfHook(nf, family, hook, skb, indev, outdev)
  },
}
