/**
 * The control plane: IPAM, CNI plugin, Felix and BIRD as pure functions from Kubernetes and Calico objects to a
 * `Network`. It computes and never sends a packet. May import: wire, model, encap.
 *
 * @packageDocumentation
 */

export { collectResources, NO_RESOURCES, objectName } from './collect.ts'
export type {
  AllowedUse,
  BGPConfigurationResource,
  BGPPeerResource,
  BlockAffinityResource,
  ClusterInformationResource,
  ConfigMapResource,
  ContainerPort,
  DaemonSetResource,
  EncapMode,
  EndpointSliceResource,
  FelixConfigurationResource,
  IPAMBlockResource,
  IPAMConfigResource,
  IPPoolResource,
  IPReservationResource,
  KnownResource,
  Metadata,
  NamespaceResource,
  NodeResource,
  OtherResource,
  Place,
  PlaceOf,
  PodResource,
  ResourceBase,
  Resources,
  ServicePort,
  ServiceResource,
  UnderlayInterface,
  UnderlayNode,
  UnderlayResource,
  UnderlaySegment,
} from './resources.ts'
