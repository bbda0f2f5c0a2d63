import type { ClusterEdit, EditedObjects } from '../cluster-edit/edit.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import { listOfKind } from '../objects-by-kind.ts'
import { namespacedName, type OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { EditedServices } from '../services/endpoint-slices.ts'
import { serviceOfSlice } from '../services/given-slices.ts'

/** So many objects in one edit are worth a look at everything. */
const MANY = 256

/** Objects that tell of Services and their endpoints. */
export const SERVICE_LISTS: readonly (keyof Resources)[] = ['services', 'endpointSlices', 'endpoints']

/** Whether an edit is of Services and their endpoints alone, and of few. */
export function isOfServices({ upserts = {}, removals = [] }: ClusterEdit): boolean {
  let count = removals.length
  for (const [list, objects = []] of Object.entries(upserts)) {
    if (objects.length > 0 && !SERVICE_LISTS.includes(list as keyof Resources)) return false
    count += objects.length
  }
  return count > 0 && count <= MANY && removals.every(({ kind }) => SERVICE_LISTS.includes(listOfKind(kind)))
}

/** What an edit changes of Services. */
export interface ServiceChanges extends EditedServices {
  /** Services that are the same, with other endpoints. */
  readonly others: readonly ServiceResource[]
}

/** Objects of one list as they were and as they are, where they are others. */
function apart<T extends OtherResource>(
  before: readonly T[],
  after: readonly T[],
  names: ReadonlySet<string>,
): readonly [gone: readonly T[], fresh: readonly T[]] {
  const without = (list: readonly T[], others: readonly T[]): readonly T[] =>
    list.filter((one) => names.has(one.metadata.name) && !others.includes(one))
  return before === after ? [[], []] : [without(before, after), without(after, before)]
}

/** What an edit changes of Services, of which it is alone. */
export function serviceChanges(
  { upserts = {} }: ClusterEdit,
  before: Resources,
  { resources: after, removed }: EditedObjects,
): ServiceChanges {
  const edited = [...removed, ...(Object.values(upserts).flat() as OtherResource[])]
  const named = new Set(edited.map(({ metadata }) => metadata.name))
  const [gone, fresh] = apart(before.services, after.services, named)
  const slices = apart(before.endpointSlices, after.endpointSlices, named).flat()
  const endpoints = apart(before.endpoints, after.endpoints, named).flat()
  const names = new Set([
    ...[...gone, ...fresh, ...endpoints].map(({ metadata }) => namespacedName(metadata)),
    ...slices.flatMap((slice) => serviceOfSlice(slice) ?? []),
  ])
  const others = after.services.filter((one) => names.has(namespacedName(one.metadata)) && !fresh.includes(one))
  return { gone, fresh, names, others }
}
