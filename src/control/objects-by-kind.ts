import type { OtherResource } from './resource.ts'
import type { KnownResource, Resources } from './resources.ts'

/** A list of {@link Resources} while it is being filled. */
type Lists = { -readonly [Name in keyof Resources]: Resources[Name][number][] }

/** Which list of {@link Resources} a kind belongs to. */
const LIST_OF_KIND: Readonly<Record<KnownResource['kind'], keyof Resources>> = {
  Node: 'nodes',
  Pod: 'pods',
  Namespace: 'namespaces',
  ConfigMap: 'configMaps',
  DaemonSet: 'daemonSets',
  Deployment: 'deployments',
  StatefulSet: 'podSets',
  ReplicaSet: 'podSets',
  ControllerRevision: 'controllerRevisions',
  IPPool: 'ippools',
  IPAMBlock: 'ipamBlocks',
  BlockAffinity: 'blockAffinities',
  IPAMConfig: 'ipamConfigs',
  IPAMConfiguration: 'ipamConfigs',
  IPReservation: 'ipReservations',
  FelixConfiguration: 'felixConfigurations',
  BGPConfiguration: 'bgpConfigurations',
  BGPPeer: 'bgpPeers',
  ClusterInformation: 'clusterInformations',
  Installation: 'installations',
  Service: 'services',
  EndpointSlice: 'endpointSlices',
  Endpoints: 'endpoints',
  KubeProxyConfiguration: 'kubeProxyConfigurations',
  Underlay: 'underlays',
  NetworkPolicy: 'policies',
  GlobalNetworkPolicy: 'policies',
  AdminNetworkPolicy: 'policies',
  BaselineAdminNetworkPolicy: 'policies',
  ClusterNetworkPolicy: 'policies',
  StagedNetworkPolicy: 'policies',
  StagedGlobalNetworkPolicy: 'policies',
  StagedKubernetesNetworkPolicy: 'policies',
  Tier: 'tiers',
  NetworkSet: 'networkSets',
  GlobalNetworkSet: 'networkSets',
  Profile: 'profiles',
  HostEndpoint: 'hostEndpoints',
  ServiceAccount: 'serviceAccounts',
  KubeControllersConfiguration: 'kubeControllersConfigurations',
  IPAMHandle: 'ipamHandles',
  BGPFilter: 'bgpFilters',
  CalicoNodeStatus: 'calicoNodeStatuses',
  WorkloadEndpoint: 'workloadEndpoints',
  Secret: 'secrets',
}

/** Kinds that live in a Kubernetes namespace, as far as the control plane reads them. */
const NAMESPACED: ReadonlySet<string> = new Set([
  'Pod',
  'ConfigMap',
  'DaemonSet',
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'ControllerRevision',
  'Service',
  'EndpointSlice',
  'Endpoints',
  'KubeProxyConfiguration',
  'ServiceAccount',
  'NetworkPolicy',
  'NetworkSet',
  'StagedNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'WorkloadEndpoint',
  'Secret',
])

/** Whether objects of a kind live in a Kubernetes namespace, as far as the control plane reads them. */
export function isNamespaced(kind: string): boolean {
  return NAMESPACED.has(kind)
}

/** An object's name for people and for keys: `Kind/name` or `Kind/namespace/name`. */
export function objectName(resource: Pick<OtherResource, 'kind' | 'metadata'>): string {
  const { name, namespace } = resource.metadata
  const within = namespace ?? (NAMESPACED.has(resource.kind) ? 'default' : undefined)
  return within === undefined ? `${resource.kind}/${name}` : `${resource.kind}/${within}/${name}`
}

/** What tells objects apart: Calico and Kubernetes both have a NetworkPolicy, everything else has one meaning a kind. */
export function objectKey(resource: Pick<OtherResource, 'apiVersion' | 'kind' | 'metadata'>): string {
  const calico = resource.kind === 'NetworkPolicy' && resource.apiVersion.includes('projectcalico.org')
  return `${calico ? 'calico ' : ''}${objectName(resource)}`
}

/** The list of {@link Resources} that objects of a kind are in. */
export function listOfKind(kind: string): keyof Resources {
  return isKnownKind(kind) ? LIST_OF_KIND[kind] : 'others'
}

/** The kinds of objects that are in some of the lists. */
export function kindsIn(lists: readonly (keyof Resources)[]): readonly string[] {
  return Object.entries(LIST_OF_KIND).flatMap(([kind, list]) => (lists.includes(list) ? [kind] : []))
}

function isKnownKind(kind: string): kind is KnownResource['kind'] {
  return Object.hasOwn(LIST_OF_KIND, kind)
}

/**
 * Sorts objects by kind. An object given twice is applied twice, as `kubectl apply` would: the later one replaces the
 * earlier one in its place.
 */
export function collectResources(items: Iterable<KnownResource | OtherResource>): Resources {
  const byKey = new Map<string, KnownResource | OtherResource>()
  for (const item of items) byKey.set(objectKey(item), item)
  const lists: Lists = {
    nodes: [],
    pods: [],
    namespaces: [],
    configMaps: [],
    daemonSets: [],
    deployments: [],
    podSets: [],
    controllerRevisions: [],
    ippools: [],
    ipamBlocks: [],
    blockAffinities: [],
    ipamConfigs: [],
    ipReservations: [],
    felixConfigurations: [],
    bgpConfigurations: [],
    bgpPeers: [],
    clusterInformations: [],
    installations: [],
    services: [],
    endpointSlices: [],
    endpoints: [],
    kubeProxyConfigurations: [],
    underlays: [],
    policies: [],
    tiers: [],
    networkSets: [],
    profiles: [],
    hostEndpoints: [],
    serviceAccounts: [],
    kubeControllersConfigurations: [],
    ipamHandles: [],
    bgpFilters: [],
    calicoNodeStatuses: [],
    workloadEndpoints: [],
    secrets: [],
    others: [],
  }
  for (const item of byKey.values()) {
    ;(lists[listOfKind(item.kind)] as (KnownResource | OtherResource)[]).push(item)
  }
  return lists
}

/**
 * Objects in order of creation: by creation time; those of the same second by namespace and name, as an API server lists them;
 * those without a time first, as given.
 */
export function inCreationOrder<R extends Pick<OtherResource, 'kind' | 'metadata'>>(list: readonly R[]): readonly R[] {
  // Counted, and two at a time: there may be hundreds of thousands.
  for (let i = 1; i < list.length; i++) if (byCreation(list[i - 1]!, list[i]!) > 0) return [...list].sort(byCreation)
  return list
}

/** Compares by time of creation, those of one moment by name; without a time an object comes first. */
export function byCreation(
  a: Pick<OtherResource, 'kind' | 'metadata'>,
  b: Pick<OtherResource, 'kind' | 'metadata'>,
): number {
  const left = a.metadata.creationTimestamp ?? ''
  const right = b.metadata.creationTimestamp ?? ''
  if (left !== right) return left < right ? -1 : 1
  // Objects made in memory have no time at all.
  if (left === '') return 0
  return objectName(a) < objectName(b) ? -1 : 1
}
