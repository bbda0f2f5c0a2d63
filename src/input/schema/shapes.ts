import * as calico from './calico.ts'
import * as datastore from './datastore.ts'
import { metadataWith, type Shape } from './fields.ts'
import { installation } from './installation.ts'
import * as kubernetes from './kubernetes.ts'
import { calicoName, labelName, objectName, plainName } from './names.ts'
import * as policy from './policy.ts'
import { underlay } from './underlay.ts'

/** The API groups objects may come from. */
export type ApiGroup =
  | 'operator'
  | 'core'
  | 'apps'
  | 'discovery'
  | 'networking'
  | 'policy'
  | 'kube-proxy'
  | 'calico'
  | 'packetwalk'

/** A kind packetwalk reads. */
export interface KindShape {
  /** The kind as the control plane calls it. */
  readonly kind: string
  /** Group it belongs to. */
  readonly group: ApiGroup
  /** Shape of everything but `apiVersion`, `kind` and `metadata`. */
  readonly shape: Shape
  /** Its objects decide nothing about packets: they are kept, and people are told of them as of what is not read. */
  readonly isIdle?: true
}

const KINDS: readonly KindShape[] = [
  { kind: 'Node', group: 'core', shape: kubernetes.node },
  { kind: 'Pod', group: 'core', shape: kubernetes.pod },
  { kind: 'Namespace', group: 'core', shape: kubernetes.namespace },
  { kind: 'ConfigMap', group: 'core', shape: kubernetes.configMap },
  { kind: 'Service', group: 'core', shape: kubernetes.service },
  { kind: 'DaemonSet', group: 'apps', shape: kubernetes.daemonSet },
  { kind: 'Deployment', group: 'apps', shape: kubernetes.deployment },
  { kind: 'StatefulSet', group: 'apps', shape: kubernetes.podSet },
  { kind: 'ReplicaSet', group: 'apps', shape: kubernetes.podSet },
  { kind: 'ControllerRevision', group: 'apps', shape: kubernetes.controllerRevision, isIdle: true },
  { kind: 'Endpoints', group: 'core', shape: kubernetes.endpoints },
  { kind: 'EndpointSlice', group: 'discovery', shape: kubernetes.endpointSlice },
  { kind: 'KubeProxyConfiguration', group: 'kube-proxy', shape: kubernetes.kubeProxyConfiguration },
  { kind: 'IPPool', group: 'calico', shape: calico.ipPool },
  { kind: 'IPAMBlock', group: 'calico', shape: calico.ipamBlock },
  { kind: 'BlockAffinity', group: 'calico', shape: calico.blockAffinity },
  { kind: 'IPAMConfig', group: 'calico', shape: calico.ipamConfig },
  { kind: 'IPAMConfiguration', group: 'calico', shape: calico.ipamConfig },
  { kind: 'IPReservation', group: 'calico', shape: calico.ipReservation },
  { kind: 'FelixConfiguration', group: 'calico', shape: calico.felixConfiguration },
  { kind: 'BGPConfiguration', group: 'calico', shape: calico.bgpConfiguration },
  { kind: 'BGPPeer', group: 'calico', shape: calico.bgpPeer },
  { kind: 'ClusterInformation', group: 'calico', shape: calico.clusterInformation },
  { kind: 'Node', group: 'calico', shape: calico.calicoNode },
  { kind: 'Installation', group: 'operator', shape: installation },
  { kind: 'ServiceAccount', group: 'core', shape: policy.serviceAccount },
  { kind: 'NetworkPolicy', group: 'networking', shape: policy.kubernetesPolicy },
  { kind: 'NetworkPolicy', group: 'apps', shape: policy.kubernetesPolicy },
  { kind: 'NetworkPolicy', group: 'calico', shape: policy.calicoPolicy },
  { kind: 'GlobalNetworkPolicy', group: 'calico', shape: policy.calicoPolicy },
  { kind: 'StagedNetworkPolicy', group: 'calico', shape: policy.calicoPolicy },
  { kind: 'StagedGlobalNetworkPolicy', group: 'calico', shape: policy.calicoPolicy },
  { kind: 'StagedKubernetesNetworkPolicy', group: 'calico', shape: policy.stagedKubernetesPolicy },
  { kind: 'AdminNetworkPolicy', group: 'policy', shape: policy.adminPolicy },
  { kind: 'BaselineAdminNetworkPolicy', group: 'policy', shape: policy.adminPolicy },
  { kind: 'ClusterNetworkPolicy', group: 'policy', shape: policy.adminPolicy },
  { kind: 'Tier', group: 'calico', shape: policy.tier },
  { kind: 'NetworkSet', group: 'calico', shape: policy.networkSet },
  { kind: 'GlobalNetworkSet', group: 'calico', shape: policy.networkSet },
  { kind: 'Profile', group: 'calico', shape: policy.profile },
  { kind: 'HostEndpoint', group: 'calico', shape: policy.hostEndpoint },
  { kind: 'KubeControllersConfiguration', group: 'calico', shape: policy.kubeControllers },
  { kind: 'IPAMHandle', group: 'calico', shape: datastore.ipamHandle, isIdle: true },
  { kind: 'BGPFilter', group: 'calico', shape: datastore.bgpFilter },
  { kind: 'CalicoNodeStatus', group: 'calico', shape: datastore.calicoNodeStatus, isIdle: true },
  { kind: 'WorkloadEndpoint', group: 'calico', shape: datastore.workloadEndpoint, isIdle: true },
  { kind: 'Secret', group: 'core', shape: datastore.secret, isIdle: true },
  { kind: 'Underlay', group: 'packetwalk', shape: underlay },
]

