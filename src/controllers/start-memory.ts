import type { NodeResource, PodResource, Resources } from '../control/index.ts'
import { isNamespaced } from '../control/index.ts'
import { once } from '../model/index.ts'
import { isCalicoDaemonSet, isCalicoNode } from './calico/calico-node-pods.ts'
import type { ControllersMemory, GivenObjects, GivenOwner } from './controller.ts'
import { homesOf } from './kubernetes/homes.ts'
import { type AnyObject, keyOf, madeBy, ownerKey } from './object-keys.ts'
import { conditionOf, hasNetwork, isActive } from './pod-state.ts'
import { specText } from './work.ts'

/**
 * What controllers know when time begins: that the objects are a snapshot in which nothing is under way. Workloads have the pods
 * they want, owners that were not given are somewhere, and Calico is installed, unless nodes say that they have no CNI plugin.
 * Each member is made when somebody reads it: a lab in which no object is edited asks no controller, and there may be hundreds of
 * thousands of pods to look at.
 */
export function startMemory(resources: Resources): ControllersMemory {
  const { nodes } = resources
  const bare = once(() => namesOf(nodes.filter((node) => lacksCni(node, resources))))
  const cni = once(() => namesOf(nodes.filter(({ metadata }) => !bare().has(metadata.name))))
  const hasDatastore = once(() => (cni().size > 0 && !isWithoutCalico(resources)) || nodes.length === 0)
  const given = once(() => givenObjects(resources))
  const seen = once(() => homesOf(resources))
  const calicoNodes = once(() => (hasDatastore() ? untoldCalicoNodes(resources, cni()) : NONE))
  const lost = once(() => namesOf(nodes.filter((node) => isUnheard(node) && !bare().has(node.metadata.name))))
  return {
    get given() {
      return given()
    },
    get seen() {
      return seen()
    },
    get cni() {
      return cni()
    },
    cniTaken: new Map(),
    get calicoNodes() {
      return calicoNodes()
    },
    get lost() {
      return lost()
    },
    get hasDatastore() {
      return hasDatastore() && resources.clusterInformations.length === 0
    },
    timers: new Map(),
    serials: new Map(),
  }
}

const NONE: ReadonlySet<string> = new Set()

function namesOf(nodes: readonly NodeResource[]): ReadonlySet<string> {
  return new Set(nodes.map(({ metadata }) => metadata.name))
}

function givenObjects(resources: Resources): GivenObjects {
  return {
    owners: ownersOf(resources),
    pods: new Set(resources.pods.filter(({ status }) => status?.phase === undefined).map(keyOf)),
    nodes: namesOf(resources.nodes),
    absent: absentOwners(resources),
  }
}

/** Nodes with Calico's CNI of whose calico-node no pod tells. */
function untoldCalicoNodes({ pods }: Resources, cni: ReadonlySet<string>): ReadonlySet<string> {
  const told = new Set(pods.filter(isCalicoNode).map(({ spec }) => spec.nodeName))
  return new Set([...cni].filter((name) => !told.has(name)))
}

/** Whether a node says that its kubelet is not heard of, or not ready. */
function isUnheard(node: NodeResource): boolean {
  const status = conditionOf(node, 'Ready')?.status
  return status !== undefined && status !== 'True'
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
  const absent = new Set<string>()
  const kinds = new Set<string>()
  for (const { metadata } of [...resources.pods, ...resources.podSets, ...resources.controllerRevisions]) {
    for (const { kind, name } of metadata.ownerReferences ?? []) {
      kinds.add(kind)
      absent.add(ownerKey(kind, isNamespaced(kind) ? metadata.namespace : undefined, name))
      absent.add(ownerKey(kind, metadata.namespace, name))
    }
  }
  kinds.add('Node')
  for (const name of new Set(resources.pods.map(({ spec }) => spec.nodeName))) {
    if (name) absent.add(ownerKey('Node', undefined, name))
  }
  // Of kinds that nobody names, such as pods, no object need be called by its name.
  for (const list of Object.values(resources) as readonly (readonly AnyObject[])[]) {
    for (const one of list) if (kinds.has(one.kind)) absent.delete(keyOf(one))
  }
  return absent
}
