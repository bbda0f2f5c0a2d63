import { keptIn, piecesOf, pushTo } from '../../model/index.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { selectsLabels } from '../label-selector.ts'
import { isNamespaced, listOfKind, objectKey } from '../objects-by-kind.ts'
import { namespacedName, type OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { isWrittenLate } from '../stored-ipam.ts'
import { type ClusterEdit, editedObjects } from './edit.ts'

const SERVICE_LABEL = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'

/** Kinds that nothing belongs to: there are many of them, and they go most often. */
const LEAVES: ReadonlySet<string> = new Set([
  'Pod',
  'EndpointSlice',
  'Endpoints',
  'NetworkPolicy',
  'GlobalNetworkPolicy',
])

/**
 * An edit with what controllers of Kubernetes make of it: pods of a node that is gone, all of a namespace that is gone and what belongs
 * to a deleted object are deleted, and EndpointSlices of Services whose pods are others are no longer as the input tells them.
 *
 * @kubernetes pkg/controller/podgc, pkg/controller/garbagecollector, pkg/controller/endpointslice
 */
export function withConsequences(now: Resources, edit: ClusterEdit, keepsEndpoints = false): ClusterEdit {
  const { resources, removed, lists } = editedObjects(now, edit)
  const owners = new Set([...removed].filter(({ kind }) => !LEAVES.has(kind)))
  const gone = owners.size === 0 ? new Set<OtherResource>() : belongings(resources, owners)
  const isOfPods = !keepsEndpoints && (lists.has('pods') || [...gone].some(({ kind }) => kind === 'Pod'))
  const slices = isOfPods ? slicesWrittenAnew(now, resources, gone) : []
  const more = [...new Set([...gone, ...slices])]
  if (more.length === 0) return edit
  // What is put in and goes at once was never there.
  const inserted = new Set(Object.values(edit.upserts ?? {}).flat() as OtherResource[])
  const stays = (one: OtherResource): boolean => !inserted.has(one) || !more.includes(one)
  const upserts = Object.fromEntries(
    Object.entries(edit.upserts ?? {}).map(([list, objects]) => [list, (objects as OtherResource[]).filter(stays)]),
  )
  const kinds = [...new Set(more.map(({ kind }) => listOfKind(kind)))]
  const known = new Set(
    kinds.flatMap((list) => now[list] as readonly OtherResource[]).filter((one) => !removed.has(one)),
  )
  const keys = new Set(more.map(objectKey))
  const before = [...known].filter((one) => keys.has(objectKey(one)))
  return { upserts, removals: [...(edit.removals ?? []), ...before] }
}

/** Kinds of what belongs to a Service, and itself. */
const OF_SERVICES: readonly string[] = ['Service', 'EndpointSlice', 'Endpoints']

const ownerKinds = new WeakMap<readonly OtherResource[], ReadonlySet<string>>()

/** Whether an object of one of some kinds owns one of a list. */
function isAnyOwned(list: readonly OtherResource[], by: readonly string[]): boolean {
  return piecesOf(list).some((piece) => {
    const kinds = keptIn(ownerKinds, piece, () => new Set(piece.flatMap(ownersOf)))
    return by.some((kind) => kinds.has(kind))
  })
}

const ownersOf = ({ metadata }: OtherResource): readonly string[] =>
  (metadata.ownerReferences ?? []).map(({ kind }) => kind)

/** Objects that may belong to those that are gone, or to what does: of Services only their endpoints do, but for what says otherwise. */
function candidates(now: Resources, removed: ReadonlySet<OtherResource>): readonly OtherResource[] {
  const { services, endpointSlices, endpoints } = now
  const own: readonly (readonly OtherResource[])[] = [services, endpointSlices, endpoints]
  const isOwned = (list: readonly OtherResource[]): boolean => !own.includes(list) && isAnyOwned(list, OF_SERVICES)
  // What IPAM writes when somebody reads it belongs to nobody.
  const names = (Object.keys(now) as (keyof Resources)[]).filter((name) => !isWrittenLate(now, name))
  const isOfServices = [...removed].every(({ kind }) => kind === 'Service') && !names.some((name) => isOwned(now[name]))
  return (isOfServices ? own : Object.values(now)).flat() as OtherResource[]
}

/** What goes with objects that are gone, and what goes with that. */
function belongings(now: Resources, removed: ReadonlySet<OtherResource>): Set<OtherResource> {
  const all = candidates(now, removed)
  const there = new Set(all.map(objectKey))
  const owned = new Map<string, OtherResource[]>()
  const add = (key: string, one: OtherResource): void => {
    pushTo(owned, key, one)
  }
  for (const one of all) {
    const { kind, metadata } = one
    const { namespace = 'default', ownerReferences = [] } = metadata
    if (isNamespaced(kind)) add(`Namespace/${namespace}`, one)
    for (const owner of ownerReferences) add(ownerKey(owner, namespace), one)
    const service = kind === 'EndpointSlice' ? metadata.labels?.[SERVICE_LABEL] : undefined
    if (service !== undefined) add(`Service/${namespace}/${service}`, one)
    if (kind === 'Endpoints') add(`Service/${namespace}/${metadata.name}`, one)
    const node = kind === 'Pod' ? (one as PodResource).spec.nodeName : undefined
    if (node !== undefined) add(`Node/${node}`, one)
  }
  const gone = new Set<OtherResource>()
  const follow = (one: OtherResource): void => {
    // One that was put in again owns what it owned.
    if (there.has(objectKey(one)) && !gone.has(one)) return
    for (const next of owned.get(plainKey(one)) ?? []) {
      if (gone.has(next)) continue
      gone.add(next)
      follow(next)
    }
  }
  for (const one of removed) follow(one)
  return gone
}

function plainKey({ kind, metadata }: OtherResource): string {
  return isNamespaced(kind) ? `${kind}/${namespacedName(metadata)}` : `${kind}/${metadata.name}`
}

/** Owners are in the namespace of what they own, or in none. */
function ownerKey({ kind, name }: { readonly kind: string; readonly name: string }, namespace: string): string {
  return isNamespaced(kind) ? `${kind}/${namespace}/${name}` : `${kind}/${name}`
}

/** Slices and Endpoints that a controller writes anew, as pods of their Services are others. */
export function slicesWrittenAnew(
  now: Resources,
  after: Resources,
  gone: ReadonlySet<OtherResource> = new Set(),
): OtherResource[] {
  const { endpointSlices, endpoints } = after
  if (endpointSlices.length + endpoints.length === 0) return []
  const [before, later] = [new Set(now.pods), new Set(after.pods.filter((pod) => !gone.has(pod)))]
  const touched = [...now.pods.filter((pod) => !later.has(pod)), ...[...later].filter((pod) => !before.has(pod))]
  const changed = new Set(
    after.services.flatMap(({ metadata, spec }) => {
      const { selector: matchLabels = {} } = spec
      const isOf = ({ metadata: pod }: PodResource): boolean =>
        (pod.namespace ?? 'default') === (metadata.namespace ?? 'default') &&
        selectsLabels({ matchLabels }, pod.labels ?? {})
      return Object.keys(matchLabels).length > 0 && touched.some(isOf) ? [namespacedName(metadata)] : []
    }),
  )
  const ofService = ({ metadata }: OtherResource, name: string | undefined): boolean =>
    name !== undefined && changed.has(namespacedName({ ...metadata, name }))
  const isManaged = ({ metadata }: OtherResource): boolean =>
    (metadata.labels?.[MANAGED_BY] ?? 'endpointslice-controller.k8s.io') === 'endpointslice-controller.k8s.io'
  return [
    ...endpointSlices.filter((one) => isManaged(one) && ofService(one, one.metadata.labels?.[SERVICE_LABEL])),
    ...endpoints.filter((one) => ofService(one, one.metadata.name)),
  ]
}
