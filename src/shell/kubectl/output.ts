import type { OtherResource } from '../../control/index.ts'
import type { Plain } from '../../model/index.ts'
import { objectJson, objectYaml } from '../object-text.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { table } from '../table.ts'
import { groupOf, objectWord } from './api.ts'
import { jsonPath, valuesAt } from './json-path.ts'
import { filledTemplate, valueText } from './json-path-template.ts'
import { shown } from './object.ts'
import type { Seen } from './seen.ts'
import type { Found, Selection } from './select.ts'

/** Forms of output other than tables; what stands behind `=`. */
const FORMS = ['json', 'yaml', 'name', 'jsonpath', 'jsonpath-as-json', 'custom-columns', 'wide'] as const
type Form = (typeof FORMS)[number]

/** Forms that read a file, or a template of Go. */
const REFUSED: Readonly<Record<string, string>> = {
  'go-template': 'templates of Go are not modelled; jsonpath=… and custom-columns=… are',
  'go-template-file': 'templates of Go are not modelled; jsonpath=… and custom-columns=… are',
  template: 'templates of Go are not modelled; jsonpath=… and custom-columns=… are',
  templatefile: 'templates of Go are not modelled; jsonpath=… and custom-columns=… are',
  'jsonpath-file': 'give the template itself: jsonpath=…',
  'custom-columns-file': 'give the columns themselves: custom-columns=NAME:.metadata.name,…',
  kyaml: 'yaml is',
}

/** A form of output that was asked for. */
export interface Output {
  readonly form: Form | 'table'
  /** What stands behind `=`. */
  readonly argument: string
}

/** Reads `-o`. */
export function outputOf(text: string | undefined): Output | Run {
  if (text === undefined || text === '') return { form: 'table', argument: '' }
  const equals = text.indexOf('=')
  const [name, argument] = equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
  const form = FORMS.find((one) => one === name)
  if (form === undefined) {
    const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined
    if (why !== undefined) return failed(`error: -o ${name} is not modelled here: ${why}`)
    const all = 'custom-columns,json,jsonpath,jsonpath-as-json,name,wide,yaml'
    return failed(
      `error: unable to match a printer suitable for the output format "${text}", allowed formats are: ${all}`,
    )
  }
  if (form === 'jsonpath' && argument === '') return failed('error: template format specified but no template given')
  if (form === 'custom-columns' && argument === '')
    return failed('error: custom-columns format specified but no custom columns given')
  return { form, argument }
}

/** The word of an object: `deployment.apps/web`. Calico's objects are of the group that they were written in. */
export function wordOf({ type, object }: Found): string {
  const group = type.group.endsWith('projectcalico.org') ? groupOf(object.apiVersion) : type.group
  return objectWord({ kind: type.kind, group }, object.metadata.name)
}

/** Objects in any form but a table; undefined for tables. */
export function printedObjects(seen: Seen, selection: Selection, output: Output): Run | undefined {
  const { found, isSingle } = selection
  const items = found.map(({ type, object }) => shown(seen, object, type.namespaced))
  const root: Plain = isSingle && items.length === 1 ? (items[0] as Plain) : listOf(items)
  switch (output.form) {
    case 'table':
    case 'wide':
      return undefined
    case 'name':
      return printed(found.map((one) => `${wordOf(one)}\n`).join(''))
    case 'yaml':
      return printed(objectYaml(root))
    case 'json':
      return printed(objectJson(root))
    case 'jsonpath': {
      const filled = filledTemplate(output.argument, root)
      return 'error' in filled ? failed(filled.error) : printed(filled.text)
    }
    case 'jsonpath-as-json': {
      const path = jsonPath(output.argument.replace(/^\s*\{(.*)\}\s*$/s, '$1'))
      if (typeof path === 'string') return failed(`error: error parsing jsonpath ${output.argument}, ${path}`)
      return printed(objectJson(valuesAt(path, root, root) as readonly Plain[]))
    }
    case 'custom-columns':
      return customColumns(items, output.argument)
  }
}

/** A list of objects, as kubectl prints several. */
export function listOf(items: readonly Plain[]): Plain {
  return { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } }
}

/** `NAME:.metadata.name,NODE:.spec.nodeName`: a column each. @kubernetes kubectl/pkg/cmd/get/customcolumn.go */
function customColumns(items: readonly Plain[], text: string): Run {
  const rows: string[][] = [[], ...items.map(() => [])]
  for (const column of text.split(/,(?![^[]*\])/)) {
    const colon = column.indexOf(':')
    if (colon === -1)
      return failed(`error: unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`)
    const path = relaxedPath(column.slice(colon + 1))
    if (typeof path === 'string') return failed(`error: ${path}`)
    rows[0]?.push(column.slice(0, colon))
    for (const [i, item] of items.entries()) {
      const values = valuesAt(path, item, item)
      rows[i + 1]?.push(values.length === 0 ? '<none>' : values.map(cellText).join(','))
    }
  }
  return printed(table(rows))
}

/** A value in a cell, as Go prints it. */
function cellText(value: unknown): string {
  if (value === null) return '<none>'
  if (Array.isArray(value)) return `[${value.map(cellText).join(' ')}]`
  if (typeof value !== 'object') return valueText(value)
  const entries = Object.entries(value as Readonly<Record<string, unknown>>).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, one]) => `${key}:${cellText(one)}`).join(' ')}]`
}

/** A path with or without its braces and its first dot. */
export function relaxedPath(text: string): ReturnType<typeof jsonPath> {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1] ?? text.trim()
  return jsonPath(inner)
}

/** The word of an object of any kind, also of one that packetwalk keeps no more of than its name. */
export function anyWord({
  apiVersion,
  kind,
  metadata,
}: Pick<OtherResource, 'apiVersion' | 'kind' | 'metadata'>): string {
  return objectWord({ kind, group: groupOf(apiVersion) }, metadata.name)
}
