import {
  addressBits,
  type Family,
  familyOf,
  type Ip,
  type Prefix,
  prefixAddress,
  prefixLength,
} from '../../../wire/index.ts'
import { type AddressNumber, addressOf, minus, numberOf, plus } from '../../address-number.ts'
import type { AllowedUse } from '../../calico-kinds.ts'
import { type AddressRange, countIn, rangeOf } from './address-ranges.ts'

/** What a slot is held for. */
export interface IpamAllocation {
  /** What it is found and given back by. */
  readonly handle?: string
  /** Node that uses it. */
  readonly node?: string
  /** What it was asked for. */
  readonly use?: AllowedUse
  /** What else its owner wrote beside it. */
  readonly attributes?: Readonly<Record<string, string>>
  /** The number of the block's write that gave it; undefined where the block does not tell. */
  readonly sequence?: bigint
  /** It was released and rests: nobody has it, nobody gets it. */
  readonly isResting?: true
}

/** A block of addresses in IPAM's datastore, while steps change it. */
export interface IpamBlock {
  /** Its range. */
  readonly cidr: Prefix
  /** 4 or 6. */
  readonly family: Family
  /** The first address, as a number: slot 0. */
  readonly base: AddressNumber
  /** Number of addresses, and so of slots. */
  readonly size: number
  /** First and last address of its range, to compare with reserved ones. */
  readonly range: AddressRange
  /** `host:NODE` or `virtual:NAME`; absent: it belongs to nobody. */
  affinity: string | undefined
  /** It was claimed less than a minute ago: nobody takes it away while it is empty. */
  isFresh: boolean
  /** Who holds which slot. */
  readonly slots: (IpamAllocation | undefined)[]
  /** Free slots, in the order in which they are handed out. */
  unallocated: number[]
  /** One more with every write. */
  sequence: bigint
}

/** A block with all slots free. @param sequence - where it begins to count its writes */
export function newBlock(cidr: Prefix, sequence: bigint): IpamBlock {
  const size = 2 ** (addressBits(cidr) - prefixLength(cidr))
  return {
    cidr,
    family: familyOf(cidr),
    base: numberOf(prefixAddress(cidr)),
    size,
    range: rangeOf(cidr),
    affinity: undefined,
    isFresh: true,
    slots: new Array<IpamAllocation | undefined>(size).fill(undefined),
    unallocated: Array.from({ length: size }, (_, slot) => slot),
    sequence,
  }
}

/** The handle of the slots that Windows keeps for itself: a block with no others counts as empty. */
const WINDOWS_HANDLE = 'windows-reserved-ipam-handle'

/** Whether nobody holds a slot. */
export function isEmpty(block: IpamBlock): boolean {
  if (block.unallocated.length === block.size) return true
  return block.slots.every((held) => held === undefined || held.handle?.toLowerCase() === WINDOWS_HANDLE)
}

/** The slot of an address; undefined when it lies in another block. */
export function slotIn(block: IpamBlock, address: Ip): number | undefined {
  if (familyOf(address) !== block.family) return undefined
  const slot = minus(numberOf(address), block.base)
  return slot >= 0 && slot < block.size ? slot : undefined
}

/** The address of a slot. */
export function addressIn(block: IpamBlock, slot: number): Ip {
  return addressOf(plus(block.base, slot))
}

/** Whether an address is reserved. @param reserved - merged */
function isReserved(block: IpamBlock, slot: number, reserved: readonly AddressRange[]): boolean {
  const at = block.range.first + BigInt(slot)
  return reserved.some(({ family, first, last }) => family === block.family && first <= at && at <= last)
}

/** Slots that may be handed out automatically: free and not reserved. */
export function freeSlots(block: IpamBlock, reserved: readonly AddressRange[]): number {
  if (reserved.length === 0 || countIn(block.range, reserved) === 0n) return block.unallocated.length
  return block.unallocated.filter((slot) => !isReserved(block, slot, reserved)).length
}

/**
 * Takes up to `count` free slots from the head of the list; reserved ones keep their places in it.
 * @calico libcalico-go/lib/ipam/ipam_block.go autoAssign
 */
export function takeSlots(
  block: IpamBlock,
  count: number,
  reserved: readonly AddressRange[],
  holder: IpamAllocation,
): number[] {
  const allocation = { ...holder, sequence: block.sequence }
  const taken = reserved.length === 0 ? block.unallocated.splice(0, count) : pickFree(block, count, reserved)
  for (const slot of taken) block.slots[slot] = allocation
  return taken
}

function pickFree(block: IpamBlock, count: number, reserved: readonly AddressRange[]): number[] {
  const taken: number[] = []
  const kept: number[] = []
  for (const slot of block.unallocated) {
    if (taken.length >= count || isReserved(block, slot, reserved)) kept.push(slot)
    else taken.push(slot)
  }
  block.unallocated = kept
  return taken
}

/** Gives back slots to be free as soon as they are cool. @param cooldown - seconds a released address rests */
export function freeSlotsOf(block: IpamBlock, slots: readonly number[], cooldown: number): void {
  // All that are released with one call come back in the order of their addresses.
  for (const slot of [...slots].sort((a, b) => a - b)) {
    if (cooldown > 0) {
      block.slots[slot] = { isResting: true, sequence: block.sequence }
    } else {
      block.slots[slot] = undefined
      block.unallocated.push(slot)
    }
  }
}

/** A handle without what a broken migration from host-local wrote behind it. */
export function plainHandle(handle: string): string {
  return handle.split('\r')[0]!
}

/** The slots that a handle holds, in order. */
export function slotsOfHandle(block: IpamBlock, handle: string): number[] {
  const slots: number[] = []
  block.slots.forEach((held, slot) => {
    if (held?.handle !== undefined && plainHandle(held.handle) === handle) slots.push(slot)
  })
  return slots
}
