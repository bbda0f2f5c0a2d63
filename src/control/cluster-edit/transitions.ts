import { InputError, type Issue } from '../../model/index.ts'
import type { IPPoolResource } from '../calico-kinds.ts'
import { Findings } from '../findings.ts'
import { BLOCK_SIZES } from '../ipam/pool.ts'
import type { Resources } from '../resources.ts'
import type { EditedObjects } from './edit.ts'

/** Fields of an object that stay as they were made. */
function blockSizeOf({ spec }: IPPoolResource): number {
  return spec.blockSize ?? BLOCK_SIZES[spec.cidr.includes(':') ? 6 : 4].usual
}

/**
 * What the API server refuses of a change, whatever the object says by itself: the range of a pool and the size of its blocks stay.
 * @throws InputError with every such change
 * @calico libcalico-go/lib/clientv3/ippool.go Update
 */
export function checkTransitions(before: Resources, { resources, lists, removed }: EditedObjects): void {
  if (!lists.has('ippools')) return
  const findings = new Findings()
  const known = new Map(before.ippools.map((pool) => [pool.metadata.name, pool]))
  for (const pool of resources.ippools) {
    const was = known.get(pool.metadata.name)
    if (was === undefined || was === pool || removed.has(was)) continue
    const other = 'another pool has another name'
    if (was.spec.cidr !== pool.spec.cidr) {
      findings.fault('invalid', pool, ['spec', 'cidr'], `${was.spec.cidr}, as it was made: ${other}`, pool.spec.cidr)
    }
    const [old, size] = [blockSizeOf(was), blockSizeOf(pool)]
    if (old !== size) {
      findings.fault('invalid', pool, ['spec', 'blockSize'], `${old}, as it was made: ${other}`, `${size}`)
    }
  }
  const issues: readonly Issue[] = findings.faults
  if (issues.length > 0) throw new InputError(issues)
}
