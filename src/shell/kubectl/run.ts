import { failed, reprinted } from '../result.ts'
import type { Run } from '../run.ts'
import { phaseOf } from './cells.ts'
import { createAll } from './create.ts'
import { newObject, portOf } from './create-kinds.ts'
import type { OpenKube } from './kube.ts'
import { type Asked, ask, dryRunOf, isRun, named, refusing, secondsOf, type VerbOptions } from './options.ts'
import { outputFault } from './print-stored.ts'
import { remove } from './store.ts'
import { stepUntil } from './until.ts'

const OPTIONS: VerbOptions = {
  valued: named(
    '--image',
    '--port',
    '-l --labels',
    '--restart',
    '--env',
    '--annotations',
    '-o --output',
    '--pod-running-timeout',
    '--image-pull-policy',
    '--grace-period',
  ),
  plain: named(
    '--rm',
    '-i --stdin',
    '-t --tty',
    '-q --quiet',
    '--command',
    '--attach',
    '--expose',
    '--force',
    '--save-config',
  ),
  optional: named('--dry-run'),
  refused: {
    ...refusing('--field-manager', '--kustomize', '-k', '--record', '--show-managed-fields', '--template'),
    '-f': 'kubectl create -f makes what a file says',
    '--filename': 'kubectl create -f makes what a file says',
    '--overrides': 'write the pod into a file, and create it',
    '--override-type': 'write the pod into a file, and create it',
    '--privileged': 'what containers may do is not modelled',
    '--leave-stdin-open': 'nothing is typed into containers',
    '--cascade': 'a pod has nothing below it',
    '--timeout': 'give --pod-running-timeout',
    '--wait': 'the pod is waited for where a command is to run in it',
  },
}

/** A command behind the name that runs in the pod's network and ends: others would run on as its server. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', '/bin/sh', '/bin/bash', '/bin/ash'])

/** `kubectl run NAME --image=… [--rm -it --restart=Never -- COMMAND…]`: a pod, and what a command in it prints. */
export function runPod(kube: OpenKube, line: readonly string[]): Run {
  const dashes = line.indexOf('--')
  const asked = ask(dashes === -1 ? line : line.slice(0, dashes), OPTIONS)
  if (isRun(asked)) return asked
  const dry = outputFault(asked) ?? dryRunOf(asked)
  if (isRun(dry)) return dry
  const [name, ...more] = asked.words
  if (name === undefined) return failed("error: NAME is required for run\nSee 'kubectl run -h' for help and examples")
  const command = [...more, ...(dashes === -1 ? [] : line.slice(dashes + 1))]
  const pod = podFor(asked, name, command)
  if (typeof pod === 'string') return failed(pod)
  const attached = asked.has('stdin') || asked.has('attach')
  if (asked.has('rm') && !attached) return failed('error: --rm should only be used for attached containers')
  if (asked.has('expose'))
    return failed('error: --expose is not modelled here: kubectl expose pod NAME --port=… does the same')
  const made = createAll(kube, asked, [pod], dry)
  if (!made.ok || !attached || dry.isDry) return made
  return attachedRun(kube, asked, name, command)
}

/** Runs a command when the pod runs, and takes the pod away where it is to go. */
function attachedRun(kube: OpenKube, asked: Asked, name: string, command: readonly string[]): Run {
  const { namespace } = asked
  const find = () =>
    kube
      .seen()
      .resources.pods.find(({ metadata }) => metadata.name === name && (metadata.namespace ?? 'default') === namespace)
  const netns = (): string | undefined => {
    const pod = find()
    if (pod === undefined || phaseOf(pod) !== 'Running') return undefined
    const known = `${namespace}/${name}`
    return kube.desk.network.namespaces[known] === undefined ? undefined : known
  }
  const isUp = stepUntil(kube, secondsOf(asked.text('pod-running-timeout') ?? '60s') ?? 60, () => netns() !== undefined)
  const where = netns()
  const run =
    !isUp || where === undefined
      ? failed('error: timed out waiting for the condition (packetwalk: kubectl describe pod tells what it waits for)')
      : command.length === 0 || SHELLS.has(command[0] as string)
        ? inShell(kube, name, where, command)
        : kube.run(where, command)
  if (!asked.has('rm')) return run
  const pod = find()
  if (pod !== undefined) remove(kube, [pod])
  stepUntil(kube, 60, () => find() === undefined)
  return asked.has('quiet') ? run : reprinted(run, { stdout: `${run.stdout}pod "${name}" deleted\n` })
}

/** `sh -c 'COMMAND'` runs the command; a shell to type in is what ssh gives. */
function inShell(kube: OpenKube, name: string, where: string, command: readonly string[]): Run {
  const [, flag, text] = command
  if (flag === '-c' && text !== undefined) return kube.run(where, text.split(/\s+/))
  return failed(
    `packetwalk: a shell in a pod is not modelled: kubectl exec ${name} -- COMMAND runs one command, ssh ${where} goes there`,
  )
}

function podFor(asked: Asked, name: string, command: readonly string[]): ReturnType<typeof newObject> | string {
  const image = asked.text('image')
  if (image === undefined) return 'error: required flag(s) "image" not set'
  const restart = asked.text('restart') ?? 'Always'
  if (!['Always', 'Never', 'OnFailure'].includes(restart)) return `error: invalid restart policy: ${restart}`
  const text = asked.text('port')
  const port = text === undefined ? undefined : portOf(text)
  if (text !== undefined && port === undefined)
    return `error: invalid argument "${text}" for "--port" flag: it is no port`
  const pairs = (asked.text('labels') ?? `run=${name}`).split(',').map((one) => one.split('='))
  if (pairs.some(({ length }) => length !== 2)) return `error: unexpected label spec: ${asked.text('labels')}`
  const container = {
    ...(command.length === 0 ? {} : asked.has('command') ? { command } : { args: command }),
    image,
    name,
    ...(port === undefined ? {} : { ports: [{ containerPort: port }] }),
  }
  return newObject(
    'pod',
    name,
    asked,
    { spec: { containers: [container], restartPolicy: restart } },
    Object.fromEntries(pairs),
  )
}
