import type { Plain } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { askChange } from './ask-change.ts'
import { givenFrom, type Rewritten, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { isSame, listAt, type PlainMap, textAt } from './object.ts'
import { isRun, named, refusing, type VerbOptions } from './options.ts'
import { wordOf } from './output.ts'
import { type Found, SELECTING, select } from './select.ts'
import { isVariable, setEnv } from './set-env.ts'

const OPTIONS: VerbOptions = {
  valued: { ...SELECTING.valued, ...named('-c --containers', '-e --env') },
  plain: { ...SELECTING.plain, ...named('--all', '--list') },
  optional: named('--dry-run', '--overwrite'),
  refused: {
    ...refusing('--field-manager', '--kustomize', '-k', '--record', '--show-managed-fields', '--template'),
    '-f': 'name what is meant: TYPE NAME',
    '--filename': 'name what is meant: TYPE NAME',
    '-o': 'kubectl get -o yaml prints what is stored then',
    '--output': 'kubectl get -o yaml prints what is stored then',
    '--local': 'objects of files are edited in them',
    '--from': 'name variables: KEY=VALUE',
    '--keys': 'name variables: KEY=VALUE',
    '--prefix': 'name variables: KEY=VALUE',
    '--resolve': 'values of config maps are in kubectl get cm -o yaml',
  },
}

const KINDS: ReadonlySet<string> = new Set(['Pod', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])

/** `kubectl set image TYPE NAME CONTAINER=IMAGE…`, `kubectl set env …`; of the other things that kubectl sets none is modelled. */
export function set(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, OPTIONS)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const [what = '', ...words] = asked.words
  if (what === 'env') {
    const variables = words.filter(isVariable)
    const chosen = select(
      kube.seen(),
      asked,
      words.filter((word) => !isVariable(word)),
    )
    if (isRun(chosen)) return chosen
    if (chosen.found.length === 0) return failed(chosen.errors.join('\n') || 'error: no resources found')
    return setEnv(kube, asked, chosen, variables, dry)
  }
  if (what === 'selector')
    return failed(
      'error: kubectl set selector is not modelled here: kubectl patch svc NAME -p \'{"spec":{"selector":{…}}}\' does the same',
    )
  if (what !== 'image') return failed(`error: kubectl set ${what} is not modelled here; set image and set env are`)
  const from = words.findIndex((word) => word.includes('='))
  if (from === -1) return failed('error: at least one image update is required')
  const images = words.slice(from).map((word) => word.split(/=(.*)/s, 2) as [string, string])
  const odd = images.find(([name, image]) => name === '' || image === undefined || image === '')
  if (odd !== undefined) return failed(`error: all resources must be specified before image changes: ${odd[0]}`)
  const selection = select(kube.seen(), asked, words.slice(0, from))
  if (isRun(selection)) return selection
  const other = selection.types.find(({ kind }) => !KINDS.has(kind))
  if (other !== undefined) return failed(`error: ${other.plural} have no containers`)
  const rewritten: Rewritten[] = []
  for (const found of selection.found) {
    const value = withImages(found, images)
    if (typeof value === 'string') return failed(value)
    rewritten.push({ found, value })
  }
  const changed = rewritten.filter(({ found, value }) => !isSame(value, givenFrom(found).value))
  const result = dry.isDry ? { errors: [], warnings: [] } : rewrite(kube, changed)
  const out = changed.map(({ found }) => `${wordOf(found)} image updated${dry.remark}`)
  return warned(
    linesRun({ out: result.errors.length > 0 ? [] : out, errors: [...selection.errors, ...result.errors] }),
    result.warnings,
  )
}

function withImages(found: Found, images: readonly (readonly [string, string])[]): PlainMap | string {
  const { value } = givenFrom(found)
  const path = found.type.kind === 'Pod' ? ['spec', 'containers'] : ['spec', 'template', 'spec', 'containers']
  const containers = listAt(value, ...path) as readonly PlainMap[]
  for (const [name] of images) {
    if (name !== '*' && !containers.some((one) => textAt(one, 'name') === name))
      return `error: unable to find container named "${name}"`
  }
  const after = containers.map((one): Plain => {
    const image = images.find(([name]) => name === '*' || name === textAt(one, 'name'))?.[1]
    return image === undefined ? one : { ...one, image }
  })
  return withField(value, path, after)
}
