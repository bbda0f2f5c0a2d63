import type { Metadata, OwnerReference, PodPlacement, PodResource, PodTemplate } from '../control/index.ts'
import type { Clock } from './clock.ts'
import type { ControllersContext, GivenOwner, KubernetesEvent, SeenHomes } from './controller.ts'
import type { NotedMap, NotedSet } from './noted.ts'
import { type AnyObject, keyOf } from './object-keys.ts'
import type { Objects } from './objects.ts'
import { safeSuffix, uidOf } from './safe-names.ts'
import { tolerationsOf } from './taints.ts'

/** Memory while controllers write to it. */
export interface Draft {
  readonly owners: NotedMap<GivenOwner>
  readonly pods: NotedSet
  readonly nodes: NotedSet
  readonly absent: NotedSet
  readonly cni: NotedSet
  readonly cniTaken: NotedMap<string>
  readonly calicoNodes: NotedSet
  readonly lost: NotedSet
  readonly serials: NotedMap<number>
  seen: SeenHomes
  hasDatastore: boolean
}

/** What a controller works with. */
export interface Work {
  /** The objects. */
  readonly objects: Objects
  /** Waiting. */
  readonly clock: Clock
  /** What it is told. */
  readonly context: ControllersContext
  /** What it knows. */
  readonly memory: Draft
  /** Tells something of an object. */
  readonly tell: (
    object: AnyObject,
    type: KubernetesEvent['type'],
    reason: string,
    message: string,
    from: string,
  ) => void
}

/** A controller: it makes the objects a little more as they should be. */
export type Controller = (work: Work) => void

/** Whether the kubelet of a node is heard of. */
export function isHeardOf({ context, memory }: Work, node: string): boolean {
  return context.silent?.has(node) !== true && !memory.lost.has(node)
}

/** A workload: what makes pods. */
type Workload = AnyObject & { readonly spec?: unknown }

const texts = new WeakMap<object, string>()

/** A `spec` as a text. */
export function specText({ spec = {} }: { readonly spec?: unknown }): string {
  const known = texts.get(spec as object)
  if (known !== undefined) return known
  const text = JSON.stringify(spec)
  texts.set(spec as object, text)
  return text
}

/** What a workload was given with; undefined where it was made later, or somebody has changed it since. */
export function asGiven({ memory }: Work, workload: Workload): GivenOwner | undefined {
  const key = keyOf(workload)
  const given = memory.owners.get(key)
  if (given === undefined || given.isChanged === true) return undefined
  if (given.spec === specText(workload)) return given
  memory.owners.set(key, { ...given, isChanged: true })
  return undefined
}

/** What an object that was made for another says of it. */
export function ownedBy({ apiVersion, kind, metadata }: AnyObject): readonly OwnerReference[] {
  const { name, uid } = metadata
  return [{ apiVersion, kind, name, ...(uid === undefined ? {} : { uid }), controller: true }]
}

/** `metadata` of an object that is made now. */
export function fresh(
  { clock, context }: Work,
  kind: string,
  { name, namespace, labels }: Pick<Metadata, 'name' | 'namespace' | 'labels'>,
): Metadata {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    uid: uidOf(`${context.seed} ${kind} ${namespace ?? ''}/${name} ${context.now}`),
    creationTimestamp: clock.stamp,
  }
}

/** A name that nobody has, made of that of an owner and five characters. */
export function freshName(work: Work, owner: AnyObject, kind: string): string {
  const { memory, context, objects } = work
  const key = keyOf(owner)
  const { name, namespace, uid = '' } = owner.metadata
  for (;;) {
    const serial = (memory.serials.get(key) ?? 0) + 1
    memory.serials.set(key, serial)
    const made = `${name}-${safeSuffix(`${context.seed} ${key} ${uid} ${serial}`, 5)}`
    if (objects.find(kind, namespace, made) === undefined) return made
  }
}

/** A pod of an owner, as the API server stores it: nobody has it yet. */
export function podOf(
  work: Work,
  owner: AnyObject,
  template: PodTemplate | undefined,
  name: string,
  more: {
    readonly labels?: Readonly<Record<string, string>>
    readonly placement?: PodPlacement & { readonly hostNetwork?: boolean }
  } = {},
): PodResource {
  const { labels, annotations } = template?.metadata ?? {}
  const { containers, ...spec } = template?.spec ?? {}
  const placement = { ...spec, ...more.placement }
  const metadata = fresh(work, 'Pod', {
    name,
    labels: { ...labels, ...more.labels },
    ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
  })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: ownedBy(owner),
    },
    spec: {
      ...placement,
      tolerations: tolerationsOf(placement),
      ...(containers === undefined ? {} : { containers: containers.map(({ env: _, ...container }) => container) }),
    },
    status: { phase: 'Pending' },
    ...(owner.placeOf === undefined ? {} : { placeOf: placeIn(owner) }),
  }
}

/** What a pod says stands where its owner says it. */
function placeIn({ placeOf }: AnyObject): NonNullable<AnyObject['placeOf']> {
  return (path) =>
    (path.length > 0 && (path[0] === 'spec' || path[1] === 'labels')
      ? placeOf?.(['spec', 'template', ...path])
      : undefined) ?? placeOf?.([])
}
