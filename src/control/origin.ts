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
  return {
    component,
    ...(resource ? { object: objectName(resource) } : {}),
    ...(path.length > 0 ? { field: path.join('.') } : {}),
    ...(place ? { file: place.file, line: place.line } : {}),
    ...(note === undefined ? {} : { note }),
  }
}
