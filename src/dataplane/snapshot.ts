import type { Network } from '../model/index.ts'
import type { SavedFragQueues } from './ipv4/defrag.ts'
import type { SavedRouteCache4 } from './ipv4/exceptions.ts'
import type { SavedIpv6State } from './ipv6/state.ts'
import type { NetNs } from './kernel/netns.ts'
import type { SavedNeighTable } from './link/neigh.ts'
import type { CompiledNetNs, SavedParts } from './net-namespace.ts'
import type { NetfilterSnapshot } from './netfilter/netfilter.ts'
import type { SavedSockets } from './sockets/socket-table.ts'
import { loadVxlanLearned, saveVxlanLearned, type VxlanLearnedSave } from './tunnels/vxlan-fdb.ts'
import { rearmWireguard } from './tunnels/wireguard.ts'
import { loadWireguard, saveWireguard, type WireguardSave } from './tunnels/wireguard-peers.ts'

/** The volatile state of one namespace. Opaque outside the dataplane. */
export interface NetNsSnapshot {
  /** The namespace; the same object is filled again on restore. */
  readonly ns: NetNs
  /** What packets have changed. */
  readonly state: unknown
}

/** What {@link NetNsSnapshot} keeps. */
interface State {
  readonly parts: SavedParts
  readonly neigh: SavedNeighTable
  readonly cache4: SavedRouteCache4
  readonly frags4: SavedFragQueues
  readonly sockets: SavedSockets
  /** Of a part that was not compiled there is nothing to keep. */
  readonly ip6: SavedIpv6State | undefined
  readonly nf: NetfilterSnapshot | undefined
  readonly vxlan: VxlanLearnedSave
  readonly wireguard: WireguardSave
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
  /** Namespaces that had been compiled. */
  readonly namespaces: readonly NetNsSnapshot[]
  /** Packets that timers hold: what arms each again. */
  readonly carried: readonly (() => void)[]
}

/** Copies what packets have changed in a namespace. Compiles nothing: a namespace asleep is asleep in its snapshot. */
export function saveNetNs(ns: CompiledNetNs): NetNsSnapshot {
  const parts = ns.saveParts()
  const state: State = {
    parts,
    neigh: ns.neigh.save(),
    cache4: ns.cache4.save(),
    frags4: ns.frags4.save(),
    sockets: ns.sockets.save(),
    ip6: parts.state6?.save(),
    nf: parts.filter?.save(),
    vxlan: saveVxlanLearned(ns),
    wireguard: saveWireguard(ns),
  }
  return { ns, state }
}

/** Puts back what {@link saveNetNs} copied; the model is that of then. */
export function loadNetNs(saved: NetNsSnapshot): void {
  const ns = saved.ns as CompiledNetNs
  const state = saved.state as State
  ns.loadParts(state.parts)
  ns.neigh.load(state.neigh)
  ns.cache4.load(state.cache4)
  ns.frags4.load(state.frags4)
  ns.sockets.load(state.sockets)
  if (state.ip6 !== undefined) state.parts.state6?.load(state.ip6)
  if (state.nf !== undefined) state.parts.filter?.load(state.nf)
  loadVxlanLearned(ns, state.vxlan)
  loadWireguard(ns, state.wireguard, (dev, peer, timer, deadline) => rearmWireguard(ns, dev, peer, timer, deadline))
}
