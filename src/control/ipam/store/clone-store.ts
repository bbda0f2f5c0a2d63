import type { IpamStore } from './ipam-store.ts'

/** Another datastore with the same content: steps against one of them change nothing in the other. */
export function cloneStore(store: IpamStore): IpamStore {
  return {
    ...store,
    nodes: new Map(store.nodes),
    namespaces: new Map(store.namespaces),
    reservations: new Map(store.reservations),
    blocks: new Map(
      [...store.blocks].map(([cidr, block]) => [
        cidr,
        { ...block, slots: [...block.slots], unallocated: [...block.unallocated] },
      ]),
    ),
    affinities: new Map(
      [...store.affinities].map(([owner, claims]) => [
        owner,
        new Map([...claims].map(([cidr, affinity]) => [cidr, { ...affinity }])),
      ]),
    ),
    handles: new Map([...store.handles].map(([handle, counts]) => [handle, new Map(counts)])),
  }
}
