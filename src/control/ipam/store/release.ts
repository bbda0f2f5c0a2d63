import type { Ip, Prefix } from '../../../wire/index.ts'
import { keepConsistent } from './affinity.ts'
import { failure, type IpamFailure, isFailure } from './failure.ts'
import { countDown, unknownHandle } from './handles.ts'
import { freeSlotsOf, type IpamBlock, isEmpty, plainHandle, slotIn, slotsOfHandle } from './ipam-block.ts'
import { poolOfAddress } from './ipam-pool.ts'
import { blockRangeOf, type IpamStore, scanForBlock, written } from './ipam-store.ts'

/** An address to give back. */
export interface ReleaseRequest {
  /** The address, in any block that exists. */
  readonly address: Ip
  /** Only when this handle has it. */
  readonly handle?: string
  /** Only when it was assigned by the write of this number. */
  readonly sequence?: bigint
}

/** What came of giving back. */
export interface ReleaseResult {
  /** Those that nobody had. */
  readonly unallocated: readonly Ip[]
  /** How many were given back, or lie in an existing block and nobody had them. */
  readonly released: number
  /** The first refusal; undefined when there is none. Other blocks are served all the same. */
  readonly error: IpamFailure | undefined
}

/**
 * Gives back addresses, block by block: all of a block, or, when a handle or a number does not fit, none.
 * @calico libcalico-go/lib/ipam/ipam.go ReleaseIPs
 */
export function releaseAddresses(store: IpamStore, requests: readonly ReleaseRequest[]): ReleaseResult {
  const byBlock = new Map<Prefix, ReleaseRequest[]>()
  const unallocated: Ip[] = []
  for (const request of requests) {
    // Disabled pools count here: what lies in none is looked for in all blocks.
    const pool = poolOfAddress(store.pools, request.address)
    const cidr = pool ? blockRangeOf(pool, request.address) : scanForBlock(store, request.address)?.cidr
    if (cidr === undefined) unallocated.push(request.address)
    else byBlock.set(cidr, [...(byBlock.get(cidr) ?? []), request])
  }
  let released = 0
  let error: IpamFailure | undefined
  for (const [cidr, ofBlock] of byBlock) {
    const result = releaseOf(store, cidr, ofBlock)
    if (isFailure(result)) {
      error ??= result
    } else {
      unallocated.push(...result)
      released += ofBlock.length
    }
  }
  return { unallocated, released, error }
}

/** Gives back addresses of one block. @returns those that nobody had */
function releaseOf(store: IpamStore, cidr: Prefix, requests: readonly ReleaseRequest[]): Ip[] | IpamFailure {
  const block = store.blocks.get(cidr)
  if (block === undefined) return requests.map(({ address }) => address)
  const unallocated: Ip[] = []
  const slots: number[] = []
  const counts = new Map<string, number>()
  for (const request of new Map(requests.map((each) => [each.address, each])).values()) {
    const slot = slotIn(block, request.address)
    if (slot === undefined) return failure('other', `IP ${request.address} not in block ${cidr}`)
    const held = heldBy(block, slot, request)
    if (isFailure(held)) return held
    if (held === undefined) {
      unallocated.push(request.address)
      continue
    }
    slots.push(slot)
    if (held.handle !== '') counts.set(held.handle, (counts.get(held.handle) ?? 0) + 1)
  }
  if (requests.length === unallocated.length) return unallocated
  freeSlotsOf(block, slots, store.settings.cooldown)
  settle(store, block, counts)
  return unallocated
}

/** Who has a slot; undefined when nobody has it; the refusal when the caller means somebody else. */
function heldBy(
  block: IpamBlock,
  slot: number,
  { address, handle, sequence }: ReleaseRequest,
): { readonly handle: string } | IpamFailure | undefined {
  const held = block.slots[slot]
  if (sequence !== undefined && sequence !== (held?.sequence ?? 0n)) {
    return failure('conflict', `update conflict: ${address}`)
  }
  if (held === undefined || held.isResting) return undefined
  const has = plainHandle(held.handle ?? '')
  const wanted = plainHandle(handle ?? '')
  if (wanted !== '' && wanted !== has) return failure('conflict', `update conflict: ${address}`)
  return { handle: has }
}

/** Writes a block after a release: one that is empty and nobody's goes. */
function settle(store: IpamStore, block: IpamBlock, counts: ReadonlyMap<string, number>): void {
  if (block.affinity === undefined && isEmpty(block)) store.blocks.delete(block.cidr)
  else written(block)
  for (const [handle, count] of counts) countDown(store, handle, block.cidr, count)
  keepConsistent(store, block)
}

/** Gives back all addresses of a handle. @calico libcalico-go/lib/ipam/ipam.go ReleaseByHandle */
export function releaseHandle(store: IpamStore, text: string): IpamFailure | undefined {
  const handle = plainHandle(text)
  const counted = store.handles.get(handle)
  if (counted === undefined) return unknownHandle(handle)
  for (const cidr of [...counted.keys()]) {
    const block = store.blocks.get(cidr)
    const slots = block === undefined ? [] : slotsOfHandle(block, handle)
    if (block === undefined || slots.length === 0) continue
    freeSlotsOf(block, slots, store.settings.cooldown)
    settle(store, block, new Map([[handle, slots.length]]))
  }
  return undefined
}
