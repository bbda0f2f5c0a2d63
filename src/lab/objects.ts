import {
  kindsIn,
  listOfKind,
  type ObjectReference,
  type OtherResource,
  objectKey,
  objectName,
  POLICY_LISTS,
  type PolicyResources,
  type Resources,
} from '../control/index.ts'
import { type Input, isInput, type LoadedResources, loadResources } from '../input/index.ts'
import { checkArgument, didYouMean, InputError, type Issue, isRecord } from '../model/index.ts'
import { wholeResources } from './build.ts'
import { textsOf } from './from-dumps.ts'

/** Objects to apply: YAML or JSON as `Lab.load` takes it, or lists of objects by their kinds. */
export type ObjectsInput = string | Input | readonly Input[] | Partial<Resources>

/** Objects as users give them, read. @throws InputError with every fault and its place */
export function readObjects(objects: ObjectsInput): LoadedResources {
  const isLists = isRecord(objects) && !isInput(objects) && !Array.isArray(objects)
  if (!isLists) return loadResources(textsOf(objects as Exclude<ObjectsInput, Partial<Resources>>))
  return { resources: wholeResources(objects as Partial<Resources>), warnings: [], unread: [] }
}

/** Kinds a running lab takes. */
const KINDS = kindsIn(POLICY_LISTS).join(', ')

function isOfPolicy(list: keyof Resources): list is keyof PolicyResources {
  return POLICY_LISTS.some((one) => one === list)
}

function issueOf(kind: Issue['kind'], object: OtherResource, expected: string, received: string): Issue {
  const place = object.placeOf?.([])
  return { kind, file: '', ...place, object: objectName(object), path: [], expected, received }
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

/**
 * The lists of policy with these objects in them: one that is there is replaced in its place, as `kubectl apply` does.
 * @throws InputError for objects of other kinds, unless they are as in the lab
 */
export function withApplied(now: Resources, given: Resources): Partial<PolicyResources> {
  const issues: Issue[] = []
  const edited: Record<string, readonly OtherResource[]> = {}
  for (const [list, objects] of Object.entries(given) as [keyof Resources, readonly OtherResource[]][]) {
    if (objects.length === 0) continue
    if (isOfPolicy(list)) edited[list] = merged(now[list], objects)
    else issues.push(...othersThan(now[list], objects))
  }
  if (issues.length > 0) throw new InputError(issues)
  return edited
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

function othersThan(now: readonly OtherResource[], given: readonly OtherResource[]): Issue[] {
  const names = new Set(given.map(({ metadata }) => metadata.name))
  const there = new Map(now.flatMap((one) => (names.has(one.metadata.name) ? [[objectKey(one), one]] : [])))
  return given.flatMap((one) => {
    const known = there.get(objectKey(one))
    if (known !== undefined && isSame(known, one)) return []
    const expected = `an object as it is in the lab, or one that a running lab takes: ${KINDS}; a lab of the changed objects, by Lab.load, takes every kind`
    return [issueOf('unsupported', one, expected, known === undefined ? `a new ${one.kind}` : `another ${one.kind}`)]
  })
}

/** The lists of policy without these objects. @throws InputError for objects that are not there, or are of other kinds */
export function withDeleted(now: Resources, references: readonly ObjectReference[]): Partial<PolicyResources> {
  const gone = new Set(references.map((one) => found(now, one)))
  const lists = POLICY_LISTS.filter((list) => now[list].some((one) => gone.has(one)))
  return Object.fromEntries(lists.map((list) => [list, now[list].filter((one) => !gone.has(one))]))
}

function found(now: Resources, reference: ObjectReference): OtherResource {
  const isRight = isRecord(reference) && typeof reference.kind === 'string' && typeof reference.name === 'string'
  checkArgument(isRight, 'object', 'the reference of an object: { kind, name, namespace }', reference)
  const { kind, name, namespace, apiVersion } = reference
  const list = listOfKind(kind)
  if (!isOfPolicy(list)) throw refused('unsupported', `a kind that a running lab takes: ${KINDS}`, kind)
  const wanted = objectName({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })
  const all: readonly OtherResource[] = now[list]
  const those = all.filter((one) => objectName(one) === wanted && (apiVersion ?? one.apiVersion) === one.apiVersion)
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
