import { type OtherResource, objectName, type Place, type Severity } from '../control/index.ts'
import type { LintName } from './names.ts'
import { LINT_RULES } from './rules/rules.ts'

/** What a finding is worth: it follows from the objects given, or rests on something no object says. */
export type LintCertainty = 'derived' | 'assumed'

/** Something about the objects of a cluster that somebody should know. */
export interface LintFinding {
  /** Its stable name. */
  readonly name: LintName
  /** How bad it is. */
  readonly severity: Severity
  /** The objects it is about, as `Kind/name` or `Kind/namespace/name`; the first is the one to look at. */
  readonly objects: readonly string[]
  /** Where they stand, as far as they stand in a file: the first is the one to look at. */
  readonly places: readonly Place[]
  /** What was found. */
  readonly message: string
  /** Why it hurts. */
  readonly why: string
  /** How it is mended. */
  readonly fix: string
  /** Whether it follows from the objects. */
  readonly certainty: LintCertainty
  /** What no object says and was assumed; '' where it follows. */
  readonly assumed: string
}

/** A field of an object: what a finding is about. */
export interface Subject {
  /** The object. */
  readonly resource: OtherResource
  /** The field; absent = the object. */
  readonly path?: readonly (string | number)[]
}

function placeOf({ resource, path = [] }: Subject): Place | undefined {
  for (let length = path.length; length >= 0; length--) {
    const place = resource.placeOf?.(path.slice(0, length))
    if (place !== undefined) return place
  }
  return undefined
}

/** A finding about fields of objects. @param assumed - what no object says */
export function found(
  name: LintName,
  subjects: readonly Subject[],
  message: string,
  assumed: string | undefined = undefined,
): LintFinding {
  const { severity, why, fix } = LINT_RULES[name]
  return {
    name,
    severity,
    objects: [...new Set(subjects.map(({ resource }) => objectName(resource)))],
    places: subjects.flatMap((subject) => placeOf(subject) ?? []),
    message,
    why,
    fix,
    certainty: assumed === undefined ? 'derived' : 'assumed',
    assumed: assumed ?? '',
  }
}
