import type { ResourceBase } from '../resource.ts'
import type { AdminPolicyResource } from './admin-kinds.ts'
import type { LabelSelector } from './label-selector-kind.ts'

/** A port of a rule of Calico: a number, a range `80:90`, or the name of a port. */
export type PortText = number | string

/** What a rule of Calico asks of one side of a packet. @calico api/pkg/apis/projectcalico/v3/policy_common.go */
export interface EntityRule {
  /** Ranges, one of which has the address. */
  readonly nets?: readonly string[]
  /** Ranges, none of which has it. */
  readonly notNets?: readonly string[]
  /** Endpoints whose address it is. */
  readonly selector?: string
  /** Endpoints whose address it is not. */
  readonly notSelector?: string
  /** Namespaces of these endpoints; `global()`: those without one. */
  readonly namespaceSelector?: string
  /** Ports. */
  readonly ports?: readonly PortText[]
  /** Other ports than these. */
  readonly notPorts?: readonly PortText[]
  /** Service accounts of these endpoints. */
  readonly serviceAccounts?: { readonly names?: readonly string[]; readonly selector?: string }
  /** Endpoints of a Service. */
  readonly services?: { readonly name?: string; readonly namespace?: string }
}

/** Type and code of ICMP messages. */
export interface IcmpFields {
  /** Type. */
  readonly type?: number
  /** Code. */
  readonly code?: number
}

/** A rule of Calico. */
export interface CalicoRule {
  /** What becomes of what it matches. */
  readonly action: 'Allow' | 'Deny' | 'Log' | 'Pass'
  /** Only this IP version. */
  readonly ipVersion?: number
  /** Name or number of the protocol. */
  readonly protocol?: number | string
  /** Any other protocol. */
  readonly notProtocol?: number | string
  /** ICMP message. */
  readonly icmp?: IcmpFields
  /** Any other ICMP message. */
  readonly notICMP?: IcmpFields
  /** The source. */
  readonly source?: EntityRule
  /** The destination. */
  readonly destination?: EntityRule
  /** What people write beside it: Felix puts it into comments. */
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> }
  /** Asks for what is inside a connection: not decided by packets. */
  readonly http?: Readonly<Record<string, unknown>>
}

/** Whom a rule of Kubernetes names: pods, or a range. */
export interface KubernetesPeer {
  /** Pods. */
  readonly podSelector?: LabelSelector
  /** Their namespaces; absent = that of the policy. */
  readonly namespaceSelector?: LabelSelector
  /** A range without some of its parts. */
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}

/** A port of a rule of Kubernetes. */
export interface KubernetesPort {
  /** `TCP`, `UDP` or `SCTP`; absent = TCP. */
  readonly protocol?: string
  /** Number or name; absent = all. */
  readonly port?: number | string
  /** Last port of a range. */
  readonly endPort?: number
}

/** A rule of Kubernetes for what comes in. */
export interface KubernetesIngressRule {
  /** Sources; absent or empty = all. */
  readonly from?: readonly KubernetesPeer[]
  /** Ports; absent or empty = all. */
  readonly ports?: readonly KubernetesPort[]
}

/** A rule of Kubernetes for what goes out. */
export interface KubernetesEgressRule {
  /** Destinations; absent or empty = all. */
  readonly to?: readonly KubernetesPeer[]
  /** Ports; absent or empty = all. */
  readonly ports?: readonly KubernetesPort[]
}

/** `spec` of a NetworkPolicy of Kubernetes. */
export interface KubernetesPolicySpec {
  /** Pods of the namespace it isolates. */
  readonly podSelector?: LabelSelector
  /** Directions. */
  readonly policyTypes?: readonly string[]
  /** Rules for what comes in. */
  readonly ingress?: readonly KubernetesIngressRule[]
  /** Rules for what goes out. */
  readonly egress?: readonly KubernetesEgressRule[]
}

/** `spec` of a NetworkPolicy of Calico. */
export interface CalicoPolicySpec {
  /** Tier; absent = default. */
  readonly tier?: string
  /** Order in the tier; absent = last. */
  readonly order?: number
  /** Workload endpoints of the namespace it applies to; absent = all. */
  readonly selector?: string
  /** And only those of these service accounts. */
  readonly serviceAccountSelector?: string
  /** Directions. */
  readonly types?: readonly string[]
  /** Rules for what comes in. */
  readonly ingress?: readonly CalicoRule[]
  /** Rules for what goes out. */
  readonly egress?: readonly CalicoRule[]
}

/** `spec` of a GlobalNetworkPolicy. */
export interface GlobalPolicySpec extends CalicoPolicySpec {
  /** And only in these namespaces. */
  readonly namespaceSelector?: string
  /** Before connection tracking, on host endpoints. */
  readonly doNotTrack?: boolean
  /** Before address translation, on host endpoints. */
  readonly preDNAT?: boolean
  /** On what host endpoints forward, too. */
  readonly applyOnForward?: boolean
}

