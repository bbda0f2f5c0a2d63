import type { Resources } from '../../control/index.ts'
import type { ControllersMemory } from '../controller.ts'

/** Whether Calico has a datastore: what only Calico stores is there. With the definitions of its objects all that IPAM holds is gone. */
export function holdsDatastore(
  { hasDatastore }: Pick<ControllersMemory, 'hasDatastore'>,
  { clusterInformations, ippools }: Pick<Resources, 'clusterInformations' | 'ippools'>,
): boolean {
  return hasDatastore || clusterInformations.length + ippools.length > 0
}
