import { familyOf, type Prefix, parsePrefix, prefixLength } from '../../wire/index.ts'
import type { BlockAffinityResource, IPAMBlockResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import { BLOCK_SIZES } from './pool.ts'

/** The range of a stored block or affinity; undefined, and a fault, when no block can have it. */
export function storedRange(
  resource: IPAMBlockResource | BlockAffinityResource,
  findings: Findings,
): Prefix | undefined {
  const path = ['spec', 'cidr']
  const cidr = parsePrefix(resource.spec.cidr)
  if (!cidr) {
    findings.fault('invalid', resource, path, 'a network', resource.spec.cidr)
    return undefined
  }
  const { low, high } = BLOCK_SIZES[familyOf(cidr)]
  if (prefixLength(cidr) >= low && prefixLength(cidr) <= high) return cidr
  findings.fault('invalid', resource, path, `a block of /${low} to /${high}`, cidr)
  return undefined
}

/**
 * Holds the slots of a stored block against its size: one entry a slot, attributes that are there, and free slots that lie
 * in it, once each, and are free.
 */
export function checkSlots(resource: IPAMBlockResource, size: number, findings: Findings): boolean {
  const { allocations, unallocated, attributes } = resource.spec
  const before = findings.faults.length
  const fault = (path: readonly (string | number)[], expected: string, received: string): void =>
    findings.fault('invalid', resource, ['spec', ...path], expected, received)
  if (allocations.length !== size) {
    fault(['allocations'], `${size} entries, one for each address of the block`, `${allocations.length}`)
  }
  const count = attributes?.length ?? 0
  const wrong = allocations.findIndex((index) => index !== null && index >= count)
  if (wrong >= 0)
    fault(['allocations', wrong], `null or the index of one of ${count} attributes`, `${allocations[wrong]}`)
  const seen = new Set<number>()
  for (const [i, slot] of unallocated.entries()) {
    const isTaken = (allocations[slot] ?? null) !== null
    if (slot < size && !seen.has(slot) && !isTaken) seen.add(slot)
    else
      fault(
        ['unallocated', i],
        `a free slot from 0 to ${size - 1}, once`,
        isTaken ? `${slot}, which is allocated` : `${slot}`,
      )
  }
  return findings.faults.length === before
}
