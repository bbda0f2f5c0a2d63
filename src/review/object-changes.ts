import { isSameData, type KnownResource, type OtherResource, objectKey, type Resources } from '../control/index.ts'
import { fieldChanges } from './field-changes.ts'
import type { ObjectChange } from './review.ts'

/** An object of a cluster, of whatever kind. */
export type AnyObject = KnownResource | OtherResource

/** All objects, by what tells them apart. */
export function objectsByKey(resources: Resources): ReadonlyMap<string, AnyObject> {
  const all = new Map<string, AnyObject>()
  for (const list of Object.values(resources) as readonly (readonly AnyObject[])[])
    for (const one of list) all.set(objectKey(one), one)
  return all
}

/** What is told of an object besides its fields. */
const ASIDE: ReadonlySet<string> = new Set(['placeOf', 'apiVersion', 'kind'])

function fieldsOf(object: AnyObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !ASIDE.has(key)))
}

/** The objects that are there on one side only, or say something else, in the order of their names. */
export function objectChanges(was: Resources, now: Resources): readonly ObjectChange[] {
  if (was === now) return []
  const [before, after] = [objectsByKey(was), objectsByKey(now)]
  const changes: ObjectChange[] = []
  for (const [object, old] of before) {
    const fresh = after.get(object)
    if (fresh === undefined) changes.push({ op: 'removed', object, ...placed('before', old), fields: [] })
    else if (old !== fresh) changes.push(...changed(object, old, fresh))
  }
  for (const [object, fresh] of after)
    if (!before.has(object)) changes.push({ op: 'added', object, ...placed('after', fresh), fields: [] })
  return changes.sort((a, b) => (a.object < b.object ? -1 : 1))
}

function changed(object: string, old: AnyObject, fresh: AnyObject): readonly ObjectChange[] {
  const [was, now] = [fieldsOf(old), fieldsOf(fresh)]
  if (isSameData(was, now)) return []
  const fields = fieldChanges({ was, now, placeOf: { before: old.placeOf, after: fresh.placeOf } })
  return [{ op: 'changed', object, ...placed('before', old), ...placed('after', fresh), fields }]
}

function placed(side: 'before' | 'after', { placeOf }: AnyObject): Partial<ObjectChange> {
  const place = placeOf?.([])
  return place === undefined ? {} : { [side]: place }
}
