import {
  type ControllerRevisionResource,
  type DaemonSetResource,
  type DeploymentResource,
  listOfKind,
  type NodeResource,
  objectKey,
  type PodResource,
  type PodSetResource,
  type Resources,
} from '../control/index.ts'
import { pushTo } from '../model/index.ts'
import { isCalicoNode } from './calico/calico-node-pods.ts'
import type { ObjectsEdit } from './controller.ts'
import { type AnyObject, nodeKey, ownerKey } from './object-keys.ts'
import { type GroupOf, keepList, listFor, type ObjectList } from './object-list.ts'
import { conditionOf, isRestless } from './pod-state.ts'
import { isSettledNode } from './restless-nodes.ts'

const ALL = ''

const nodeOf: GroupOf = (one) => (one as PodResource).spec.nodeName
const unbound: GroupOf = (one) => (nodeOf(one) === undefined ? ALL : undefined)
const restlessOn: GroupOf = (one) => (isRestless(one as PodResource) ? nodeOf(one) : undefined)
const pending: GroupOf = (one) => (((one as PodResource).status?.phase ?? 'Pending') === 'Pending' ? ALL : undefined)
const unsettled: GroupOf = (one) => (isSettledNode(one as NodeResource) ? undefined : ALL)
const unsaid: GroupOf = (one) => (conditionOf(one as NodeResource, 'Ready') === undefined ? ALL : undefined)
const ofCalicoNode: GroupOf = (one) => (isCalicoNode(one as PodResource) ? ALL : undefined)

/** The objects as controllers change them, and what was changed. */
export class Objects {
  /** Objects as they were. */
  readonly before: Resources
  /** How often something was changed. */
  changes = 0
  private readonly touched = new Map<string, { readonly was: AnyObject | undefined; now: AnyObject | undefined }>()
  private readonly lists = new Map<keyof Resources, ObjectList>()

  constructor(resources: Resources) {
    this.before = resources
  }

  private list(name: keyof Resources): ObjectList {
    const known = this.lists.get(name)
    if (known !== undefined) return known
    const made = listFor(name, this.before[name])
    this.lists.set(name, made)
    return made
  }

  /** Puts lists back for the next who asks for them, as they were before anything was changed. */
  close(): void {
    for (const { was, now } of this.touched.values()) {
      const one = was ?? now
      if (one === undefined) continue
      const list = this.lists.get(listOfKind(one.kind))!
      if (was === undefined) list.remove(one)
      else list.put(was)
    }
    for (const [name, list] of this.lists) keepList(name, list)
  }

  /** Whether there is an object of a key. */
  has(list: keyof Resources, key: string): boolean {
    return this.list(list).get(key) !== undefined
  }

  /** Owners that some object of a list names as who made it. */
  ownersIn(list: keyof Resources): Iterable<string> {
    return this.list(list).owners()
  }

  /** Objects of a list that an owner made, in order of names. */
  madeBy(list: keyof Resources, owner: string): readonly AnyObject[] {
    return this.list(list).ownedBy(owner)
  }

  /** Nodes. */
  nodes(): readonly NodeResource[] {
    return this.list('nodes').all() as readonly NodeResource[]
  }

  /** How many nodes there are. */
  get nodeCount(): number {
    return this.list('nodes').size
  }

  /** Some nodes, in the order of all. */
  inOrderOfNodes(some: ReadonlySet<NodeResource>): readonly NodeResource[] {
    return some.size < 2 ? [...some] : this.nodes().filter((node) => some.has(node))
  }

  /** Nodes about which controllers may have something to do by what these say themselves. */
  unsettledNodes(): readonly NodeResource[] {
    return this.list('nodes').inGroupAsListed(unsettled, ALL) as readonly NodeResource[]
  }

  /** Nodes that do not say whether they are ready. */
  unsaidNodes(): readonly NodeResource[] {
    return this.list('nodes').inGroupAsListed(unsaid, ALL) as readonly NodeResource[]
  }

  /** A node by name. */
  node(name: string): NodeResource | undefined {
    return this.list('nodes').get(nodeKey(name)) as NodeResource | undefined
  }

  /** Pods. */
  pods(): readonly PodResource[] {
    return this.list('pods').all() as readonly PodResource[]
  }

  /** Pods that an owner made, in order of names. */
  podsOf(owner: string): readonly PodResource[] {
    return this.list('pods').ownedBy(owner) as readonly PodResource[]
  }

