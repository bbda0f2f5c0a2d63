import type {
  BGPConfigurationResource,
  BGPPeerResource,
  BlockAffinityResource,
  ClusterInformationResource,
  FelixConfigurationResource,
  IPAMBlockResource,
  IPAMConfigResource,
  IPPoolResource,
  IPReservationResource,
} from './calico-kinds.ts'
import type {
  BGPFilterResource,
  CalicoNodeStatusResource,
  IPAMHandleResource,
  SecretResource,
  WorkloadEndpointResource,
} from './datastore-kinds.ts'
import type { InstallationResource } from './install/installation-kind.ts'
import type {
  ConfigMapResource,
  ControllerRevisionResource,
  DaemonSetResource,
  DeploymentResource,
  EndpointSliceResource,
  EndpointsResource,
  KubeProxyConfigurationResource,
  NamespaceResource,
  NodeResource,
  PodResource,
  PodSetResource,
  ServiceResource,
} from './kubernetes-kinds.ts'
import type {
  HostEndpointResource,
  KubeControllersConfigurationResource,
  NetworkSetResource,
  PolicyResource,
  ProfileResource,
  ServiceAccountResource,
  TierResource,
} from './policy/kinds.ts'
import type { OtherResource } from './resource.ts'
import type { UnderlayResource } from './underlay/kind.ts'

/** An object of a kind the control plane reads. */
export type KnownResource =
  | NodeResource
  | PodResource
  | NamespaceResource
  | ConfigMapResource
  | DaemonSetResource
  | DeploymentResource
  | PodSetResource
  | ControllerRevisionResource
  | IPPoolResource
  | IPAMBlockResource
  | BlockAffinityResource
  | IPAMConfigResource
  | IPReservationResource
  | FelixConfigurationResource
  | BGPConfigurationResource
  | BGPPeerResource
  | ClusterInformationResource
  | InstallationResource
  | ServiceResource
  | EndpointSliceResource
  | EndpointsResource
  | KubeProxyConfigurationResource
  | UnderlayResource
  | PolicyResource
  | TierResource
  | NetworkSetResource
  | ProfileResource
  | HostEndpointResource
  | ServiceAccountResource
  | KubeControllersConfigurationResource
  | IPAMHandleResource
  | BGPFilterResource
  | CalicoNodeStatusResource
  | WorkloadEndpointResource
  | SecretResource

/** All objects of a cluster by kind, each list in input order, no object twice. {@link collectResources} makes one. */
export interface Resources {
  /** Nodes. */
  readonly nodes: readonly NodeResource[]
  /** Pods. */
  readonly pods: readonly PodResource[]
  /** Namespaces. */
  readonly namespaces: readonly NamespaceResource[]
  /** ConfigMaps. */
  readonly configMaps: readonly ConfigMapResource[]
  /** DaemonSets. */
  readonly daemonSets: readonly DaemonSetResource[]
  /** Deployments. */
  readonly deployments: readonly DeploymentResource[]
  /** StatefulSets and ReplicaSets. */
  readonly podSets: readonly PodSetResource[]
  /** What DaemonSets and StatefulSets were. */
  readonly controllerRevisions: readonly ControllerRevisionResource[]
  /** IP pools. */
  readonly ippools: readonly IPPoolResource[]
  /** IPAM blocks. */
  readonly ipamBlocks: readonly IPAMBlockResource[]
  /** Block affinities. */
  readonly blockAffinities: readonly BlockAffinityResource[]
  /** IPAM settings. */
  readonly ipamConfigs: readonly IPAMConfigResource[]
  /** Reservations. */
  readonly ipReservations: readonly IPReservationResource[]
  /** Felix settings. */
  readonly felixConfigurations: readonly FelixConfigurationResource[]
  /** BGP settings. */
  readonly bgpConfigurations: readonly BGPConfigurationResource[]
  /** BGP peerings. */
  readonly bgpPeers: readonly BGPPeerResource[]
  /** Cluster data sheets. */
  readonly clusterInformations: readonly ClusterInformationResource[]
  /** What the operator is asked to install. */
  readonly installations: readonly InstallationResource[]
  /** Services. */
  readonly services: readonly ServiceResource[]
  /** Endpoints. */
  readonly endpointSlices: readonly EndpointSliceResource[]
  /** Endpoints of before EndpointSlices. */
  readonly endpoints: readonly EndpointsResource[]
  /** Settings of kube-proxy. */
  readonly kubeProxyConfigurations: readonly KubeProxyConfigurationResource[]
  /** Underlay descriptions; at most one. */
  readonly underlays: readonly UnderlayResource[]
  /** Policies of every kind. */
  readonly policies: readonly PolicyResource[]
  /** Tiers. */
  readonly tiers: readonly TierResource[]
  /** Sets of ranges, of namespaces and of the cluster. */
  readonly networkSets: readonly NetworkSetResource[]
  /** Profiles. */
  readonly profiles: readonly ProfileResource[]
  /** Host endpoints. */
  readonly hostEndpoints: readonly HostEndpointResource[]
  /** Service accounts. */
  readonly serviceAccounts: readonly ServiceAccountResource[]
  /** Settings of kube-controllers. */
  readonly kubeControllersConfigurations: readonly KubeControllersConfigurationResource[]
  /** Owners of addresses. */
  readonly ipamHandles: readonly IPAMHandleResource[]
  /** Filters of routes. */
  readonly bgpFilters: readonly BGPFilterResource[]
  /** Questions to calico-node. */
  readonly calicoNodeStatuses: readonly CalicoNodeStatusResource[]
  /** Endpoints that are stored as such. */
  readonly workloadEndpoints: readonly WorkloadEndpointResource[]
  /** Secrets, by name only. */
  readonly secrets: readonly SecretResource[]
  /** Objects of kinds the control plane does not read. */
  readonly others: readonly OtherResource[]
}
