import type { LabelSelector } from './policy/label-selector-kind.ts'
import type { ResourceBase } from './resource.ts'

/** A Kubernetes node. */
export interface NodeResource extends ResourceBase<'Node'> {
  /** Desired state. */
  readonly spec?: {
    /** Pod range of this node (host-local IPAM). */
    readonly podCIDR?: string
    /** Pod ranges of both families. */
    readonly podCIDRs?: readonly string[]
  }
  /** Observed state. */
  readonly status?: {
    /** Addresses; InternalIP is the node address when no annotation says otherwise. */
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    /** Versions; only shown. */
    readonly nodeInfo?: Readonly<Record<string, unknown>>
    /** Conditions; only shown. */
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

/** A port of a container. */
export interface ContainerPort {
  /** Name. */
  readonly name?: string
  /** Port number. */
  readonly containerPort: number
  /** `TCP`, `UDP` or `SCTP`; absent = TCP. */
  readonly protocol?: string
  /** Port of the node. */
  readonly hostPort?: number
  /** Address of the node at which that port is; absent = every one. */
  readonly hostIP?: string
}

/** A pod. */
export interface PodResource extends ResourceBase<'Pod'> {
  /** Desired state. */
  readonly spec: {
    /** Node it was scheduled to; absent = not scheduled, no network. */
    readonly nodeName?: string
    /** Shares the node's namespace. */
    readonly hostNetwork?: boolean
    /** Service account. */
    readonly serviceAccountName?: string
    /** Containers. */
    readonly containers?: readonly {
      readonly name?: string
      readonly image?: string
      readonly ports?: readonly ContainerPort[]
    }[]
  }
  /** Observed state. */
  readonly status?: {
    /** `Running`, `Pending`, `Succeeded`, `Failed`. */
    readonly phase?: string
    /** Address. */
    readonly podIP?: string
    /** Addresses of both families. */
    readonly podIPs?: readonly { readonly ip: string }[]
    /** Whether it is ready, and since when; other conditions are not kept. */
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly lastTransitionTime?: string
    }[]
    /** How often its containers were started again. */
    readonly containerStatuses?: readonly { readonly restartCount?: number }[]
  }
}

/** A Kubernetes namespace. */
export interface NamespaceResource extends ResourceBase<'Namespace'> {}

/** A ConfigMap; those of Calico and kubeadm are read. */
export interface ConfigMapResource extends ResourceBase<'ConfigMap'> {
  /** Keys: `calico_backend`, `veth_mtu`, `cni_network_config`, … */
  readonly data?: Readonly<Record<string, string>>
}

/** What makes pods of a template; only images and the environment of Calico's own containers are kept. */
export interface TemplateSpec {
  /** Its pods. */
  readonly selector?: LabelSelector
  /** Pod template. */
  readonly template?: {
    readonly spec?: {
      readonly containers?: readonly {
        readonly name?: string
        readonly image?: string
        readonly env?: readonly {
          readonly name: string
          readonly value?: string
          readonly valueFrom?: { readonly configMapKeyRef?: { readonly name?: string; readonly key: string } }
        }[]
      }[]
    }
  }
}

/** A DaemonSet; of the environment of its containers only that of `calico-node` is read. */
export interface DaemonSetResource extends ResourceBase<'DaemonSet'> {
  /** Desired state. */
  readonly spec: TemplateSpec
}

/** A Deployment; of the environment of its containers only that of `calico-kube-controllers` is read. */
export interface DeploymentResource extends ResourceBase<'Deployment'> {
  /** Desired state. */
  readonly spec: TemplateSpec
}

/** A StatefulSet or a ReplicaSet. */
export interface PodSetResource extends ResourceBase<'StatefulSet' | 'ReplicaSet'> {
  /** Desired state. */
  readonly spec: {
    /** Its pods. */
    readonly selector?: LabelSelector
  }
}

/** A port of a service. */
export interface ServicePort {
  /** Name. */
  readonly name?: string
  /** `TCP`, `UDP` or `SCTP`; absent = TCP. */
  readonly protocol?: string
  /** Port of the service. */
  readonly port: number
  /** Port or port name of the pods. */
  readonly targetPort?: number | string
  /** Port of the nodes. */
  readonly nodePort?: number
}

/** A service. */
export interface ServiceResource extends ResourceBase<'Service'> {
  /** Desired state. */
  readonly spec: {
    /** `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`; absent = ClusterIP. */
    readonly type?: string
    /** Virtual address, or `None`. */
    readonly clusterIP?: string
    /** Addresses of both families. */
    readonly clusterIPs?: readonly string[]
    /** Pods behind it. */
    readonly selector?: Readonly<Record<string, string>>
    /** Ports. */
    readonly ports?: readonly ServicePort[]
    /** `Cluster` or `Local`. */
    readonly externalTrafficPolicy?: string
    /** `Cluster` or `Local`. */
    readonly internalTrafficPolicy?: string
    /** Further addresses. */
    readonly externalIPs?: readonly string[]
    /** Address asked of a load balancer. */
    readonly loadBalancerIP?: string
    /** Sources from which the addresses of the load balancer may be asked; absent = any. */
    readonly loadBalancerSourceRanges?: readonly string[]
    /** Port of the nodes at which load balancers ask whether a node has endpoints. */
    readonly healthCheckNodePort?: number
    /** `None` or `ClientIP`. */
    readonly sessionAffinity?: string
    /** How long a client stays with its endpoint. */
    readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } }
    /** Pods are endpoints before they are ready. */
    readonly publishNotReadyAddresses?: boolean
    /** `PreferClose`, `PreferSameZone`, `PreferSameNode`. */
    readonly trafficDistribution?: string
  }
  /** Observed state. */
  readonly status?: {
    /** Addresses a load balancer gave; those of mode `Proxy` are its own, and nodes leave them alone. */
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly ipMode?: string }[] }
  }
}

