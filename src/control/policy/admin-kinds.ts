import type { AdminPolicyKind } from '../calico-version.ts'
import type { ResourceBase } from '../resource.ts'
import type { LabelSelector } from './label-selector-kind.ts'

/** Namespaces, or pods of namespaces, that an administrator's policy speaks of. */
export interface AdminSubject {
  /** All pods of these namespaces. */
  readonly namespaces?: LabelSelector
  /** Pods of namespaces. */
  readonly pods?: { readonly namespaceSelector?: LabelSelector; readonly podSelector?: LabelSelector }
}

/** Whom a rule of an administrator's policy names. */
export interface AdminPeer extends AdminSubject {
  /** Ranges; of egress rules. */
  readonly networks?: readonly string[]
}

/** A range of ports. */
export interface AdminRange {
  /** First. */
  readonly start?: number
  /** Last. */
  readonly end?: number
}

/** Ports of an AdminNetworkPolicy: one of the three. */
export interface AdminPort {
  /** One port. */
  readonly portNumber?: { readonly protocol?: string; readonly port?: number }
  /** A range. */
  readonly portRange?: AdminRange & { readonly protocol?: string }
  /** A port by name. */
  readonly namedPort?: string
}

/** Ports of a protocol in a ClusterNetworkPolicy. */
export interface ClusterPorts {
  /** Absent = all. */
  readonly destinationPort?: {
    readonly number?: number
    readonly range?: AdminRange
  }
}

/** A protocol of a ClusterNetworkPolicy: one of the four. */
export interface ClusterProtocol {
  /** TCP. */
  readonly tcp?: ClusterPorts
  /** UDP. */
  readonly udp?: ClusterPorts
  /** SCTP. */
  readonly sctp?: ClusterPorts
  /** A port by name. */
  readonly destinationNamedPort?: string
}

/** A rule of an administrator's policy. */
export interface AdminRule {
  /** `Allow` (`Accept` in a ClusterNetworkPolicy), `Deny` or `Pass`. */
  readonly action: string
  /** What people call it. */
  readonly name?: string
  /** Sources, of an ingress rule. */
  readonly from?: readonly AdminPeer[]
  /** Destinations, of an egress rule. */
  readonly to?: readonly AdminPeer[]
  /** Ports, up to v1alpha1. */
  readonly ports?: readonly AdminPort[]
  /** Protocols, from v1alpha2. */
  readonly protocols?: readonly ClusterProtocol[]
}

/** An AdminNetworkPolicy, BaselineAdminNetworkPolicy or ClusterNetworkPolicy of Kubernetes. */
export interface AdminPolicyResource extends ResourceBase<AdminPolicyKind> {
  /** Content. */
  readonly spec: {
    /** ClusterNetworkPolicy: `Admin` or `Baseline`. */
    readonly tier?: string
    /** Place among the others; lower is earlier. */
    readonly priority?: number
    /** Pods it applies to: those of namespaces, or pods of namespaces. */
    readonly subject?: AdminSubject
    /** Rules for what comes in. */
    readonly ingress?: readonly AdminRule[]
    /** Rules for what goes out. */
    readonly egress?: readonly AdminRule[]
  }
}
