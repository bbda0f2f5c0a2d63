import type { Ip } from '../wire/index.ts'

/** Kinds of objects that hold rules of policy. */
export type PolicyKindName =
  | 'NetworkPolicy'
  | 'GlobalNetworkPolicy'
  | 'StagedNetworkPolicy'
  | 'StagedGlobalNetworkPolicy'
  | 'StagedKubernetesNetworkPolicy'
  | 'AdminNetworkPolicy'
  | 'BaselineAdminNetworkPolicy'
  | 'ClusterNetworkPolicy'

/** A policy by name. */
export interface PolicyRef {
  /** Kind of the object. */
  readonly kind: PolicyKindName
  /** Whether Kubernetes or Calico defines it: both have a NetworkPolicy. */
  readonly api: 'kubernetes' | 'calico'
  /** Namespace; absent for kinds of the whole cluster. */
  readonly namespace?: string
  /** Name as users write it, without the prefix of its tier. */
  readonly name: string
  /** Tier. */
  readonly tier: string
}

/** A port of a Service. */
export interface ServiceRef {
  /** Namespace of the Service. */
  readonly namespace: string
  /** Name of the Service. */
  readonly name: string
  /** Name of the port; '' where it has none. */
  readonly portName: string
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string
  /** Port number of the Service. */
  readonly port: number
}

/** By which of its addresses a Service was asked. */
export type ServiceDoor = 'ClusterIP' | 'NodePort' | 'ExternalIP' | 'LoadBalancer'

/** One of the endpoints a Service chooses from. */
export interface BackendRef {
  /** Address. */
  readonly address: Ip
  /** Port. */
  readonly port: number
  /** `namespace/name` of the pod that has the address. */
  readonly pod?: string
  /** Node it runs on. */
  readonly node?: string
}

/** The way of a packet as seen from the endpoint: into it or out of it. */
export type PolicyDirection = 'ingress' | 'egress'

/**
 * What a rule of Felix, kube-proxy or the portmap plugin stands for, in the words of the objects. The dataplane carries it
 * unread; `trace` and `diagnose` tell decisions by it, and never by words of the rule.
 */
export type RuleMeaning =
  /** Into the chain of one endpoint: `netns` of a pod, or `node interface` of a host endpoint. */
  | {
      readonly kind: 'endpoint'
      readonly direction: PolicyDirection
      readonly endpoint: string
      readonly host: boolean
      readonly dev: string
      /** Of a host endpoint: whether what it forwards is asked about. */
      readonly forward?: boolean
    }
  /** A rule of a policy; `rule` counts from 1 in the object's list of that direction, 0: no rule of the object's. */
  | {
      readonly kind: 'policy'
      readonly policy: PolicyRef
      readonly direction: PolicyDirection
      readonly rule: number
      readonly action: 'Allow' | 'Deny' | 'Pass' | 'Log'
    }
  /** The start of a tier: its policies are asked, in this order. */
  | {
      readonly kind: 'tier'
      readonly tier: string
      readonly direction: PolicyDirection
      readonly policies: readonly PolicyRef[]
    }
  /** The end of a tier: nothing of it matched. */
  | {
      readonly kind: 'tier-end'
      readonly tier: string
      readonly direction: PolicyDirection
      readonly policies: readonly PolicyRef[]
    }
  /** A rule of a profile. */
  | {
      readonly kind: 'profile'
      readonly profile: string
      readonly direction: PolicyDirection
      readonly action: 'Allow' | 'Deny' | 'Pass' | 'Log'
    }
  /** The end of an endpoint's chain: no profile let the packet through. */
  | { readonly kind: 'no-profile'; readonly direction: PolicyDirection }
  /** Packets of a connection that was let through before. */
  | { readonly kind: 'established' }
  /** Packets that belong to no connection and begin none. */
  | { readonly kind: 'invalid' }
  /** Ports Felix never closes. */
  | { readonly kind: 'failsafe'; readonly direction: PolicyDirection }
  /** What a pod sends to its own node. */
  | { readonly kind: 'endpoint-to-host'; readonly action: 'ACCEPT' | 'DROP' | 'REJECT' | 'RETURN' }
  /** Encapsulated packets that a pod made itself. */
  | { readonly kind: 'encapsulated' }
  /** Encapsulated packets between nodes. */
  | { readonly kind: 'tunnel' }
  /** A source the way back to which leads elsewhere. */
  | { readonly kind: 'rpf' }
  /** An interface no endpoint is known for. */
  | { readonly kind: 'unknown-interface' }
  /** A range of Services that nothing translated. */
  | { readonly kind: 'service-loop'; readonly cidr: string }
  /** Felix accepts what its policies allowed. */
  | { readonly kind: 'allowed-before' }
  /** Leaves the pools: masqueraded. */
  | { readonly kind: 'nat-outgoing' }
  /** A process of a node sends into a tunnel. */
  | { readonly kind: 'tunnel-source' }
  /** A Service was asked. */
  | { readonly kind: 'service'; readonly service: ServiceRef; readonly door: ServiceDoor }
  /** One of the endpoints of a Service is chosen: which of how many (from 1), with all of them in order. */
  | {
      readonly kind: 'backend'
      readonly service: ServiceRef
      readonly chosen: number
      readonly backends: readonly BackendRef[]
      /** By affinity, not by chance. */
      readonly affinity?: boolean
    }
  /** The destination becomes the endpoint. */
  | { readonly kind: 'service-dnat'; readonly service: ServiceRef; readonly backend: BackendRef }
  /** A Service without an endpoint that could take the packet; `local`: with none on this node, which its policy asks for. */
  | { readonly kind: 'no-backend'; readonly service: ServiceRef; readonly door: ServiceDoor; readonly local: boolean }
  /** A source from which a load balancer's address may not be asked. */
  | { readonly kind: 'source-range'; readonly service: ServiceRef }
  /** The source will be translated, and why. */
  | {
      readonly kind: 'masquerade-mark'
      readonly service: ServiceRef
      readonly why: 'hairpin' | 'external' | 'off-cluster' | 'all'
    }
  /** The source is translated since a Service asked for it. */
  | { readonly kind: 'service-masquerade' }
  /** A port of the node leads to a pod. */
  | { readonly kind: 'host-port'; readonly pod: string; readonly port: number }
