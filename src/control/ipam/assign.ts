import type { AllowedUse } from '../calico-kinds.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { selects } from '../selector.ts'
import { freeSlot, type OpenBlock } from './block.ts'
import type { IpamBook } from './book.ts'
import type { Holder } from './ledger.ts'
import type { Pool } from './pool.ts'

/** Why no address was assigned. */
export interface AssignFailure {
  /** There is no pool at all to take it from. */
  readonly noPool?: true
  /** What would have been needed. */
  readonly expected: string
  /** What there was. */
  readonly received: string
}

/** Whether an assignment failed. */
export function isAssignFailure(result: number | AssignFailure): result is AssignFailure {
  return typeof result !== 'number'
}

/** Who asks, and for what. */
export interface AssignRequest {
  /** Node. */
  readonly node: ClusterNode
  /** Family. */
  readonly family: 4 | 6
  /** Use. */
  readonly use: AllowedUse
  /** Labels of the pod's namespace. */
  readonly namespaceLabels?: Readonly<Record<string, string>>
  /** Pools asked for, in this order; selectors and assignmentMode do not apply to them. */
  readonly pools?: readonly Pool[]
  /** The node's own blocks, where they are at hand. */
  readonly blocks?: readonly OpenBlock[]
}

/** The pools a request may use, in order. @calico libcalico-go/lib/ipam/pools.go */
export function usablePools(book: IpamBook, request: AssignRequest): Pool[] {
  const { node, family, use } = request
  const fits = (pool: Pool): boolean => !pool.disabled && pool.family === family && pool.uses.includes(use)
  if (request.pools) return request.pools.filter(fits)
  return book.pools.filter(
    (pool) =>
      fits(pool) &&
      !pool.manual &&
      selects(pool.nodeSelector, node.labels) &&
      (!pool.namespaceSelector || selects(pool.namespaceSelector, request.namespaceLabels ?? {})),
  )
}

/**
 * Assigns one address to a holder: from the node's own blocks in datastore order, from a new block when they are full, else borrowed
 * from somebody else's.
 *
 * @returns the id of the allocation
 * @calico libcalico-go/lib/ipam/ipam.go autoAssign
 */
export function autoAssign(
  book: IpamBook,
  request: AssignRequest,
  pools: readonly Pool[],
  holder: Holder,
): number | AssignFailure {
  const { ledger, reserved } = book
  const host = request.node.name
  if (pools.length === 0) {
    return { noPool: true, expected: `an enabled IPv${request.family} pool for node ${host}`, received: 'none' }
  }
  let own = 0
  const blocks = request.blocks ?? book.ownedBy(host)
  // Counted, as it is asked for each of all pods: an iterator makes an object a block.
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]!
    if (block.pool === undefined || !pools.includes(block.pool)) continue
    own += 1
    const slot = freeSlot(block, reserved)
    if (slot !== undefined) return ledger.occupy(block, slot, holder)
  }
  const { config } = book
  if (config.autoAllocateBlocks) {
    if (own >= config.blockLimit) {
      return { expected: `at most ${config.blockLimit} blocks for node ${host}`, received: 'all of them full' }
    }
    for (;;) {
      const block = book.claimNext(host, pools)
      if (!block) break
      const slot = freeSlot(block, reserved)
      if (slot !== undefined) return ledger.occupy(block, slot, holder)
    }
  }
  const ranges = pools.map((pool) => pool.cidr).join(', ')
  if (config.strictAffinity) {
    return { expected: `a free address in a block of node ${host}`, received: `none left in ${ranges}` }
  }
  for (const block of book.borrowOrder(host, pools)) {
    const slot = freeSlot(block, reserved)
    if (slot !== undefined) return ledger.occupy(block, slot, holder)
  }
  return { expected: 'a free address', received: `none left in ${ranges}` }
}