  /** Pods that are bound to a node. */
  podsOn(node: string): readonly PodResource[] {
    return this.list('pods').inGroup(nodeOf, node) as readonly PodResource[]
  }

  /** The same, in the order of the list. */
  podsListedOn(node: string): readonly PodResource[] {
    return this.list('pods').inGroupAsListed(nodeOf, node) as readonly PodResource[]
  }

  /** Names of nodes that pods are bound to, and that are not there. */
  goneHosts(): readonly string[] {
    return this.list('pods').groupsOutside(nodeOf, this.list('nodes'), nodeKey)
  }

  /** Names of nodes with pods of which a kubelet may have something to do. */
  hostsOfRestlessPods(): Iterable<string> {
    return this.list('pods').groupKeys(restlessOn)
  }

  /** Pods that are bound to no node. */
  unboundPods(): readonly PodResource[] {
    return this.list('pods').inGroupAsListed(unbound, ALL) as readonly PodResource[]
  }

  /** Pods on a node of which its kubelet may have something to do. */
  restlessPodsOn(node: string): readonly PodResource[] {
    return this.list('pods').inGroup(restlessOn, node) as readonly PodResource[]
  }

  /** Pods that are pending, or of which nobody has said what they are. */
  pendingPods(): readonly PodResource[] {
    return this.list('pods').inGroupAsListed(pending, ALL) as readonly PodResource[]
  }

  /** Pods of calico-node. */
  calicoNodePods(): readonly PodResource[] {
    return this.list('pods').inGroupAsListed(ofCalicoNode, ALL) as readonly PodResource[]
  }

  /** Deployments. */
  deployments(): readonly DeploymentResource[] {
    return this.list('deployments').all() as readonly DeploymentResource[]
  }

  /** DaemonSets. */
  daemonSets(): readonly DaemonSetResource[] {
    return this.list('daemonSets').all() as readonly DaemonSetResource[]
  }

  /** ReplicaSets or StatefulSets. */
  podSets(kind: 'ReplicaSet' | 'StatefulSet'): readonly PodSetResource[] {
    return (this.list('podSets').all() as readonly PodSetResource[]).filter((one) => one.kind === kind)
  }

  /** ReplicaSets that a Deployment made, in order of names. */
  setsOf(owner: string): readonly PodSetResource[] {
    return this.list('podSets').ownedBy(owner) as readonly PodSetResource[]
  }

  /** What a DaemonSet or a StatefulSet was, in order of names. */
  revisionsOf(owner: string): readonly ControllerRevisionResource[] {
    return this.list('controllerRevisions').ownedBy(owner) as readonly ControllerRevisionResource[]
  }

  /** An object of a kind that lives in a namespace. */
  find(kind: string, namespace: string | undefined, name: string): AnyObject | undefined {
    return this.list(listOfKind(kind)).get(ownerKey(kind, namespace, name))
  }

  /** All objects of a list. */
  all<Name extends keyof Resources>(name: Name): Resources[Name] {
    return this.list(name).all() as unknown as Resources[Name]
  }

  /** Stores an object, in the place of another of its name. */
  put(one: AnyObject): void {
    this.touch(one, this.list(listOfKind(one.kind)).put(one), one)
  }

  /** Takes an object away. */
  remove(one: AnyObject): void {
    this.touch(one, this.list(listOfKind(one.kind)).remove(one), undefined)
  }

  private touch(
    { kind, apiVersion, metadata }: AnyObject,
    was: AnyObject | undefined,
    now: AnyObject | undefined,
  ): void {
    this.changes++
    const key = objectKey({ kind, apiVersion, metadata })
    const known = this.touched.get(key)
    if (known === undefined) this.touched.set(key, { was, now })
    else known.now = now
  }

  /** What was changed altogether. */
  edit(): ObjectsEdit {
    const apply = new Map<keyof Resources, AnyObject[]>()
    const gone: ObjectsEdit['delete'][number][] = []
    for (const { was, now } of this.touched.values()) {
      if (now !== undefined) {
        if (now !== was) pushTo(apply, listOfKind(now.kind), now)
      } else if (was !== undefined) {
        const { name, namespace } = was.metadata
        gone.push({
          kind: was.kind,
          apiVersion: was.apiVersion,
          name,
          ...(namespace === undefined ? {} : { namespace }),
        })
      }
    }
    return { apply: Object.fromEntries(apply) as Partial<Resources>, delete: gone }
  }
}
