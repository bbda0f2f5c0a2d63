import {
  type DaemonSetResource,
  type DeploymentResource,
  type KnownResource,
  listOfKind,
  type Metadata,
  type NodeResource,
  type OtherResource,
  objectKey,
  type PodResource,
  type PodSetResource,
  type Resources,
} from '../control/index.ts'
import { pushTo } from '../model/index.ts'
import type { ObjectsEdit } from './controller.ts'

/** An object of any kind. */
export type AnyObject = KnownResource | OtherResource

/** What an owner is called among the objects it is named by: kind, namespace and name. */
export function ownerKey(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? 'default'}/${name}`
}

/** How an object is called by those it owns. */
export function keyOf({ kind, metadata }: { readonly kind: string; readonly metadata: Metadata }): string {
  return ownerKey(kind, metadata.namespace, metadata.name)
}

/** The owner that made an object; undefined where nobody did. */
export function madeBy({ metadata }: { readonly metadata: Metadata }): string | undefined {
  const [first, ...others] = metadata.ownerReferences ?? []
  if (first === undefined) return undefined
  const owner = first.controller === false ? (others.find(({ controller }) => controller === true) ?? first) : first
  return ownerKey(owner.kind, metadata.namespace, owner.name)
}

/** What tells objects of a list apart: Calico and Kubernetes both have a NetworkPolicy. */
function placeOf(one: AnyObject): string {
  const isCalico = one.kind === 'NetworkPolicy' && one.apiVersion.includes('projectcalico.org')
  return isCalico ? `${keyOf(one)} of Calico` : keyOf(one)
}

/** Objects in groups. */
class Groups {
  private readonly groups = new Map<string, Map<string, AnyObject>>()
  private readonly groupOf: (one: AnyObject) => string | undefined

  constructor(all: Iterable<AnyObject>, groupOf: (one: AnyObject) => string | undefined) {
    this.groupOf = groupOf
    for (const one of all) this.add(one)
  }

  of(group: string): readonly AnyObject[] {
    return [...(this.groups.get(group)?.values() ?? [])]
  }

  add(one: AnyObject): void {
    const group = this.groupOf(one)
    if (group === undefined) return
    const known = this.groups.get(group) ?? new Map<string, AnyObject>()
    this.groups.set(group, known.set(placeOf(one), one))
  }

  take(one: AnyObject): void {
    this.groups.get(this.groupOf(one) ?? '')?.delete(placeOf(one))
  }
}

/** A list of objects that are looked for by name, by owner and by node, as it is changed. */
class ObjectList {
  private readonly byPlace: Map<string, AnyObject>
  private owned: Groups | undefined
  private bound: Groups | undefined

  constructor(all: readonly AnyObject[]) {
    this.byPlace = new Map(all.map((one) => [placeOf(one), one]))
  }

  /** All of them; they may be changed while somebody goes through them. */
  all(): readonly AnyObject[] {
    return [...this.byPlace.values()]
  }

  get(key: string): AnyObject | undefined {
    return this.byPlace.get(key)
  }

  /** Those an owner made, in order of names. */
  ownedBy(owner: string): readonly AnyObject[] {
    this.owned ??= new Groups(this.byPlace.values(), madeBy)
    return [...this.owned.of(owner)].sort(byName)
  }

  /** Those that are bound to a node. */
  boundTo(node: string): readonly AnyObject[] {
    this.bound ??= new Groups(this.byPlace.values(), (one) => (one as PodResource).spec.nodeName)
    return this.bound.of(node)
  }

  put(one: AnyObject): AnyObject | undefined {
    const was = this.remove(one)
    this.byPlace.set(placeOf(one), one)
    this.owned?.add(one)
    this.bound?.add(one)
    return was
  }

  remove(one: AnyObject): AnyObject | undefined {
    const place = placeOf(one)
    const was = this.byPlace.get(place)
    if (was === undefined) return undefined
    this.byPlace.delete(place)
    this.owned?.take(was)
    this.bound?.take(was)
    return was
  }
}

function byName(a: { readonly metadata: Metadata }, b: { readonly metadata: Metadata }): number {
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0
}

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
    const made = new ObjectList(this.before[name])
    this.lists.set(name, made)
    return made
  }

  /** Nodes. */
  nodes(): readonly NodeResource[] {
    return this.list('nodes').all() as readonly NodeResource[]
  }

  /** A node by name. */
  node(name: string): NodeResource | undefined {
    return this.list('nodes').get(ownerKey('Node', undefined, name)) as NodeResource | undefined
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
    return this.list('pods').boundTo(node) as readonly PodResource[]
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
