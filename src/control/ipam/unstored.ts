import { hostPrefix, type Ip, type Prefix } from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import type { NodeResource, PodResource } from '../kubernetes-kinds.ts'
import { objectName } from '../objects-by-kind.ts'
import type { FieldPath } from '../origin.ts'
import type { OpenBlock } from './block.ts'
import type { IpamBook } from './book.ts'
import { type HeldAddress, statedAddresses } from './pod-address.ts'
import type { PodPlans } from './pod-plans.ts'

/** An address the input gives to somebody, with the field that says so. */
export interface StatedAddress {
  /** Object that has it. */
  readonly resource: PodResource | NodeResource
  /** Field. */
  readonly path: FieldPath
  /** Address. */
  readonly address: Ip
}

/**
 * Says that the datastore of the input knows no block of an address that somebody has: whose routes lead there is a guess.
 * @param others - how many more have an address of that block
 */
export function noteGuessedBlock(block: OpenBlock, stated: StatedAddress, others: number, findings: Findings): void {
  const { resource, path, address } = stated
  const more = others === 0 ? '' : ` (and ${others} more pod${others === 1 ? '' : 's'} beside it)`
  const expected = 'an address of one of the blocks of the input'
  findings.warn('missing_reference', resource, path, expected, `${address}${more}`)
  const what = `no block of the input has ${address}${more}; that ${block.affinity} owns ${block.cidr} is a guess`
  findings.note('block_unknown', resource, path, what, {
    check: `calicoctl ipam show --ip=${address}`,
    scope: { kind: 'found', to: [block.cidr] },
  })
}

/** Says the same of the blocks that pods’ addresses made. */
export function noteGuessedBlocks(claimed: ReadonlyMap<OpenBlock, readonly HeldAddress[]>, findings: Findings): void {
  for (const [block, [first, ...others]] of claimed) {
    if (first === undefined) continue
    const path = statedAddresses(first.pod)?.path ?? ['metadata', 'name']
    noteGuessedBlock(block, { resource: first.pod, path, address: first.address }, others.length, findings)
  }
}

/**
 * Says that a pod has an address out of another node's block, which that block has not given to anybody: whether the pod's
 * node answers for it is a guess.
 */
export function noteUnallocated(
  book: IpamBook,
  plans: PodPlans,
  given: readonly (readonly Ip[] | undefined)[],
  ranges: ReadonlySet<Prefix>,
  stored: ReadonlyMap<string, readonly Ip[]>,
  findings: Findings,
): void {
  const taken = new Set([...stored.values()].flat())
  given.forEach((addresses = [], i) => {
    const { pod, node } = plans.at(i)
    for (const address of addresses) {
      const block = book.blockOf(address)
      if (block === undefined || !ranges.has(block.cidr) || block.affinity === node.name || taken.has(address)) continue
      const path = statedAddresses(pod)?.path ?? ['metadata', 'name']
      const owner = block.affinity === undefined ? 'nobody’s' : `${block.affinity}’s`
      const expected = `an address that ${block.cidr}, ${owner} block, has given to ${objectName(pod)}`
      findings.warn('invalid', pod, path, expected, `${address}, which is free there`)
      const what = `${address} is free in ${block.cidr}, ${owner} block; that ${node.name} answers for it is a guess`
      findings.note('block_unknown', pod, path, what, {
        check: `calicoctl ipam show --ip=${address}`,
        scope: { kind: 'found', to: [hostPrefix(address)] },
      })
    }
  })
}
