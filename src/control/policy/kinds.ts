import type { ResourceBase } from '../resource.ts'

/** A Kubernetes label selector. */
export interface LabelSelector {
  /** Labels with their values. */
  readonly matchLabels?: Readonly<Record<string, string>>
  /** Further conditions. */
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
    readonly values?: readonly string[]
  }[]
}

/** Rules are not read yet, only whether there are any. */
export type Rules = readonly unknown[]

/** A NetworkPolicy of Kubernetes, or of Calico: `apiVersion` tells. */
export interface NetworkPolicyResource extends ResourceBase<'NetworkPolicy'> {
  /** Content. */
  readonly spec: {
    /** Kubernetes: pods of the namespace it isolates. */
    readonly podSelector?: LabelSelector
    /** Kubernetes: directions. */
    readonly policyTypes?: readonly string[]
    /** Calico: workload endpoints of the namespace it applies to; absent = all. */
    readonly selector?: string
    /** Calico: and only those of these service accounts. */
    readonly serviceAccountSelector?: string
    /** Calico: directions. */
    readonly types?: readonly string[]
    /** Rules for what comes in. */
    readonly ingress?: Rules
    /** Rules for what goes out. */
    readonly egress?: Rules
  }
}

/** A GlobalNetworkPolicy of Calico. */
export interface GlobalNetworkPolicyResource extends ResourceBase<'GlobalNetworkPolicy'> {
  /** Content. */
  readonly spec: {
    /** Endpoints it applies to; absent = all, those of hosts among them. */
    readonly selector?: string
    /** And only in these namespaces. */
    readonly namespaceSelector?: string
    /** And only with these service accounts. */
    readonly serviceAccountSelector?: string
    /** Directions. */
    readonly types?: readonly string[]
    /** Before connection tracking, on host endpoints. */
    readonly doNotTrack?: boolean
    /** Before address translation, on host endpoints. */
    readonly preDNAT?: boolean
    /** On what host endpoints forward, too. */
    readonly applyOnForward?: boolean
    /** Rules for what comes in. */
    readonly ingress?: Rules
    /** Rules for what goes out. */
    readonly egress?: Rules
  }
}

/** An AdminNetworkPolicy, BaselineAdminNetworkPolicy or ClusterNetworkPolicy of Kubernetes. */
export interface AdminPolicyResource
  extends ResourceBase<'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy'> {
  /** Content. */
  readonly spec: {
    /** Pods it applies to: those of namespaces, or pods of namespaces. */
    readonly subject?: {
      readonly namespaces?: LabelSelector
      readonly pods?: { readonly namespaceSelector?: LabelSelector; readonly podSelector?: LabelSelector }
    }
    /** Rules for what comes in. */
    readonly ingress?: Rules
    /** Rules for what goes out. */
    readonly egress?: Rules
  }
}

/** A policy that is only evaluated for flow logs. */
export interface StagedPolicyResource
  extends ResourceBase<'StagedNetworkPolicy' | 'StagedGlobalNetworkPolicy' | 'StagedKubernetesNetworkPolicy'> {}

/** A policy of any kind. */
export type PolicyResource =
  | NetworkPolicyResource
  | GlobalNetworkPolicyResource
  | AdminPolicyResource
  | StagedPolicyResource

/** Interfaces of a node as something policies select. */
export interface HostEndpointResource extends ResourceBase<'HostEndpoint'> {
  /** Content. */
  readonly spec: {
    /** Node. */
    readonly node?: string
    /** Interface, or `*`. */
    readonly interfaceName?: string
    /** Addresses. */
    readonly expectedIPs?: readonly string[]
    /** Profiles; without any, what no policy allows is denied. */
    readonly profiles?: readonly string[]
  }
}

/** A service account: its labels are inherited by its pods. */
export interface ServiceAccountResource extends ResourceBase<'ServiceAccount'> {}

/** A sort of host endpoints kube-controllers make. */
export interface HostEndpointTemplate {
  /** Nodes it is for. */
  readonly nodeSelector?: string
  /** Labels besides those of the node. */
  readonly labels?: Readonly<Record<string, string>>
}

/** Which host endpoints kube-controllers make. */
export interface AutoHostEndpoints {
  /** `Enabled` or `Disabled`. */
  readonly autoCreate?: string
  /** `Disabled`: none for all interfaces of a node. */
  readonly createDefaultHostEndpoint?: string
  /** Further ones. */
  readonly templates?: readonly HostEndpointTemplate[]
}

/** Settings of kube-controllers; only automatic host endpoints are read. */
export interface KubeControllersConfigurationResource extends ResourceBase<'KubeControllersConfiguration'> {
  /** Content. */
  readonly spec?: {
    readonly controllers?: { readonly node?: { readonly hostEndpoint?: AutoHostEndpoints } }
  }
}
