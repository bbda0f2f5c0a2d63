import type { NetDevice } from './net-device.ts'

/** Address families of neighbours. */
export type NeighFamily = 'inet' | 'inet6'

/** A neighbour entry as the protocols above the link layer see it (`struct neighbour`). */
export interface Neighbour {
  /** Device. */
  readonly dev: NetDevice
  /** One of the NUD_ constants. */
  readonly state: number
  /** Link-layer address, 48-bit number; 0 while unknown. */
  readonly lladdr: number
  /** It says it is a router (IPv6). */
  readonly isRouter: boolean
  /** Last change, in nanoseconds. */
  updated: number
}

/** The neighbours of a namespace, both families, as the protocols above the link layer use them (`neigh_table`). */
export interface Neighbours {
  /** The entry, or undefined (`neigh_lookup`). */
  lookup(dev: NetDevice, family: NeighFamily, key: number | string): Neighbour | undefined
  /** The entry, made when there is none (`neigh_create`). */
  lookupOrCreate(dev: NetDevice, family: NeighFamily, key: number | string): Neighbour
  /** Changes state and address by the kernel's rules (`neigh_update`). `lladdr` null = not told. `flags`: NEIGH_UPDATE_. */
  update(entry: Neighbour, lladdr: number | null, state: number, flags: number): void
  /** Starts or continues resolution (`neigh_event_send` without a packet). True: not resolved yet. */
  eventSend(entry: Neighbour): boolean
  /** Is there a proxy entry for the address on this device or on any (`pneigh_lookup`)? */
  isProxied(dev: NetDevice, family: NeighFamily, key: number | string): boolean
}
