import { type IPPoolResource, installedPools, type PodResource } from '../../control/index.ts'
import { keyOf } from '../object-keys.ts'
import { conditionOf, isPodReady, isTerminating, withConditions } from '../pod-state.ts'
import { clusterGuid } from '../safe-names.ts'
import { fresh, isHeardOf, type Work } from '../work.ts'
import { isCalicoDaemonSet, isCalicoNode } from './calico-node-pods.ts'
import { cniRefusal } from './datastore.ts'

const API = 'projectcalico.org/v3'
/** Why the CNI plugin refuses whatever it is asked; undefined = it does not. */
export function cniRefusalOf({ objects, memory }: Work): string | undefined {
  const [clusterInformations, ippools] = [objects.all('clusterInformations'), objects.all('ippools')]
  return cniRefusal(memory, { clusterInformations, ippools })
}

/**
 * What calico-node does where it starts: it puts the CNI configuration on its node, and makes what the datastore lacks.
 *
 * @calico cni-plugin/pkg/install, node/pkg/lifecycle/startup
 */
export function calicoNodes(work: Work): void {
  const { objects, memory, clock } = work
  for (const pod of objects.calicoNodePods()) {
    const { nodeName: name } = pod.spec
    if (name === undefined || !isCalicoNode(pod) || objects.node(name) === undefined) continue
    if (!isHeardOf(work, name)) continue
    memory.calicoNodes.delete(name)
    if (pod.status?.phase !== 'Running' || isTerminating(pod)) continue
    if (!memory.cni.has(name) && memory.cniTaken.get(name) !== keyOf(pod)) {
      memory.cni.add(name)
      memory.cniTaken.delete(name)
      objects.changes++
    }
    begin(work)
    const node = objects.node(name)!
    const network = conditionOf(node, 'NetworkUnavailable')
    if (network?.status === 'False' || (network === undefined && memory.nodes.has(name) && memory.hasDatastore))
      continue
    const message = 'Calico is running on this node'
    objects.put(
      withConditions(node, clock.stamp, [
        { type: 'NetworkUnavailable', status: 'False', reason: 'CalicoIsUp', message },
      ]),
    )
  }
}

/** The first calico-node of a cluster makes its data sheet, settings and pools. */
function begin(work: Work): void {
  const { objects, memory, context } = work
  if (memory.hasDatastore || objects.all('clusterInformations').length > 0) return
  const calicoVersion = versionOf(work)
  objects.put({
    apiVersion: API,
    kind: 'ClusterInformation',
    metadata: fresh(work, 'ClusterInformation', { name: 'default' }),
    spec: {
      ...(calicoVersion === undefined ? {} : { calicoVersion }),
      clusterGUID: clusterGuid(context.seed),
      datastoreReady: true,
    },
  })
  const felix = objects.all('felixConfigurations')
  if (!felix.some(({ metadata }) => metadata.name === 'default')) {
    const metadata = fresh(work, 'FelixConfiguration', { name: 'default' })
    objects.put({ apiVersion: API, kind: 'FelixConfiguration', metadata, spec: {} })
  }
  for (const pool of poolsOf(work)) {
    const { name } = pool.metadata
    objects.put({ ...pool, metadata: { ...pool.metadata, ...fresh(work, 'IPPool', { name }) } })
  }
}

/** Pools that come of what is there now. */
function poolsOf({ objects }: Work): readonly IPPoolResource[] {
  const { before } = objects
  const there = objects.all('ippools')
  const resources = {
    ...before,
    nodes: objects.nodes(),
    ippools: there,
    daemonSets: objects.daemonSets(),
    installations: objects.all('installations'),
    configMaps: objects.all('configMaps'),
  }
  return installedPools(resources).filter((pool) => !there.includes(pool))
}

/** The release, by the image of calico-node. */
function versionOf({ objects }: Work): string | undefined {
  for (const { spec } of objects.daemonSets()) {
    for (const { name, image = '' } of spec.template?.spec?.containers ?? []) {
      if (name === 'calico-node') return /:(v\d[^:/@]*)/.exec(image)?.[1]
    }
  }
  return undefined
}

/**
 * What calico-node says when it is asked to end: its node has no network. It cannot where its rights were taken away with it.
 *
 * @calico node/pkg/lifecycle/shutdown
 */
export function leaveNode({ objects, clock }: Work, pod: PodResource): void {
  const node = objects.node(pod.spec.nodeName!)
  const hasRights =
    objects.daemonSets().some(isCalicoDaemonSet) ||
    objects.before.others.some(({ kind, metadata }) => kind === 'ClusterRoleBinding' && metadata.name === 'calico-node')
  if (node === undefined || !hasRights) return
  const message = 'Calico is shutting down on this node'
  objects.put(
    withConditions(node, clock.stamp, [
      { type: 'NetworkUnavailable', status: 'True', reason: 'CalicoIsDown', message },
    ]),
  )
}

/** Whether calico-node runs on a node: a pod of it does, or it was there when time began and no object tells of it. */
export function runsCalicoNode(pods: readonly PodResource[], calicoNodes: ReadonlySet<string>, node: string): boolean {
  return calicoNodes.has(node) || pods.some((pod) => pod.spec.nodeName === node && isCalicoNode(pod) && isPodReady(pod))
}
