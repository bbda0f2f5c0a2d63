import type { NetNs } from '../kernel/netns.ts'
import type { TunnelPart } from './part.ts'

/** Place of the tunnels among the parts. */
export const TUNNELS_SLOT = 5

/** What the tunnels of a namespace have learned. */
export function tunnelsOf(ns: NetNs): TunnelPart {
  return ns.parts[TUNNELS_SLOT] as TunnelPart
}
