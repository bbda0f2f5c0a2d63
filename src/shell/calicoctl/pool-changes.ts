import type { Refusal } from '../../control/index.ts'
import { overlaps, parsePrefix } from '../../wire/index.ts'
import type { AnyObject, Seen } from './seen.ts'

/** What Calico's client does not let a pool become: another range, another size of blocks, a range that lies in another pool's. @calico libcalico-go/lib/clientv3/ippool.go */
export function poolRefusals(pool: AnyObject, before: AnyObject | undefined, { objects }: Seen): readonly Refusal[] {
  const refusals: Refusal[] = []
  const { cidr, blockSize } = pool.spec ?? {}
  const was = before?.spec ?? {}
  if (before !== undefined && was['cidr'] !== cidr)
    refusals.push({ at: ['spec', 'cidr'], message: 'IPPool CIDR cannot be modified' })
  const usual = String(cidr).includes(':') ? 122 : 26
  if (before !== undefined && (was['blockSize'] ?? usual) !== (blockSize ?? usual))
    refusals.push({ at: ['spec', 'blockSize'], message: 'IPPool BlockSize cannot be modified' })
  if (before !== undefined) return refusals
  const own = parsePrefix(String(cidr))
  for (const other of objects.ippools) {
    const range = parsePrefix(other.spec.cidr)
    if (own === undefined || range === undefined || !overlaps(own, range)) continue
    const message = `IPPool(${pool.metadata.name}) CIDR overlaps with IPPool(${other.metadata.name}) CIDR ${other.spec.cidr}`
    refusals.push({ at: ['spec', 'cidr'], message })
  }
  return refusals
}
