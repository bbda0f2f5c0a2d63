import type { Network } from '../model/index.ts'
import type { SavedBridgeFdb } from './link/bridge-fdb.ts'
import type { SavedNeighTable } from './link/neigh.ts'
import type { NetNs } from './netns.ts'
import { loadVxlanLearned, saveVxlanLearned } from './tunnels/vxlan-fdb.ts'
import { loadWireguard, saveWireguard } from './tunnels/wireguard-peers.ts'

/** The volatile state of one namespace. Opaque outside the dataplane. */
export interface NetNsSnapshot {
  /** The namespace; the same object is filled again on restore. */
  readonly ns: NetNs
  /** Neighbours. */
  readonly neigh: SavedNeighTable
  /** Bridges' forwarding databases, by name of the bridge. */
  readonly fdbs: readonly (readonly [string, SavedBridgeFdb])[]
  /** Whatever the other tables saved, by their name. */
  readonly tables: readonly (readonly [string, unknown])[]
  /** Device counters: rx/tx packets, bytes, drops, by device name. */
  readonly counters: readonly (readonly [string, readonly number[]])[]
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
}

/** A table that can be put back. */
interface Saveable {
  save(): unknown
  load(saved: never): void
}

function isSaveable(table: unknown): table is Saveable {
  return typeof table === 'object' && table !== null && 'save' in table && 'load' in table
}

function tablesOf(ns: NetNs): [string, Saveable][] {
  const all: [string, unknown][] = [
    ['cache4', ns.cache4],
    ['frags4', ns.frags4],
    ['ip6', ns.ip6],
    ['nf', ns.nf],
    ['sockets', ns.sockets],
    ['vxlan', { save: () => saveVxlanLearned(ns), load: (saved: never) => loadVxlanLearned(ns, saved) }],
    ['wireguard', { save: () => saveWireguard(ns), load: (saved: never) => loadWireguard(ns, saved) }],
  ]
  return all.filter((one): one is [string, Saveable] => isSaveable(one[1]))
}

/** Copies what packets have changed in a namespace. */
export function saveNetNs(ns: NetNs): NetNsSnapshot {
  return {
    ns,
    neigh: ns.neigh.save(),
    fdbs: ns.devices.flatMap((dev) => (dev.bridge === null ? [] : [[dev.name, dev.bridge.fdb.save()] as const])),
    tables: tablesOf(ns).map(([name, table]) => [name, table.save()] as const),
    counters: ns.devices.map((dev) => {
      const { rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped } = dev
      return [dev.name, [rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped]] as const
    }),
  }
}

/** Puts back what {@link saveNetNs} copied. */
export function loadNetNs(saved: NetNsSnapshot): void {
  const { ns } = saved
  ns.neigh.load(saved.neigh)
  for (const [name, fdb] of saved.fdbs) ns.byName.get(name)?.bridge?.fdb.load(fdb)
  const tables = new Map(tablesOf(ns))
  for (const [name, table] of saved.tables) tables.get(name)?.load(table as never)
  for (const [name, counters] of saved.counters) {
    const dev = ns.byName.get(name)
    if (dev === undefined) continue
    const [rxPackets = 0, rxBytes = 0, txPackets = 0, txBytes = 0, rxDropped = 0, txDropped = 0] = counters
    Object.assign(dev, { rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped })
  }
}
