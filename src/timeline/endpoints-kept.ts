import {
  type Cluster,
  emptySlice,
  hasSelector,
  type OtherResource,
  objectName,
  type Resources,
  type ServiceResource,
  slicesWrittenAnew,
  writtenSlices,
} from '../control/index.ts'
import { type RunningState, stateOfAway } from './running-state.ts'
import type { EditedObject } from './stored-objects.ts'

/** What the controllers of endpoints had written when they stopped. */
export interface KeptEndpoints {
  /** Pods of then. */
  readonly pods: Resources['pods']
  /** Names of EndpointSlices that no object told of before. */
  readonly slices: ReadonlySet<string>
}

/** Whether nobody writes endpoints now. */
export function areEndpointsKept(state: RunningState): boolean {
  return stateOfAway(state, 'kube-controller-manager') !== 'running'
}

/** The EndpointSlices that are stored from now on, as nobody writes them anew. */
export function keptFrom(cluster: Cluster): {
  readonly kept: KeptEndpoints
  readonly slices: Resources['endpointSlices']
} {
  const slices = writtenSlices(cluster)
  return { kept: { pods: cluster.resources.pods, slices: new Set(slices.map(objectName)) }, slices }
}

/** Slices of Services that are stored while nobody writes any: they tell of no endpoint. */
export function slicesOfNobody(edited: readonly EditedObject[]): Resources['endpointSlices'] {
  return edited.flatMap(({ op, object }) => {
    const service = object as ServiceResource
    return op === 'add' && object.kind === 'Service' && hasSelector(service) ? [emptySlice(service)] : []
  })
}

/** The same with the slices of Services that are new. */
export function withSlicesOf(before: KeptEndpoints, edited: readonly EditedObject[]): KeptEndpoints {
  const fresh = slicesOfNobody(edited)
  return fresh.length === 0 ? before : { ...before, slices: new Set([...before.slices, ...fresh.map(objectName)]) }
}

/** Objects that do not tell of endpoints any more, as their controllers write them anew. */
export function toldAnew({ pods, slices }: KeptEndpoints, cluster: Cluster): readonly OtherResource[] {
  const { resources } = cluster
  const own = resources.endpointSlices.filter((one) => slices.has(objectName(one)))
  return [...new Set([...own, ...slicesWrittenAnew({ ...resources, pods }, resources)])]
}
