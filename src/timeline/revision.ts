import type { Cluster, Resources } from '../control/index.ts'

/** A state of the stored objects, and what programs make of it that have seen it. */
export interface Revision {
  /** From 1, the state it began with. */
  readonly number: number
  /** When it was stored, in nanoseconds of virtual time. */
  readonly at: number
  /** The event that stored it: its number; 0 = it began with it. */
  readonly event: number
  /** Everything that is stored. */
  readonly resources: Resources
  /** The cluster of it, without pods that have no network yet. */
  readonly cluster: Cluster
}

/** Which lists of objects are others. */
export function listsThatDiffer(a: Resources, b: Resources): readonly (keyof Resources)[] {
  return (Object.keys(b) as (keyof Resources)[]).filter((list) => a[list] !== b[list])
}
