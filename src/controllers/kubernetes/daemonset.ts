import type { DaemonSetResource, NodeResource, PodPlacement, PodResource, Toleration } from '../../control/index.ts'
import { endPod } from '../deletion.ts'
import { nodeMadeFor, wantsNode } from '../node-fit.ts'
import { taintsOf } from '../node-taints.ts'
import { keyOf } from '../object-keys.ts'
import { hasEnded, isActive, isPodReady, isTerminating } from '../pod-state.ts'
import { templateHash } from '../safe-names.ts'
import { tolerates, untolerated } from '../taints.ts'
import { asGiven, freshName, podOf, type Work } from '../work.ts'
import { limitsOf } from './deployment.ts'
import { givenHash, keepRevisions, REVISION } from './revisions.ts'

const FROM = 'daemonset-controller'

/** What pods of every DaemonSet tolerate: nodes that are lost, full or cordoned. @kubernetes pkg/controller/daemon/util */
const USUAL: readonly (readonly [name: string, effect: string])[] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
]
const OF_HOSTS: readonly (readonly [name: string, effect: string])[] = [['network-unavailable', 'NoSchedule']]

/** Gives every DaemonSet a pod on each node that takes it. @kubernetes pkg/controller/daemon/daemon_controller.go */
export function daemonSets(work: Work): void {
  for (const set of work.objects.daemonSets()) {
    if (set.metadata.deletionTimestamp === undefined) manage(work, set)
  }
}

function manage(work: Work, set: DaemonSetResource): void {
  const { objects, memory } = work
  const given = asGiven(work, set)
  const placement = placementOf(set)
  const byNode = new Map<string, PodResource[]>()
  for (const pod of objects.podsOf(keyOf(set))) {
    const node = nodeMadeFor(pod.spec) ?? pod.spec.nodeName ?? ''
    byNode.set(node, [...(byNode.get(node) ?? []), pod])
  }
  for (const node of objects.nodes()) {
    const { name } = node.metadata
    const all = byNode.get(name) ?? []
    const own = all.filter(isActive)
    const isLeftOut = given !== undefined && memory.nodes.has(name) && !given.nodes.includes(name)
    if (
      wantsNode(placement, node) &&
      untolerated(taintsOf(work, node), placement.tolerations) === undefined &&
      !isLeftOut
    ) {
      for (const pod of all) if (hasEnded(pod) && !isTerminating(pod)) objects.remove(pod)
      if (all.length === 0) make(work, set, placement, name)
      for (const pod of own.slice(1)) endPod(work, pod)
    } else if (!staysOn(work, placement, node)) for (const pod of own) end(work, set, pod)
  }
  if (given !== undefined) return
  keepRevisions(work, set, revisionOf(set))
  renew(work, set, placement, byNode)
}

/** How many of these nodes take a pod of a DaemonSet. */
export function nodesFor(set: DaemonSetResource, nodes: readonly NodeResource[]): number {
  const placement = placementOf(set)
  const takes = (node: NodeResource): boolean =>
    wantsNode(placement, node) && untolerated(node.spec?.taints ?? [], placement.tolerations) === undefined
  return nodes.filter(takes).length
}

/** Whether a pod stays on a node, though one might not come anew. */
function staysOn(
  work: Work,
  placement: PodPlacement & { readonly tolerations: readonly Toleration[] },
  node: NodeResource,
): boolean {
  const executing = taintsOf(work, node).filter(({ effect }) => effect === 'NoExecute')
  return wantsNode(placement, node) && untolerated(executing, placement.tolerations) === undefined
}

/** DaemonSets of which every manifest says that they tolerate all taints and share the node's network: one that does not was cut short. */
const EVERYWHERE: ReadonlySet<string> = new Set(['calico-node', 'canal', 'rke2-canal', 'kube-proxy'])

function assumedOf(name: string): readonly Toleration[] {
  return EVERYWHERE.has(name) ? [{ operator: 'Exists' }] : []
}

/** Where pods of a DaemonSet may run. */
function placementOf({
  metadata,
  spec,
}: DaemonSetResource): PodPlacement & { readonly tolerations: readonly Toleration[] } {
  const { nodeSelector, affinity, tolerations = assumedOf(metadata.name), hostNetwork } = spec.template?.spec ?? {}
  const usual = [...USUAL, ...(hostNetwork === true ? OF_HOSTS : [])].map(([name, effect]) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect,
  }))
  const added = usual.filter(
    (one) => !tolerations.some((own) => own.tolerationSeconds === undefined && tolerates(own, one)),
  )
  return {
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(affinity === undefined ? {} : { affinity }),
    tolerations: [...tolerations, ...added],
  }
}

function make(work: Work, set: DaemonSetResource, placement: PodPlacement, node: string): void {
  const labels = { [REVISION]: revisionOf(set) }
  const here = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  const terms = placement.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const nodeSelectorTerms = terms === undefined ? [here] : terms.map((term) => ({ ...term, ...here }))
  const affinity = {
    ...placement.affinity,
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  }
  const pod = podOf(work, set, set.spec.template, freshName(work, set, 'Pod'), {
    labels,
    placement: { ...placement, affinity, ...(EVERYWHERE.has(set.metadata.name) ? { hostNetwork: true } : {}) },
  })
  work.objects.put(pod)
  work.tell(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, FROM)
}

function end(work: Work, set: DaemonSetResource, pod: PodResource): void {
  if (isTerminating(pod)) return
  work.tell(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`, FROM)
  endPod(work, pod)
}

/** Pods of another template go, so many at a time that no more are missing than may be. */
function renew(
  work: Work,
  set: DaemonSetResource,
  placement: PodPlacement & { readonly tolerations: readonly Toleration[] },
  byNode: ReadonlyMap<string, readonly PodResource[]>,
): void {
  const { updateStrategy = {} } = set.spec
  if (updateStrategy.type === 'OnDelete') return
  const nodes = work.objects.nodes().filter((node) => staysOn(work, placement, node))
  const { unavailable } = limitsOf(
    { maxSurge: 0, maxUnavailable: updateStrategy.rollingUpdate?.maxUnavailable ?? 1 },
    nodes.length,
  )
  const revision = revisionOf(set)
  // A pod that was given without a label is of the template of then.
  const before = givenHash(work, set)
  let missing = 0
  const old: PodResource[] = []
  for (const { metadata } of nodes) {
    const pod = (byNode.get(metadata.name) ?? []).find(isActive)
    const isMissing = pod === undefined || !isPodReady(pod)
    if (isMissing) missing++
    const label = pod?.metadata.labels?.[REVISION] ?? before
    if (pod === undefined || label === undefined || label === revision) continue
    // One that nobody would miss goes at once.
    if (isMissing) end(work, set, pod)
    else old.push(pod)
  }
  for (const pod of old.slice(0, Math.max(0, unavailable - missing))) end(work, set, pod)
}

function revisionOf({ spec }: DaemonSetResource): string {
  return templateHash(spec.template)
}
