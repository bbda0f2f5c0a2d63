import { didYouMean } from '../../model/index.ts'
import { BGP_CONFIGURATION } from './bgp-configuration.ts'
import { BGP_FILTER } from './bgp-filter.ts'
import { BGP_PEER } from './bgp-peer.ts'
import { CALICO_NODE } from './calico-node.ts'
import { CALICO_NODE_STATUS, CLUSTER_INFORMATION, LIVE_MIGRATION } from './cluster-kinds.ts'
import { FELIX_CONFIGURATION } from './felix-configuration.ts'
import { HOST_ENDPOINT } from './host-endpoint.ts'
import { IP_POOL } from './ip-pool.ts'
import {
  BLOCK_AFFINITY,
  IP_RESERVATION,
  IPAM_BLOCK,
  IPAM_CONFIG,
  IPAM_CONFIGURATION,
  IPAM_HANDLE,
  STORED_BLOCK_AFFINITY,
} from './ipam-kinds.ts'
import { KUBE_CONTROLLERS_CONFIGURATION } from './kube-controllers.ts'
import { NETWORK_SET } from './network-sets.ts'
import {
  GLOBAL_NETWORK_POLICY,
  NETWORK_POLICY,
  STAGED_GLOBAL_NETWORK_POLICY,
  STAGED_NETWORK_POLICY,
} from './policies.ts'
import { PROFILE } from './profile.ts'
import type { MapShape, Refusal } from './shape.ts'
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
  IPAMConfig: IPAM_CONFIG,
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
  LiveMigration: LIVE_MIGRATION,
  Node: CALICO_NODE,
}

/** Kinds of that name are Kubernetes' own, too. */
const ALSO_OF_KUBERNETES = ['NetworkPolicy', 'Node']

/** The groups that Calico's objects are written in. */
const OUR_GROUP = /^(crd\.)?projectcalico\.org\//

/** What is known of a kind: the shape of its objects, or why Calico has no such objects. */
export type KnownKind = { readonly shape: MapShape } | { readonly refusal: Refusal }

/**
 * The shape of the objects of a kind. An object that names no API is taken for one of Calico's.
 * @returns undefined when the kind is somebody else's
 */
export function knownKind(kind: unknown, apiVersion: unknown = 'projectcalico.org/v3'): KnownKind | undefined {
  const ours = typeof apiVersion === 'string' && OUR_GROUP.test(apiVersion)
  if (typeof kind !== 'string') return undefined
  const stored = kind === 'BlockAffinity' && String(apiVersion).startsWith('crd.')
  const shape = stored ? STORED_BLOCK_AFFINITY : Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (shape !== undefined && ours) return { shape }
  if (ours && kind.endsWith('List')) return undefined
  if (ours) return { refusal: { at: ['kind'], message: `no such kind (${didYouMean(kind, Object.keys(KINDS))})` } }
  if (shape === undefined || ALSO_OF_KUBERNETES.includes(kind)) return undefined
  return { refusal: { at: ['apiVersion'], message: `${kind} is of projectcalico.org/v3` } }
}