/** A NetworkPolicy of Kubernetes, or of Calico: `apiVersion` tells. */
export interface NetworkPolicyResource extends ResourceBase<'NetworkPolicy'> {
  /** Content; which of the two, `apiVersion` tells. */
  readonly spec: KubernetesPolicySpec | CalicoPolicySpec
}

/** A GlobalNetworkPolicy of Calico. */
export interface GlobalNetworkPolicyResource extends ResourceBase<'GlobalNetworkPolicy'> {
  /** Content. */
  readonly spec: GlobalPolicySpec
}

/** What a staged policy would do: be set, or be taken away. */
interface Staged {
  /** `Set` where absent; `Delete`: there is nothing else in it. */
  readonly stagedAction?: string
}

/** A NetworkPolicy of Calico that is only evaluated for flow logs. */
export interface StagedNetworkPolicyResource extends ResourceBase<'StagedNetworkPolicy'> {
  /** Content. */
  readonly spec: CalicoPolicySpec & Staged
}

/** A GlobalNetworkPolicy that is only evaluated for flow logs. */
export interface StagedGlobalNetworkPolicyResource extends ResourceBase<'StagedGlobalNetworkPolicy'> {
  /** Content. */
  readonly spec: GlobalPolicySpec & Staged
}

/** A NetworkPolicy of Kubernetes that is only evaluated for flow logs. */
export interface StagedKubernetesNetworkPolicyResource extends ResourceBase<'StagedKubernetesNetworkPolicy'> {
  /** Content. */
  readonly spec: KubernetesPolicySpec & Staged
}

/** A policy that is only evaluated for flow logs. */
export type StagedPolicyResource =
  | StagedNetworkPolicyResource
  | StagedGlobalNetworkPolicyResource
  | StagedKubernetesNetworkPolicyResource

/** A policy of any kind. */
export type PolicyResource =
  | NetworkPolicyResource
  | GlobalNetworkPolicyResource
  | AdminPolicyResource
  | StagedPolicyResource

/** A tier of policies. */
export interface TierResource extends ResourceBase<'Tier'> {
  /** Content. */
  readonly spec?: {
    /** Place among the tiers; absent = last. */
    readonly order?: number
    /** What becomes of a packet none of its policies decides: `Deny` where absent, or `Pass`. */
    readonly defaultAction?: string
  }
}

/** Ranges with labels. */
export interface NetworkSetResource extends ResourceBase<'NetworkSet' | 'GlobalNetworkSet'> {
  /** Content. */
  readonly spec?: {
    /** Ranges or addresses. */
    readonly nets?: readonly string[]
  }
}

/** Rules and labels for the endpoints that name it. */
export interface ProfileResource extends ResourceBase<'Profile'> {
  /** Content. */
  readonly spec?: {
    /** Rules for what comes in. */
    readonly ingress?: readonly CalicoRule[]
    /** Rules for what goes out. */
    readonly egress?: readonly CalicoRule[]
    /** Labels its endpoints inherit. */
    readonly labelsToApply?: Readonly<Record<string, string>>
  }
}

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
    /** Ports with a name. */
    readonly ports?: readonly {
      readonly name: string
      readonly protocol: number | string
      readonly port: number
    }[]
  }
}

/** A service account: its labels are inherited by its pods. */
export interface ServiceAccountResource extends ResourceBase<'ServiceAccount'> {}

/** A sort of host endpoints kube-controllers make. */
export interface HostEndpointTemplate {
  /** Part of their names. */
  readonly generateName?: string
  /** Addresses of the node that count. */
  readonly interfaceCIDRs?: readonly string[]
  /** Interfaces, one host endpoint each. */
  readonly interfacePattern?: string
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
    readonly controllers?: {
      /** Which Services of type LoadBalancer get addresses: `AllServices` or `RequestedServicesOnly`. */
      readonly loadBalancer?: { readonly assignIPs?: string }
      readonly node?: {
        readonly hostEndpoint?: AutoHostEndpoints
        /** How long what nobody uses stays taken; `0s` = for ever. */
        readonly leakGracePeriod?: string
      }
    }
  }
}

/** A NetworkPolicy of Calico. */
export interface CalicoPolicyResource extends NetworkPolicyResource {
  /** What it asks for. */
  readonly spec: CalicoPolicySpec
}

/** Whether a NetworkPolicy is one of Calico. */
export function isCalicoPolicy(policy: NetworkPolicyResource): policy is CalicoPolicyResource {
  return policy.apiVersion.includes('projectcalico.org')
}
