import { keptIn } from '../../../model/index.ts'
import { familyOf, type Ip, type Prefix } from '../../../wire/index.ts'
import { addressOf, numberOf } from '../../address-number.ts'
import { type AddressRange, mergedRanges } from './address-ranges.ts'
import { addressIn, type IpamBlock, slotIn } from './ipam-block.ts'
import { blockBaseOf, type IpamPool, poolOfAddress } from './ipam-pool.ts'

/** How far a node's claim to a block is. */
export type AffinityState = 'pending' | 'confirmed' | 'pendingDeletion'

/** What a claim belongs to: a node, or something virtual, such as the load balancers of all nodes. */
export type AffinityType = 'host' | 'virtual'

/** Who claims blocks. */
export interface Claimant {
  /** A node, or something virtual. */
  readonly type: AffinityType
  /** Name of the node, or of what is virtual. */
  readonly host: string
}

/** A claim to a block: the object BlockAffinity. */
export interface IpamAffinity extends Claimant {
  /** The range of the block, whether the block exists or not. */
  readonly cidr: Prefix
  /** As stored; absent in old objects, where it means confirmed. */
  state: AffinityState | undefined
}

/** Settings of IPAM. @calico libcalico-go/lib/ipam GetIPAMConfig */
export interface IpamSettings {
  /** Never use another node's block. */
  readonly strictAffinity: boolean
  /** Claim new blocks when the own ones are full. */
  readonly autoAllocateBlocks: boolean
  /** 0: nothing is said. */
  readonly maxBlocksPerHost: number
  /** Seconds a released address rests. */
  readonly cooldown: number
}

/** What holds when no object says otherwise. */
export const DEFAULT_SETTINGS: IpamSettings = {
  strictAffinity: false,
  autoAllocateBlocks: true,
  maxBlocksPerHost: 0,
  cooldown: 0,
}

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>

/** What Calico's IPAM reads and writes: plain data that the steps change in place. */
export interface IpamStore {
  /** Pools in order of use: by name. */
  pools: readonly IpamPool[]
  /** Labels of nodes. */
  readonly nodes: Map<string, Labels>
  /** Labels of namespaces. */
  readonly namespaces: Map<string, Labels>
  /** Reserved ranges by the name of their object. */
  readonly reservations: Map<string, readonly AddressRange[]>
  /** All reserved ranges, merged. */
  reserved: readonly AddressRange[]
  /** Of the object IPAMConfiguration, or the defaults. */
  settings: IpamSettings
  /** Blocks that exist, by their range. */
  readonly blocks: Map<Prefix, IpamBlock>
  /** Claims by claimant, and by block. */
  readonly affinities: Map<string, Map<Prefix, IpamAffinity>>
  /** How many addresses each handle is counted to have, by block. */
  readonly handles: Map<string, Map<Prefix, number>>
  /** Where the next new block begins to count its writes: a block made again never has numbers that it had before. */
  clock: bigint
}

/** An IPAM without any objects. */
export function emptyStore(): IpamStore {
  return {
    pools: [],
    nodes: new Map(),
    namespaces: new Map(),
    reservations: new Map(),
    reserved: [],
    settings: DEFAULT_SETTINGS,
    blocks: new Map(),
    affinities: new Map(),
    handles: new Map(),
    clock: 1_000_000n,
  }
}

/** Puts a pool in its place, and the one of that name away. */
export function putPool(store: IpamStore, pool: IpamPool): void {
  const others = store.pools.filter(({ name }) => name !== pool.name)
  store.pools = [...others, pool].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Reserves ranges under the name of an object, and nothing else under that name. */
export function putReservation(store: IpamStore, name: string, ranges: readonly AddressRange[]): void {
  store.reservations.set(name, ranges)
  store.reserved = mergedRanges([...store.reservations.values()].flat())
}

/** The owner of a block as it is stored. */
export function ownerText({ type, host }: Claimant): string {
  return `${type}:${host}`
}

/** Who owns a block. */
export function claimantOf({ affinity }: IpamBlock): Claimant | undefined {
  if (affinity === undefined) return undefined
  for (const type of ['host', 'virtual'] as const) {
    if (affinity.startsWith(`${type}:`)) return { type, host: affinity.slice(type.length + 1) }
  }
  return undefined
}

/** A name part as Calico makes it of a range: `10-0-0-64-26`. @calico libcalico-go/lib/names/cidr.go */
export function cidrName(cidr: Prefix): string {
  return cidr.replace(/[.:/]/g, '-')
}

/** Compares as a datastore lists objects that are named after their ranges: as text, so 10 comes before 9. */
function byCidrName(a: { readonly cidr: Prefix }, b: { readonly cidr: Prefix }): number {
  return cidrName(a.cidr) < cidrName(b.cidr) ? -1 : 1
}

/** Every block, as a datastore lists them. */
export function listBlocks(store: IpamStore): IpamBlock[] {
  return [...store.blocks.values()].sort(byCidrName)
}

/** The claims of one, in the order of the datastore. */
export function affinitiesOf(store: IpamStore, claimant: Claimant, family?: 4 | 6): IpamAffinity[] {
  const all = [...(store.affinities.get(ownerText(claimant))?.values() ?? [])]
  return all.filter(({ cidr }) => family === undefined || familyOf(cidr) === family).sort(byCidrName)
}

/** All claims, those of one after those of another. */
export function listAffinities(store: IpamStore): IpamAffinity[] {
  const owners = [...store.affinities.keys()].sort()
  return owners.flatMap((owner) => [...store.affinities.get(owner)!.values()].sort(byCidrName))
}

/** A claim, if there is one. */
export function affinityOf(store: IpamStore, claimant: Claimant, cidr: Prefix): IpamAffinity | undefined {
  return store.affinities.get(ownerText(claimant))?.get(cidr)
}

/** Stores a claim. */
export function putAffinity(store: IpamStore, affinity: IpamAffinity): void {
  keptIn(store.affinities, ownerText(affinity), () => new Map<Prefix, IpamAffinity>()).set(affinity.cidr, affinity)
}

/** Takes a claim away. */
export function deleteAffinity(store: IpamStore, affinity: IpamAffinity): void {
  store.affinities.get(ownerText(affinity))?.delete(affinity.cidr)
}

/** Pools something may be allocated from, in order. */
export function enabledPools(store: IpamStore, family: 4 | 6): IpamPool[] {
  return store.pools.filter((pool) => pool.isEnabled && pool.family === family)
}

/** The range of the block of a pool that an address lies in, whether it exists or not. */
export function blockRangeOf(pool: IpamPool, address: Ip): Prefix {
  return `${addressOf(blockBaseOf(numberOf(address), pool.family, pool.blockSize))}/${pool.blockSize}` as Prefix
}

/** A block that has an address, found without its pool: by looking at all of them. */
export function scanForBlock(store: IpamStore, address: Ip): IpamBlock | undefined {
  return listBlocks(store).find((block) => slotIn(block, address) !== undefined)
}

/** The enabled pool of an address. */
export function enabledPoolOf(store: IpamStore, address: Ip): IpamPool | undefined {
  return poolOfAddress(enabledPools(store, familyOf(address)), address)
}

/** Counts a write of a block. */
export function written(block: IpamBlock): void {
  block.sequence += 1n
}

/** The first address of a block. */
export function firstAddress(block: IpamBlock): Ip {
  return addressIn(block, 0)
}
