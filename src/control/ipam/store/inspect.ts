import type { Ip, Prefix } from '../../../wire/index.ts'
import type { AllowedUse } from '../../calico-kinds.ts'
import { failure, type IpamFailure } from './failure.ts'
import { addressIn, type IpamAllocation, plainHandle, slotIn } from './ipam-block.ts'
import { blockRangeOf, enabledPoolOf, type IpamStore, listBlocks } from './ipam-store.ts'

/** An address that somebody has. */
export interface HeldAddress {
  /** The address. */
  readonly address: Ip
  /** Node that uses it; undefined: the block does not tell. */
  readonly node: string | undefined
  /** What it is found and given back by; undefined: it has no handle. */
  readonly handle: string | undefined
  /** What it was asked for; undefined: the block does not tell. */
  readonly use: AllowedUse | undefined
  /** The block it lies in. */
  readonly block: Prefix
  /** The number of the block's write that gave it. */
  readonly sequence: bigint
  /** What else its owner wrote beside it. */
  readonly attributes?: Readonly<Record<string, string>>
}

function heldAddress(
  address: Ip,
  block: Prefix,
  { node, handle, use, sequence, attributes }: IpamAllocation,
): HeldAddress {
  const plain = handle === undefined ? undefined : plainHandle(handle)
  const beside = attributes === undefined ? {} : { attributes }
  return { address, block, node, handle: plain, use, sequence: sequence ?? 0n, ...beside }
}

/** Who has an address. @calico libcalico-go/lib/ipam/ipam_attributes.go GetAssignmentAttributes */
export function inspectAddress(store: IpamStore, address: Ip): HeldAddress | IpamFailure {
  const missing = (why: string): string => `resource does not exist: ${address} with error: ${why}`
  const pool = enabledPoolOf(store, address)
  if (pool === undefined) return failure('not-in-pool', missing('No valid IPPool'))
  const cidr = blockRangeOf(pool, address)
  const block = store.blocks.get(cidr)
  if (block === undefined) {
    return failure('other', `resource does not exist: BlockKey(cidr=${cidr}) with error: not found`)
  }
  const held = block.slots[slotIn(block, address) ?? -1]
  if (held === undefined) return failure('other', missing('IP is unassigned'))
  if (held.isResting) return failure('other', `address ${address} is in cooldown`)
  return heldAddress(address, cidr, held)
}

/** Everybody who has an address, block by block. */
export function heldAddresses(store: IpamStore): HeldAddress[] {
  return listBlocks(store).flatMap((block) =>
    block.slots.flatMap((held, slot) =>
      held === undefined || held.isResting ? [] : [heldAddress(addressIn(block, slot), block.cidr, held)],
    ),
  )
}
