/** A place in an input file. */
export interface Place {
  /** File name as given. */
  readonly file: string
  /** Line, from 1. */
  readonly line: number
  /** Column, from 1. */
  readonly column: number
}

/** Finds where a field of an object stands in its file: `placeOf(['spec', 'cidr'])`; `[]` is the object itself. */
export type PlaceOf = (path: readonly (string | number)[]) => Place | undefined

/** An object that another was made for: with it the other goes. */
export interface OwnerReference {
  /** Its kind. */
  readonly kind: string
  /** Its name. */
  readonly name: string
  /** Its `apiVersion`; not kept of input. */
  readonly apiVersion?: string
  /** Its unique id; not kept of input. */
  readonly uid?: string
  /** Whether it made the other; not kept of input, where the first does. */
  readonly controller?: boolean
}

/** `metadata` of every object, as far as packetwalk reads it. */
export interface Metadata {
  /** Name. */
  readonly name: string
  /** Namespace; `default` when a namespaced object has none. */
  readonly namespace?: string
  /** Labels. */
  readonly labels?: Readonly<Record<string, string>>
  /** Annotations. */
  readonly annotations?: Readonly<Record<string, string>>
  /** RFC 3339 time of creation; decides the order in which pods got their addresses. */
  readonly creationTimestamp?: string
  /** Set while the object is being deleted. */
  readonly deletionTimestamp?: string
  /** How many seconds it may take to end. */
  readonly deletionGracePeriodSeconds?: number
  /** Unique id. */
  readonly uid?: string
  /** Who made it, e.g. the ReplicaSet of a pod. */
  readonly ownerReferences?: readonly OwnerReference[]
}

/** What every object has. */
export interface ResourceBase<Kind extends string> {
  /** `v1`, `projectcalico.org/v3`, `crd.projectcalico.org/v1`, `packetwalk/v1`, … */
  readonly apiVersion: string
  /** Kind. */
  readonly kind: Kind
  /** Metadata. */
  readonly metadata: Metadata
  /** Where the fields stand in the input file; absent for objects made in memory. */
  readonly placeOf?: PlaceOf
}

/** An object of a kind the control plane does not read (policies and anything else): listed, not fatal. */
export interface OtherResource extends ResourceBase<string> {}

/** `namespace/name` of a namespaced object. */
export function namespacedName({ namespace = 'default', name }: Pick<Metadata, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}

/** Which object is meant. */
export interface ObjectReference {
  /** Kind, as in `NetworkPolicy`. */
  readonly kind: string
  /** Name. */
  readonly name: string
  /** Namespace; absent = `default` for kinds that have one. */
  readonly namespace?: string
  /** Tells apart kinds of one name; absent = whichever is there. */
  readonly apiVersion?: string
}

/** An object that is to go, and how. */
export interface ObjectDeletion extends ObjectReference {
  /** Seconds a pod may take to end; 0 = it is no object any more, whether its node has ended it or not. Absent = as the pod says. */
  readonly gracePeriodSeconds?: number
  /** The same as no time at all, as `kubectl delete --force` gives. */
  readonly force?: boolean
}
