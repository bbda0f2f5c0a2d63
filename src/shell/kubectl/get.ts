import type { OtherResource } from '../../control/index.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import type { ApiType } from './api.ts'
import { valuesAt } from './json-path.ts'
import type { OpenKube } from './kube.ts'
import { shown } from './object.ts'
import { type Asked, ask, isRun, named, refusing, type VerbOptions } from './options.ts'
import { outputOf, printedObjects, relaxedPath } from './output.ts'
import type { Seen } from './seen.ts'
import { type Found, SELECTING, type Selection, select } from './select.ts'
import { type TableForm, tables } from './tables.ts'
import { watch } from './watch.ts'

const OPTIONS: VerbOptions = {
  valued: {
    ...SELECTING.valued,
    ...named('-o --output', '-L --label-columns', '--sort-by'),
  },
  plain: {
    ...SELECTING.plain,
    ...named('--no-headers', '--show-labels', '--show-kind', '--ignore-not-found', '-w --watch', '--watch-only'),
  },
  refused: {
    ...refusing(
      '--chunk-size',
      '--kustomize',
      '-k',
      '--raw',
      '--server-side',
      '--show-managed-fields',
      '--subresource',
      '--template',
    ),
    '--allow-missing-template-keys': 'keys that are not there are empty',
    '--filename': 'name what is to be shown: TYPE NAME',
    '-f': 'name what is to be shown: TYPE NAME',
    '-R': 'name what is to be shown: TYPE NAME',
    '--recursive': 'name what is to be shown: TYPE NAME',
    '--output-watch-events': 'rows are printed as they change',
    '--server-print': 'there is no API server; tables are as it makes them',
  },
}

/** `kubectl get TYPE[,TYPE…] [NAME…] | TYPE/NAME…`, as a table or in another form. */
export function get(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, OPTIONS)
  if (isRun(asked)) return asked
  const output = outputOf(asked.text('output'))
  if (isRun(output)) return output
  const selection = select(kube.seen(), asked)
  if (isRun(selection)) return selection
  const isWatch = asked.has('watch') || asked.has('watch-only')
  if (isWatch && selection.types.length > 1) return failed('error: you may only specify a single resource type')
  const found = sortedBy(kube.seen(), selection.found, asked.text('sort-by'))
  if (isRun(found)) return found
  if (isWatch && output.form !== 'table' && output.form !== 'wide')
    return failed(`error: -w is modelled for tables, not for -o ${output.form}`)
  const form = tableForm(asked, selection, output.form === 'wide')
  const errors = asked.has('ignore-not-found') ? [] : selection.errors
  if (isWatch)
    return watch(kube, asked, { selection: { ...selection, found, errors }, form, isOnly: asked.has('watch-only') })
  if (found.length === 0 && errors.length > 0) return failed(errors.join('\n'))
  if (found.length === 0 && (output.form === 'table' || output.form === 'wide' || output.form === 'name'))
    return printed('', asked.has('ignore-not-found') ? '' : noneFound(asked, selection.types))
  const run = printedObjects(kube.seen(), { ...selection, found }, output) ?? printed(tables(kube.seen(), found, form))
  return errors.length === 0
    ? run
    : { ...run, stderr: errors.map((one) => `${one}\n`).join(''), exitCode: 1, ok: false }
}

function noneFound(asked: Asked, types: readonly ApiType[]): string {
  const isIn = !asked.has('all-namespaces') && types.every(({ namespaced }) => namespaced)
  return isIn ? `No resources found in ${asked.namespace} namespace.\n` : 'No resources found\n'
}

function tableForm(asked: Asked, { types }: Selection, wide: boolean): TableForm {
  return {
    wide,
    bare: asked.has('no-headers'),
    showsKind: asked.has('show-kind') || types.length > 1,
    showsNamespace: asked.has('all-namespaces'),
    showsLabels: asked.has('show-labels'),
    labelColumns: asked.all('label-columns').flatMap((one) => one.split(',')),
  }
}

/** Objects in the order of a field; those of a list that are not numbers by their letters. */
function sortedBy(seen: Seen, found: readonly Found[], by: string | undefined): readonly Found[] | Run {
  if (by === undefined || by === '') return found
  const path = relaxedPath(by)
  if (typeof path === 'string') return failed(`error: ${path}`)
  const keyIn = ({ object, type }: { readonly object: OtherResource; readonly type: ApiType }): unknown => {
    const item = shown(seen, object, type.namespaced)
    return valuesAt(path, item, item)[0]
  }
  const keyed = found.map((one) => ({ one, key: keyIn(one) }))
  if (found.length > 0 && keyed.every(({ key }) => key === undefined))
    return failed(`error: couldn't find any field with path "${by}" in the list of objects`)
  return keyed.sort((a, b) => comesFirst(a.key, b.key)).map(({ one }) => one)
}

/** What is not there comes first. */
function comesFirst(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
