import type { OtherResource, Resources } from '../../control/index.ts'
import { namespaceOf } from './cells.ts'
import type { OpenKube } from './kube.ts'

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`
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
