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
import { podCounts } from './workload.ts'

const OPTIONS: VerbOptions = {
  valued: { ...SELECTING.valued, ...named('--timeout', '--revision', '--to-revision') },
  plain: named('-w'),
  optional: named('--watch'),
  refused: {
    ...refusing('--field-manager', '--kustomize', '-k', '--template'),
    '-f': 'name what is meant: TYPE NAME',
    '--filename': 'name what is meant: TYPE NAME',
    '--dry-run': 'kubectl rollout history tells to which revision it would go back',
  },
}

const KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** What of Deployments alone is kept: their ReplicaSets are what was. */
const OF_DEPLOYMENTS = { undo: 'rollbacker', history: 'history viewer', pause: 'pauser', resume: 'resumer' } as const

/** `kubectl rollout restart|status|undo|history|pause|resume TYPE NAME`. */
export function rollout(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, OPTIONS)
  if (isRun(asked)) return asked
  const [verb = '', ...words] = asked.words
  if (verb !== 'restart' && verb !== 'status' && !isOfDeployments(verb))
    return failed(
      `error: kubectl rollout ${verb} is not known; there are restart, status, undo, history, pause, resume`,
    )
  const selection = select(kube.seen(), asked, words)
  if (isRun(selection)) return selection
  const other = selection.types.find(({ kind }) => !KINDS.has(kind))
  if (other !== undefined)
    return failed(
      `error: no ${verb === 'status' ? 'status viewer' : 'restarter'} has been implemented for "${other.kind}"`,
    )
  if (selection.found.length === 0) return failed(selection.errors.join('\n') || 'error: no resources found')
  if (isOfDeployments(verb)) {
    const daemon = selection.types.find(({ kind }) => kind !== 'Deployment')
    if (daemon !== undefined)
      return failed(
        verb === 'pause' || verb === 'resume'
          ? `error: ${daemon.plural}.${daemon.group} "${selection.found[0]?.object.metadata.name}" ${verb === 'pause' ? 'pausing' : 'resuming'} is not supported`
          : `error: no ${OF_DEPLOYMENTS[verb]} for ${daemon.plural} is modelled here: of them only the template of now is kept`,
      )
  }
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
      return pause(kube, selection, verb === 'pause')
  }
}

function isOfDeployments(verb: string): verb is keyof typeof OF_DEPLOYMENTS {
  return Object.hasOwn(OF_DEPLOYMENTS, verb)
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
      if (ready < wanted)
        return `Waiting for daemon set "${name}" rollout to finish: ${ready} of ${wanted} updated pods are available...`
      return undefined
    default:
      if (ready < wanted) return `Waiting for ${wanted - ready} pods to be ready...`
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
    if (done) out.push(doneWord(one))
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

function doneWord({ type, object }: Found): string {
  const { name } = object.metadata
  if (type.kind === 'Deployment') return `deployment "${name}" successfully rolled out`
  if (type.kind === 'DaemonSet') return `daemon set "${name}" successfully rolled out`
  return `partitioned roll out complete: ${name}`
}
