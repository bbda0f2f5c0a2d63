// The objects of test/fixtures/whole, and changes of them.
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

/** An object as a user writes it. */
export interface Thing {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: { readonly name: string; readonly namespace?: string }
  readonly [field: string]: unknown
}

/** What makes other objects of some. */
export type Change = (objects: readonly Thing[]) => readonly Thing[]

/** The objects of a file there. */
export function wholeCluster(file: 'cluster' | 'small'): readonly Thing[] {
  const text = readFileSync(`test/fixtures/whole/${file}.yaml`, 'utf8')
  return parseAllDocuments(text).map((document) => document.toJS() as Thing)
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Maps are joined; anything else takes the place of what was there, and `undefined` leaves it out. */
function joined(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over
  const all: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) all[key] = joined(base[key], value)
  return all
}

/** Fields of the objects of a kind that are called so. */
export function over(kind: string, name: string, fields: object): Change {
  return (objects) =>
    objects.map((one) => (one.kind === kind && one.metadata?.name === name ? (joined(one, fields) as Thing) : one))
}

/** Further objects. */
export function besides(...more: readonly Thing[]): Change {
  return (objects) => [...objects, ...more]
}

/** Without the objects of a kind, or only that of a name. */
export function without(kind: string, name?: string): Change {
  return (objects) => objects.filter((one) => one.kind !== kind || (name !== undefined && one.metadata?.name !== name))
}

/** Changes one after the other. */
export function both(...changes: readonly Change[]): Change {
  return (objects) => changes.reduce((all, change) => change(all), objects)
}
