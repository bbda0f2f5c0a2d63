import type { OtherResource } from '../../control/index.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { namespaceOf } from './cells.ts'
import { givenFrom, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube } from './kube.ts'
import { type Asked, ask, isRun, named, refusing, secondsOf, type VerbOptions } from './options.ts'
import { wordOf } from './output.ts'
import { history, pause, undo } from './rollout-history.ts'
import { type Found, SELECTING, type Selection, select, within } from './select.ts'
import { stepUntil } from './until.ts'
import { newestRevision, podCounts } from './workload.ts'

const OPTIONS: VerbOptions = {
  valued: { ...SELECTING.valued, ...named('--timeout', '--revision', '--to-revision') },
  plain: named('-w'),
  optional: { ...named('--watch'), '--dry-run': 'dry-run' },
  refused: {
    ...refusing('--field-manager', '--kustomize', '-k', '--template'),
    '-f': 'name what is meant: TYPE NAME',
    '--filename': 'name what is meant: TYPE NAME',
  },
}

const KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

const VERBS = ['restart', 'status', 'undo', 'history', 'pause', 'resume'] as const
type Verb = (typeof VERBS)[number]

/** What kubectl says that it has not, of a type that is no workload. */
const NONE_FOR: Readonly<Record<Verb, string>> = {
  restart: 'restarter',
  status: 'status viewer',
  undo: 'rollbacker',
  history: 'history viewer',
  pause: 'pauser',
  resume: 'resumer',
}

/** `kubectl rollout restart|status|undo|history|pause|resume TYPE NAME`. */
export function rollout(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, OPTIONS)
  if (isRun(asked)) return asked
  const [word = '', ...words] = asked.words
  const verb = VERBS.find((one) => one === word)
  if (verb === undefined) return failed(`error: kubectl rollout ${word} is not known; there are ${VERBS.join(', ')}`)
  // Only going back can be tried.
  if (asked.has('dry-run') && verb !== 'undo') return failed('error: unknown flag: --dry-run')
  const selection = select(kube.seen(), asked, words)
  if (isRun(selection)) return selection
  const other = selection.types.find(({ kind }) => !KINDS.has(kind))
  if (other !== undefined) return failed(`error: no ${NONE_FOR[verb]} has been implemented for "${other.kind}"`)
  if (selection.found.length === 0) return failed(selection.errors.join('\n') || 'error: no resources found')
  switch (verb) {
    case 'restart':
      return restart(kube, selection)
    case 'status':
      return status(kube, asked, selection)
    case 'undo':
      return undo(kube, asked, selection)
    case 'history':
      return history(kube, asked, selection)
    default:
      return paused(kube, selection, verb)
  }
}

/** Only Deployments wait with what is new. */
function paused(kube: OpenKube, selection: Selection, verb: 'pause' | 'resume'): Run {
  const other = selection.found.find(({ type }) => type.kind !== 'Deployment')
  if (other === undefined) return pause(kube, selection, verb === 'pause')
  const { type, object } = other
  const doing = verb === 'pause' ? 'pausing' : 'resuming'
  return failed(`error: ${type.plural}.${type.group} "${object.metadata.name}" ${doing} is not supported`)
}

/** New pods are made because their template says that somebody asked for it. */
function restart(kube: OpenKube, { found, errors }: Selection): Run {
  const seconds = Math.floor(kube.desk.simulation.clock.now / 1_000_000_000)
  const at = `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
  const path = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']
  const result = rewrite(
    kube,
    found.map((one) => ({ found: one, value: withField(givenFrom(one).value, path, at) })),
  )
  const out = result.errors.length > 0 ? [] : found.map((one) => `${wordOf(one)} restarted`)
  return linesRun({ out, errors: [...errors, ...result.errors] }, result.warnings)
}

/** The name of the newest ControllerRevision of a StatefulSet. */
function newestName(kube: OpenKube, set: OtherResource): string {
  const newest = newestRevision(kube.seen(), set)
  return newest?.hash === undefined ? set.metadata.name : `${set.metadata.name}-${newest.hash}`
}

/** What is said of an object that is not yet as it should be; undefined when it is. @kubernetes kubectl/pkg/polymorphichelpers/rollout_status.go */
function waiting(kube: OpenKube, { type, object }: Found): string | undefined {
  const { name } = object.metadata
  const now = within(kube.seen(), type, namespaceOf(object)).find(({ metadata }) => metadata.name === name) ?? object
  const { wanted, current, ready, updated } = podCounts(kube.seen(), now)
  switch (type.kind) {
    case 'Deployment':
      if (updated < wanted)
        return `Waiting for deployment "${name}" rollout to finish: ${updated} out of ${wanted} new replicas have been updated...`
      if (current > updated)
        return `Waiting for deployment "${name}" rollout to finish: ${current - updated} old replicas are pending termination...`
      if (ready < updated)
        return `Waiting for deployment "${name}" rollout to finish: ${ready} of ${updated} updated replicas are available...`
      return undefined
    case 'DaemonSet':
      if (updated < wanted)
        return `Waiting for daemon set "${name}" rollout to finish: ${updated} out of ${wanted} new pods have been updated...`
      if (ready < wanted)
        return `Waiting for daemon set "${name}" rollout to finish: ${ready} of ${wanted} updated pods are available...`
      return undefined
    default:
      if (ready < wanted) return `Waiting for ${wanted - ready} pods to be ready...`
      if (updated < wanted)
        return `waiting for statefulset rolling update to complete ${updated} pods at revision ${newestName(kube, now)}...`
      return undefined
  }
}

function status(kube: OpenKube, asked: Asked, { found, errors }: Selection): Run {
  const timeout = secondsOf(asked.text('timeout') ?? '0')
  if (timeout === undefined)
    return failed(`error: invalid argument "${asked.text('timeout')}" for "--timeout" flag: it is no duration`)
  const out: string[] = []
  for (const one of found) {
    let last: string | undefined
    const isDone = (): boolean => {
      const said = waiting(kube, one)
      if (said !== undefined && said !== last) out.push(said)
      last = said
      return said === undefined
    }
    const watches = asked.text('watch') !== 'false'
    const done = watches ? stepUntil(kube, timeout, isDone) : isDone()
    if (done) out.push(doneWord(kube, one))
    else if (watches) {
      const why =
        timeout > 0
          ? 'error: timed out waiting for the condition'
          : 'error: nothing more happens by itself (packetwalk: kubectl describe tells what its pods wait for)'
      return linesRun({ out, errors: [...errors, why] })
    }
  }
  return errors.length === 0 ? printed(out.map((text) => `${text}\n`).join('')) : linesRun({ out, errors })
}

function doneWord(kube: OpenKube, { type, object }: Found): string {
  const { name } = object.metadata
  if (type.kind === 'Deployment') return `deployment "${name}" successfully rolled out`
  if (type.kind === 'DaemonSet') return `daemon set "${name}" successfully rolled out`
  const { current } = podCounts(kube.seen(), object)
  return `statefulset rolling update complete ${current} pods at revision ${newestName(kube, object)}...`
}
