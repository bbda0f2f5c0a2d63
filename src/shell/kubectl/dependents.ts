import type { OtherResource, Resources } from '../../control/index.ts'
import { namespaceOf } from './cells.ts'
import type { OpenKube } from './kube.ts'
import type { Seen } from './seen.ts'

// What goes when something else goes, as the garbage collector and the namespace controller of kube-controller-manager see to it.

function allOf({ resources }: Seen): readonly OtherResource[] {
  return (Object.values(resources) as (readonly OtherResource[])[]).flat()
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`
}

/** Objects that were made for objects that are gone, and those in namespaces that are gone, as far as they are still there. */
export function dependentsOf(
  seen: Seen,
  gone: readonly OtherResource[],
  namespaces: readonly string[],
): readonly OtherResource[] {
  const all = allOf(seen).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const keys = new Set(gone.map((one) => keyOf(one.kind, namespaceOf(one), one.metadata.name)))
  const found = new Set<OtherResource>(all.filter(({ metadata }) => namespaces.includes(metadata.namespace ?? '')))
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const one of all) {
      const owners = one.metadata.ownerReferences ?? []
      if (found.has(one) || owners.length === 0) continue
      if (!owners.every(({ kind, name }) => keys.has(keyOf(kind, namespaceOf(one), name)))) continue
      found.add(one)
      keys.add(keyOf(one.kind, namespaceOf(one), one.metadata.name))
    }
  }
  return [...found]
}

/** What was made for objects stays when they go: it names them no more. */
export function orphaned(kube: OpenKube, owners: readonly OtherResource[]): void {
  const keys = new Set(owners.map((one) => keyOf(one.kind, namespaceOf(one), one.metadata.name)))
  const isOf = (one: OtherResource, { kind, name }: { readonly kind: string; readonly name: string }): boolean =>
    keys.has(keyOf(kind, namespaceOf(one), name))
  const { resources } = kube.seen()
  const lists = (Object.entries(resources) as [keyof Resources, readonly OtherResource[]][]).map(([list, objects]) => {
    const freed = objects
      .filter((one) => (one.metadata.ownerReferences ?? []).some((owner) => isOf(one, owner)))
      .map((one) => {
        const ownerReferences = (one.metadata.ownerReferences ?? []).filter((owner) => !isOf(one, owner))
        const { ownerReferences: _, ...metadata } = one.metadata
        return { ...one, metadata: ownerReferences.length === 0 ? metadata : { ...metadata, ownerReferences } }
      })
    return [list, freed] as const
  })
  const changed = lists.filter(([, objects]) => objects.length > 0)
  if (changed.length > 0) kube.desk.apply(Object.fromEntries(changed) as Partial<Resources>)
}
