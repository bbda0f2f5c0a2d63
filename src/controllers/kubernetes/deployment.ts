import type { DeploymentResource, PodResource, PodSetResource, PodTemplate } from '../../control/index.ts'
import { selectsLabels } from '../../control/index.ts'
import { keyOf, madeBy, ownerKey } from '../object-keys.ts'
import { hasEnded, isActive, isPodReady } from '../pod-state.ts'
import { canonical, templateHash } from '../safe-names.ts'
import { asGiven, fresh, ownedBy, type Work } from '../work.ts'

const FROM = 'deployment-controller'
const HASH = 'pod-template-hash'
const REVISION = 'deployment.kubernetes.io/revision'

/** Gives every Deployment the ReplicaSet of its template, and moves pods to it from the others. @kubernetes pkg/controller/deployment */
export function deployments(work: Work): void {
  for (const deployment of work.objects.deployments()) {
    if (deployment.metadata.deletionTimestamp === undefined && !isAsGiven(work, deployment)) manage(work, deployment)
  }
}

/** Whether nobody has changed a Deployment since it was given, nor taken a ReplicaSet from it. */
function isAsGiven(work: Work, deployment: DeploymentResource): boolean {
  const given = asGiven(work, deployment)
  if (given === undefined) return false
  const names = work.objects.setsOf(keyOf(deployment)).map(({ metadata }) => metadata.name)
  return given.sets.every((name) => names.includes(name))
}

function manage(work: Work, deployment: DeploymentResource): void {
  adopt(work, deployment)
  const { replicas = 1, strategy = {}, paused = false } = deployment.spec
  const all = work.objects.setsOf(keyOf(deployment))
  const found = all.find((set) => isOf(set, deployment.spec.template))
  if (paused) {
    if (found !== undefined && all.every((set) => set === found || sizeOf(set) === 0))
      scale(work, deployment, found, replicas)
    return
  }
  const old = all.filter((set) => set !== found)
  if (strategy.type === 'Recreate') {
    for (const set of old) scale(work, deployment, set, 0)
    if (old.some((set) => work.objects.podsOf(keyOf(set)).some((pod) => !hasEnded(pod)))) return
    scale(work, deployment, newest(work, deployment, all, found), replicas)
  } else roll(work, deployment, newest(work, deployment, all, found), old)
  forget(work, deployment, old)
}

/** The ReplicaSet of the template, which has the highest revision: one that was there before gets a new one. */
function newest(
  work: Work,
  deployment: DeploymentResource,
  all: readonly PodSetResource[],
  found: PodSetResource | undefined,
): PodSetResource {
  if (found === undefined) return setFor(work, deployment, all, 0)
  const highest = Math.max(...all.map(revisionOf))
  if (revisionOf(found) === highest) return found
  const annotations = { ...found.metadata.annotations, [REVISION]: String(highest + 1) }
  const set = { ...found, metadata: { ...found.metadata, annotations } }
  work.objects.put(set)
  return set
}

function revisionOf({ metadata }: PodSetResource): number {
  return Number(metadata.annotations?.[REVISION] ?? 0) || 0
}

/** Moves pods from old ReplicaSets to the new one, as many at a time as the strategy allows. */
function roll(work: Work, deployment: DeploymentResource, next: PodSetResource, old: readonly PodSetResource[]): void {
  const { objects } = work
  const { replicas = 1, strategy } = deployment.spec
  const { surge, unavailable } = limitsOf(strategy?.rollingUpdate ?? {}, replicas)
  const total = [next, ...old].reduce((sum, set) => sum + sizeOf(set), 0)
  const own = sizeOf(next)
  if (own > replicas) scale(work, deployment, next, replicas)
  else scale(work, deployment, next, Math.min(replicas, own + Math.max(0, replicas + surge - total)))
  const size = sizeOf(objects.find('ReplicaSet', next.metadata.namespace, next.metadata.name) as PodSetResource)
  const readyOf = (set: PodSetResource): number => objects.podsOf(keyOf(set)).filter(isAvailable).length
  const least = replicas - unavailable
  const current = size + old.reduce((sum, set) => sum + sizeOf(set), 0)
  let spare = current - least - Math.max(0, size - readyOf(next))
  // Pods that are not ready go first: nobody misses them.
  for (const set of old) {
    const idle = Math.max(0, Math.min(spare, sizeOf(set) - readyOf(set)))
    if (idle === 0) continue
    scale(work, deployment, set, sizeOf(set) - idle)
    spare -= idle
  }
  let ready = Math.min(spare, [next, ...old].reduce((sum, set) => sum + readyOf(set), 0) - least)
  for (const { metadata } of old) {
    const set = objects.find('ReplicaSet', metadata.namespace, metadata.name) as PodSetResource
    const fewer = Math.max(0, Math.min(ready, sizeOf(set)))
    if (fewer === 0) continue
    scale(work, deployment, set, sizeOf(set) - fewer)
    ready -= fewer
  }
}

function isAvailable(pod: PodResource): boolean {
  return isActive(pod) && isPodReady(pod)
}

