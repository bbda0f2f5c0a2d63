import { addressBits, type Family, familyOf, type Prefix, prefixAddress, prefixLength } from '../../../wire/index.ts'
import { numberOf } from '../../address-number.ts'

/** Addresses from one to another, both included. */
export interface AddressRange {
  readonly family: Family
  readonly first: bigint
  readonly last: bigint
}

/** The addresses of a network. */
export function rangeOf(prefix: Prefix): AddressRange {
  const first = BigInt(numberOf(prefixAddress(prefix)))
  const size = 1n << BigInt(addressBits(prefix) - prefixLength(prefix))
  return { family: familyOf(prefix), first, last: first + size - 1n }
}

/** How many addresses a range has. */
export function sizeOfRange({ first, last }: AddressRange): bigint {
  return last - first + 1n
}

/** The same addresses as ranges that neither touch nor overlap, in order of family and address. */
export function mergedRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const sorted = [...ranges].sort((a, b) => a.family - b.family || (a.first < b.first ? -1 : 1))
  const merged: AddressRange[] = []
  for (const range of sorted) {
    const before = merged.at(-1)
    if (before === undefined || before.family !== range.family || before.last + 1n < range.first) merged.push(range)
    else if (before.last < range.last) merged[merged.length - 1] = { ...before, last: range.last }
  }
  return merged
}

/** How many addresses of a range lie in others, which must be merged. */
export function countIn(range: AddressRange, merged: readonly AddressRange[]): bigint {
  let count = 0n
  for (const { family, first, last } of merged) {
    if (family !== range.family) continue
    const from = first > range.first ? first : range.first
    const to = last < range.last ? last : range.last
    if (from <= to) count += to - from + 1n
  }
  return count
}

/** The one of several merged ranges that holds a whole range. */
export function holderOf(range: AddressRange, merged: readonly AddressRange[]): AddressRange | undefined {
  return merged.find(({ family, first, last }) => family === range.family && first <= range.first && range.last <= last)
}
