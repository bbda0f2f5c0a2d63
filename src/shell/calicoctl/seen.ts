import type { Cluster, Metadata, OtherResource, Resources } from '../../control/index.ts'
import type { Desk } from '../desk.ts'

/** What calicoctl sees: the objects that are stored, and what of them is made for it. */
export interface Seen {
  /** Objects by kind. */
  readonly objects: Resources
  /** The cluster they make: addresses of pods and nodes, tiers. */
  readonly cluster: Cluster
}

/** What there is to see on a desk; undefined where there are no objects. */
export function seenOn({ cluster, objects }: Desk): Seen | undefined {
  return cluster === null ? undefined : { objects: objects ?? cluster.resources, cluster }
}

/** An object with whatever fields it has. */
export interface AnyObject extends Pick<OtherResource, 'kind'> {
  readonly apiVersion: string
  readonly metadata: Metadata
  readonly spec?: Readonly<Record<string, unknown>>
}

/** The namespace of an object. */
export function namespaceOf({ metadata }: { readonly metadata: Metadata }): string {
  return metadata.namespace ?? 'default'
}
