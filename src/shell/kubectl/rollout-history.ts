import type { OtherResource } from '../../control/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { tabbed } from './describe/tabbed.ts'
import { templateLines } from './describe/workload.ts'
import { givenFrom, type Rewritten, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube } from './kube.ts'
import { at, isSame, type PlainMap, plain } from './object.ts'
import { type Asked, dryRunOf, isRun } from './options.ts'
import { wordOf } from './output.ts'
import type { Found, Selection } from './select.ts'
import { type Revision, revisionsOf } from './workload.ts'

/** The label that tells ReplicaSets of one Deployment apart. */
const HASH = 'pod-template-hash'
const CAUSE = 'kubernetes.io/change-cause'

/** `kubectl rollout undo [--to-revision=N]`: an earlier template again. @kubernetes kubectl/pkg/polymorphichelpers/rollback.go */
export function undo(kube: OpenKube, asked: Asked, { found, errors }: Selection): Run {
  const text = asked.text('to-revision') ?? '0'
  if (!/^\d+$/.test(text)) return failed(`error: revision must be a positive integer: ${text}`)
  const dry = dryRunOf(asked)
  if (isRun(dry)) return dry
  const out: string[] = []
  const rewritten: Rewritten[] = []
  for (const one of found) {
    const { object } = one
    if (at(object, 'spec', 'paused') === true)
      return failed(
        "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
      )
    const before = earlier(kube, object, Number(text))
    if (typeof before === 'string') return failed(before)
    if (asked.text('dry-run') === 'client') {
      out.push(`${wordOf(one)} ${templateText(object, before)}${dry.remark}`)
      continue
    }
    const template = templateOf(before)
    const isNow = isSame(template, plain(at(object, 'spec', 'template')))
    out.push(
      isNow
        ? `${wordOf(one)} skipped rollback (current template already matches revision ${before.number})${dry.remark}`
        : `${wordOf(one)} rolled back${dry.remark}`,
    )
    if (!isNow && !dry.isDry)
      rewritten.push({ found: one, value: withField(givenFrom(one).value, ['spec', 'template'], template) })
  }
  return stored(kube, rewritten, out, errors)
}

/** What it would go back to, as `--dry-run=client` prints it. */
function templateText(workload: OtherResource, { template }: Revision): string {
  const lines = templateLines({ ...workload, spec: { template } } as OtherResource)
  const text = lines.map((line) => `${line}\n`).join('')
  return workload.kind === 'Deployment' ? text : `will roll back to ${text}`
}

/** A revision; 0 = the one before the newest. A text says that there is none. */
function earlier(kube: OpenKube, workload: OtherResource, number: number): Revision | string {
  const all = [...revisionsOf(kube.seen(), workload)].sort((a, b) => b.number - a.number)
  if (number > 0)
    return all.find((one) => one.number === number) ?? `error: unable to find specified revision ${number} in history`
  const none =
    workload.kind === 'Deployment'
      ? `error: no rollout history found for deployment "${workload.metadata.name}"`
      : 'error: no last revision to roll back to'
  return all[1] ?? none
}

function templateOf({ template }: Revision): PlainMap {
  return withField(plain(template) as PlainMap, ['metadata', 'labels', HASH], undefined)
}

/** `kubectl rollout history [--revision=N]`. @kubernetes kubectl/pkg/polymorphichelpers/history.go */
export function history(kube: OpenKube, asked: Asked, { found, errors }: Selection): Run {
  const text = asked.text('revision') ?? '0'
  if (!/^\d+$/.test(text)) return failed(`error: revision must be a positive integer: ${text}`)
  const out: string[] = []
  for (const one of found) {
    const said = Number(text) === 0 ? revisions(kube, one) : revision(kube, one, Number(text))
    if (typeof said === 'string') return failed(said)
    out.push(...said)
  }
  return linesRun({ out, errors })
}

function revisions(kube: OpenKube, one: Found): string[] {
  const all = [...revisionsOf(kube.seen(), one.object)].sort((a, b) => a.number - b.number)
  const rows = all.map(({ number, annotations }) => `${number}\t${annotations?.[CAUSE] ?? '<none>'}`)
  return [`${wordOf(one)} `, tabbed(['REVISION\tCHANGE-CAUSE', ...rows])]
}

function revision(kube: OpenKube, one: Found, wanted: number): string[] | string {
  const found = revisionsOf(kube.seen(), one.object).find(({ number }) => number === wanted)
  if (found === undefined) return 'error: unable to find the specified revision'
  const { template } = found
  return [
    `${wordOf(one)} with revision #${wanted}`,
    tabbed(templateLines({ ...one.object, spec: { template } } as OtherResource)),
  ]
}

/** `kubectl rollout pause|resume`. */
export function pause(kube: OpenKube, { found, errors }: Selection, pauses: boolean): Run {
  const word = pauses ? 'paused' : 'resumed'
  const isSo = ({ object }: Found): boolean => (at(object, 'spec', 'paused') === true) === pauses
  const already = found.filter(isSo).map((one) => {
    const { type, object } = one
    return `error: ${type.plural}.${type.group} "${object.metadata.name}" is ${pauses ? 'already paused' : 'not paused'}`
  })
  const others = found.filter((one) => !isSo(one))
  const rewritten = others.map((one) => ({
    found: one,
    value: withField(givenFrom(one).value, ['spec', 'paused'], pauses ? true : undefined),
  }))
  const out = others.map((one) => `${wordOf(one)} ${word}`)
  return stored(kube, rewritten, out, [...errors, ...already])
}

function stored(kube: OpenKube, all: readonly Rewritten[], out: readonly string[], errors: readonly string[]): Run {
  const result = rewrite(kube, all)
  return linesRun({ out: result.errors.length > 0 ? [] : out, errors: [...errors, ...result.errors] }, result.warnings)
}
