import { listOfKind, type Resources } from '../control/index.ts'
import { InvariantError } from '../wire/index.ts'
import { calicoNodes } from './calico/calico-node.ts'
import { canal } from './calico/canal.ts'
import { loadBalancers } from './calico/load-balancer.ts'
import { operator } from './calico/operator.ts'
import { Clock } from './clock.ts'
import {
  CONTROLLERS,
  type ControllerName,
  type ControllersContext,
  type ControllersMemory,
  type KubernetesEvent,
  type Reconciliation,
} from './controller.ts'
import { daemonSets } from './kubernetes/daemonset.ts'
import { deployments } from './kubernetes/deployment.ts'
import { garbageCollector, podGarbage } from './kubernetes/garbage.ts'
import { customResources, homesOf, namespaces } from './kubernetes/homes.ts'
import { kubelets } from './kubernetes/kubelet.ts'
import { nodeLifecycle } from './kubernetes/node-lifecycle.ts'
import { podDefaults } from './kubernetes/pod-defaults.ts'
import { replicaSets } from './kubernetes/replicaset.ts'
import { schedule } from './kubernetes/scheduler.ts'
import { statefulSets } from './kubernetes/statefulset.ts'
import { taintEviction } from './kubernetes/taint-eviction.ts'
import { NotedMap, NotedSet } from './noted.ts'
import { Objects } from './objects.ts'
import type { Controller, Draft, Work } from './work.ts'

const BY_NAME: Readonly<Record<ControllerName, Controller>> = {
  'custom-resources': customResources,
  'pod-defaults': podDefaults,
  namespace: namespaces,
  'garbage-collector': garbageCollector,
  'pod-garbage': podGarbage,
  deployment: deployments,
  replicaset: replicaSets,
  statefulset: statefulSets,
  daemonset: daemonSets,
  'node-lifecycle': nodeLifecycle,
  'taint-eviction': taintEviction,
  scheduler: schedule,
  kubelet: kubelets,
  'calico-node': calicoNodes,
  'tigera-operator': operator,
  'helm-controller': canal,
  'load-balancer': loadBalancers,
}

/** Names of all controllers, in the order in which they act. */
export const CONTROLLER_NAMES = Object.keys(BY_NAME) as readonly ControllerName[]

/** Rounds after which controllers that still change something are at odds. */
const MOST_ROUNDS = 5000

/**
 * What controllers make of the objects until they have nothing more to do at this moment: one acts after the other, again and
 * again. What takes time is done when its time has come: `next` says when. What IPAM gives they learn by `addressesOf`; where
 * their edit brings new pods, ask again with the addresses these got.
 */
export function reconciled(resources: Resources, context: ControllersContext): Reconciliation {
  const names = (context.controllers ?? CONTROLLER_NAMES).filter((name) => runs(name, context))
  const objects = new Objects(resources)
  const clock = new Clock(context, new Set(names))
  const memory = draftOf(context.memory)
  const events: KubernetesEvent[] = []
  const work: Work = {
    objects,
    clock,
    context,
    memory,
    tell: ({ kind, metadata: { name, namespace } }, type, reason, message, from) => {
      const object = { kind, name, ...(namespace === undefined ? {} : { namespace }) }
      events.push({ object, type, reason, message, from, at: context.now })
    },
  }
  learn(work)
  for (let round = 0, before = -1; before !== objects.changes; round++) {
    if (round > MOST_ROUNDS) throw new InvariantError('controllers undo what others do')
    before = objects.changes
    clock.restart(round === 0)
    for (const name of names) BY_NAME[name](work)
  }
  look(work, names)
  const edit = objects.edit()
  objects.close()
  const isChange = edit.delete.length > 0 || Object.keys(edit.apply).length > 0
  const { next } = clock
  return {
    edit,
    isChange,
    memory: memoryOf(context.memory, memory, clock, resources.nodes),
    events,
    ...(next === undefined ? {} : { next }),
  }
}

function runs(name: ControllerName, { stopped }: ControllersContext): boolean {
  return stopped?.has('api-server') !== true && stopped?.has(CONTROLLERS[name]) !== true
}

/** Remembers what is there, for those who act when it is gone. */
function look({ objects, memory }: Work, acting: readonly ControllerName[]): void {
  const now = homesOf({ namespaces: objects.all('namespaces'), others: objects.before.others })
  memory.seen = {
    namespaces: acting.includes('namespace') ? now.namespaces : memory.seen.namespaces,
    definitions: acting.includes('custom-resources') ? now.definitions : memory.seen.definitions,
  }
}

/** What is there again is absent no longer; what is gone is forgotten. */
function learn({ objects, memory, context: { memory: before } }: Work): void {
  const { looked } = before
  const isThere = (key: string): boolean => {
    const kind = key.slice(0, key.indexOf(' '))
    return objects.has(listOfKind(kind), key)
  }
  for (const key of memory.absent.now) if (isThere(key)) memory.absent.delete(key)
  for (const key of memory.pods.now) if (!objects.has('pods', key)) memory.pods.delete(key)
  // There are as many of them as nodes: they are gone through when some may be gone.
  if (objects.before.nodes !== looked) {
    for (const names of [memory.nodes, memory.cni, memory.calicoNodes, memory.lost]) {
      for (const name of names.now) if (objects.node(name) === undefined) names.delete(name)
    }
  }
  for (const name of memory.cniTaken.now.keys()) if (objects.node(name) === undefined) memory.cniTaken.delete(name)
  for (const map of [memory.owners, memory.serials]) {
    for (const key of map.now.keys()) if (!isThere(key)) map.delete(key)
  }
}

function draftOf({ given, seen, cni, cniTaken, calicoNodes, lost, serials, hasDatastore }: ControllersMemory): Draft {
  return {
    owners: new NotedMap(given.owners),
    pods: new NotedSet(given.pods),
    nodes: new NotedSet(given.nodes),
    absent: new NotedSet(given.absent),
    cni: new NotedSet(cni),
    cniTaken: new NotedMap(cniTaken),
    calicoNodes: new NotedSet(calicoNodes),
    lost: new NotedSet(lost),
    serials: new NotedMap(serials),
    seen,
    hasDatastore,
  }
}

/** What is known afterwards; parts that are as they were are the same values. */
function memoryOf(before: ControllersMemory, draft: Draft, clock: Clock, nodes: Resources['nodes']): ControllersMemory {
  const { seen } = before
  return {
    given: {
      owners: draft.owners.now,
      pods: draft.pods.now,
      nodes: draft.nodes.now,
      absent: draft.absent.now,
    },
    seen: {
      namespaces: sameSet(seen.namespaces, draft.seen.namespaces),
      definitions: sameSet(seen.definitions, draft.seen.definitions),
    },
    cni: draft.cni.now,
    cniTaken: draft.cniTaken.now,
    calicoNodes: draft.calicoNodes.now,
    lost: draft.lost.now,
    hasDatastore: draft.hasDatastore,
    timers: clock.timers(),
    serials: draft.serials.now,
    looked: nodes,
  }
}

function sameSet<T>(before: ReadonlySet<T>, now: ReadonlySet<T>): ReadonlySet<T> {
  return before.size === now.size && [...now].every((one) => before.has(one)) ? before : now
}
