import { isRecord } from '../../model/index.ts'
import { mapAt, textAt } from '../validation/members.ts'
import type { Fields } from '../validation/shape.ts'

/** A plain object, taken apart. */
export interface PlainObject {
  /** `Kind/name` or `Kind/namespace/name`. */
  readonly id: string
  /** Name. */
  readonly name: string
  /** Namespace; empty when it has none. */
  readonly namespace: string
  /** `apiVersion`. */
  readonly api: string
  /** Spec. */
  readonly spec: Fields
  /** Labels. */
  readonly labels: Readonly<Record<string, string>>
  /** Annotations. */
  readonly annotations: Readonly<Record<string, string>>
  /** All of it. */
  readonly value: Fields
}

/** Objects by kind. */
export interface PlainObjects {
  /** Objects of a kind, in input order. */
  of(kind: string): readonly PlainObject[]
  /** All of them. */
  readonly all: readonly PlainObject[]
}

const NO_TEXTS: Readonly<Record<string, string>> = {}

function texts(fields: Fields | undefined): Readonly<Record<string, string>> {
  if (fields === undefined) return NO_TEXTS
  const pairs = Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  return Object.fromEntries(pairs)
}

function plain(value: Fields): PlainObject {
  const about = mapAt(value, 'metadata') ?? {}
  const name = textAt(about, 'name')
  const namespace = textAt(about, 'namespace')
  const kind = textAt(value, 'kind')
  // Pods are many, and labels of few are asked for.
  return {
    id: namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`,
    name,
    namespace,
    api: textAt(value, 'apiVersion'),
    spec: mapAt(value, 'spec') ?? {},
    get labels() {
      return texts(mapAt(about, 'labels'))
    },
    get annotations() {
      return texts(mapAt(about, 'annotations'))
    },
    value,
  }
}

/** Sorts plain objects by kind. */
export function plainObjects(values: readonly unknown[]): PlainObjects {
  const byKind = new Map<string, PlainObject[]>()
  const all: PlainObject[] = []
  for (const value of values) {
    if (!isRecord(value)) continue
    const kind = textAt(value, 'kind')
    const object = plain(value)
    all.push(object)
    const known = byKind.get(kind)
    if (known === undefined) byKind.set(kind, [object])
    else known.push(object)
  }
  return { all, of: (kind) => byKind.get(kind) ?? [] }
}

/** Objects that share a key, by key; only keys that several have. */
export function sharing<T>(items: readonly T[], keyOf: (item: T) => string | undefined): [string, T[]][] {
  const byKey = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined || key === '') continue
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, [item])
    else known.push(item)
  }
  return [...byKey].filter(([, those]) => those.length > 1)
}
