import {
  createRefusalsOf,
  defaulted,
  type Fields,
  notHonoured,
  pathText,
  type Refusal,
  refusalsOf,
} from '../control/index.ts'

/** An object of the input, with the places of its fields. */
export interface PlacedObject {
  /** Name of the text it stands in. */
  readonly file: string
  /** `apiVersion`. */
  readonly apiVersion: string
  /** `kind`. */
  readonly kind: string
  /** The whole object. */
  readonly value: Fields
  /** Where a field stands; undefined when it is not written. */
  placeOf(path: readonly (string | number)[]):
    | {
        /** Line of the text, from 1. */
        readonly line: number
      }
    | undefined
}

/** A field of an object of the input, and what there is to say about it. */
export interface FieldRemark {
  /** The field, e.g. `spec.cidr`. */
  readonly path: string
  /** Where it stands, or the nearest that is written. */
  readonly line?: number
  /** What would be right, or what becomes of it. */
  readonly message: string
}

/** What Calico makes of an object of the input. */
export interface ValidatedObject {
  /** Name of the text it stands in. */
  readonly file: string
  /** Its line. */
  readonly line?: number
  /** `apiVersion`. */
  readonly apiVersion: string
  /** `kind`. */
  readonly kind: string
  /** Its name. */
  readonly name: string
  /** Its namespace. */
  readonly namespace?: string
  /** Whether Calico takes it; null: it is not of Calico, and was not looked at. */
  readonly accepted: boolean | null
  /** Why not. */
  readonly reasons: readonly FieldRemark[]
  /** Fields that Calico honours and packetwalk does not. */
  readonly notHonoured: readonly FieldRemark[]
  /** The object as the API stores it, with its defaults; of accepted objects. */
  readonly defaulted?: Fields
}

/** Holds objects against Calico's validator and the checks of its clients, one by one. */
export function validateObjects(objects: readonly PlacedObject[]): ValidatedObject[] {
  return objects.map(validated)
}

function validated(object: PlacedObject): ValidatedObject {
  const { file, apiVersion, kind, value, placeOf } = object
  const own = withoutNulls(value) as Fields
  const about = (own['metadata'] ?? {}) as Fields
  const refusals = refusalsOf(own)
  const reasons = refusals === undefined ? [] : [...refusals, ...createRefusalsOf(own)]
  const accepted = refusals === undefined ? null : reasons.length === 0
  const line = placeOf([])?.line
  return {
    file,
    ...(line === undefined ? {} : { line }),
    apiVersion,
    kind,
    name: String(about['name'] ?? ''),
    ...(typeof about['namespace'] === 'string' ? { namespace: about['namespace'] } : {}),
    accepted,
    reasons: reasons.map((reason) => remark(object, reason)),
    notHonoured: accepted === true ? notHonoured(own).map((one) => remark(object, one)) : [],
    ...(accepted === true ? { defaulted: defaulted(own) } : {}),
  }
}

/** A remark at the field, or at the nearest map around it that is written. */
function remark({ placeOf }: PlacedObject, { at, message }: Refusal): FieldRemark {
  for (let depth = at.length; depth >= 0; depth--) {
    const line = placeOf(at.slice(0, depth))?.line
    if (line !== undefined) return { path: pathText(at), line, message }
  }
  return { path: pathText(at), message }
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]))
}
