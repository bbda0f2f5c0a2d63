import { familyOf, type Ip } from '../../../wire/index.ts'
import type { AllowedUse } from '../../calico-kinds.ts'
import { claimBlock, pendingAffinity } from './affinity.ts'
import { failure, type IpamFailure, isFailure } from './failure.ts'
import { addressesOfHandle, countUp } from './handles.ts'
import { type IpamBlock, plainHandle, slotIn } from './ipam-block.ts'
import { blockRangeOf, type Claimant, enabledPoolOf, type IpamStore, ownerText, written } from './ipam-store.ts'

/** A call for one given address. */
export interface AssignRequest {
  /** Node; load balancers have a virtual one. */
  readonly host: string
  /** The address, of any enabled pool. */
  readonly address: Ip
  /** What it will be found and given back by; absent: it gets none. */
  readonly handle?: string
  /** What for; when it is not said, no pool refuses it. */
  readonly use?: AllowedUse
  /** Addresses of each family that the handle may have. */
  readonly maxPerHandle?: number
  /** What is written beside the address. */
  readonly attributes?: Readonly<Record<string, string>>
}

/**
 * Assigns one given address: of any enabled pool, whatever the pool selects, reserved or not. Its block is claimed when it
 * does not exist; another's block lends it, unless strict affinity forbids that.
 *
 * @calico libcalico-go/lib/ipam/ipam.go AssignIP
 */
export function assignAddress(store: IpamStore, request: AssignRequest): IpamFailure | undefined {
  const { address, use, host, handle, maxPerHandle = 0 } = request
  const pool = enabledPoolOf(store, address)
  if (pool === undefined) return failure('not-in-pool', 'The provided IP address is not in a configured pool\n')
  if (use !== undefined && !pool.uses.includes(use)) {
    const what = `which is not allowed for use "${use}" (allowedUses: [${pool.uses.join(' ')}])`
    return failure('not-for-use', `IP address ${address} is in IP pool "${pool.name}", ${what}`)
  }
  const claimant: Claimant = { type: use === 'LoadBalancer' ? 'virtual' : 'host', host }
  const cidr = blockRangeOf(pool, address)
  const block = store.blocks.get(cidr) ?? claimBlock(store, pendingAffinity(store, claimant, cidr))
  const slot = block && slotIn(block, address)
  if (block === undefined || slot === undefined) return failure('other', `IP ${address} not in block ${cidr}`)
  const refused = mayAssign(store, block, claimant) ?? isTaken(block, slot, request)
  if (refused === 'has it') return undefined
  if (refused !== undefined) return refused
  if (handle !== undefined && !countUp(store, handle, cidr, 1, maxPerHandle)) return handleFull(store, request)
  const { attributes } = request
  block.slots[slot] = {
    node: host,
    sequence: block.sequence,
    ...(handle === undefined ? {} : { handle }),
    ...(use === undefined ? {} : { use }),
    ...(attributes === undefined ? {} : { attributes }),
  }
  block.unallocated = block.unallocated.filter((free) => free !== slot)
  written(block)
  return undefined
}

/** Whether strict affinity keeps a claimant out of a block. */
function mayAssign(store: IpamStore, block: IpamBlock, claimant: Claimant): IpamFailure | undefined {
  if (!store.settings.strictAffinity || block.affinity === ownerText(claimant)) return undefined
  if (block.affinity !== undefined) return failure('other', 'Block host affinity does not match')
  return failure('other', `Attempt to assign from block ${block.cidr} with no affinity`)
}

/** Whether somebody has a slot: whoever calls may have it already, where its handle says how many it may have. */
function isTaken(block: IpamBlock, slot: number, request: AssignRequest): IpamFailure | 'has it' | undefined {
  const held = block.slots[slot]
  if (held === undefined) return undefined
  const { handle, maxPerHandle = 0, address } = request
  const isSame = held.handle !== undefined && handle === plainHandle(held.handle)
  if (maxPerHandle > 0 && isSame && held.isResting === undefined) return 'has it'
  const message = `resource already exists: ${address} with error: Address already assigned in block`
  return failure('taken', message)
}

function handleFull(store: IpamStore, { handle = '', address, maxPerHandle = 0 }: AssignRequest): IpamFailure {
  const held = addressesOfHandle(store, handle)
  const known = isFailure(held) ? [] : held.filter((each) => familyOf(each) === familyOf(address))
  if (known.length === 0) return failure('other', 'Max retries hit - excessive concurrent IPAM requests')
  const already = `handle ${handle} already has IP(s) allocated`
  return failure(
    'handle-full',
    `${already}, cannot assign additional IP ${address} (maxAllocPerIPVersion=${maxPerHandle})`,
  )
}