const GROUP_OF_API: readonly (readonly [pattern: RegExp, group: ApiGroup])[] = [
  [/^v1$/, 'core'],
  [/^apps\/v1(beta[12])?$/, 'apps'],
  [/^extensions\/v1beta1$/, 'apps'],
  [/^discovery\.k8s\.io\/v1(beta1)?$/, 'discovery'],
  [/^networking\.k8s\.io\/v1(beta1)?$/, 'networking'],
  [/^policy\.networking\.k8s\.io\/v1alpha[12]$/, 'policy'],
  [/^kubeproxy\.config\.k8s\.io\/v1alpha1$/, 'kube-proxy'],
  [/^(crd\.)?projectcalico\.org\/v[13]$/, 'calico'],
  [/^operator\.tigera\.io\/v1$/, 'operator'],
  [/^packetwalk\/v1$/, 'packetwalk'],
]

/** The group of an `apiVersion`; undefined for one packetwalk reads nothing of. */
export function groupOf(apiVersion: string): ApiGroup | undefined {
  return GROUP_OF_API.find(([pattern]) => pattern.test(apiVersion))?.[1]
}

/** The shape of a kind in a group; undefined when packetwalk does not read it. */
export function shapeOf(group: ApiGroup | undefined, kind: string): KindShape | undefined {
  return KINDS.find((k) => k.kind === kind && k.group === group)
}

/** Whether some group has this kind. */
export function isKnownKind(kind: string): boolean {
  return KINDS.some((k) => k.kind === kind)
}

/** Every kind of a group. */
export function kindsOf(group: ApiGroup): string[] {
  return KINDS.filter((k) => k.group === group).map((k) => k.kind)
}

const METADATA = {
  label: metadataWith(labelName),
  object: metadataWith(objectName),
  calico: metadataWith(calicoName),
  own: metadataWith(plainName),
  secret: datastore.secretMetadata,
}

/** The shape of an object's `metadata`: kinds differ in what they may be called. */
export function metadataOf({ kind, group }: KindShape): Shape {
  if (group === 'packetwalk') return METADATA.own
  if (kind === 'Secret') return METADATA.secret
  if (group === 'calico') return METADATA.calico
  return group === 'core' && (kind === 'Namespace' || kind === 'Service') ? METADATA.label : METADATA.object
}
