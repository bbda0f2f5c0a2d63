import type { Cable, Namespaces } from '../../model/index.ts'
import type { WorkloadEndpoint } from '../cni.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { PodGroups } from '../pod-lists.ts'
import type { Book } from '../policy/book.ts'
import type { Made } from '../policy-edit.ts'
import type { AddressedPod } from '../services/addressed-pods.ts'
import type { Roster, RosterPod } from './roster.ts'
import type { Asking } from './roster-edit.ts'

/** The namespace of a node, and what it was made of. */
export interface MadeNode extends Made {
  /** What others than Felix have in its firewall. */
  readonly others: object
  /** What its pods are by; undefined = as they were first. */
  readonly edition: object | undefined
}

/** A cluster when all of its objects were looked at last: what edits of pods alone go back to. */
export interface PodBase {
  readonly roster: Roster
  readonly namespaces: Namespaces
  readonly policies: Book
  /** What others than Felix had in firewalls. */
  readonly others: object
  readonly endpoints: readonly WorkloadEndpoint[]
  readonly wires: readonly Cable[]
  /** Pods in groups, as policies and as Services look for them. */
  readonly groups: PodGroups<WorkloadEndpoint>
  readonly running: PodGroups<AddressedPod>
  /** What a pod that was edited is; the very same each time. */
  readonly endpointOf: (pod: RosterPod) => WorkloadEndpoint
  readonly addressedOf: (pod: RosterPod) => AddressedPod
  readonly cableOf: (pod: RosterPod) => Cable
  readonly asking: Asking
  /** Whether a namespace wishes pools for its pods. */
  readonly hasWishes: (namespace: string) => boolean
  /** Whether something is told of a pod beyond what it is: `namespace/name`. */
  readonly isTold: (netns: string) => boolean
  /** Namespaces of nodes that were made last. */
  readonly made: Map<string, MadeNode>
}

/** What edits of pods alone have made of a cluster. */
export interface PodMaking {
  readonly base: PodBase
  readonly roster: Roster
  /** Pods without a network of their own, by `namespace/name`. */
  readonly unwired: ReadonlyMap<string, PodResource>
  /** Nodes and pods that are others, each with what it is by. */
  readonly editions: ReadonlyMap<string, object>
  /** What firewalls are by. */
  readonly rules: object
}