/** How many pods may be there beyond what is wanted, and how many missing; not none of both. */
export function limitsOf(
  {
    maxSurge = '25%',
    maxUnavailable = '25%',
  }: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string },
  replicas: number,
): { readonly surge: number; readonly unavailable: number } {
  const surge = shareOf(maxSurge, replicas, Math.ceil)
  const unavailable = Math.min(replicas, shareOf(maxUnavailable, replicas, Math.floor))
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** A number, or a share of some pods. */
function shareOf(given: number | string, of: number, round: (share: number) => number): number {
  if (typeof given === 'number') return Math.max(0, given)
  const percent = /^(\d+)%$/.exec(given)?.[1]
  return percent === undefined ? Number(given) || 0 : round((Number(percent) * of) / 100)
}

function sizeOf({ spec }: PodSetResource): number {
  return spec.replicas ?? 1
}

function scale(work: Work, deployment: DeploymentResource, set: PodSetResource, replicas: number): void {
  const before = sizeOf(set)
  if (before === replicas) return
  work.objects.put({ ...set, spec: { ...set.spec, replicas } })
  const way = replicas > before ? 'up' : 'down'
  const message = `Scaled ${way} replica set ${set.metadata.name} from ${before} to ${replicas}`
  work.tell(deployment, 'Normal', 'ScalingReplicaSet', message, FROM)
}

/** Whether a ReplicaSet is that of a template. */
function isOf(set: PodSetResource, template: PodTemplate | undefined): boolean {
  return canonical(bare(set.spec.template)) === canonical(bare(template))
}

/** A template without the hash of itself. */
function bare(template: PodTemplate | undefined): PodTemplate {
  const { metadata = {}, spec } = template ?? {}
  const { [HASH]: _, ...labels } = metadata.labels ?? {}
  return { metadata: { ...metadata, labels }, ...(spec === undefined ? {} : { spec }) }
}

/** Makes the ReplicaSet of a Deployment's template. */
function setFor(
  work: Work,
  deployment: DeploymentResource,
  others: readonly PodSetResource[],
  replicas: number,
): PodSetResource {
  const { template, selector } = deployment.spec
  const hash = freeHash(work, deployment, template)
  const revision = Math.max(0, ...others.map(revisionOf)) + 1
  const made = madeSet(work, deployment, template, hash, replicas)
  const set = {
    ...made,
    metadata: { ...made.metadata, annotations: { [REVISION]: String(revision) } },
    spec: { ...made.spec, selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH]: hash } } },
  }
  work.objects.put(set)
  const annotations = { ...deployment.metadata.annotations, [REVISION]: String(revision) }
  work.objects.put({ ...deployment, metadata: { ...deployment.metadata, annotations } })
  return set
}

function madeSet(
  work: Work,
  deployment: DeploymentResource,
  template: PodTemplate | undefined,
  hash: string,
  replicas: number,
): PodSetResource {
  const { name, namespace } = deployment.metadata
  const labels = { ...template?.metadata?.labels, [HASH]: hash }
  const within = namespace === undefined ? {} : { namespace }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      ...fresh(work, 'ReplicaSet', { name: `${name}-${hash}`, labels, ...within }),
      ownerReferences: ownedBy(deployment),
    },
    spec: { replicas, template: { ...template, metadata: { ...template?.metadata, labels } } },
    ...(deployment.placeOf === undefined ? {} : { placeOf: deployment.placeOf }),
  }
}

/** The hash of a template; where another ReplicaSet has that name, the next one. */
function freeHash({ objects }: Work, { metadata }: DeploymentResource, template: PodTemplate | undefined): string {
  for (let collision = 0; ; collision++) {
    const hash = templateHash(collision === 0 ? template : [template, collision])
    if (objects.find('ReplicaSet', metadata.namespace, `${metadata.name}-${hash}`) === undefined) return hash
  }
}

/** Pods of ReplicaSets that were not given get these back, so that they are not made anew. */
function adopt(work: Work, deployment: DeploymentResource): void {
  const { memory, objects } = work
  const { namespace } = deployment.metadata
  const selector = deployment.spec.selector ?? {}
  const lost = new Map<string, PodResource[]>()
  for (const absent of memory.absent.now) {
    if (!absent.startsWith(ownerKey('ReplicaSet', namespace, `${deployment.metadata.name}-`))) continue
    const pods = objects.podsOf(absent).filter((pod) => selectsLabels(selector, pod.metadata.labels ?? {}))
    if (pods.length > 0) lost.set(absent, [...pods])
  }
  for (const [absent, pods] of lost) {
    memory.absent.delete(absent)
    const [first] = pods as [PodResource]
    const hash = first.metadata.labels?.[HASH] ?? ''
    const name = madeBy(first)!.slice(ownerKey('ReplicaSet', namespace, '').length)
    const set = madeSet(work, deployment, givenTemplate(work, deployment), hash, pods.filter(isActive).length)
    objects.put({ ...set, metadata: { ...set.metadata, name, annotations: { [REVISION]: '1' } } })
  }
}

/** The template a Deployment had when time began: pods that were given are of it. */
function givenTemplate({ memory }: Work, deployment: DeploymentResource): PodTemplate | undefined {
  const given = memory.owners.get(keyOf(deployment))
  if (given === undefined) return deployment.spec.template
  return (JSON.parse(given.spec) as DeploymentResource['spec']).template
}

/** ReplicaSets without pods are kept, so that one may go back, but not all of them. */
function forget({ objects }: Work, { spec }: DeploymentResource, old: readonly PodSetResource[]): void {
  const idle = old.filter((set) => sizeOf(set) === 0 && objects.podsOf(keyOf(set)).length === 0)
  const revisionOf = ({ metadata }: PodSetResource): number => Number(metadata.annotations?.[REVISION] ?? 0) || 0
  const byAge = [...idle].sort((a, b) => revisionOf(a) - revisionOf(b))
  for (const set of byAge.slice(0, Math.max(0, idle.length - (spec.revisionHistoryLimit ?? 10)))) objects.remove(set)
}
