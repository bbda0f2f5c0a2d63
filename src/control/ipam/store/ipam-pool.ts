import {
  addressBits,
  type Family,
  familyOf,
  type Ip,
  type Prefix,
  prefixAddress,
  prefixLength,
} from '../../../wire/index.ts'
import { type AddressNumber, numberOf } from '../../address-number.ts'
import type { AllowedUse } from '../../calico-kinds.ts'
import { parseSelector, type Selector, type SelectorFault } from '../../selector.ts'
import { BLOCK_SIZES } from '../pool.ts'
import { type AddressRange, rangeOf } from './address-ranges.ts'

/** A pool as IPAM sees it: taken as the datastore holds it, with what Calico fills in when it reads it. */
export interface IpamPool {
  /** Name of its object. */
  readonly name: string
  /** Its range. */
  readonly cidr: Prefix
  /** 4 or 6. */
  readonly family: Family
  /** Prefix length of its blocks, e.g. 26. */
  readonly blockSize: number
  /** The first address, as a number. */
  readonly base: AddressNumber
  /** First and last address of its range. */
  readonly range: AddressRange
  /** Number of blocks; none when they are larger than the pool. */
  readonly blocks: bigint
  /** Something may be allocated from it. */
  readonly isEnabled: boolean
  /** Only on request. */
  readonly isManual: boolean
  /** Nodes that may use it; a fault when the text is no selector. */
  readonly nodeSelector: Selector | SelectorFault
  /** Namespaces that may use it; a fault when the text is no selector. */
  readonly namespaceSelector: Selector | SelectorFault
  /** What its addresses are for; Workload and Tunnel when the object does not say. */
  readonly uses: readonly AllowedUse[]
}

/** What a pool's object says, and Calico looks at. */
export interface IpamPoolFields {
  readonly name: string
  readonly cidr: Prefix
  readonly blockSize?: number
  readonly isEnabled: boolean
  readonly isManual: boolean
  readonly nodeSelector?: string
  readonly namespaceSelector?: string
  readonly uses?: readonly AllowedUse[]
}

const USUAL_USES: readonly AllowedUse[] = ['Workload', 'Tunnel']

/** A pool, from the fields of its object. @calico libcalico-go/lib/clientv3/ippool.go convertIpPoolFromStorage */
export function ipamPool(fields: IpamPoolFields): IpamPool {
  const { name, cidr, isEnabled, isManual } = fields
  const family = familyOf(cidr)
  const blockSize = fields.blockSize || BLOCK_SIZES[family].usual
  const bits = blockSize - prefixLength(cidr)
  return {
    name,
    cidr,
    family,
    blockSize,
    base: numberOf(prefixAddress(cidr)),
    range: rangeOf(cidr),
    blocks: bits < 0 ? 0n : 1n << BigInt(bits),
    isEnabled,
    isManual,
    nodeSelector: parseSelector(fields.nodeSelector ?? ''),
    namespaceSelector: parseSelector(fields.namespaceSelector ?? ''),
    uses: fields.uses?.length ? fields.uses : USUAL_USES,
  }
}

/** Whether an address lies in a pool. */
export function isInPool({ family, range, base, cidr }: IpamPool, number: AddressNumber): boolean {
  if (family === 4) {
    return (
      typeof number === 'number' && number >= Number(base) && number < Number(base) + 2 ** (32 - prefixLength(cidr))
    )
  }
  return typeof number === 'bigint' && range.first <= number && number <= range.last
}

/** First address of the block of a size that an address lies in. */
export function blockBaseOf(number: AddressNumber, family: Family, blockSize: number): AddressNumber {
  if (typeof number === 'number') return number - (number % 2 ** (32 - blockSize))
  const bits = BigInt(addressBits(family === 4 ? '.' : ':') - blockSize)
  return (number >> bits) << bits
}

/** The pool an address lies in, of several the first. */
export function poolOfAddress(pools: readonly IpamPool[], address: Ip): IpamPool | undefined {
  const number = numberOf(address)
  return pools.find((pool) => isInPool(pool, number))
}
