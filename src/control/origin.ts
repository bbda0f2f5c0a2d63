import type { Origin, OriginComponent } from '../model/index.ts'
import { objectName } from './objects-by-kind.ts'
import type { OtherResource } from './resource.ts'

/** A path inside an object, e.g. `['spec', 'ipipMode']`. */
export type FieldPath = readonly (string | number)[]

/** The origin of a fact that one object (and one field of it) decided. */
export function originOf(
  component: OriginComponent,
  resource: OtherResource | undefined,
  path: FieldPath = [],
  note?: string,
): Origin {
  const place = resource?.placeOf?.(path) ?? (path.length > 0 ? resource?.placeOf?.([]) : undefined)
  const value = scalarAt(resource, path)
  return {
    component,
    ...(resource ? { object: objectName(resource) } : {}),
    ...(path.length > 0 ? { field: path.join('.') } : {}),
    ...(value === undefined ? {} : { value }),
    ...(place ? { file: place.file, line: place.line } : {}),
    ...(note === undefined ? {} : { note }),
  }
}

/** What a field says, where that is one word or number and the object says it itself. */
function scalarAt(resource: OtherResource | undefined, path: FieldPath): string | undefined {
  if (path.length === 0) return undefined
  let value: unknown = resource
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[key]
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
