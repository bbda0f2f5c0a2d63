import { InvariantError } from '../../wire/index.ts'
import type { NetDevice } from '../net-device.ts'
import type { NetNs } from '../netns.ts'

/** Address families of neighbours. */
export type NeighFamily = 'inet' | 'inet6'

/** Nothing known yet. */
export const NUD_NONE = 0
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

/** The new link-layer address wins over a known one. */
export const NEIGH_UPDATE_OVERRIDE = 1
/** A known different address becomes suspect (STALE) instead of being replaced. */
export const NEIGH_UPDATE_WEAK_OVERRIDE = 2
/** The ISROUTER flag is taken from this update. */
export const NEIGH_UPDATE_OVERRIDE_ISROUTER = 4
/** The neighbour is a router. */
export const NEIGH_UPDATE_ISROUTER = 8
/** Asked for by an administrator. */
export const NEIGH_UPDATE_ADMIN = 16

/** One neighbour entry (`struct neighbour`). */
export interface Neigh {
  /** Family. */
  readonly family: NeighFamily
  /** IPv4: uint32; IPv6: 16-char key. */
  readonly key: number | string
  /** Device. */
  dev: NetDevice
  /** One of the NUD_ constants. */
  state: number
  /** Link-layer address, 48-bit number; 0 while unknown. */
  lladdr: number
  /** It says it is a router (IPv6). */
  isRouter: boolean
}

/** Neighbour table of a namespace, both families. */
export class NeighTable {
  /** Namespace. */
  readonly ns: NetNs

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** The entry, or undefined (`neigh_lookup`). */
  lookup(_dev: NetDevice, _family: NeighFamily, _key: number | string): Neigh | undefined {
    throw new InvariantError('not written yet')
  }

  /** The entry, made when there is none (`neigh_create`). */
  lookupOrCreate(_dev: NetDevice, _family: NeighFamily, _key: number | string): Neigh {
    throw new InvariantError('not written yet')
  }

  /** Somebody asked for one of our addresses and told his own (`neigh_event_ns`): learns it as STALE. lladdr 0 = not told. */
  eventNs(_dev: NetDevice, _family: NeighFamily, _key: number | string, _lladdr: number): Neigh | undefined {
    throw new InvariantError('not written yet')
  }

  /** Changes state and address by the kernel's rules (`neigh_update`). `lladdr` null = not told. `flags`: NEIGH_UPDATE_. */
  update(_neigh: Neigh, _lladdr: number | null, _state: number, _flags: number): void {
    throw new InvariantError('not written yet')
  }

  /** Starts or continues resolution (`neigh_event_send` without a packet). True: not resolved yet. */
  eventSend(_neigh: Neigh): boolean {
    throw new InvariantError('not written yet')
  }

  /** Is there a proxy entry for the address on this device or on any (`pneigh_lookup`)? */
  isProxied(_dev: NetDevice, _family: NeighFamily, _key: number | string): boolean {
    throw new InvariantError('not written yet')
  }
}
