import type { NeighState } from '../../model/index.ts'

/** Nothing known yet. */
const NUD_NONE = 0
/** Being resolved. */
export const NUD_INCOMPLETE = 1
/** Confirmed a short while ago. */
export const NUD_REACHABLE = 2
/** Known, not confirmed lately. */
export const NUD_STALE = 4
/** Used while stale: a probe follows unless somebody confirms. */
export const NUD_DELAY = 8
/** Unicast probes are out. */
export const NUD_PROBE = 16
/** Nobody answered. */
export const NUD_FAILED = 32
/** Needs no resolution. */
export const NUD_NOARP = 64
/** Set by an administrator. */
export const NUD_PERMANENT = 128

/** States whose address is used without a second thought. */
export const NUD_CONNECTED: number = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE
/** States in which a link-layer address is known. */
export const NUD_VALID: number = NUD_CONNECTED | NUD_PROBE | NUD_STALE | NUD_DELAY
/** States that a timer moves on. */
export const NUD_IN_TIMER: number = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE

/** The new link-layer address wins over a known one. */
export const NEIGH_UPDATE_OVERRIDE = 1
/** A known different address becomes suspect (STALE) instead of being replaced. */
export const NEIGH_UPDATE_WEAK_OVERRIDE = 2
/** The router flag is taken from this update. */
export const NEIGH_UPDATE_OVERRIDE_ISROUTER = 4
/** The neighbour is a router. */
export const NEIGH_UPDATE_ISROUTER = 8
/** Asked for by an administrator. */
export const NEIGH_UPDATE_ADMIN = 16

const BITS: ReadonlyMap<NeighState, number> = new Map([
  ['NONE', NUD_NONE],
  ['INCOMPLETE', NUD_INCOMPLETE],
  ['REACHABLE', NUD_REACHABLE],
  ['STALE', NUD_STALE],
  ['DELAY', NUD_DELAY],
  ['PROBE', NUD_PROBE],
  ['FAILED', NUD_FAILED],
  ['NOARP', NUD_NOARP],
  ['PERMANENT', NUD_PERMANENT],
])

const NAMES: ReadonlyMap<number, NeighState> = new Map([...BITS].map(([name, bit]) => [bit, name]))

/** The name of a state. */
export function nudName(state: number): NeighState {
  return NAMES.get(state) ?? 'NONE'
}

/** The bit of a state's name. */
export function nudOf(name: NeighState): number {
  return BITS.get(name) ?? NUD_NONE
}

/** The index of a state in the model's NEIGH_STATES, for records. */
export function nudIndex(state: number): number {
  return state === 0 ? 0 : 32 - Math.clz32(state)
}
