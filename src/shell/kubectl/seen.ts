import type { Cluster, OtherResource, Resources } from '../../control/index.ts'
import type { Desk } from '../desk.ts'
import { hasStarted, withOwn } from '../own-objects.ts'
import type { WallTime } from './age.ts'
import { eventsFrom } from './events.ts'

const NANOSECONDS_OF_MILLISECOND = 1_000_000

/** What kubectl sees of a cluster: the objects that are stored, the addresses that pods and nodes have, and what controllers told. */
export interface Seen extends Pick<Cluster, 'resources' | 'workloadEndpoints' | 'nodes'> {
  /** Events. */
  readonly events: readonly OtherResource[]
  /** Objects of a kind, and the one that Calico stores by itself where nobody has stored it. */
  withOwn(kind: string, stored: readonly OtherResource[]): readonly OtherResource[]
  /** What time it is. */
  readonly time: WallTime
}

/** What there is to see of a cluster now. */
export function seenOf(cluster: Cluster, desk: Desk): Seen {
  const resources: Resources = desk.objects ?? cluster.resources
  const { epoch: began } = desk.simulation
  return {
    resources,
    get workloadEndpoints() {
      return cluster.workloadEndpoints
    },
    get nodes() {
      return cluster.nodes
    },
    get events() {
      return eventsFrom(resources, desk.told, began)
    },
    withOwn: (kind, stored) =>
      hasStarted(desk, cluster)
        ? withOwn(kind, stored, { settings: cluster.settings, seed: desk.simulation.seed })
        : stored,
    time: { began, now: began + desk.simulation.clock.now / NANOSECONDS_OF_MILLISECOND },
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
    withOwn: (kind, stored) => seen.withOwn(kind, stored),
    time: seen.time,
  }
}
