import type { Network } from '../model/index.ts'
import type { SavedIcmpGlobal } from './kernel/icmp-global.ts'
import type { NetNs } from './kernel/netns.ts'
import type { NetNamespace, SavedNetNs } from './net-namespace.ts'

/** The volatile state of one namespace. Opaque outside the dataplane. */
export interface NetNsSnapshot {
  /** The namespace; the same object is filled again on restore. */
  readonly ns: NetNs
  /** What packets have changed. */
  readonly state: unknown
}

/** A moment of a simulation, to step back to. */
export interface SimulationSnapshot {
  /** The model then. */
  readonly network: Network
  /** Time, in nanoseconds. */
  readonly now: number
  /** State of the random source. */
  readonly rng: readonly number[]
  /** Last packet id given. */
  readonly packetId: number
  /** The machine-wide limit of ICMP messages. */
  readonly icmpGlobal: SavedIcmpGlobal
  /** Namespaces that had been compiled. */
  readonly namespaces: readonly NetNsSnapshot[]
  /** Packets that timers hold: what arms each again. */
  readonly carried: readonly (() => void)[]
}

/** A namespace is about to go back to what `NetNamespace.save` copied. @returns the namespace */
export function recallNetNs({ ns, state }: NetNsSnapshot): NetNamespace {
  const namespace = ns as NetNamespace
  namespace.recall(state as SavedNetNs)
  return namespace
}

/** Puts back what `NetNamespace.save` copied; the model is that of then. */
export function loadNetNs({ ns, state }: NetNsSnapshot): void {
  const namespace = ns as NetNamespace
  namespace.load(state as SavedNetNs)
}
