import type { Ip, Prefix } from '../../../wire/index.ts'
import { type Assigned, autoAssignAddresses } from './auto-assign.ts'
import { cloneStore } from './clone-store.ts'
import type { IpamFailure } from './failure.ts'
import { isFailure } from './failure.ts'
import { heldAddresses, inspectAddress } from './inspect.ts'
import { type IpamPool, ipamPool } from './ipam-pool.ts'
import { claimantOf, type IpamStore } from './ipam-store.ts'

/** Where the next pod of a node would go. */
export interface NextPod {
  /** The node. */
  readonly node: string
  /** Its address; absent when it gets none. */
  readonly address?: Ip
  /** The block its address lies in; absent when it gets none. */
  readonly block?: Prefix
  /** Its node has the block already, claims a new one, takes an empty one of another node, or borrows. */
  readonly by?: 'own-block' | 'new-block' | 'borrowed'
  /** Why it gets none. */
  readonly error?: IpamFailure
  /** What Calico says about it on the way; usually nothing. */
  readonly messages: readonly string[]
}

/** The next pod of a node. @param namespace - its namespace, where pools select some */
export function nextPod(store: IpamStore, node: string, family: 4 | 6, namespace?: string): NextPod {
  const trial = cloneStore(store)
  const { addresses, messages, error } = assign(trial, node, family, 1, namespace)
  const [address] = addresses
  const why = { node, messages, ...(error === undefined ? {} : { error }) }
  if (address === undefined) return why
  const held = inspectAddress(trial, address)
  if (isFailure(held)) return { ...why, address }
  const owner = claimantOf(trial.blocks.get(held.block)!)?.host
  const before = store.blocks.get(held.block)
  const isOwn = before !== undefined && claimantOf(before)?.host === node
  const by = owner !== node ? 'borrowed' : isOwn ? 'own-block' : 'new-block'
  return { ...why, address, block: held.block, by }
}

function assign(
  store: IpamStore,
  node: string,
  family: 4 | 6,
  count: number,
  namespace?: string,
): Assigned & { readonly error: IpamFailure | undefined } {
  const { ipv4, ipv6, error } = autoAssignAddresses(store, {
    host: node,
    use: 'Workload',
    ...(family === 4 ? { ipv4: count } : { ipv6: count }),
    ...(namespace === undefined ? {} : { namespace }),
  })
  return { ...(family === 4 ? ipv4 : ipv6), error }
}

/** How many more pods fit. */
export interface Room {
  /** On all nodes together. */
  readonly together: number
  /** Why no more do, as Calico words it; absent where the count was given up. */
  readonly why?: string
  /** On each node, if it were the only one that grows. */
  readonly alone: ReadonlyMap<string, number>
}

/** Pods that are counted at most; there is room for more. */
export const MOST_COUNTED: number = 2 ** 17

/** How many more pods fit on nodes, as Calico would place them. */
export function room(store: IpamStore, family: 4 | 6): Room {
  const nodes = [...store.nodes.keys()].sort()
  const alone = new Map<string, number>()
  for (const node of nodes) alone.set(node, assign(cloneStore(store), node, family, MOST_COUNTED).addresses.length)
  const trial = cloneStore(store)
  let together = 0
  let why: string | undefined
  let growing = nodes
  while (growing.length > 0 && together < MOST_COUNTED) {
    const next: string[] = []
    for (const node of growing) {
      const { addresses, messages, error } = assign(trial, node, family, ROUND)
      together += addresses.length
      if (addresses.length === ROUND) next.push(node)
      else why = error?.message ?? messages.join('; ')
    }
    growing = next
  }
  return { together, alone, ...(why === undefined || growing.length > 0 ? {} : { why }) }
}

/** Pods that each node gets before the next one has its turn. */
const ROUND = 16

/** What another block size would make of the same pods. */
export interface Resized {
  /** Prefix length of the blocks, e.g. 26. */
  readonly blockSize: number
  /** Blocks, each of them a route on every node. */
  readonly blocks: number
  /** Addresses that lie free in blocks with an owner. */
  readonly bound: number
  /** Addresses that lie in a block of another node. */
  readonly borrowed: number
  /** Pods and tunnels that get no address. */
  readonly without: number
}

/** What is there now, counted the same way. */
export function sized(store: IpamStore, pool: IpamPool): Resized {
  return { ...countOf(store, pool), blockSize: pool.blockSize, without: 0 }
}

/** Places the addresses of a pool anew, node by node, with blocks of another size. */
export function resize(store: IpamStore, pool: IpamPool, blockSize: number): Resized {
  const trial = cloneStore(store)
  const resized = ipamPool({ ...pool, blockSize, nodeSelector: 'all()', namespaceSelector: 'all()' })
  trial.pools = [resized]
  trial.settings = { ...store.settings }
  trial.blocks.clear()
  trial.affinities.clear()
  trial.handles.clear()
  const counts = new Map<string, number>()
  for (const { node, block } of heldAddresses(store)) {
    if (node === undefined || !isBlockOf(store, pool, block)) continue
    counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  let without = 0
  for (const [node, count] of counts) {
    if (!trial.nodes.has(node)) trial.nodes.set(node, {})
    without += count - assign(trial, node, pool.family, count).addresses.length
  }
  return { ...countOf(trial, resized), blockSize, without }
}

function isBlockOf(store: IpamStore, pool: IpamPool, cidr: Prefix): boolean {
  const block = store.blocks.get(cidr)
  return (
    block !== undefined &&
    block.family === pool.family &&
    pool.range.first <= block.range.first &&
    block.range.last <= pool.range.last
  )
}

function countOf(store: IpamStore, pool: IpamPool): Pick<Resized, 'blocks' | 'bound' | 'borrowed'> {
  const blocks = [...store.blocks.values()].filter(({ cidr }) => isBlockOf(store, pool, cidr))
  const borrowed = blocks.map((block) => {
    const owner = claimantOf(block)?.host
    return block.slots.filter((held) => held?.node !== undefined && held.node !== owner).length
  })
  return {
    blocks: blocks.length,
    bound: blocks.reduce((sum, block) => sum + (block.affinity === undefined ? 0 : block.unallocated.length), 0),
    borrowed: borrowed.reduce((sum, count) => sum + count, 0),
  }
}
