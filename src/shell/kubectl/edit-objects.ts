import { updated } from './admission.ts'
import { namespaceOf } from './cells.ts'
import type { OpenKube } from './kube.ts'
import { type PlainMap, plain } from './object.ts'
import { wordOf } from './output.ts'
import type { Found } from './select.ts'
import { type Given, store } from './store.ts'

/** An object that is stored, with all its fields, to be stored again. */
export function givenFrom({ type, object }: Found): Given {
  const value = plain(object) as PlainMap
  const metadata = value['metadata'] as PlainMap
  const whole = type.namespaced ? { ...metadata, namespace: namespaceOf(object) } : metadata
  const places = object.placeOf === undefined ? {} : { placeOf: object.placeOf }
  return { value: { ...value, metadata: whole }, type, word: wordOf({ type, object }), ...places }
}

/** An object with other fields. */
export interface Rewritten {
  readonly found: Found
  readonly value: PlainMap
}

/** Stores objects with other fields, if the API server takes all of them. @returns what it says of those it does not, and warnings */
export function rewrite(
  kube: OpenKube,
  all: readonly Rewritten[],
): { readonly errors: readonly string[]; readonly warnings: readonly string[] } {
  const seen = kube.seen()
  const results = all.map(({ found, value }) => updated(seen, { ...givenFrom(found), value }, found.object))
  const errors = results.flatMap((one) => ('refused' in one ? [one.refused] : []))
  if (errors.length > 0) return { errors, warnings: [] }
  const given = results.flatMap((one) => ('given' in one ? [one.given] : []))
  return { errors: [], warnings: store(kube, given) }
}

/** A value with another field at a path; undefined takes it away. */
export function withField(value: PlainMap, path: readonly string[], field: PlainMap[string] | undefined): PlainMap {
  const [key = '', ...rest] = path
  const now = value[key]
  const inner =
    rest.length === 0
      ? field
      : withField(typeof now === 'object' && now !== null && !Array.isArray(now) ? (now as PlainMap) : {}, rest, field)
  const others = Object.entries(value).filter(([name]) => name !== key)
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]])
}
