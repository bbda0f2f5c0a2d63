import { table } from '../table.ts'
import type { ApiType } from './api.ts'
import { namespaceOf, none, pairs } from './cells.ts'
import { columnsOf } from './columns.ts'
import { wordOf } from './output.ts'
import type { Seen } from './seen.ts'
import type { Found } from './select.ts'

/** How the rows of a table are to be. */
export interface TableForm {
  readonly wide: boolean
  readonly bare: boolean
  readonly showsKind: boolean
  readonly showsNamespace: boolean
  readonly showsLabels: boolean
  readonly labelColumns: readonly string[]
}

/** A table a type, an empty line between them. */
export function tables(seen: Seen, found: readonly Found[], form: TableForm): string {
  const types = [...new Set(found.map(({ type }) => type))]
  return types
    .map((type) => {
      const rows = found.filter((one) => one.type === type).map((one) => row(seen, one, form))
      return table(form.bare ? rows : [head(type, form), ...rows])
    })
    .join('\n')
}

/** The heads of the columns of a type. */
export function head(type: ApiType, form: TableForm): readonly string[] {
  const { head: own, wideHead } = columnsOf(type)
  return [
    ...(form.showsNamespace && type.namespaced ? ['NAMESPACE'] : []),
    ...own,
    ...(form.wide ? wideHead : []),
    ...form.labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
    ...(form.showsLabels ? ['LABELS'] : []),
  ]
}

/** A row of a table. */
export function row(seen: Seen, found: Found, form: TableForm): readonly string[] {
  const { type, object } = found
  const { cells, wideCells, head: heads } = columnsOf(type)
  const own = [...cells(object, seen)]
  const nameAt = heads.indexOf('NAME')
  if (form.showsKind && nameAt !== -1) own[nameAt] = wordOf(found)
  const labels = object.metadata.labels ?? {}
  return [
    ...(form.showsNamespace && type.namespaced ? [namespaceOf(object)] : []),
    ...own,
    ...(form.wide ? wideCells(object, seen) : []),
    ...form.labelColumns.map((label) => (Object.hasOwn(labels, label) ? (labels[label] as string) : '')),
    ...(form.showsLabels ? [none(pairs(labels))] : []),
  ]
}
