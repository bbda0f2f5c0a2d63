import { type Cluster, type OtherResource, objectName, type PodResource, type Resources } from '../control/index.ts'
import { drawnDelay } from './delays.ts'
import type { Moment } from './following.ts'
import type { Later } from './step.ts'
import type { EditedObject } from './stored-objects.ts'

/** Whether CNI makes a network for a pod. */
function isNetworked({ spec, status }: PodResource): boolean {
  const { nodeName, hostNetwork } = spec
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return nodeName !== undefined && nodeName !== '' && hostNetwork !== true && !isOver
}

function isPod(object: OtherResource): object is PodResource {
  return object.kind === 'Pod'
}

/** What an edit means for the networks of pods. */
export interface PodsEdit {
  /** Pods whose network is still to be made, by name: on which node. */
  readonly unnetworked: ReadonlyMap<string, string>
  /** Pods whose network must be made anew: until then they have none. */
  readonly detached: readonly PodResource[]
}

/**
 * What kubelet has to do for the pods of an edit: a pod that is new on its node gets a network there, of one that was made anew the
 * old one goes first. Pods on nodes that nobody knows are left to who builds the cluster: that is a fault.
 */
export function podsEdited(
  unnetworked: ReadonlyMap<string, string>,
  edited: readonly EditedObject[],
  before: Resources,
  { nodes }: Cluster,
): PodsEdit {
  const pods = edited.flatMap(({ op, object }) => (isPod(object) ? [{ op, pod: object }] : []))
  if (pods.length === 0) return { unnetworked, detached: [] }
  const waiting = new Map(unnetworked)
  const detached: PodResource[] = []
  for (const { op, pod } of pods) {
    const name = objectName(pod)
    const was = op === 'replace' ? before.pods.find((one) => objectName(one) === name) : undefined
    if (op === 'delete') {
      waiting.delete(name)
      continue
    }
    const isNew = was === undefined || was.spec.nodeName !== pod.spec.nodeName || was.metadata.uid !== pod.metadata.uid
    if (!isNew || !isNetworked(pod) || !nodes.some((node) => node.name === pod.spec.nodeName)) continue
    if (was !== undefined && !unnetworked.has(name) && isNetworked(was)) detached.push(was)
    waiting.set(name, pod.spec.nodeName!)
  }
  return { unnetworked: waiting, detached }
}

/** When kubelet and CNI have made the network of a pod. */
export function networkLater(pod: string, node: string, event: number, { seed }: Moment): Later {
  const draw = { seed, event, node: `${node} ${pod}` }
  const delay = drawnDelay('pod sandbox', draw) + drawnDelay('cni add', draw)
  return { delay, step: { kind: 'cni', op: 'add', node, pod, event } }
}

/** When CNI has taken the network of a pod away. */
export function goneLater(pod: string, node: string, event: number, { seed }: Moment): Later {
  const draw = { seed, event, node: `${node} ${pod}` }
  const delay = drawnDelay('pod end', draw) + drawnDelay('cni del', draw)
  return { delay, step: { kind: 'cni', op: 'del', node, pod, event } }
}
