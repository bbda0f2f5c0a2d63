import { loadObjects } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { clusterSheetOf } from './cluster-information.ts'
import type { Seen } from './seen.ts'

/**
 * `calicoctl datastore migrate lock|unlock`: whether the CNI plugin gives pods a network, and takes it down.
 * @calico calicoctl/calicoctl/commands/datastore/migrate
 */
export function setLocked({ lab }: Host, seen: Seen, isLocked: boolean): Run {
  const sheet = clusterSheetOf(seen)
  const verb = isLocked ? 'locking' : 'unlocking'
  if (typeof sheet === 'string') return failed(`error retrieving ClusterInformation for ${verb}: ${sheet}`)
  const { apiVersion, kind, metadata, spec } = sheet.object
  try {
    lab.apply(loadObjects([{ apiVersion, kind, metadata, spec: { ...spec, datastoreReady: !isLocked } }]).resources)
  } catch (error) {
    if (error instanceof InputError) return failed(`error updating ClusterInformation for ${verb}: ${error.message}`)
    throw error
  }
  return printed(`Datastore ${isLocked ? 'locked' : 'unlocked'}.\n`)
}
