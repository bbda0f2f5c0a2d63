import type { NetNs } from '../kernel/netns.ts'
import type { Netfilter } from './netfilter.ts'
import type { NetfilterPart } from './part.ts'

/** Place of netfilter among the parts. */
export const NETFILTER_SLOT = 3

/** Netfilter of a namespace; null while no table is loaded. */
export function netfilterOf(ns: NetNs): Netfilter | null {
  return (ns.parts[NETFILTER_SLOT] as NetfilterPart).nf
}

/** Another firewall may stand in the model of a namespace: whether one does is seen when a packet comes. */
export function netfilterMayDiffer(ns: NetNs): void {
  ;(ns.parts[NETFILTER_SLOT] as NetfilterPart).update({ devices: false })
}
