import type { NodeResource, PodResource, Resources } from '../control/index.ts'
import { isNamespaced } from '../control/index.ts'
import { isCalicoDaemonSet, isCalicoNode } from './calico/calico-node-pods.ts'
import type { ControllersMemory, GivenOwner } from './controller.ts'
import { homesOf } from './kubernetes/homes.ts'
import { type AnyObject, keyOf, madeBy, ownerKey } from './object-keys.ts'
import { conditionOf, hasNetwork, isActive } from './pod-state.ts'
import { specText } from './work.ts'

/**
 * What controllers know when time begins: that the objects are a snapshot in which nothing is under way. Workloads have the pods
 * they want, owners that were not given are somewhere, and Calico is installed, unless nodes say that they have no CNI plugin.
 */
export function startMemory(resources: Resources): ControllersMemory {
  const bare = new Set(resources.nodes.filter((node) => lacksCni(node, resources)).map(({ metadata }) => metadata.name))
  const cni = new Set(resources.nodes.map(({ metadata }) => metadata.name).filter((name) => !bare.has(name)))
  const hasDatastore = (cni.size > 0 && !isWithoutCalico(resources)) || resources.nodes.length === 0
  const told = new Set(resources.pods.filter(isCalicoNode).map(({ spec }) => spec.nodeName))
  const lost = resources.nodes.filter((node) => {
    const status = conditionOf(node, 'Ready')?.status
    return status !== undefined && status !== 'True' && !bare.has(node.metadata.name)
  })
  return {
    given: {
      owners: ownersOf(resources),
      pods: new Set(resources.pods.filter(({ status }) => status?.phase === undefined).map(keyOf)),
      nodes: new Set(resources.nodes.map(({ metadata }) => metadata.name)),
      absent: absentOwners(resources),
    },
    seen: homesOf(resources),
    cni,
    cniTaken: new Map(),
    calicoNodes: new Set(hasDatastore ? [...cni].filter((name) => !told.has(name)) : []),
    lost: new Set(lost.map(({ metadata }) => metadata.name)),
    hasDatastore: hasDatastore && resources.clusterInformations.length === 0,
    timers: new Map(),
    serials: new Map(),
  }
}

const OF_CNI = /cni|network ?plugin|networkready=false|network not ready/i

/** Whether a node says that it has no CNI plugin: in so many words, or by not being ready where nothing of Calico is. */
function lacksCni(node: NodeResource, resources: Resources): boolean {
  const ready = conditionOf(node, 'Ready')
  if (ready?.status !== 'False') return false
  return OF_CNI.test(`${ready.reason ?? ''} ${ready.message ?? ''}`) || !hasCalico(resources)
}

/** Whether Calico is yet to come: nothing of it is there, and no pod has a network of its own that somebody gave it. */
function isWithoutCalico(resources: Resources): boolean {
  return !hasCalico(resources) && !resources.pods.some((pod) => pod.spec.hostNetwork !== true && hasNetwork(pod))
}

/** Whether any object is Calico's. */
function hasCalico(resources: Resources): boolean {
  const { installations, ippools, ipamBlocks, blockAffinities, clusterInformations, felixConfigurations } = resources
  const lists = [installations, ippools, ipamBlocks, blockAffinities, clusterInformations, felixConfigurations]
  return (
    lists.some((list) => list.length > 0) ||
    resources.daemonSets.some(isCalicoDaemonSet) ||
    resources.pods.some(isCalicoNode) ||
    resources.nodes.some(({ metadata }) => metadata.annotations?.['projectcalico.org/IPv4Address'] !== undefined)
  )
}

/** Workloads with the pods they have. */
function ownersOf(resources: Resources): ReadonlyMap<string, GivenOwner> {
  const pods = grouped(resources.pods.filter(isActive))
  const sets = grouped(resources.podSets)
  const owners = [...resources.deployments, ...resources.podSets, ...resources.daemonSets, ...resources.installations]
  return new Map(
    owners.map((owner) => {
      const key = keyOf(owner)
      const own = (pods.get(key) ?? []) as readonly PodResource[]
      return [
        key,
        {
          spec: specText(owner),
          pods: own.length,
          nodes: own.flatMap(({ spec }) => spec.nodeName ?? []),
          sets: (sets.get(key) ?? []).map(({ metadata }) => metadata.name),
        },
      ]
    }),
  )
}

function grouped(all: readonly AnyObject[]): ReadonlyMap<string, readonly AnyObject[]> {
  const groups = new Map<string, AnyObject[]>()
  for (const one of all) {
    const owner = madeBy(one)
    if (owner === undefined) continue
    const group = groups.get(owner)
    if (group === undefined) groups.set(owner, [one])
    else group.push(one)
  }
  return groups
}

/** Owners that are named and not there, and nodes of pods that are not. */
function absentOwners(resources: Resources): ReadonlySet<string> {
  const there = new Set(
    (Object.values(resources) as readonly (readonly AnyObject[])[]).flatMap((list) => list.map(keyOf)),
  )
  const named = new Set<string>()
  for (const { metadata } of [...resources.pods, ...resources.podSets, ...resources.controllerRevisions]) {
    for (const { kind, name } of metadata.ownerReferences ?? []) {
      named.add(ownerKey(kind, isNamespaced(kind) ? metadata.namespace : undefined, name))
      named.add(ownerKey(kind, metadata.namespace, name))
    }
  }
  for (const { spec } of resources.pods) if (spec.nodeName) named.add(ownerKey('Node', undefined, spec.nodeName))
  return new Set([...named].filter((key) => !there.has(key)))
}
