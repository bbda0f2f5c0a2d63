import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import type { InputDocument } from './document.ts'
import type { ListType } from './object-type.ts'

/** A Kubernetes or Calico object as it stood in the input, not yet judged. */
export interface RawObject {
  /** `apiVersion`. */
  readonly apiVersion: string
  /** `kind`. */
  readonly kind: string
  /** The whole object. */
  readonly value: Readonly<Record<string, unknown>>
  /** Name of the text it stood in. */
  readonly file: string
  /** Where its fields stand. */
  readonly placeOf: PlaceOf
}

type Path = readonly (string | number)[]

/** Whether a value is a map. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How a value looks to its author, short. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'a map'
  const text = typeof value === 'string' ? `"${value}"` : String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** What a value is, without what it says: where no object of ours stands, it may be somebody's secret. */
export function sortOf(value: unknown): string {
  if (typeof value === 'string') return `a text of ${value.length} character${value.length === 1 ? '' : 's'}`
  return typeof value === 'number' || typeof value === 'boolean' ? `a ${typeof value}` : show(value)
}

/** The objects of a document: itself, the items of a `List` of any kind, or the elements of a plain array. */
export function objectsOf(document: InputDocument, issues: Issue[]): RawObject[] {
  const found: RawObject[] = []
  walk(document, document.value, [], found, issues)
  return found
}

function walk(document: InputDocument, value: unknown, path: Path, found: RawObject[], issues: Issue[]): void {
  if (value === null || value === undefined) return
  if (Array.isArray(value) && typeof (path.at(-1) ?? document.path?.at(-1)) !== 'number') {
    for (const [i, item] of value.entries()) walk(document, item, [...path, i], found, issues)
    return
  }
  if (!isMap(value)) {
    issues.push(issueAt(document, path, 'a Kubernetes or Calico object', sortOf(value)))
    return
  }
  const { apiVersion, kind } = value
  if (typeof kind !== 'string' || kind === '') {
    issues.push(issueAt(document, [...path, 'kind'], 'a kind, e.g. Pod', sortOf(kind)))
    return
  }
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    issues.push(
      issueAt(document, [...path, 'apiVersion'], `an apiVersion for this ${kind}, e.g. v1`, sortOf(apiVersion)),
    )
    return
  }
  if (kind.endsWith('List')) {
    items(document, value, path, found, issues)
    return
  }
  const placeOf: PlaceOf = path.length === 0 ? document.placeOf : (inner) => document.placeOf([...path, ...inner])
  found.push({ apiVersion, kind, value, file: document.file, placeOf })
}

/** Items of a typed list may leave out what the list says (`kind: PodList`). */
export function typedItem(list: ListType, item: unknown): unknown {
  const kind = String(list.kind).slice(0, -'List'.length)
  return isMap(item) && kind !== '' ? { apiVersion: list.apiVersion, kind, ...item } : item
}

function items(
  document: InputDocument,
  list: Readonly<Record<string, unknown>>,
  path: Path,
  found: RawObject[],
  issues: Issue[],
): void {
  const content = list['items']
  if (!Array.isArray(content)) {
    if (content !== null && content !== undefined) {
      issues.push(issueAt(document, [...path, 'items'], 'a list of objects', sortOf(content)))
    }
    return
  }
  for (const [i, item] of content.entries()) {
    walk(document, typedItem(list, item), [...path, 'items', i], found, issues)
  }
}

function issueAt(document: InputDocument, path: Path, expected: string, received: string): Issue {
  const place = document.placeOf(path)
  return {
    kind: 'invalid',
    file: document.file,
    ...(place ? { line: place.line, column: place.column } : {}),
    path: [...(document.path ?? []), ...path],
    expected,
    received,
  }
}
