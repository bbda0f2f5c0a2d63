import { contains, type Ip, type Prefix } from '../../wire/index.ts'
import { minus, numberOf } from '../address-number.ts'
import type { IPAMBlockResource } from '../calico-kinds.ts'

/**
 * The stored block an address is in, once nobody has the address any more: it is the last that will be handed out again. Undefined
 * where no block has it.
 */
export function blockWithout(blocks: readonly IPAMBlockResource[], address: Ip): IPAMBlockResource | undefined {
  const block = blocks.find(({ spec }) => contains(spec.cidr as Prefix, address))
  if (block === undefined) return undefined
  const { cidr, allocations, unallocated } = block.spec
  const slot = minus(numberOf(address), numberOf(cidr.slice(0, cidr.indexOf('/')) as Ip))
  if ((allocations[slot] ?? null) === null) return undefined
  const left = allocations.map((index, at) => (at === slot ? null : index))
  return { ...block, spec: { ...block.spec, allocations: left, unallocated: [...unallocated, slot] } }
}
