import type { Namespace } from '../../model/index.ts'
import type { NetNs } from './netns.ts'

/** What an edit of the network changed for a namespace; `ns.model` is already the new one. */
export interface Change {
  /** The model before. */
  readonly before: Namespace
  /** A device, its settings or its carrier may be another. */
  readonly devices: boolean
  /** What the namespace sees of the tables that nodes share may be another. */
  readonly shared: boolean
}

/**
 * A subsystem's state in a namespace: made from the model, kept over edits, saved and put back by a snapshot. All run-time
 * state of a room lives in its part (or in a device, a packet, a socket), never in a module.
 */
export interface Part<Saved = unknown> {
  /** Takes over another state of the model: throws away what the model has changed and keeps what packets have. */
  update(change: Change): void
  /** A copy of what packets have changed. Compiles nothing. */
  save(): Saved
  /** Goes back to a saved state; timers are armed again from their deadlines. */
  load(saved: Saved): void
  /** The namespace is gone: what waits in it for something that does not come any more ends. */
  end?(): void
}

/** A kind of part (the kernel's `pernet_operations`). */
export interface PartKind<P extends Part = Part> {
  /** Its place in `ns.parts` (the kernel's `net_id`). */
  readonly slot: number
  /** Makes the part of a namespace. */
  make(ns: NetNs): P
  /** Makes what a machine keeps in `sim.scratch`: objects that are filled again for each packet instead of being made anew. */
  scratch?(): unknown
}

/** Whether routing tables must be compiled again. */
export function routesDiffer(ns: NetNs, { before, devices, shared }: Change): boolean {
  return devices || shared || ns.model.routes !== before.routes || ns.model.rules !== before.rules
}
