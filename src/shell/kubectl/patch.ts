import { type RawObject, readObjects } from '../../input/index.ts'
import { InputError, mergePatch, type Plain } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { askChange } from './ask-change.ts'
import { givenFrom, type Rewritten, rewrite } from './edit-objects.ts'
import { jsonPatched } from './json-patch.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { merged, patchFault, strategic } from './merge.ts'
import { isSame, type PlainMap, plain } from './object.ts'
import { type Asked, isRun, named, refusing, type VerbOptions } from './options.ts'
import { wordOf } from './output.ts'
import { withOutput } from './print-stored.ts'
import { type Found, select } from './select.ts'

const OPTIONS: VerbOptions = {
  valued: named('-p --patch', '--type', '--patch-file', '-o --output'),
  optional: named('--dry-run'),
  refused: {
    ...refusing(
      '--field-manager',
      '--kustomize',
      '-k',
      '--record',
      '--show-managed-fields',
      '--subresource',
      '--template',
    ),
    '-f': 'name what is to be patched: TYPE NAME',
    '--filename': 'name what is to be patched: TYPE NAME',
    '--local': 'objects of files are edited in them',
  },
}

/** `kubectl patch TYPE NAME -p PATCH [--type strategic|merge|json]`. */
export function patch(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, OPTIONS)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const given = patchOf(kube, asked)
  if (isRun(given)) return given
  const selection = select(kube.seen(), asked)
  if (isRun(selection)) return selection
  if (!selection.isNamed) return failed('error: resource(s) were provided, but no name was specified')
  const rewritten: Rewritten[] = []
  for (const found of selection.found) {
    const value = patched(found, given.patch, asked.text('type') ?? 'strategic')
    if (typeof value === 'string') return failed(value)
    rewritten.push({ found, value })
  }
  const changed = rewritten.filter(({ found, value }) => !isSame(value, givenFrom(found).value))
  const { errors, warnings } = dry.isDry ? { errors: [], warnings: [] } : rewrite(kube, changed)
  if (errors.length > 0) return failed(errors.join('\n'))
  const out = rewritten.map(
    (one) => `${wordOf(one.found)} patched${changed.includes(one) ? '' : ' (no change)'}${dry.remark}`,
  )
  const objects = rewritten.map(({ found, value }) => ({ ...givenFrom(found), value }))
  const run = objects.length === 0 ? undefined : withOutput(asked, objects)
  return warned(run ?? linesRun({ out, errors: selection.errors }), warnings)
}

function patchOf(kube: OpenKube, asked: Asked): { readonly patch: Plain } | Run {
  const file = asked.text('patch-file')
  const own = asked.text('patch')
  if ((own === undefined) === (file === undefined))
    return failed('error: must specify --patch or --patch-file containing the contents of the patch')
  const text = own ?? kube.files.read(file as string)
  if (typeof text !== 'string')
    return failed(`error: unable to read patch file: open ${file}: ${text.fault.toLowerCase()}`)
  const value = readText(text)
  return value === undefined
    ? failed(`error: unable to parse "${text}": it is neither JSON nor YAML`)
    : { patch: value }
}

/** JSON or YAML; undefined where it is neither. Read as a field of an object, so that the reader of input reads it. */
function readText(text: string): Plain | undefined {
  try {
    return JSON.parse(text) as Plain
  } catch {
    try {
      const indented = text
        .split('\n')
        .map((one) => `  ${one}`)
        .join('\n')
      const [raw]: readonly RawObject[] = readObjects([
        { name: 'patch', text: `apiVersion: v1\nkind: Patch\npatch:\n${indented}\n` },
      ])
      return plain(raw?.value['patch'])
    } catch (error) {
      if (error instanceof InputError) return undefined
      throw error
    }
  }
}

function patched(found: Found, given: Plain, how: string): PlainMap | string {
  const { value } = givenFrom(found)
  switch (how) {
    case 'json': {
      const result = jsonPatched(value, given)
      return typeof result === 'string'
        ? `The request is invalid: the server rejected our request due to an error in our request: ${result}`
        : (result.value as PlainMap)
    }
    case 'merge':
      return mergePatch(value, given) as PlainMap
    case 'strategic': {
      if (found.type.group.includes('projectcalico.org') || found.type.group.includes('tigera.io'))
        return 'Error from server (UnsupportedMediaType): the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json (packetwalk: --type merge)'
      const fault = patchFault(given)
      return fault === undefined ? (merged(value, given, strategic(found.type.kind)) as PlainMap) : `error: ${fault}`
    }
    default:
      return `error: --type must be one of [json merge strategic], not "${how}"`
  }
}
