import type { OtherResource } from '../../control/index.ts'
import { type ApiType, objectsOf } from './api.ts'
import { endpointsOf, slicesOf } from './endpoints.ts'
import type { Seen } from './seen.ts'

/** Namespaces that every cluster has. */
const ALWAYS = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const

/** Objects of a type: those that are stored, and those that every cluster would have beside them. */
export function listed(seen: Seen, type: ApiType): readonly OtherResource[] {
  if (type.group === '' && type.kind === 'Namespace') return namespacesOf(seen)
  if (type.kind === 'Endpoints') return endpointsOf(seen)
  if (type.kind === 'EndpointSlice') return slicesOf(seen)
  if (type.kind === 'Event') return seen.events
  return seen.withOwn(type.kind, objectsOf(seen, type))
}

/** Namespaces of the input, those that its objects are in, and those of every cluster. */
export function namespacesOf({ resources }: Pick<Seen, 'resources'>): readonly OtherResource[] {
  const stored = new Set(resources.namespaces.map(({ metadata }) => metadata.name))
  const used = [resources.pods, resources.services, resources.deployments, resources.daemonSets, resources.policies]
    .flatMap((list: readonly OtherResource[]) => list)
    .flatMap(({ metadata }) => metadata.namespace ?? [])
  const others = [...new Set([...ALWAYS, ...used])].filter((name) => !stored.has(name))
  const made = others.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  }))
  return [...resources.namespaces, ...made]
}

/** Whether a namespace is there. */
export function hasNamespace(seen: Seen, name: string): boolean {
  return namespacesOf(seen).some(({ metadata }) => metadata.name === name)
}
