import type { Cluster, OtherResource, Resources } from '../../control/index.ts'
import type { Desk } from '../desk.ts'
import { eventsFrom } from './events.ts'

/** What kubectl sees of a cluster: the objects that are stored, the addresses that pods and nodes have, and what controllers told. */
export interface Seen extends Pick<Cluster, 'resources' | 'workloadEndpoints' | 'nodes'> {
  /** Events. */
  readonly events: readonly OtherResource[]
}

/** What there is to see of a cluster now. */
export function seenOf(cluster: Cluster, desk: Desk): Seen {
  const resources: Resources = desk.objects ?? cluster.resources
  return {
    resources,
    get workloadEndpoints() {
      return cluster.workloadEndpoints
    },
    get nodes() {
      return cluster.nodes
    },
    get events() {
      return eventsFrom(resources)
    },
  }
}

/** The same with namespaces that come before what is in them. */
export function withNamespaces(seen: Seen, names: readonly string[]): Seen {
  if (names.length === 0) return seen
  const made = names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace' as const, metadata: { name } }))
  const resources: Resources = { ...seen.resources, namespaces: [...seen.resources.namespaces, ...made] }
  return {
    resources,
    get workloadEndpoints() {
      return seen.workloadEndpoints
    },
    get nodes() {
      return seen.nodes
    },
    get events() {
      return seen.events
    },
  }
}
