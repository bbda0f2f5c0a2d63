import type { NodeResource, OtherResource, PodResource } from '../../control/index.ts'
import { isNodeReady } from '../../controllers/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { resourceName } from './api.ts'
import { isReady, namespaceOf } from './cells.ts'
import { valuesAt } from './json-path.ts'
import { linesRun, type OpenKube } from './kube.ts'
import { listAt, shown, textAt } from './object.ts'
import { ask, isRun, named, refusing, secondsOf, type VerbOptions } from './options.ts'
import { relaxedPath, wordOf } from './output.ts'
import { type Found, SELECTING, select, within } from './select.ts'
import { stepUntil } from './until.ts'
import { podCounts } from './workload.ts'

const OPTIONS: VerbOptions = {
  valued: { ...SELECTING.valued, ...named('--for', '--timeout', '-o --output') },
  plain: { ...SELECTING.plain, ...named('--all') },
  refused: {
    ...refusing('--show-managed-fields', '--template'),
    '-f': 'name what is waited for: TYPE NAME',
    '--filename': 'name what is waited for: TYPE NAME',
    '--local': 'objects of files do not change',
  },
}

/** Whether an object is as it is waited for; undefined = it is gone. */
type Test = (kube: OpenKube, found: Found, now: OtherResource | undefined) => boolean

/** `kubectl wait --for=condition=Ready|delete|create|jsonpath=… TYPE NAME`. */
export function wait(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, OPTIONS)
  if (isRun(asked)) return asked
  const what = asked.text('for') ?? ''
  const test = testOf(what)
  if (typeof test === 'string') return failed(`error: ${test}`)
  const timeout = secondsOf(asked.text('timeout') ?? '30s')
  if (timeout === undefined)
    return failed(`error: invalid argument "${asked.text('timeout')}" for "--timeout" flag: it is no duration`)
  let selection = select(kube.seen(), asked)
  if (isRun(selection)) return selection
  if (what === 'create') {
    stepUntil(kube, timeout, () => {
      const now = select(kube.seen(), asked)
      return !isRun(now) && now.errors.length === 0 && now.found.length > 0
    })
    selection = select(kube.seen(), asked)
    if (isRun(selection)) return selection
  }
  if (what === 'delete' && selection.errors.length > 0 && selection.found.length === 0)
    return linesRun({ out: [], errors: selection.errors })
  if (selection.found.length === 0) return failed(selection.errors.join('\n') || 'error: no matching resources found')
  const out: string[] = []
  const errors = [...selection.errors]
  for (const found of selection.found) {
    const isSo = (): boolean => test(kube, found, nowOf(kube, found))
    if (stepUntil(kube, Math.abs(timeout), isSo)) out.push(`${wordOf(found)} condition met`)
    else
      errors.push(
        `error: timed out waiting for the condition on ${resourceName(found.type)}/${found.object.metadata.name}`,
      )
  }
  return linesRun({ out, errors })
}

function nowOf(kube: OpenKube, { type, object }: Found): OtherResource | undefined {
  const all = within(kube.seen(), type, type.namespaced ? namespaceOf(object) : undefined)
  return all.find(({ metadata }) => metadata.name === object.metadata.name)
}

function testOf(what: string): Test | string {
  if (what === 'delete')
    return (_kube, { object }, now) => now === undefined || now.metadata.uid !== object.metadata.uid
  if (what === 'create') return (_kube, _found, now) => now !== undefined
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(what)
  if (condition !== null) {
    const [, name = '', status = 'true'] = condition
    return (kube, { type }, now) =>
      now !== undefined && conditionOf(kube, type.kind, now, name.toLowerCase()) === status.toLowerCase()
  }
  const path = /^jsonpath=\{(.*?)\}(?:=(.*))?$/s.exec(what)
  if (path === null)
    return `unrecognized condition: "${what}" (packetwalk: --for=condition=Ready, delete, create or jsonpath={.status.phase}=Running)`
  const parsed = relaxedPath(path[1] ?? '')
  if (typeof parsed === 'string') return parsed
  return (kube, { type }, now) => {
    if (now === undefined) return false
    const item = shown(kube.seen(), now, type.namespaced)
    const values = valuesAt(parsed, item, item)
    return path[2] === undefined
      ? values.length > 0
      : values.some((one) => String(one) === path[2]?.replace(/^["']|["']$/g, ''))
  }
}

/** A condition of an object, in small letters; of what has no status the one that it would have. */
function conditionOf(kube: OpenKube, kind: string, object: OtherResource, name: string): string {
  const stored = listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type')?.toLowerCase() === name)
  if (stored !== undefined) return (textAt(stored, 'status') ?? '').toLowerCase()
  if (kind === 'Pod' && (name === 'ready' || name === 'containersready')) return String(isReady(object as PodResource))
  if (kind === 'Node' && name === 'ready') return String(isNodeReady(object as NodeResource))
  if (kind === 'Deployment' && name === 'available') {
    const { wanted, ready } = podCounts(kube.seen(), object)
    return String(ready >= wanted)
  }
  return ''
}
