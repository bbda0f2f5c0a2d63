import { NO_CLUSTER } from '../no-cluster.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { apply } from './apply.ts'
import { create } from './create.ts'
import { deleteObjects } from './delete.ts'
import { describe } from './describe.ts'
import { exec } from './exec.ts'
import { expose } from './expose.ts'
import { get } from './get.ts'
import { apiResources, apiVersions, clusterInfo, config, refusedVerb, unknownVerb, version } from './information.ts'
import type { Kube, OpenKube } from './kube.ts'
import { annotate, label } from './label.ts'
import { listEvents } from './list-events.ts'
import { cordon, drain, uncordon } from './nodes.ts'
import { patch } from './patch.ts'
import { replace } from './replace.ts'
import { rollout } from './rollout.ts'
import { runPod } from './run.ts'
import { scale } from './scale.ts'
import { seenOf } from './seen.ts'
import { set } from './set.ts'
import { taint } from './taint.ts'
import { wait } from './wait.ts'

type Verb = (kube: OpenKube, line: readonly string[]) => Run

const VERBS: Readonly<Record<string, Verb>> = {
  get,
  describe,
  events: listEvents,
  apply,
  create,
  delete: deleteObjects,
  replace,
  patch,
  label,
  annotate,
  scale,
  set,
  rollout,
  expose,
  run: runPod,
  drain,
  cordon,
  uncordon,
  taint,
  wait,
  version,
  'cluster-info': clusterInfo,
  config,
  'api-resources': apiResources,
  'api-versions': apiVersions,
}

/** The verb of a kubectl line: its first word that is neither a flag nor the namespace behind `-n`. */
function kubectlVerb(line: readonly string[]): string {
  const at = line.findIndex(
    (word, i) => i > 0 && !word.startsWith('-') && !/^(-n|--namespace)$/.test(line[i - 1] ?? ''),
  )
  return at === -1 ? '' : (line[at] as string)
}

/** Runs a kubectl line on the objects of the lab. */
export function kubectl(kube: Kube, line: readonly string[]): Run {
  const verb = kubectlVerb(line)
  // A network of dumps alone has pods to go into, too.
  if (verb === 'exec') return exec(kube, line)
  const known = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
  if (known === undefined)
    return refusedVerb(verb) ?? unknownVerb(verb, ['get', 'exec', ...Object.keys(VERBS).slice(1)])
  const { cluster } = kube.desk
  if (cluster === null) return failed(NO_CLUSTER)
  return known({ ...kube, seen: () => seenOf(kube.desk.cluster ?? cluster, kube.desk) }, line)
}
