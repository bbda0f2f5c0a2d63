import * as v from 'valibot'
import { isNamespaced, type KnownResource } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import { fitOf, MISS } from './fit.ts'
import { isMap, type RawObject, show, sortOf } from './objects.ts'
import type { Shape } from './schema/fields.ts'
import { type KindShape, metadataOf } from './schema/shapes.ts'

type Path = readonly (string | number)[]

/** What an object was found to be. */
export interface Judgement {
  /** The object with only what is kept; undefined when it is unusable. */
  readonly resource: KnownResource | undefined
  /** Faults that make it unusable. */
  readonly issues: readonly Issue[]
  /** Fields that Calico knows or may know and packetwalk does not read. */
  readonly warnings: readonly Issue[]
}

/** An object's name in messages, as far as it has one. */
function nameOf(raw: RawObject): string {
  const meta = raw.value['metadata']
  if (!isMap(meta) || typeof meta['name'] !== 'string') return raw.kind
  const { name, namespace } = meta
  const within = typeof namespace === 'string' ? namespace : isNamespaced(raw.kind) ? 'default' : undefined
  return within === undefined ? `${raw.kind}/${name}` : `${raw.kind}/${within}/${name}`
}

/** An issue about a field of an object, with its place. */
export function objectIssue(
  raw: RawObject,
  kind: Issue['kind'],
  path: Path,
  expected: string,
  received: string,
): Issue {
  const place = raw.placeOf(path)
  return {
    kind,
    file: place?.file ?? raw.file,
    ...(place ? { line: place.line, column: place.column } : {}),
    object: nameOf(raw),
    path,
    expected,
    received,
  }
}

/**
 * Holds an object against the shape of its kind. What the shape does not name is not kept (managedFields, environment,
 * volumes); in kinds of Calico an unknown field of `spec` is worth a warning, in our own kind it is an error.
 */
export function judge(raw: RawObject, kind: KindShape): Judgement {
  const issues: Issue[] = []
  const warnings: Issue[] = []
  const tolerant = kind.group !== 'packetwalk'
  const keptMeta = check(raw, metadataOf(kind), raw.value['metadata'], ['metadata'], tolerant, issues, warnings)
  const keptRest = check(raw, kind.shape, raw.value, [], tolerant, issues, warnings)
  if (issues.length > 0) return { resource: undefined, issues, warnings }
  const resource = withoutNulls(keptRest)
  resource['apiVersion'] = raw.apiVersion
  resource['kind'] = kind.kind
  resource['metadata'] = withoutNulls(keptMeta)
  resource['placeOf'] = raw.placeOf
  return { resource: resource as unknown as KnownResource, issues, warnings }
}

function check(
  raw: RawObject,
  shape: Shape,
  value: unknown,
  base: Path,
  tolerant: boolean,
  issues: Issue[],
  warnings: Issue[],
): unknown {
  const fitting = fitOf(shape)(value)
  if (fitting !== MISS && !hasListForMap(value, fitting)) return fitting
  const result = v.safeParse(shape, value, { abortPipeEarly: true })
  let unknownOnly = true
  for (const found of result.issues ?? []) {
    const path = [...base, ...(found.path ?? []).map((step) => step.key as string | number)]
    if (found.type === 'strict_object' && found.expected === 'never') {
      const unknownField = objectIssue(
        raw,
        tolerant ? 'unsupported' : 'invalid',
        path,
        knownFields(found),
        `the field ${show(path.at(-1))}`,
      )
      ;(tolerant ? warnings : issues).push(unknownField)
      continue
    }
    unknownOnly = false
    const at = (found.path ?? []).map((step) => step.key)
    issues.push(objectIssue(raw, 'invalid', path, expectation(found), received(path, valueAt(value, at))))
  }
  if (hasListForMap(value, result.output)) listsForMaps(raw, value, result.output, base, issues)
  if (result.success || !unknownOnly || !tolerant) return result.output
  const known = v.safeParse(shape, prune(value, result.issues), { abortPipeEarly: true })
  // Without its unknown fields something may be wrong that was hidden behind them.
  for (const found of known.issues ?? []) {
    const path = [...base, ...(found.path ?? []).map((step) => step.key as string | number)]
    issues.push(
      objectIssue(raw, 'invalid', path, expectation(found), received(path, valueAt(value, path.slice(base.length)))),
    )
  }
  return known.output
}

