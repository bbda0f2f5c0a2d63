import type { ClusterInformationResource } from '../../control/index.ts'
import { canonical, clusterGuid, safeHash } from '../../controllers/index.ts'
import { withOwn } from '../own-objects.ts'
import type { Seen } from './seen.ts'

/** Calico's data sheet of a cluster, as calicoctl asks for it. */
export interface ClusterSheet {
  /** The object, to be stored with other content. */
  readonly object: ClusterInformationResource
  readonly guid: string
  readonly type: string
  /** Another one whenever the content is another; the same content has the same. */
  readonly revision: string
  /** Whether somebody keeps Calico from changing anything. */
  readonly isLocked: boolean
}

/** The data sheet; a text says why there is none. */
export function clusterSheetOf({ objects, cluster, seed, isStarted }: Seen): ClusterSheet | string {
  const stored = objects.clusterInformations
  const all = isStarted ? withOwn('ClusterInformation', stored, { settings: cluster.settings, seed }) : stored
  const object = all.find(({ metadata }) => metadata.name === 'default') as ClusterInformationResource | undefined
  if (object === undefined) return 'resource does not exist: ClusterInformation(default)'
  const { clusterGUID = clusterGuid(seed), clusterType = '', datastoreReady } = object.spec
  return {
    object,
    guid: clusterGUID,
    type: clusterType,
    revision: String(safeHash(canonical(object.spec))),
    isLocked: datastoreReady === false,
  }
}
