import type { Origin } from '../model/index.ts'
import { type Family, hostPrefix, type Prefix, prefixLength } from '../wire/index.ts'
import { type AddressNumber, numberOf } from './address-number.ts'
import type { AnnouncedAddress } from './floating-addresses.ts'
import { announcersOf, slotOf } from './ipam/block.ts'
import type { Ipam } from './ipam/cluster-ipam.ts'
import type { Pool } from './ipam/pool.ts'
import { originOf } from './origin.ts'
import type { RouteSource } from './settings/settings.ts'

/** How packets to a pool's addresses travel between nodes. */
export type Transport = 'ipip' | 'vxlan' | 'none'

/** A prefix that lives on one node: a block, or one borrowed address. */
export interface Destination {
  /** Node. */
  readonly owner: string
  /** Prefix. */
  readonly dst: Prefix
  /** Pool. */
  readonly pool: Pool
  /** How it is reached. */
  readonly transport: Transport
  /** Encapsulate only where the other node is in another subnet. */
  readonly crossSubnet: boolean
  /** A single address out of somebody else's block. */
  readonly borrowed: boolean
  /** Felix says so: by the block and its allocations. */
  readonly felix: boolean
  /** BIRD says so: by the affinities of its node, and the kernel's routes to pods outside of them. */
  readonly bird: boolean
  /** What made it. */
  readonly origin: Origin
}

/** How a pool's addresses travel. A pool of service addresses only counts as unencapsulated. */
function transportOf(pool: Pool): { readonly transport: Transport; readonly crossSubnet: boolean } {
  if (pool.vxlan !== 'Never') return { transport: 'vxlan', crossSubnet: pool.vxlan === 'CrossSubnet' }
  if (pool.ipip !== 'Never') return { transport: 'ipip', crossSubnet: pool.ipip === 'CrossSubnet' }
  return { transport: 'none', crossSubnet: false }
}

/** The field of the pool that decides about transport. */
function decidingField(pool: Pool): string {
  return pool.vxlan !== 'Never' ? 'vxlanMode' : 'ipipMode'
}

/** What nodes answer for besides what blocks say. */
export interface BesideBlocks {
  /** Floating addresses that are announced. */
  readonly floating?: readonly AnnouncedAddress[]
  /** What Felix calculates its routes from. */
  readonly source?: RouteSource
}

/**
 * Every prefix some node answers for, in the order of a routing table: blocks with an owner, and addresses used by
 * another node than their block's owner.
 *
 * @calico felix/calc/l3_route_resolver.go
 */
export function destinationsOf(
  { blocks, ledger, blockOf, pods }: Ipam,
  nodes: ReadonlySet<string>,
  { floating = [], source = 'CalicoIPAM' }: BesideBlocks = {},
): Destination[] {
  const origins = new Map<Pool, Origin>()
  const list: Placed[] = []
  const add = (
    owner: string,
    at: AddressNumber,
    dst: Prefix,
    pool: Pool,
    borrowed: boolean,
    felix: boolean,
    bird: boolean,
  ): void => {
    if (!nodes.has(owner) || !(felix || bird)) return
    let origin = origins.get(pool)
    if (!origin) {
      origin = originOf('ipam', pool.resource, ['spec', decidingField(pool)])
      origins.set(pool, origin)
    }
    const { transport, crossSubnet } = transportOf(pool)
    const entry = { owner, dst, pool, transport, crossSubnet, borrowed, felix, bird, origin }
    list.push({ entry, at, length: prefixLength(dst) })
  }
  // Where it looks at pods, blocks mean nothing to Felix.
  const byBlocks = source === 'CalicoIPAM'
  for (const block of blocks) {
    const { pool, affinity, base, cidr } = block
    if (!pool) continue
    const announcers = announcersOf(block)
    if (affinity !== undefined) add(affinity, base, cidr, pool, false, byBlocks, announcers.includes(affinity))
    for (const node of announcers) if (node !== affinity) add(node, base, cidr, pool, false, false, true)
    const only = announcers.length === 1 && announcers[0] === affinity ? affinity : undefined
    // Where only the owner uses it and announces it, which is nearly always, there is nothing to look for.
    const users = only !== undefined && block.borrowed === 0 ? [] : block.ids.filter((id) => id !== undefined)
    for (const id of users) {
      const { node } = ledger.userOf(id)
      if (node === only) continue
      const address = ledger.addressOf(id)
      const isForeign = byBlocks && node !== affinity
      add(node, numberOf(address), hostPrefix(address), pool, true, isForeign, !announcers.includes(node))
    }
    for (const { address, node } of block.lent ?? []) {
      if (block.ids[slotOf(block, address)] === undefined)
        add(node, numberOf(address), hostPrefix(address), pool, true, byBlocks, false)
    }
  }
  for (const { pod, allocations } of byBlocks ? [] : pods) {
    for (const { address } of allocations) {
      const pool = blockOf(address)?.pool
      if (pool !== undefined)
        add(pod.spec.nodeName ?? '', numberOf(address), hostPrefix(address), pool, false, true, false)
    }
  }
  for (const { node, address, pool } of floating) {
    const block = blockOf(address)
    // Within its own blocks a node announces nothing smaller.
    const isCovered = block !== undefined && announcersOf(block).includes(node)
    add(node, numberOf(address), hostPrefix(address), pool, true, false, !isCovered)
  }
  return sortByAddress(list)
}

/** A destination, and where it comes in a routing table. */
interface Placed {
  readonly entry: Destination
  readonly at: AddressNumber
  readonly length: number
}

function sortByAddress(list: Placed[]): Destination[] {
  list.sort((a, b) => {
    if (typeof a.at !== typeof b.at) return typeof a.at === 'number' ? -1 : 1
    if (a.at !== b.at) return a.at < b.at ? -1 : 1
    return b.length - a.length
  })
  return list.map(({ entry }) => entry)
}

/** The destinations of one family. */
export function ofFamily(list: readonly Destination[], family: Family): Destination[] {
  return list.filter((entry) => entry.pool.family === family)
}
