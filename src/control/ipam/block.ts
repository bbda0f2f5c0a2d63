import { type Ip, type Prefix, prefixLength } from '../../wire/index.ts'
import { type AddressNumber, addressOf, minus, numberOf, plus } from '../address-number.ts'
import type { BlockAffinityResource, IPAMBlockResource } from '../calico-kinds.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { Pool } from './pool.ts'

/** What a stored block says of the holder of a slot. */
export type SlotAttribute = NonNullable<IPAMBlockResource['spec']['attributes']>[number]

/** What a tunnel address is for; the order is the order in which they are asked for. */
export type TunnelKind = 'wireguard' | 'wireguard-v6' | 'ipip' | 'vxlan' | 'vxlan-v6'

/** The Node annotation a tunnel address is kept in, behind `projectcalico.org/`. */
export const TUNNEL_ANNOTATION: Readonly<Record<TunnelKind, string>> = {
  wireguard: 'IPv4WireguardInterfaceAddr',
  'wireguard-v6': 'IPv6WireguardInterfaceAddr',
  ipip: 'IPv4IPIPTunnelAddr',
  vxlan: 'IPv4VXLANTunnelAddr',
  'vxlan-v6': 'IPv6VXLANTunnelAddr',
}

/** Who uses an address. */
export interface AddressUser {
  /** Node that uses it; may differ from the block's owner (borrowed). */
  readonly node: string
  /** Pod that has it. */
  readonly pod?: PodResource
  /** Tunnel that has it. */
  readonly tunnel?: TunnelKind
}

/** One address in use. */
export interface Allocation extends AddressUser {
  /** The address. */
  readonly address: Ip
  /** Block it was taken from; absent when it lies in no pool and no block. */
  readonly block?: Block
}

/** An IPAM block. */
export interface Block {
  /** Range. */
  readonly cidr: Prefix
  /** First address. */
  readonly base: AddressNumber
  /** Number of slots. */
  readonly size: number
  /** Pool it belongs to; absent when the pool is gone. */
  readonly pool?: Pool
  /** Node (or virtual host) that owns it. */
  readonly affinity?: string
  /** Whether the affinity is confirmed; pending ones are not announced. */
  readonly confirmed: boolean
  /** Nodes with a confirmed BlockAffinity, where these are others than the block says: their BIRD announces it. */
  readonly claims?: readonly string[]
  /** Who holds which address by the stored block, where that is another node than its owner. */
  readonly lent?: readonly LentAddress[]
  /** It was in the input, not claimed now: old enough to be reclaimed. */
  readonly old: boolean
  /** Slots that were released before, in the order they come back; then `next` is past the end. */
  readonly released: readonly number[]
  /** Slots from here on were never handed out. */
  readonly next: number
  /** Users by slot. */
  readonly slots: readonly (Allocation | undefined)[]
  /** What the stored block says of slots that are nobody's here and not free either: their pods or nodes are gone. */
  readonly strays?: ReadonlyMap<number, SlotAttribute>
  /** Slots in use. */
  readonly used: number
}

/** An address that the stored block has given to another node than its owner. */
interface LentAddress {
  readonly address: Ip
  readonly node: string
}

/** An IPAM block while addresses are being assigned: who has a slot is a number. */
export class OpenBlock {
  readonly cidr: Prefix
  readonly base: AddressNumber
  readonly size: number
  readonly pool: Pool | undefined
  affinity: string | undefined
  confirmed = true
  claims: readonly string[] | undefined
  lent: readonly LentAddress[] | undefined
  readonly old: boolean
  readonly released: readonly number[]
  next: number
  used = 0
  /** Slots in use by another node than the owner. */
  borrowed = 0
  /** Its place among the blocks, once all addresses are given. */
  place = -1
  /** What the ledger calls it; below zero: nobody has got an address of it. */
  number = -1
  /** The object it was read from. */
  resource: IPAMBlockResource | undefined
  /** Its affinities, where the datastore holds any at all. */
  affinities: readonly BlockAffinityResource[] | undefined
  /** Ids of allocations by slot. */
  readonly ids: (number | undefined)[] = []

  /** @param released - of a block that was stored: its free slots, in the order they come back */
  constructor(cidr: Prefix, base: AddressNumber, pool: Pool | undefined, released?: readonly number[]) {
    this.cidr = cidr
    this.base = base
    this.size = 2 ** ((cidr.includes(':') ? 128 : 32) - prefixLength(cidr))
    this.pool = pool
    this.old = released !== undefined
    this.released = released ?? []
    this.next = this.old ? this.size : 0
  }
}

/** A block as it is when all addresses are assigned. @param slots - its users */
export function settledBlock(block: OpenBlock, slots: Block['slots']): Block {
  const { cidr, base, size, pool, affinity, confirmed, claims, lent, old, released, next, used } = block
  const strays = straysOf(block)
  return {
    cidr,
    base,
    size,
    ...(pool === undefined ? {} : { pool }),
    ...(affinity === undefined ? {} : { affinity }),
    confirmed,
    ...(claims === undefined ? {} : { claims }),
    ...(lent === undefined ? {} : { lent }),
    old,
    released,
    next,
    slots,
    ...(strays.size === 0 ? {} : { strays }),
    used,
  }
}

/** Slots that the stored block has given away, and nobody here has them. */
export function straysOf({ resource, ids }: OpenBlock): ReadonlyMap<number, SlotAttribute> {
  const strays = new Map<number, SlotAttribute>()
  if (resource === undefined) return strays
  const { allocations, attributes = [] } = resource.spec
  allocations.forEach((index, slot) => {
    if (index !== null && ids[slot] === undefined) strays.set(slot, attributes[index] ?? {})
  })
  return strays
}

/** Slots that are free, in the order in which they are handed out. */
export function freeSlotsOf({ next, size, released, ids }: OpenBlock): number[] {
  const free: number[] = []
  for (let slot = next; slot < size; slot++) if (ids[slot] === undefined) free.push(slot)
  for (const slot of released) if (ids[slot] === undefined) free.push(slot)
  return free
}

/** The nodes whose BIRD announces a block: those with a confirmed affinity. */
export function announcersOf({ claims, affinity, confirmed }: OpenBlock): readonly string[] {
  return claims ?? (affinity !== undefined && confirmed ? [affinity] : [])
}

/** The slot of an address that lies in the block. */
export function slotOf(block: OpenBlock, address: Ip): number {
  return minus(numberOf(address), block.base)
}

/** The address of a slot. */
export function slotAddress(block: OpenBlock, slot: number): Ip {
  return addressOf(plus(block.base, slot))
}

/** The next free slot in hand-out order that is not reserved; undefined when there is none. The slot stays free. */
export function freeSlot(block: OpenBlock, reserved: (address: AddressNumber) => boolean): number | undefined {
  while (block.next < block.size && block.ids[block.next] !== undefined) block.next += 1
  for (let slot = block.next; slot < block.size; slot++) {
    if (block.ids[slot] === undefined && !reserved(plus(block.base, slot))) return slot
  }
  return block.released.find((slot) => block.ids[slot] === undefined && !reserved(plus(block.base, slot)))
}
