import type { MacKey } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { VxlanRemote } from './vxlan-fdb.ts'

/** What a frame that came in says of its sender's place. */
export interface Learned {
  /** Outer source in engine form. */
  readonly address: number | string
  /** When it was last heard of, in nanoseconds. */
  readonly updated: number
}

/** What a snapshot keeps of it. */
export type SavedVxlanLearned = ReadonlyMap<string, ReadonlyMap<MacKey, Learned>>

/** Remotes that are written, or shared by all nodes, for an address on a device, at a revision of the namespace. */
export interface LastWritten {
  /** Device. */
  readonly dev: NetDevice
  /** Address. */
  readonly mac: MacKey
  /** `NetNs.revision`. */
  readonly revision: number
  /** Where frames go. */
  readonly remotes: readonly VxlanRemote[]
}

/** What the VXLAN devices of a namespace have learned: behind which remote an inner MAC address lives. */
export class VxlanLearned {
  /** What the network says of the last address that was looked for, while it says so. */
  lastWritten: LastWritten | null = null
  private byDev = new Map<string, Map<MacKey, Learned>>()

  /** The entry of an address on a device, unless it is older than `ageing` nanoseconds (0 = entries do not age). */
  find(dev: string, mac: MacKey, now: number, ageing: number): Learned | undefined {
    const table = this.byDev.get(dev)
    const entry = table?.get(mac)
    if (entry === undefined || ageing === 0 || now - entry.updated <= ageing) return entry
    table?.delete(mac)
    return undefined
  }

  /** Learns, or refreshes. */
  learn(dev: string, mac: MacKey, entry: Learned): void {
    const table = this.byDev.get(dev)
    if (table === undefined) this.byDev.set(dev, new Map([[mac, entry]]))
    else table.set(mac, entry)
  }

  /** A copy. */
  save(): SavedVxlanLearned {
    return copyTables(this.byDev)
  }

  /** Goes back to a copy. */
  load(saved: SavedVxlanLearned): void {
    this.byDev = copyTables(saved)
  }
}

function copyTables(tables: SavedVxlanLearned): Map<string, Map<MacKey, Learned>> {
  return new Map([...tables].map(([dev, table]) => [dev, new Map(table)]))
}
