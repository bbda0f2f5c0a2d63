import type { Metadata } from '../resource.ts'

/** `metadata` of an object as far as conversions carry it over. */
export interface GivenMetadata extends Metadata {
  /** Begin of a name that was drawn. */
  readonly generateName?: string
  /** Version of the object in the datastore. */
  readonly resourceVersion?: string
}

/** What Calico's Kubernetes backend made of an object. */
export interface Converted<Kind extends string, Spec> {
  /** Always Calico's. */
  readonly apiVersion: 'projectcalico.org/v3'
  /** Kind. */
  readonly kind: Kind
  /** Metadata. */
  readonly metadata: GivenMetadata
  /** Content. */
  readonly spec: Spec
}

/** A conversion: the object, or why there is none; and of the parts that were left out, why. */
export interface Conversion<Made> {
  /** The object; undefined: there is none. */
  readonly object?: Made
  /** What could not be converted. */
  readonly errors: readonly string[]
}

/** Why an object cannot be converted at all. */
export function refused(error: string): { readonly errors: readonly string[] } {
  return { errors: [error] }
}

/** Puts an object together. */
export function made<Kind extends string, Spec>(
  kind: Kind,
  metadata: GivenMetadata,
  spec: Spec,
): Converted<Kind, Spec> {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata, spec }
}

/** The fields of a map that are there and not empty, as Go writes them with `omitempty`. */
export function filled<Fields extends object>(fields: Fields): Partial<Fields> {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value))) as Partial<Fields>
}
