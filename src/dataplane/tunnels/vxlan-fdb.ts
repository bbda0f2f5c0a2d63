import { type FdbEntry, SharedIndex, sees } from '../../model/index.ts'
import { addressKey, type Ip, type MacKey, macToKey } from '../../wire/index.ts'
import { SECOND } from '../kernel/clock.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import { tunnelsOf } from './slot.ts'

/** Where a VXLAN device sends frames for a MAC address. */
export interface VxlanRemote {
  /** Outer destination in engine form. */
  readonly address: number | string
  /** UDP port, where it differs from the device's. */
  readonly port?: number
  /** VNI, where it differs from the device's. */
  readonly vni?: number
  /** Output device. */
  readonly via?: string
}

/** Seconds a learned entry lives unless the device says otherwise. */
const DEFAULT_AGEING = 300

const staticTables = new WeakMap<readonly FdbEntry[], Map<string, Map<MacKey, VxlanRemote[]>>>()

/** Entries written in the model, by device and address; built once per FDB value. */
function staticTable(fdb: readonly FdbEntry[]): Map<string, Map<MacKey, VxlanRemote[]>> {
  const known = staticTables.get(fdb)
  if (known) return known
  const table = new Map<string, Map<MacKey, VxlanRemote[]>>()
  for (const entry of fdb) {
    if (entry.dst === undefined) continue
    const byMac = table.get(entry.dev) ?? new Map<MacKey, VxlanRemote[]>()
    table.set(entry.dev, byMac)
    const mac = macToKey(entry.mac)
    const remotes = byMac.get(mac) ?? []
    byMac.set(mac, remotes)
    remotes.push(remoteOf(entry.dst, entry))
  }
  staticTables.set(fdb, table)
  return table
}

function remoteOf(dst: Ip, entry: FdbEntry): VxlanRemote {
  return {
    address: addressKey(dst),
    ...(entry.port === undefined ? {} : { port: entry.port }),
    ...(entry.vni === undefined ? {} : { vni: entry.vni }),
    ...(entry.via === undefined ? {} : { via: entry.via }),
  }
}

/** The remotes for a MAC address on a VXLAN device: written, shared or learned; undefined when there are none. */
export function vxlanFindMac(dev: NetDevice, mac: MacKey): readonly VxlanRemote[] | undefined {
  const { ns } = dev
  const { vxlan } = tunnelsOf(ns)
  const last = vxlan.lastWritten
  if (last !== null && last.mac === mac && last.dev === dev && last.revision === ns.revision) return last.remotes
  const shared = sharedRemote(dev, mac)
  const remotes = staticTable(ns.model.fdb).get(dev.name)?.get(mac) ?? (shared && [shared])
  if (remotes !== undefined) {
    vxlan.lastWritten = { dev, mac, revision: ns.revision, remotes }
    return remotes
  }
  const ageing = (dev.model.vxlan?.ageing ?? DEFAULT_AGEING) * SECOND
  const learned = vxlan.find(dev.name, mac, ns.sim.clock.now, ageing)
  return learned === undefined ? undefined : [learned]
}

/** The remote that an entry shared by all nodes gives. */
function sharedRemote(dev: NetDevice, mac: MacKey): VxlanRemote | undefined {
  const { ns } = dev
  for (const view of ns.model.shared ?? []) {
    const table = view.as === 'fdb' && view.dev === dev.name ? ns.sim.network.shared[view.table] : undefined
    const hit =
      table &&
      SharedIndex.of(table)
        .byMac(mac)
        .find((entry) => sees(view, ns.name, entry))
    if (hit?.remote !== undefined) return { address: addressKey(hit.remote) }
  }
  return undefined
}

/**
 * Learns, or refreshes, behind which remote an inner source address lives. True when the frame must be dropped: a written
 * entry says otherwise.
 * @linux drivers/net/vxlan/vxlan_core.c vxlan_snoop
 */
export function vxlanSnoop(dev: NetDevice, source: number | string, mac: MacKey): boolean {
  const { ns } = dev
  const written = staticTable(ns.model.fdb).get(dev.name)?.get(mac)
  if (written) return !written.some((r) => r.address === source)
  tunnelsOf(ns).vxlan.learn(dev.name, mac, { address: source, updated: ns.sim.clock.now })
  return false
}
