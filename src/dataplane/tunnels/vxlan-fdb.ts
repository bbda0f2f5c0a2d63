import type { FdbEntry } from '../../model/index.ts'
import {
  type Ip,
  type Ipv4,
  type Ipv6,
  ipv4ToNumber,
  ipv6ToKey,
  isIpv4,
  type Mac,
  type MacKey,
  macToKey,
} from '../../wire/index.ts'
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

/** Engine form of an address of the model. */
export function engineAddress(text: Ip): number | string {
  return isIpv4(text) ? ipv4ToNumber(text as Ipv4) : ipv6ToKey(text as Ipv6)
}

const staticTables = new WeakMap<readonly FdbEntry[], Map<string, Map<MacKey, VxlanRemote[]>>>()
const fabricTables = new WeakMap<object, Map<MacKey, { readonly owner: string; readonly remote: VxlanRemote }[]>>()

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
    address: engineAddress(dst),
    ...(entry.port === undefined ? {} : { port: entry.port }),
    ...(entry.vni === undefined ? {} : { vni: entry.vni }),
    ...(entry.via === undefined ? {} : { via: entry.via }),
  }
}

/** The remotes for a MAC address on a VXLAN device: written, shared or learned; undefined when there are none. */
export function vxlanFindMac(dev: NetDevice, mac: MacKey): readonly VxlanRemote[] | undefined {
  const { ns } = dev
  const written = staticTable(ns.model.fdb).get(dev.name)?.get(mac)
  if (written) return written
  const shared = sharedRemote(dev, mac)
  if (shared) return [shared]
  const ageing = (dev.model.vxlan?.ageing ?? DEFAULT_AGEING) * SECOND
  const learned = tunnelsOf(ns).vxlan.find(dev.name, mac, ns.sim.clock.now, ageing)
  return learned === undefined ? undefined : [learned]
}

/** The remote that an entry shared by all nodes gives; see model's Fabric. */
function sharedRemote(dev: NetDevice, mac: MacKey): VxlanRemote | undefined {
  const { ns } = dev
  for (const use of ns.model.fabrics ?? []) {
    if (use.as !== 'fdb' || use.dev !== dev.name) continue
    const fabric = ns.sim.network.fabrics[use.fabric]
    if (fabric === undefined) continue
    let index = fabricTables.get(fabric)
    if (index === undefined) {
      index = new Map()
      for (const e of fabric.entries) {
        if (e.lladdr === undefined || e.remote === undefined) continue
        const key = macToKey(e.lladdr as Mac)
        const list = index.get(key) ?? []
        index.set(key, list)
        list.push({ owner: e.owner, remote: { address: engineAddress(e.remote) } })
      }
      fabricTables.set(fabric, index)
    }
    const hit = index.get(mac)?.find((e) => e.owner !== ns.name && use.except?.includes(e.owner) !== true)
    if (hit) return hit.remote
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
