import type { NodeResource, OtherResource, PodResource, ServiceResource } from '../../control/index.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { genericLines } from './describe/generic.ts'
import { networkPolicyLines } from './describe/network-policy.ts'
import { nodeLines } from './describe/node.ts'
import { labelLines } from './describe/parts.ts'
import { podLines } from './describe/pod.ts'
import { serviceLines } from './describe/service.ts'
import { tabbed } from './describe/tabbed.ts'
import { workloadLines } from './describe/workload.ts'
import type { OpenKube } from './kube.ts'
import { ask, isRun, named, refusing, type VerbOptions } from './options.ts'
import type { Seen } from './seen.ts'
import { type Found, SELECTING, type Selection, select, within } from './select.ts'

const OPTIONS: VerbOptions = {
  valued: SELECTING.valued,
  plain: { ...SELECTING.plain, ...named('--show-events') },
  refused: {
    ...refusing('--chunk-size', '--kustomize', '-k'),
    '-f': 'name what is to be described: TYPE NAME',
    '--filename': 'name what is to be described: TYPE NAME',
  },
}

/** `kubectl describe TYPE [NAME…]`; a name that nobody has stands for those that begin with it. */
export function describe(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, OPTIONS)
  if (isRun(asked)) return asked
  const seen = kube.seen()
  const selection = select(seen, asked)
  if (isRun(selection)) return selection
  const found = selection.found.length === 0 ? byPrefix(seen, selection, asked.words, asked.namespace) : selection.found
  const errors = found === selection.found ? selection.errors : []
  if (found.length === 0) {
    if (selection.errors.length > 0) return failed(selection.errors.join('\n'))
    const where =
      asked.has('all-namespaces') || !selection.types.every(({ namespaced }) => namespaced)
        ? ''
        : ` in ${asked.namespace} namespace.`
    return printed('', `No resources found${where}\n`)
  }
  const run = printed(found.map((one) => tabbed(linesOf(seen, one))).join('\n\n'))
  return errors.length === 0
    ? run
    : { ...run, stderr: errors.map((one) => `${one}\n`).join(''), exitCode: 1, ok: false }
}

function byPrefix(
  seen: Seen,
  { types, isNamed }: Selection,
  words: readonly string[],
  namespace: string,
): readonly Found[] {
  const [type] = types
  if (!isNamed || type === undefined || types.length > 1) return []
  const [first = '', ...rest] = words
  const prefixes = first.includes('/') ? words.map((word) => word.slice(word.indexOf('/') + 1)) : rest
  const all = within(seen, type, type.namespaced ? namespace : undefined)
  return prefixes.flatMap((prefix) =>
    all.filter(({ metadata }) => metadata.name.startsWith(prefix)).map((object) => ({ type, object })),
  )
}

function linesOf(seen: Seen, { type, object }: Found): string[] {
  switch (type.group === 'networking.k8s.io' || type.group === '' || type.group === 'apps' ? type.kind : '') {
    case 'Pod':
      return podLines(seen, object as PodResource)
    case 'Node':
      return nodeLines(seen, object as NodeResource)
    case 'Service':
      return serviceLines(seen, object as ServiceResource)
    case 'NetworkPolicy':
      return networkPolicyLines(object)
    case 'Namespace':
      return namespaceLines(object)
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return workloadLines(seen, object)
    default:
      return genericLines(seen, object, type.namespaced)
  }
}

function namespaceLines(namespace: OtherResource): string[] {
  const status = namespace.metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating'
  return [
    `Name:\t${namespace.metadata.name}`,
    ...labelLines(namespace),
    `Status:\t${status}`,
    '',
    'No resource quota.',
    '',
    'No LimitRange resource.',
  ]
}
