import { BGP_CONFIGURATION } from './bgp-configuration.ts'
import { BGP_FILTER } from './bgp-filter.ts'
import { BGP_PEER } from './bgp-peer.ts'
import { CALICO_NODE } from './calico-node.ts'
import { CALICO_NODE_STATUS, CLUSTER_INFORMATION } from './cluster-kinds.ts'
import { FELIX_CONFIGURATION } from './felix-configuration.ts'
import { HOST_ENDPOINT } from './host-endpoint.ts'
import { IP_POOL } from './ip-pool.ts'
import { BLOCK_AFFINITY, IP_RESERVATION, IPAM_BLOCK, IPAM_CONFIGURATION, IPAM_HANDLE } from './ipam-kinds.ts'
import { KUBE_CONTROLLERS_CONFIGURATION } from './kube-controllers.ts'
import { NETWORK_SET } from './network-sets.ts'
import {
  GLOBAL_NETWORK_POLICY,
  NETWORK_POLICY,
  STAGED_GLOBAL_NETWORK_POLICY,
  STAGED_NETWORK_POLICY,
} from './policies.ts'
import { PROFILE } from './profile.ts'
import type { MapShape } from './shape.ts'
import { STAGED_KUBERNETES_NETWORK_POLICY } from './staged-kubernetes.ts'
import { TIER } from './tier.ts'
import { WORKLOAD_ENDPOINT } from './workload-endpoint.ts'

/** Kinds of Calico that are validated, and their shapes. */
export const KINDS: Readonly<Record<string, MapShape>> = {
  NetworkPolicy: NETWORK_POLICY,
  GlobalNetworkPolicy: GLOBAL_NETWORK_POLICY,
  StagedNetworkPolicy: STAGED_NETWORK_POLICY,
  StagedGlobalNetworkPolicy: STAGED_GLOBAL_NETWORK_POLICY,
  StagedKubernetesNetworkPolicy: STAGED_KUBERNETES_NETWORK_POLICY,
  Tier: TIER,
  NetworkSet: NETWORK_SET,
  GlobalNetworkSet: NETWORK_SET,
  Profile: PROFILE,
  HostEndpoint: HOST_ENDPOINT,
  WorkloadEndpoint: WORKLOAD_ENDPOINT,
  IPPool: IP_POOL,
  IPReservation: IP_RESERVATION,
  IPAMConfiguration: IPAM_CONFIGURATION,
  IPAMConfig: IPAM_CONFIGURATION,
  IPAMBlock: IPAM_BLOCK,
  IPAMHandle: IPAM_HANDLE,
  BlockAffinity: BLOCK_AFFINITY,
  BGPConfiguration: BGP_CONFIGURATION,
  BGPPeer: BGP_PEER,
  BGPFilter: BGP_FILTER,
  FelixConfiguration: FELIX_CONFIGURATION,
  KubeControllersConfiguration: KUBE_CONTROLLERS_CONFIGURATION,
  ClusterInformation: CLUSTER_INFORMATION,
  CalicoNodeStatus: CALICO_NODE_STATUS,
  Node: CALICO_NODE,
}

const GROUPS = ['projectcalico.org/', 'crd.projectcalico.org/']

/** The shape of the objects of a kind; undefined when it is none of Calico's. */
export function shapeOf(kind: unknown, apiVersion: unknown): MapShape | undefined {
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) return undefined
  const ours = typeof apiVersion === 'string' && GROUPS.some((group) => apiVersion.startsWith(group))
  return ours ? KINDS[kind] : undefined
}
