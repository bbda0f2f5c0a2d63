import type { ArpView } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { World } from '../kernel/world.ts'
import type { NeighTable } from './neigh-table.ts'
import type { LinkPart } from './part.ts'

/** Place of the link layer among the parts. */
export const LINK_SLOT = 0

/** The neighbour table of a namespace, with what only the link layer may do. */
export function neighOf(ns: NetNs): NeighTable {
  return (ns.parts[LINK_SLOT] as LinkPart).neigh
}

/** What a machine reads ARP packets with, one after the other. */
export function arpViewOf(sim: World): ArpView {
  return sim.scratch[LINK_SLOT] as ArpView
}
