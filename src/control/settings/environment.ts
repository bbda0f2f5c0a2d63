import { operatorVariables } from '../install/installation.ts'
import type { ConfigMapResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import type { OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'

/** A variable of one of Calico's containers. */
export interface Variable {
  /** Name. */
  readonly name: string
  /** Value; that of the ConfigMap's key where it comes from one. */
  readonly value: string
  /** The DaemonSet or Deployment, or the Installation that the operator makes it from. */
  readonly resource: OtherResource
  /** Where the value stands in it. */
  readonly path: FieldPath
}

/** The environment of a container, by name. */
export type Environment = ReadonlyMap<string, Variable>

/** Names of containers in every manifest (canal's too): the one that runs Felix, and the one of kube-controllers. */
const CALICO_NODE = 'calico-node'
const KUBE_CONTROLLERS = 'calico-kube-controllers'

/**
 * What the container calico-node is given: by the operator from the Installation, by its DaemonSet as values or keys of
 * ConfigMaps. A name that comes twice counts the last time, as for Kubernetes.
 */
export function calicoNodeEnvironment(resources: Resources): Environment {
  const found = new Map<string, Variable>()
  for (const installation of resources.installations) {
    for (const variable of operatorVariables(installation)) found.set(variable.name, variable)
    const goldmane = resources.others.find(isGoldmane)
    if (goldmane !== undefined) found.set(COLLECTOR, { ...COLLECTED, resource: goldmane, path: [] })
  }
  readContainer(CALICO_NODE, resources.daemonSets, resources.configMaps, found)
  return found
}

/** The operator points Felix at Goldmane where that is asked for (v3.30+). */
function isGoldmane({ kind, apiVersion }: OtherResource): boolean {
  return kind === 'Goldmane' && apiVersion.startsWith('operator.tigera.io/')
}

const COLLECTOR = 'FELIX_FLOWLOGSGOLDMANESERVER'
const COLLECTED = { name: COLLECTOR, value: 'goldmane.calico-system.svc:7443' }

/** What the container calico-kube-controllers is given by its Deployment. */
export function kubeControllersEnvironment(resources: Resources): Environment {
  const found = new Map<string, Variable>()
  readContainer(KUBE_CONTROLLERS, resources.deployments, resources.configMaps, found)
  return found
}

function readContainer(
  wanted: string,
  workloads: Resources['daemonSets'] | Resources['deployments'],
  configMaps: readonly ConfigMapResource[],
  found: Map<string, Variable>,
): void {
  const base: FieldPath = ['spec', 'template', 'spec', 'containers']
  for (const resource of workloads) {
    for (const [i, container] of (resource.spec.template?.spec?.containers ?? []).entries()) {
      if (container.name !== wanted) continue
      for (const [j, { name, value, valueFrom }] of (container.env ?? []).entries()) {
        const path = [...base, i, 'env', j, value === undefined ? 'name' : 'value']
        const text = value ?? keyOf(configMaps, valueFrom?.configMapKeyRef)
        if (text !== undefined) found.set(name, { name, value: text, resource, path })
      }
    }
  }
}

function keyOf(
  configMaps: readonly ConfigMapResource[],
  ref: { readonly name?: string; readonly key: string } | undefined,
): string | undefined {
  if (ref === undefined) return undefined
  return configMaps.find(({ metadata }) => metadata.name === ref.name)?.data?.[ref.key]
}
