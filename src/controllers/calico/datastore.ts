import type { Resources } from '../../control/index.ts'
import type { ControllersMemory } from '../controller.ts'

/** Whether Calico has a datastore: what only Calico stores is there. With the definitions of its objects all that IPAM holds is gone. */
export function holdsDatastore(
  { hasDatastore }: Pick<ControllersMemory, 'hasDatastore'>,
  { clusterInformations, ippools }: Pick<Resources, 'clusterInformations' | 'ippools'>,
): boolean {
  return hasDatastore || clusterInformations.length + ippools.length > 0
}

/** What the CNI plugin says instead of giving a pod a network, or taking it down; undefined = it does. @calico cni-plugin/pkg/plugin */
export function cniRefusal(
  memory: Pick<ControllersMemory, 'hasDatastore'>,
  resources: Pick<Resources, 'clusterInformations' | 'ippools'>,
): string | undefined {
  if (!holdsDatastore(memory, resources))
    return 'error getting ClusterInformation: resource does not exist: ClusterInformation(default)'
  const { spec } = resources.clusterInformations.find(({ metadata }) => metadata.name === 'default') ?? {}
  return spec?.datastoreReady === false ? 'Calico is currently not ready to process requests' : undefined
}