/** Endpoints of a service. */
export interface EndpointSliceResource extends ResourceBase<'EndpointSlice'> {
  /** `IPv4`, `IPv6` or `FQDN`. */
  readonly addressType?: string
  /** Endpoints. */
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[]
    readonly nodeName?: string
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
    readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
    readonly hints?: {
      readonly forZones?: readonly { readonly name: string }[]
      readonly forNodes?: readonly { readonly name: string }[]
    }
  }[]
  /** Ports. */
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[]
}

/** An address of {@link EndpointsResource}. */
export interface EndpointAddress {
  /** Address. */
  readonly ip: string
  /** Node of it. */
  readonly nodeName?: string
  /** Its pod. */
  readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
}

/** Endpoints of the service of the same name, as it was before EndpointSlices. */
export interface EndpointsResource extends ResourceBase<'Endpoints'> {
  /** Addresses that have the same ports. */
  readonly subsets?: readonly {
    readonly addresses?: readonly EndpointAddress[]
    readonly notReadyAddresses?: readonly EndpointAddress[]
    readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[]
  }[]
}

/** What kube-proxy is told: the content of its ConfigMap, or such a file. */
export interface KubeProxyConfigurationResource extends ResourceBase<'KubeProxyConfiguration'> {
  /** `iptables`, `ipvs`, `nftables`; '' or absent = iptables. */
  readonly mode?: string
  /** Range of the pods; one of each family, with a comma. */
  readonly clusterCIDR?: string
  /** By what packets of pods are told: `ClusterCIDR`, `NodeCIDR`, `BridgeInterface`, `InterfaceNamePrefix`. */
  readonly detectLocalMode?: string
  /** Interfaces of pods, for the last two. */
  readonly detectLocal?: { readonly bridgeInterface?: string; readonly interfaceNamePrefix?: string }
  /** Ranges of node addresses that take node ports; absent = all. */
  readonly nodePortAddresses?: readonly string[]
  /** Of the iptables mode. */
  readonly iptables?: {
    readonly masqueradeAll?: boolean
    readonly masqueradeBit?: number
    readonly localhostNodePorts?: boolean
  }
  /** Of connection tracking. */
  readonly conntrack?: { readonly tcpBeLiberal?: boolean }
  /** Of Linux, in newer forms of the file. */
  readonly linux?: { readonly masqueradeAll?: boolean; readonly conntrack?: { readonly tcpBeLiberal?: boolean } }
}
