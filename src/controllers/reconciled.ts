import type { Resources } from '../control/index.ts'
import { InvariantError } from '../wire/index.ts'
import { calicoNodes } from './calico/calico-node.ts'
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
import { replicaSets } from './kubernetes/replicaset.ts'
import { schedule } from './kubernetes/scheduler.ts'
import { statefulSets } from './kubernetes/statefulset.ts'
import { taintEviction } from './kubernetes/taint-eviction.ts'
import { keyOf, Objects } from './objects.ts'
import type { Controller, Draft, Work } from './work.ts'

const BY_NAME: Readonly<Record<ControllerName, Controller>> = {
  'custom-resources': customResources,
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
  const isChange = edit.delete.length > 0 || Object.keys(edit.apply).length > 0
  const { next } = clock
  return {
    edit,
    isChange,
    memory: memoryOf(context.memory, memory, clock),
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
function learn({ objects, memory }: Work): void {
  if (memory.absent.size > 0) {
    for (const list of [objects.nodes(), objects.deployments(), objects.all('podSets'), objects.daemonSets()]) {
      for (const one of list) memory.absent.delete(keyOf(one))
    }
  }
  for (const name of memory.pods) {
    const [namespace, own] = name.split('/') as [string, string]
    if (objects.find('Pod', namespace, own) === undefined) memory.pods.delete(name)
  }
  for (const names of [memory.nodes, memory.cni, memory.calicoNodes, memory.lost]) {
    for (const name of names) if (objects.node(name) === undefined) names.delete(name)
  }
  for (const map of [memory.owners, memory.serials]) {
    for (const key of map.keys()) {
      const [kind = '', place = ''] = key.split(' ')
      const [namespace, name = ''] = place.split('/')
      if (objects.find(kind, namespace, name) === undefined) map.delete(key)
    }
  }
}

function draftOf({ given, seen, cni, calicoNodes, lost, serials, hasDatastore }: ControllersMemory): Draft {
  return {
    owners: new Map(given.owners),
    pods: new Set(given.pods),
    nodes: new Set(given.nodes),
    absent: new Set(given.absent),
    cni: new Set(cni),
    calicoNodes: new Set(calicoNodes),
    lost: new Set(lost),
    serials: new Map(serials),
    seen,
    hasDatastore,
  }
}

/** What is known afterwards; parts that are as they were are the same values. */
function memoryOf(before: ControllersMemory, draft: Draft, clock: Clock): ControllersMemory {
  const { given } = before
  return {
    given: {
      owners: sameMap(given.owners, draft.owners),
      pods: sameSet(given.pods, draft.pods),
      nodes: sameSet(given.nodes, draft.nodes),
      absent: sameSet(given.absent, draft.absent),
    },
    seen: {
      namespaces: sameSet(before.seen.namespaces, draft.seen.namespaces),
      definitions: sameSet(before.seen.definitions, draft.seen.definitions),
    },
    cni: sameSet(before.cni, draft.cni),
    calicoNodes: sameSet(before.calicoNodes, draft.calicoNodes),
    lost: sameSet(before.lost, draft.lost),
    hasDatastore: draft.hasDatastore,
    timers: clock.timers(),
    serials: sameMap(before.serials, draft.serials),
  }
}

function sameSet<T>(before: ReadonlySet<T>, now: ReadonlySet<T>): ReadonlySet<T> {
  return before.size === now.size && [...now].every((one) => before.has(one)) ? before : now
}

function sameMap<K, V>(before: ReadonlyMap<K, V>, now: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  return before.size === now.size && [...now].every(([key, value]) => before.get(key) === value) ? before : now
}
