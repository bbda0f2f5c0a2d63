import type { Cluster, Metadata, OtherResource, Resources } from '../../control/index.ts'
import type { Desk } from '../desk.ts'
import { hasStarted } from '../own-objects.ts'

/** What calicoctl sees: the objects that are stored, and what of them is made for it. */
export interface Seen {
  /** Objects by kind. */
  readonly objects: Resources
  /** The cluster they make: addresses of pods and nodes, tiers. */
  readonly cluster: Cluster
  /** Of what a real cluster draws at random. */
  readonly seed: number
  /** Whether Calico runs, and has stored what it stores by itself. */
  readonly isStarted: boolean
}

/** What there is to see on a desk; undefined where there are no objects. */
export function seenOn(desk: Desk): Seen | undefined {
  const { cluster, objects } = desk
  if (cluster === null) return undefined
  return {
    objects: objects ?? cluster.resources,
    cluster,
    seed: desk.simulation.seed,
    get isStarted() {
      return hasStarted(desk, cluster)
    },
  }
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
