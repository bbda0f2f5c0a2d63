import { listOfKind, objectKey } from '../objects-by-kind.ts'
import type { ObjectReference, OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { withLists } from '../with-lists.ts'
import { foundObject } from './found-object.ts'

/** What becomes of the objects of a cluster: first some are taken away, then others are put in. */
export interface ClusterEdit {
  /** Objects that are put in, by their kinds: one that is there is replaced in its place, as `kubectl apply` does. */
  readonly upserts?: Partial<Resources>
  /** Objects that are taken away, or which. */
  readonly removals?: readonly (ObjectReference | OtherResource)[]
}

/** Objects after an edit. */
export interface EditedObjects {
  readonly resources: Resources
  /** Lists that are others. */
  readonly lists: ReadonlySet<keyof Resources>
  /** What was taken away. */
  readonly removed: ReadonlySet<OtherResource>
}

/** The reference of an object. */
function referenceOf({ apiVersion, kind, metadata }: OtherResource): ObjectReference {
  const { name, namespace } = metadata
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

/**
 * Objects after an edit; lists of which nothing changed are the very same.
 * @throws InputError for a removal of what is not there
 */
export function editedObjects(now: Resources, { upserts = {}, removals = [] }: ClusterEdit): EditedObjects {
  const removed = new Set(
    removals.map((one) => foundObject(now, 'metadata' in one ? referenceOf(one as OtherResource) : one)),
  )
  const edited: Record<string, readonly OtherResource[]> = {}
  for (const list of new Set([...removed].map(({ kind }) => listOfKind(kind)))) {
    edited[list] = (now[list] as readonly OtherResource[]).filter((one) => !removed.has(one))
  }
  for (const [list, objects] of Object.entries(upserts) as [keyof Resources, readonly OtherResource[]][]) {
    if (objects === undefined || objects.length === 0) continue
    edited[list] = merged(edited[list] ?? now[list], objects)
  }
  const lists = new Set(Object.keys(edited) as (keyof Resources)[])
  return { resources: lists.size === 0 ? now : withLists(now, edited), lists, removed }
}

function merged(now: readonly OtherResource[], given: readonly OtherResource[]): readonly OtherResource[] {
  const fresh = new Map(given.map((one) => [objectKey(one), one]))
  const names = new Set(given.map(({ metadata }) => metadata.name))
  const all = now.map((one) => {
    const key = names.has(one.metadata.name) ? objectKey(one) : ''
    const other = fresh.get(key)
    fresh.delete(key)
    return other ?? one
  })
  return [...all, ...fresh.values()]
}
