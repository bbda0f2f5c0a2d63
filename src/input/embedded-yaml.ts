import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import { parseText } from './documents.ts'
import { objectIssue } from './judge.ts'
import { type RawObject, show } from './objects.ts'

/** One YAML document that stands as text inside an object. */
export interface EmbeddedDocument {
  /** Content. */
  readonly value: unknown
  /** Where in the file of the object something of it stands. */
  readonly placeOf: PlaceOf
}

/** The YAML documents in a field of an object, each field with its line in the file; what is no YAML goes to `issues`. */
export function embeddedYaml(
  raw: RawObject,
  path: readonly (string | number)[],
  text: unknown,
  issues: Issue[],
): readonly EmbeddedDocument[] | undefined {
  if (typeof text !== 'string') {
    issues.push(objectIssue(raw, 'invalid', path, 'YAML, as text', show(text)))
    return undefined
  }
  const start = raw.placeOf(path)
  const { documents, issues: faults } = parseText({ name: start?.file ?? raw.file, text })
  const within = (line: number): number => (start?.line ?? 0) + line
  issues.push(
    ...faults.map((fault) => ({ ...fault, ...(fault.line === undefined ? {} : { line: within(fault.line) }) })),
  )
  return documents.map(({ value, placeOf }) => ({
    value,
    placeOf: (inner) => {
      const place = placeOf(inner)
      return place === undefined ? start : { ...place, line: within(place.line) }
    },
  }))
}
