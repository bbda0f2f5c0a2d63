import {
  collectResources,
  listOfKind,
  type ObjectReference,
  type OtherResource,
  objectKey,
  objectName,
  POLICY_LISTS,
  type Resources,
} from '../control/index.ts'
import { checkArgument, didYouMean, InputError, type Issue, isRecord } from '../model/index.ts'
import { isLong, placeIn, withPut, withTakenOut } from './places.ts'

/** An object that was stored, replaced or deleted. */
export interface EditedObject {
  readonly op: 'add' | 'replace' | 'delete'
  readonly object: OtherResource
}

/** What an edit makes of stored objects. */
export interface ObjectsEdit {
  /** Lists that are others than before. */
  readonly lists: Partial<Resources>
  readonly objects: readonly EditedObject[]
}

/** Nothing is edited. */
export const NO_EDIT: ObjectsEdit = { lists: {}, objects: [] }

/** One edit, and another of what it leaves. */
export function joinedEdits(first: ObjectsEdit, second: ObjectsEdit): ObjectsEdit {
  if (second.objects.length === 0) return first
  return { lists: { ...first.lists, ...second.lists }, objects: [...first.objects, ...second.objects] }
}

/** The same fields, in any order; where they stand in which file does not count. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b || typeof a === 'function') return a === b || typeof b === 'function'
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  const of = (value: object, key: string): unknown => (value as Readonly<Record<string, unknown>>)[key]
  for (const key of keys) if (key !== 'placeOf' && !isSame(of(a, key), of(b, key))) return false
  return true
}

/** Stored objects with these in them: one that is there is replaced in its place, as `kubectl apply` does. What is the same stays. */
export function withApplied(now: Resources, given: Partial<Resources>): ObjectsEdit {
  const lists: Record<string, readonly OtherResource[]> = {}
  const objects: EditedObject[] = []
  for (const [list, those] of Object.entries(given) as [keyof Resources, readonly OtherResource[]][]) {
    // A policy tells where it stands, and replacing one costs next to nothing.
    const isKept = POLICY_LISTS.some((one) => one === list) ? () => false : isSame
    const edited = merged(now[list], those, isKept)
    if (edited.objects.length === 0) continue
    lists[list] = edited.list
    objects.push(...edited.objects)
  }
  return { lists, objects }
}

function merged(
  now: readonly OtherResource[],
  given: readonly OtherResource[],
  isKept: (was: OtherResource, fresh: OtherResource) => boolean,
): { readonly list: readonly OtherResource[]; readonly objects: readonly EditedObject[] } {
  const replaced = new Map<number, OtherResource>()
  const added: OtherResource[] = []
  for (const [key, object] of new Map(given.map((one) => [objectKey(one), one]))) {
    const place = placeIn(now, key)
    if (place < 0) added.push(object)
    else if (!isKept(now[place]!, object)) replaced.set(place, object)
  }
  const inOrder = [...replaced].sort(([a], [b]) => a - b)
  const objects = [
    ...inOrder.map(([, object]): EditedObject => ({ op: 'replace', object })),
    ...added.map((object): EditedObject => ({ op: 'add', object })),
  ]
  return { list: objects.length === 0 ? now : withPut(now, replaced, added), objects }
}

/** The objects that are meant. @throws InputError for one that is not there */
function foundObjects(now: Resources, references: readonly ObjectReference[]): readonly OtherResource[] {
  return [...new Set(references.map((one) => foundObject(now, one)))]
}

/** Stored objects without these. @throws InputError for one that is not there */
export function withDeleted(now: Resources, references: readonly ObjectReference[]): ObjectsEdit {
  return withoutObjects(now, foundObjects(now, references))
}

/** Stored objects without these. */
export function withoutObjects(now: Resources, objects: readonly OtherResource[]): ObjectsEdit {
  const gone = new Set(objects)
  const lists: Record<string, readonly OtherResource[]> = {}
  for (const list of new Set(objects.map(({ kind }) => listOfKind(kind)))) {
    const all: readonly OtherResource[] = now[list]
    lists[list] = withTakenOut(all, gone)
  }
  return { lists, objects: objects.map((object) => ({ op: 'delete', object })) }
}

/** The object that is meant. @throws InputError where there is none */
export function foundObject(now: Resources, reference: ObjectReference): OtherResource {
  const isRight = isRecord(reference) && typeof reference.kind === 'string' && typeof reference.name === 'string'
  checkArgument(isRight, 'object', 'the reference of an object: { kind, name, namespace }', reference)
  const { kind, name, namespace, apiVersion } = reference
  const wanted = objectName({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })
  const all: readonly OtherResource[] = now[listOfKind(kind)]
  const isMeant = (one: OtherResource): boolean =>
    one.metadata.name === name && objectName(one) === wanted && (apiVersion ?? one.apiVersion) === one.apiVersion
  // Of most kinds there is one of a name, and where it stands is known.
  const place = isLong(all) && kind !== 'NetworkPolicy' ? placeIn(all, wanted) : undefined
  const those = (place === undefined ? all : place < 0 ? [] : [all[place]!]).filter(isMeant)
  const [first, second] = those
  if (first === undefined) {
    const names = all.filter((one) => one.kind === kind).map(objectName)
    throw refused('missing_reference', `an object that is in the lab; ${didYouMean(wanted, names)}`, wanted)
  }
  if (second === undefined) return first
  const versions = those.map((one) => one.apiVersion).join(' or ')
  throw refused('invalid', `apiVersion ${versions}: both are there`, wanted)
}

function refused(kind: Issue['kind'], expected: string, received: string): InputError {
  return new InputError([{ kind, file: '', path: [], expected, received }])
}

/** Objects of a mixed list by their kinds, for an event. */
export function listsOf(objects: readonly OtherResource[]): Partial<Resources> {
  const all = collectResources(objects)
  return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0))
}
