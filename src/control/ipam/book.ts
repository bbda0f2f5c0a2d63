import { keptIn } from '../../model/index.ts'
import {
  contains,
  type Ip,
  maskOf,
  overlaps,
  type Prefix,
  parseIp,
  parsePrefix,
  prefixAddress,
  prefixLength,
} from '../../wire/index.ts'
import { type AddressNumber, addressOf, minus, numberOf } from '../address-number.ts'
import type { IPAMConfigResource, IPReservationResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import { OpenBlock, slotOf, straysOf } from './block.ts'
import { firstBlockIndex } from './block-index.ts'
import { baseAt, stepsTo } from './block-walk.ts'
import type { Holder, Ledger } from './ledger.ts'
import type { Pool } from './pool.ts'

/** IPAM settings. */
export interface IpamConfig {
  /** Never use another node's block. */
  readonly strictAffinity: boolean
  /** Claim new blocks. */
  readonly autoAllocateBlocks: boolean
  /** Most blocks a node may have. */
  readonly blockLimit: number
}

/** Blocks a node may have when nothing else is said. */
export const BUILT_IN_BLOCK_LIMIT = 20

/** Reads the IPAM configuration. */
export function readIpamConfig(resources: readonly IPAMConfigResource[], findings: Findings): IpamConfig {
  const config = resources[0]
  const strictAffinity = config?.spec.strictAffinity ?? false
  const autoAllocateBlocks = config?.spec.autoAllocateBlocks ?? true
  const limit = config?.spec.maxBlocksPerHost ?? 0
  if (!strictAffinity && !autoAllocateBlocks) {
    const expected = 'strictAffinity true when autoAllocateBlocks is false'
    findings.fault('invalid', config, ['spec', 'autoAllocateBlocks'], expected, 'strictAffinity false')
  }
  if (limit > 0 && !strictAffinity) {
    const expected = 'strictAffinity true when maxBlocksPerHost is set'
    findings.fault('invalid', config, ['spec', 'maxBlocksPerHost'], expected, 'strictAffinity false')
  }
  return { strictAffinity, autoAllocateBlocks, blockLimit: limit > 0 ? limit : BUILT_IN_BLOCK_LIMIT }
}

/** Reads the reserved ranges. */
export function readReservations(resources: readonly IPReservationResource[], findings: Findings): Prefix[] {
  const ranges: Prefix[] = []
  for (const reservation of resources) {
    reservation.spec.reservedCIDRs?.forEach((text, i) => {
      const address = parseIp(text)
      const range =
        address === undefined ? parsePrefix(text) : (`${address}/${address.includes(':') ? 128 : 32}` as Prefix)
      if (range) ranges.push(range)
      else findings.fault('invalid', reservation, ['spec', 'reservedCIDRs', i], 'an address or a network', text)
    })
  }
  return ranges
}

/** Compares as the datastore lists affinities: as text of the CIDR with dashes, so `10` comes before `9`. */
function affinityName(block: OpenBlock): string {
  return block.cidr.replace(/[.:/]/g, '-')
}

/** All blocks of a cluster while addresses are being assigned, and who may take what. */
export class IpamBook {
  /** Pools in order of use. */
  readonly pools: readonly Pool[]
  /** Settings. */
  readonly config: IpamConfig
  /** Who has which address. */
  readonly ledger: Ledger
  private readonly ranges: readonly Prefix[]
  /** Blocks by their first address, families apart (numbers and bigints never collide). */
  private readonly blocks = new Map<AddressNumber, OpenBlock>()
  /** Blocks by owner, in datastore order. */
  private readonly owned = new Map<string, OpenBlock[]>()
  /** Where hosts begin their walks, by the number of blocks. */
  private readonly starts = new Map<bigint, Map<string, bigint>>()

  constructor(pools: readonly Pool[], config: IpamConfig, reserved: readonly Prefix[], ledger: Ledger) {
    this.pools = pools
    this.ledger = ledger
    this.config = config
    this.ranges = reserved
  }

  /** Whether automatic assignment must pass over an address. */
  readonly reserved = (address: AddressNumber): boolean =>
    this.ranges.length > 0 && this.ranges.some((range) => contains(range, addressOf(address)))

  /** Every block. */
  all(): Iterable<OpenBlock> {
    return this.foreign.length === 0 ? this.blocks.values() : [...this.blocks.values(), ...this.foreign]
  }

  /** The pool an address lies in. */
  poolOf(address: Ip): Pool | undefined {
    return this.poolAt(numberOf(address))
  }

  /** Ranges are compared as numbers: every pod and every node is looked for. */
  private poolAt(address: AddressNumber): Pool | undefined {
    return this.pools.find(({ base, cidr }) => {
      if (typeof base === 'number')
        return typeof address === 'number' && (address & maskOf(prefixLength(cidr))) >>> 0 === base
      const bits = BigInt(128 - prefixLength(cidr))
      return typeof address === 'bigint' && address >> bits === base >> bits
    })
  }

  /** The block an address lies in, if it exists; of several the one with the longest prefix. */
  blockOf(address: Ip): OpenBlock | undefined {
    const number = numberOf(address)
    const pool = this.poolAt(number)
    const at = pool && this.blocks.get(this.blockBase(pool, number))
    let found = at && minus(number, at.base) < at.size ? at : undefined
    for (const block of this.foreign) {
      if (!contains(block.cidr, address)) continue
      if (found === undefined || prefixLength(block.cidr) > prefixLength(found.cidr)) found = block
    }
    return found
  }

  /** The block of exactly this range, if it exists. */
  blockOfRange(cidr: Prefix): OpenBlock | undefined {
    const at = this.blocks.get(numberOf(prefixAddress(cidr)))
    return at?.cidr === cidr ? at : this.foreign.find((block) => block.cidr === cidr)
  }

  /** Stored blocks that do not fit a pool's grid: the pool is gone or had another block size. */
  private readonly foreign: OpenBlock[] = []

  /** First address of the block of `pool` that `address` lies in. */
  private blockBase(pool: Pool, address: AddressNumber): AddressNumber {
    if (typeof address === 'number') return address - (address % 2 ** (32 - pool.blockSize))
    const bits = BigInt(128 - pool.blockSize)
    return (address >> bits) << bits
  }

  /** Adds a block that exists already. */
  add(block: OpenBlock): void {
    if (!block.pool || prefixLength(block.cidr) !== block.pool.blockSize) this.foreign.push(block)
    else this.blocks.set(block.base, block)
    if (block.affinity !== undefined) this.own(block, block.affinity)
  }

  private own(block: OpenBlock, owner: string): void {
    block.affinity = owner
    const list = this.listOf(owner)
    list.push(block)
    if (list.length > 1) list.sort((a, b) => (affinityName(a) < affinityName(b) ? -1 : 1))
  }

  private listOf(owner: string): OpenBlock[] {
    return keptIn(this.owned, owner, () => [])
  }

  /** A node's blocks, in datastore order: always the same list, which grows as it claims more. */
  ownedBy(owner: string): readonly OpenBlock[] {
    return this.listOf(owner)
  }

  /** Creates the block an address lies in and gives it to a node. The block must not exist. */
  claimFor(pool: Pool, address: Ip, owner: string): OpenBlock {
    return this.claimAt(pool, this.blockBase(pool, numberOf(address)), owner)
  }

  private claimAt(pool: Pool, base: AddressNumber, owner: string): OpenBlock {
    const cidr = `${addressOf(base)}/${pool.blockSize}` as Prefix
    const block = new OpenBlock(cidr, base, pool)
    this.blocks.set(base, block)
    this.own(block, owner)
    return block
  }

  private start(host: string, pool: Pool): bigint {
    const known = keptIn(this.starts, pool.blocks, () => new Map<string, bigint>())
    return keptIn(known, host, () => firstBlockIndex(host, pool.blocks))
  }

  /** How many blocks from `base` on one reservation covers wholly; 0 = the block is not reserved. */
  private reservedFrom(pool: Pool, base: AddressNumber): bigint {
    const first = addressOf(base)
    const range = this.ranges.find((each) => prefixLength(each) <= pool.blockSize && contains(each, first))
    if (range === undefined) return 0n
    const bits = BigInt(pool.family === 4 ? 32 : 128)
    const end = BigInt(numberOf(prefixAddress(range))) + (1n << (bits - BigInt(prefixLength(range))))
    return (end - BigInt(base)) >> (bits - BigInt(pool.blockSize))
  }

  /**
   * Claims a new block for a host: the first one that does not exist, walking each pool from the host's own index; else
   * one that lies empty and belongs to somebody else.
   */
  claimNext(host: string, pools: readonly Pool[]): OpenBlock | undefined {
    const idle: OpenBlock[] = []
    for (const pool of pools) {
      const start = this.start(host, pool)
      for (let i = 0n; i < pool.blocks; i++) {
        const base = baseAt(pool, (start + i) % pool.blocks)
        const block = this.blocks.get(base)
        if (!block && this.foreign.length > 0 && this.isStored(pool, base)) continue
        if (!block) {
          const skip = this.ranges.length > 0 ? this.reservedFrom(pool, base) : 0n
          if (skip === 0n) return this.claimAt(pool, base, host)
          i += skip - 1n
          continue
        }
        if (block.used === 0 && block.old && block.affinity !== host && straysOf(block).size === 0) idle.push(block)
      }
    }
    const [block] = idle
    if (!block) return undefined
    this.release(block)
    return this.claimAt(block.pool!, block.base, host)
  }

  /** Whether stored blocks of another size lie where a block of the pool would be. */
  private isStored(pool: Pool, base: AddressNumber): boolean {
    const cidr = `${addressOf(base)}/${pool.blockSize}` as Prefix
    return this.foreign.some((block) => overlaps(block.cidr, cidr))
  }

  private release(block: OpenBlock): void {
    const list = block.affinity === undefined ? undefined : this.owned.get(block.affinity)
    list?.splice(list.indexOf(block), 1)
    this.blocks.delete(block.base)
  }

  /** Existing blocks in the order in which a host borrows from them. */
  borrowOrder(host: string, pools: readonly Pool[]): OpenBlock[] {
    const order: OpenBlock[] = []
    for (const pool of pools) {
      const start = this.start(host, pool)
      const distance = (block: OpenBlock): bigint => stepsTo(pool, start, block.base)
      const found = [...this.all()].filter((block) => block.pool === pool)
      found.sort((a, b) => (distance(a) < distance(b) ? -1 : 1))
      order.push(...found)
    }
    return order
  }

  /**
   * Takes one given address, creating and claiming its block where it does not exist.
   *
   * @returns the id of the allocation; undefined when somebody has the address already
   */
  take(address: Ip, holder: Holder): number | undefined {
    const pool = this.poolOf(address)
    const block = this.blockOf(address) ?? (pool ? this.claimFor(pool, address, this.ledger.nodeOf(holder)) : undefined)
    if (!block) return this.ledger.keep(address, undefined, holder)
    const slot = slotOf(block, address)
    return block.ids[slot] === undefined ? this.ledger.occupy(block, slot, holder) : undefined
  }
}
