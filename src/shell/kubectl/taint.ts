import type { Plain } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { askChange } from './ask-change.ts'
import { givenFrom, type Rewritten, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube } from './kube.ts'
import { listAt, type PlainMap, textAt } from './object.ts'
import { isRun, named, refusing, type VerbOptions } from './options.ts'
import { SELECTING, select } from './select.ts'

const OPTIONS: VerbOptions = {
  valued: named('-l --selector'),
  plain: { ...named('--overwrite', '--all'), ...SELECTING.plain },
  optional: named('--dry-run'),
  refused: {
    ...refusing('--field-manager', '--show-managed-fields', '--template'),
    '-o': 'kubectl get -o yaml prints what is stored then',
    '--output': 'kubectl get -o yaml prints what is stored then',
  },
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const

interface TaintChange {
  readonly key: string
  readonly value: string
  /** '' = of every effect, where it goes. */
  readonly effect: string
  readonly isGone: boolean
}

/** `kubectl taint nodes NODE… KEY[=VALUE]:EFFECT… KEY[:EFFECT]-…`. */
export function taint(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, OPTIONS)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const from = asked.words.findIndex((word, i) => i > 0 && (/[=:]/.test(word) || word.endsWith('-')))
  if (from === -1) return failed('error: at least one taint update is required')
  const changes: TaintChange[] = []
  for (const word of asked.words.slice(from)) {
    const change = changeOf(word)
    if (typeof change === 'string') return failed(change)
    changes.push(change)
  }
  const selection = select(kube.seen(), asked, asked.words.slice(0, from))
  if (isRun(selection)) return selection
  const other = selection.types.find(({ kind }) => kind !== 'Node')
  if (other !== undefined) return failed(`error: invalid resource type ${other.plural}, only node(s) is supported`)
  if (!selection.isNamed && !asked.has('all') && asked.text('selector') === undefined)
    return failed("error: at least one resource name must be specified since 'all' parameter is not set")
  const rewritten: Rewritten[] = []
  for (const found of selection.found) {
    const value = tainted(givenFrom(found).value, changes, asked.has('overwrite'))
    if (typeof value === 'string') return failed(value)
    rewritten.push({ found, value })
  }
  const result = dry.isDry ? { errors: [], warnings: [] } : rewrite(kube, rewritten)
  const word = asked.has('overwrite')
    ? 'modified'
    : changes.every(({ isGone }) => isGone)
      ? 'untainted'
      : changes.some(({ isGone }) => isGone)
        ? 'modified'
        : 'tainted'
  const out = selection.found.map(({ object }) => `node/${object.metadata.name} ${word}${dry.remark}`)
  return linesRun(
    { out: result.errors.length > 0 ? [] : out, errors: [...selection.errors, ...result.errors] },
    result.warnings,
  )
}

function changeOf(word: string): TaintChange | string {
  const isGone = word.endsWith('-')
  const text = isGone ? word.slice(0, -1) : word
  const [, key = '', value = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(text) ?? []
  if (key === '') return `error: invalid taint spec: ${word}`
  if (effect === '' && !isGone) return `error: invalid taint spec: ${word}, a taint is KEY[=VALUE]:EFFECT`
  if (effect !== '' && !EFFECTS.some((one) => one === effect))
    return `error: invalid taint effect: ${effect}, unsupported taint effect (packetwalk: ${EFFECTS.join(', ')})`
  return { key, value, effect, isGone }
}

function tainted(node: PlainMap, changes: readonly TaintChange[], overwrites: boolean): PlainMap | string {
  let taints = listAt(node, 'spec', 'taints') as readonly PlainMap[]
  const isMeant = (one: PlainMap, { key, effect }: TaintChange): boolean =>
    textAt(one, 'key') === key && (effect === '' || textAt(one, 'effect') === effect)
  for (const change of changes) {
    const has = taints.some((one) => isMeant(one, change))
    const { key, value, effect, isGone } = change
    if (isGone && !has) return `error: taint "${key}${effect === '' ? '' : `:${effect}`}" not found`
    if (!isGone && has && !overwrites)
      return `error: node ${textAt(node, 'metadata', 'name')} already has ${key} taint(s) with same effect(s) and --overwrite is false`
    const rest = taints.filter((one) => !isMeant(one, change))
    taints = isGone ? rest : [...rest, { key, ...(value === '' ? {} : { value }), effect }]
  }
  return withField(node, ['spec', 'taints'], taints.length === 0 ? undefined : (taints as readonly Plain[]))
}
