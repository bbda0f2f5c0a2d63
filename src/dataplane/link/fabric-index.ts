import type { Fabric, FabricEntry, FabricUse, Neighbour } from '../../model/index.ts'
import { ipv4ToNumber, ipv6ToKey, macToKey } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'

/** A fabric's entries by engine key of the address. Built once a fabric, shared by all nodes. */
const indexes = new WeakMap<Fabric, ReadonlyMap<number | string, FabricEntry>>()

/** An address in engine form: IPv4 a uint32, IPv6 a 16-char key. */
export function addressKey(address: string): number | string {
  return address.includes(':') ? ipv6ToKey(address) : ipv4ToNumber(address)
}

function indexOf(fabric: Fabric): ReadonlyMap<number | string, FabricEntry> {
  const known = indexes.get(fabric)
  if (known !== undefined) return known
  const byAddress = new Map<number | string, FabricEntry>()
  for (const entry of fabric.entries) {
    if (entry.lladdr !== undefined && entry.via !== undefined) byAddress.set(addressKey(entry.via), entry)
  }
  indexes.set(fabric, byAddress)
  return byAddress
}

function sees(use: FabricUse, ns: NetNs, entry: FabricEntry): boolean {
  return entry.owner !== ns.name && !(use.except?.includes(entry.owner) ?? false)
}

function usesOf(ns: NetNs, as: FabricUse['as'], dev: string): readonly FabricUse[] {
  return ns.model.fabrics?.filter((use) => use.as === as && use.dev === dev) ?? []
}

/** The hardware address a fabric gives for a neighbour of this namespace; undefined when none knows it. */
export function findFabricNeighbour(ns: NetNs, dev: string, key: number | string): number | undefined {
  for (const use of usesOf(ns, 'neighbour', dev)) {
    const fabric = ns.sim.network.fabrics[use.fabric]
    const entry = fabric === undefined ? undefined : indexOf(fabric).get(key)
    if (entry?.lladdr !== undefined && sees(use, ns, entry)) return macToKey(entry.lladdr)
  }
  return undefined
}

/** All neighbours that fabrics give this namespace, as `ip neigh` would list them. */
export function fabricNeighbours(ns: NetNs): Neighbour[] {
  const out: Neighbour[] = []
  for (const use of ns.model.fabrics ?? []) {
    if (use.as !== 'neighbour') continue
    for (const entry of ns.sim.network.fabrics[use.fabric]?.entries ?? []) {
      if (entry.via === undefined || entry.lladdr === undefined || !sees(use, ns, entry)) continue
      const { via, lladdr, origin } = entry
      out.push({ dst: via, dev: use.dev, lladdr, state: 'PERMANENT', ...(origin === undefined ? {} : { origin }) })
    }
  }
  return out
}
