import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { askChange } from './ask-change.ts'
import { givenFrom, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { isRun, named, refusing, secondsOf, type VerbOptions } from './options.ts'
import { wordOf } from './output.ts'
import { SELECTING, select } from './select.ts'
import { stepUntil } from './until.ts'
import { podCounts } from './workload.ts'

const OPTIONS: VerbOptions = {
  valued: { ...SELECTING.valued, ...named('--replicas', '--current-replicas', '-o --output', '--timeout') },
  plain: named('--all'),
  optional: named('--dry-run'),
  refused: {
    ...refusing('--kustomize', '-k', '--record', '--show-managed-fields', '--template'),
    '-f': 'name what is to be scaled: TYPE NAME',
    '--filename': 'name what is to be scaled: TYPE NAME',
    '-R': 'name what is to be scaled: TYPE NAME',
    '--resource-version': 'objects have no versions here',
  },
}

/** Types that have a number of pods. */
const SCALABLE: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet'])

/** `kubectl scale --replicas=N TYPE NAME`. */
export function scale(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, OPTIONS)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const text = asked.text('replicas')
  if (text === undefined) return failed('error: required flag(s) "replicas" not set')
  if (!/^\d+$/.test(text))
    return failed('error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
  const output = asked.text('output')
  if (output !== undefined && output !== 'name') return failed(`error: -o ${output} is not modelled here; name is`)
  const selection = select(kube.seen(), asked)
  if (isRun(selection)) return selection
  const other = selection.types.find(({ kind }) => !SCALABLE.has(kind))
  if (other !== undefined)
    return failed(
      `error: cannot scale ${other.plural}: they have no number of pods (packetwalk: deployments, replicasets, statefulsets do)`,
    )
  const { found, errors } = selection
  if (found.length === 0 && errors.length === 0) return failed('error: no objects passed to scale')
  const wanted = asked.text('current-replicas')
  const wrong = found.find(
    ({ object }) =>
      wanted !== undefined && Number(wanted) >= 0 && podCounts(kube.seen(), object).wanted !== Number(wanted),
  )
  if (wrong !== undefined)
    return failed(`error: Expected replicas to be ${wanted}, was ${podCounts(kube.seen(), wrong.object).wanted}`)
  const all = found.map((one) => ({
    found: one,
    value: withField(givenFrom(one).value, ['spec', 'replicas'], Number(text)),
  }))
  const result = dry.isDry ? { errors: [], warnings: [] } : rewrite(kube, all)
  const timeout = secondsOf(asked.text('timeout') ?? '0')
  if (timeout !== undefined && timeout > 0 && !dry.isDry)
    stepUntil(kube, timeout, () => isThere(kube, asked, Number(text)))
  const out = found.map((one) => (output === 'name' ? wordOf(one) : `${wordOf(one)} scaled${dry.remark}`))
  return warned(
    linesRun({ out: result.errors.length > 0 ? [] : out, errors: [...errors, ...result.errors] }),
    result.warnings,
  )
}

function isThere(kube: OpenKube, asked: Parameters<typeof select>[1], count: number): boolean {
  const now = select(kube.seen(), asked)
  return isRun(now) || now.found.every(({ object }) => podCounts(kube.seen(), object).current === count)
}
