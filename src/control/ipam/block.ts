import { type Ip, type Prefix, prefixAddress, prefixLength } from '../../wire/index.ts'
import { type AddressNumber, addressOf, minus, numberOf, plus } from '../address-number.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { Pool } from './pool.ts'

/** What a tunnel address is for; the order is the order in which they are asked for. */
export type TunnelKind = 'wireguard' | 'wireguard-v6' | 'ipip' | 'vxlan' | 'vxlan-v6'

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

/** An IPAM block while addresses are being assigned. */
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
  affinity?: string
  /** Whether the affinity is confirmed; pending ones are not announced. */
  confirmed: boolean
  /** Nodes with a confirmed BlockAffinity, where these are others than the block says: their BIRD announces it. */
  claims?: readonly string[]
  /** Who holds which address by the stored block, where that is another node than its owner. */
  lent?: readonly { readonly address: Ip; readonly node: string }[]
  /** It was in the input, not claimed now: old enough to be reclaimed. */
  readonly old: boolean
  /** Slots that were released before, in the order they come back; then `next` is past the end. */
  readonly released: number[]
  /** Slots from here on were never handed out. */
  next: number
  /** Users by slot. */
  readonly slots: (Allocation | undefined)[]
  /** Slots in use. */
  used: number
}

/** The nodes whose BIRD announces a block: those with a confirmed affinity. */
export function announcersOf({ claims, affinity, confirmed }: Block): readonly string[] {
  return claims ?? (affinity !== undefined && confirmed ? [affinity] : [])
}

/** A block nobody uses yet. */
export function newBlock(cidr: Prefix, base: AddressNumber, size: number, pool: Pool | undefined): Block {
  return {
    cidr,
    base,
    size,
    ...(pool ? { pool } : {}),
    confirmed: true,
    old: false,
    released: [],
    next: 0,
    slots: [],
    used: 0,
  }
}

/** A block as it was stored: its free slots come back in the order of `unallocated`. */
export function storedBlock(cidr: Prefix, pool: Pool | undefined, unallocated: readonly number[]): Block {
  const size = 2 ** ((cidr.includes(':') ? 128 : 32) - prefixLength(cidr))
  return {
    ...newBlock(cidr, numberOf(prefixAddress(cidr)), size, pool),
    old: true,
    released: [...unallocated],
    next: size,
  }
}

/** The slot of an address that lies in the block. */
export function slotOf(block: Block, address: Ip): number {
  return minus(numberOf(address), block.base)
}

/** The address of a slot. */
export function slotAddress(block: Block, slot: number): Ip {
  return addressOf(plus(block.base, slot))
}

/** The next free slot in hand-out order that is not reserved; undefined when there is none. The slot stays free. */
export function freeSlot(block: Block, reserved: (address: AddressNumber) => boolean): number | undefined {
  while (block.next < block.size && block.slots[block.next] !== undefined) block.next += 1
  for (let slot = block.next; slot < block.size; slot++) {
    if (block.slots[slot] === undefined && !reserved(plus(block.base, slot))) return slot
  }
  return block.released.find((slot) => block.slots[slot] === undefined && !reserved(plus(block.base, slot)))
}

/** Puts an allocation into a slot. */
export function occupy(block: Block, slot: number, user: AddressUser): Allocation {
  const address = slotAddress(block, slot)
  const { node, pod, tunnel } = user
  // Written out: with a spread, large clusters spend a tenth of their time here.
  const allocation: Allocation =
    pod !== undefined
      ? { address, block, node, pod }
      : tunnel !== undefined
        ? { address, block, node, tunnel }
        : { address, block, node }
  block.slots[slot] = allocation
  block.used += 1
  return allocation
}
