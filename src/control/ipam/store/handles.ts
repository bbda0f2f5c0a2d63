import { keptIn } from '../../../model/index.ts'
import { type Family, familyOf, type Ip, type Prefix } from '../../../wire/index.ts'
import { failure, type IpamFailure } from './failure.ts'
import { addressIn, plainHandle, slotsOfHandle } from './ipam-block.ts'
import type { IpamStore } from './ipam-store.ts'

/** How many addresses of a family a handle is counted to have. */
function countOf(store: IpamStore, handle: string, family: Family): number {
  let count = 0
  for (const [cidr, held] of store.handles.get(handle) ?? []) if (familyOf(cidr) === family) count += held
  return count
}

/**
 * Counts addresses of a block to a handle, which is made when it is new.
 * @param most - addresses of one family it may have; 0: any number
 * @returns false when it would have more: then nothing is counted
 */
export function countUp(store: IpamStore, handle: string, cidr: Prefix, count: number, most: number): boolean {
  if (most > 0 && countOf(store, handle, familyOf(cidr)) + count > most) return false
  const blocks = keptIn(store.handles, handle, () => new Map<Prefix, number>())
  blocks.set(cidr, (blocks.get(cidr) ?? 0) + count)
  return true
}

/** Counts addresses of a block away from a handle; what would make it negative is left, as Calico only logs it. */
export function countDown(store: IpamStore, handle: string, cidr: Prefix, count: number): void {
  const blocks = store.handles.get(handle)
  const held = blocks?.get(cidr)
  if (blocks === undefined || held === undefined || held < count) return
  if (held === count) blocks.delete(cidr)
  else blocks.set(cidr, held - count)
  if (blocks.size === 0) store.handles.delete(handle)
}

/** The refusal that a handle is not there. */
export function unknownHandle(handle: string): IpamFailure {
  return failure('unknown-handle', `resource does not exist: IPAMHandle(${handle}) with error: not found`)
}

/** The addresses of a handle, which may be none although it is there: it is counted by what was asked for. */
export function addressesOfHandle(store: IpamStore, handle: string): Ip[] | IpamFailure {
  const blocks = store.handles.get(handle)
  if (blocks === undefined) return unknownHandle(handle)
  const found: Ip[] = []
  for (const cidr of blocks.keys()) {
    const block = store.blocks.get(cidr)
    if (block === undefined) continue
    for (const slot of slotsOfHandle(block, plainHandle(handle))) found.push(addressIn(block, slot))
  }
  return found
}
