import { InputError, isRecord } from '../model/index.ts'

/** A map of any fields. */
export type Fields = Readonly<Record<string, unknown>>

/** An object of a request as it stands there: nothing is judged but that it has a kind and metadata. */
export interface RawObject {
  /** `apiVersion`; empty when there is none. */
  readonly apiVersion: string
  /** Kind. */
  readonly kind: string
  /** Name; empty when there is none. */
  readonly name: string
  /** Namespace. */
  readonly namespace?: string
  /** Labels. */
  readonly labels: Readonly<Record<string, string>>
  /** Annotations. */
  readonly annotations: Readonly<Record<string, string>>
  /** `spec`, empty when there is none. */
  readonly spec: Fields
  /** `status`, empty when there is none. */
  readonly status: Fields
  /** All of it. */
  readonly value: Fields
}

/**
 * The objects of a request, lists unfolded, nothing left out: for verbs that must not refuse what a datastore may hold.
 * @throws InputError when one is no object
 */
export function rawObjects(values: readonly unknown[]): RawObject[] {
  return values.flatMap((value, i) => unfolded(value, ['objects', i]))
}

function unfolded(value: unknown, path: readonly (string | number)[]): RawObject[] {
  if (!isRecord(value) || typeof value['kind'] !== 'string') {
    const received = isRecord(value) ? 'a map without one' : typeof value
    throw new InputError([{ kind: 'syntax', file: '', path, expected: 'an object with a kind', received }])
  }
  const { kind, items } = value
  if (kind.endsWith('List') && Array.isArray(items)) {
    const usual = { apiVersion: value['apiVersion'], kind: kind.slice(0, -4) }
    const whole = (item: unknown): unknown => (isRecord(item) && kind !== 'List' ? { ...usual, ...item } : item)
    return items.flatMap((item, i) => unfolded(whole(item), [...path, 'items', i]))
  }
  const metadata = fieldsOf(value['metadata'])
  const { namespace } = metadata
  return [
    {
      apiVersion: textOf(value['apiVersion']) ?? '',
      kind,
      name: textOf(metadata['name']) ?? '',
      ...(typeof namespace === 'string' ? { namespace } : {}),
      labels: textsOf(metadata['labels']),
      annotations: textsOf(metadata['annotations']),
      spec: fieldsOf(value['spec']),
      status: fieldsOf(value['status']),
      value,
    },
  ]
}

/** A map, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {}
}

/** A text, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Those members of a map that are texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(fieldsOf(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  return Object.fromEntries(texts)
}