/** What would have been right: our own words, else valibot's. */
function expectation(found: v.BaseIssue<unknown>): string {
  const message = found.message
  if (isMissingField(found)) return `the field ${found.expected}`
  if (!message.startsWith('Invalid ')) return message
  if (found.type === 'object' || found.type === 'strict_object')
    return found.expected === 'Object' ? 'a map' : `the field ${found.expected}`
  return found.expected ?? 'something else'
}

/** Maps of anybody's text. */
const PRIVATE: ReadonlySet<string | number> = new Set(['annotations', 'env'])

/** What was there; of maps that may hold a secret only the sort. */
function received(path: Path, value: unknown): string {
  return path.some((step) => PRIVATE.has(step)) ? sortOf(value) : show(value)
}

/** What stands at a path. */
function valueAt(value: unknown, path: readonly unknown[]): unknown {
  return path.reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[String(key)], value)
}

/** A required field that is absent: valibot names it in quotes. */
function isMissingField(found: v.BaseIssue<unknown>): boolean {
  return /object$/.test(found.type) && found.received === 'undefined' && found.expected?.startsWith('"') === true
}

/** Whether a map was given as a list. */
function hasListForMap(input: unknown, output: unknown): boolean {
  if (input === output || typeof output !== 'object' || output === null) return false
  if (Array.isArray(output)) {
    return Array.isArray(input) && output.some((item, i) => hasListForMap(input[i], item))
  }
  if (Array.isArray(input)) return true
  if (!isMap(input)) return false
  for (const key in output)
    if (hasListForMap(input[key], (output as Readonly<Record<string, unknown>>)[key])) return true
  return false
}

/** Maps that were given as lists: valibot takes a list for an object without fields. */
function listsForMaps(raw: RawObject, input: unknown, output: unknown, path: Path, issues: Issue[]): void {
  if (input === output || !isMap(output)) {
    if (Array.isArray(input) && Array.isArray(output)) {
      for (const [i, item] of input.entries()) listsForMaps(raw, item, output[i], [...path, i], issues)
    }
    return
  }
  if (Array.isArray(input)) {
    issues.push(objectIssue(raw, 'invalid', path, 'a map', show(input)))
    return
  }
  if (!isMap(input)) return
  for (const key of Object.keys(output)) listsForMaps(raw, input[key], output[key], [...path, key], issues)
}

function knownFields(found: v.BaseIssue<unknown>): string {
  const { message } = found
  return message.startsWith('Invalid ') ? 'only fields that packetwalk reads' : message
}

/** A copy without the fields that unknown-field issues point at. */
function prune(value: unknown, found: readonly v.BaseIssue<unknown>[]): unknown {
  const gone = new Set(found.map((i) => JSON.stringify((i.path ?? []).map((step) => String(step.key)))))
  const copy = (part: unknown, at: readonly string[]): unknown => {
    if (Array.isArray(part)) return part.map((item, i) => copy(item, [...at, String(i)]))
    if (!isMap(part)) return part
    const kept: Record<string, unknown> = {}
    for (const [key, inner] of Object.entries(part)) {
      const path = [...at, key]
      if (!gone.has(JSON.stringify(path))) kept[key] = copy(inner, path)
    }
    return kept
  }
  return copy(value, [])
}

/** Drops keys whose value is null: an empty YAML field counts as absent. */
function withoutNulls(value: unknown): Record<string, unknown> {
  if (!isMap(value)) return {}
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const inner = value[key]
    if (inner !== null && inner !== undefined) kept[key] = cleaned(inner)
  }
  return kept
}

/** In lists an empty place means something (a free slot of a block): only maps in them lose their empty fields. */
function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object') ? value.map(cleaned) : value
  return isMap(value) ? withoutNulls(value) : value
}
