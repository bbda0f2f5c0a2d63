/** A place in an input file. */
export interface Place {
  /** File name as given. */
  readonly file: string
  /** Line, from 1. */
  readonly line: number
  /** Column, from 1. */
  readonly column: number
}

/** Finds where a field of an object stands in its file: `placeOf(['spec', 'cidr'])`; `[]` is the object itself. */
export type PlaceOf = (path: readonly (string | number)[]) => Place | undefined

/** `metadata` of every object, as far as packetwalk reads it. */
export interface Metadata {
  /** Name. */
  readonly name: string
  /** Namespace; `default` when a namespaced object has none. */
  readonly namespace?: string
  /** Labels. */
  readonly labels?: Readonly<Record<string, string>>
  /** Annotations. */
  readonly annotations?: Readonly<Record<string, string>>
  /** RFC 3339 time of creation; decides the order in which pods got their addresses. */
  readonly creationTimestamp?: string
  /** Set while the object is being deleted. */
  readonly deletionTimestamp?: string
  /** Unique id. */
  readonly uid?: string
}

/** What every object has. */
export interface ResourceBase<Kind extends string> {
  /** `v1`, `projectcalico.org/v3`, `crd.projectcalico.org/v1`, `packetwalk/v1`, … */
  readonly apiVersion: string
  /** Kind. */
  readonly kind: Kind
  /** Metadata. */
  readonly metadata: Metadata
  /** Where the fields stand in the input file; absent for objects made in memory. */
  readonly placeOf?: PlaceOf
}

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
  }
}

/** A Kubernetes namespace. */
export interface NamespaceResource extends ResourceBase<'Namespace'> {}

/** A ConfigMap; only `calico-config` is read. */
export interface ConfigMapResource extends ResourceBase<'ConfigMap'> {
  /** Keys: `calico_backend`, `veth_mtu`, `cni_network_config`, … */
  readonly data?: Readonly<Record<string, string>>
}

/** A DaemonSet; only `calico-node` is read: its image and the environment of its containers. */
export interface DaemonSetResource extends ResourceBase<'DaemonSet'> {
  /** Desired state. */
  readonly spec: {
    /** Pod template. */
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly {
          readonly name?: string
          readonly image?: string
          readonly env?: readonly { readonly name: string; readonly value?: string }[]
        }[]
      }
    }
  }
}

/** When an encapsulation is used. */
export type EncapMode = 'Never' | 'Always' | 'CrossSubnet'

/** What addresses of a pool are for. */
export type AllowedUse = 'Workload' | 'Tunnel' | 'LoadBalancer'

/** A Calico IP pool. */
export interface IPPoolResource extends ResourceBase<'IPPool'> {
  /** Desired state. */
  readonly spec: {
    /** Range, strictly masked. */
    readonly cidr: string
    /** Prefix length of a block; absent = 26 (IPv4), 122 (IPv6). */
    readonly blockSize?: number
    /** IPIP; absent = Never. */
    readonly ipipMode?: EncapMode
    /** VXLAN; absent = Never. */
    readonly vxlanMode?: EncapMode
    /** Masquerade what leaves the pools. */
    readonly natOutgoing?: boolean
    /** No new allocations. */
    readonly disabled?: boolean
    /** Nodes that may allocate from it; absent = all(). */
    readonly nodeSelector?: string
    /** Namespaces that may allocate from it. */
    readonly namespaceSelector?: string
    /** Uses; absent = Workload and Tunnel. */
    readonly allowedUses?: readonly AllowedUse[]
    /** Absent = Automatic. */
    readonly assignmentMode?: 'Automatic' | 'Manual'
    /** Keep the pool out of BGP. */
    readonly disableBGPExport?: boolean
  }
}

/** An IPAM block as stored. */
export interface IPAMBlockResource extends ResourceBase<'IPAMBlock'> {
  /** Content. */
  readonly spec: {
    /** Range of the block. */
    readonly cidr: string
    /** `host:<node>`, `virtual:load-balancer`, or null when released. */
    readonly affinity?: string | null
    /** Slot → index in `attributes`, or null when free. */
    readonly allocations: readonly (number | null)[]
    /** Free slots, in the order they will be handed out. */
    readonly unallocated: readonly number[]
    /** Who holds the slots. */
    readonly attributes?: readonly {
      readonly handle_id?: string | null
      readonly secondary?: Readonly<Record<string, string>> | null
    }[]
    /** Whether only the owner may use it. */
    readonly strictAffinity?: boolean
    /** Marked as deleted. */
    readonly deleted?: boolean
  }
}

/** The claim of a node on a block. */
export interface BlockAffinityResource extends ResourceBase<'BlockAffinity'> {
  /** Content. */
  readonly spec: {
    /** Range of the block. */
    readonly cidr: string
    /** Node (or virtual host). */
    readonly node: string
    /** Absent = confirmed. */
    readonly state?: 'pending' | 'confirmed' | 'pendingDeletion'
    /** `host` or `virtual`. */
    readonly type?: string
    /** `true` or `false`, as text or boolean. */
    readonly deleted?: string | boolean
  }
}

/** IPAM settings; two kinds of the same meaning. */
export interface IPAMConfigResource extends ResourceBase<'IPAMConfig' | 'IPAMConfiguration'> {
  /** Settings. */
  readonly spec: {
    /** Never borrow from another node's block. */
    readonly strictAffinity?: boolean
    /** Claim new blocks; absent = true. */
    readonly autoAllocateBlocks?: boolean
    /** Block limit of a node; 0 = built-in 20. */
    readonly maxBlocksPerHost?: number
    /** Seconds a released address rests. */
    readonly ipCooldownSeconds?: number
  }
}

/** Addresses never handed out automatically. */
export interface IPReservationResource extends ResourceBase<'IPReservation'> {
  /** Content. */
  readonly spec: {
    /** Ranges or addresses. */
    readonly reservedCIDRs?: readonly string[]
  }
}

/** Felix settings: `default` or `node.<name>`. Unknown fields are kept. */
export interface FelixConfigurationResource extends ResourceBase<'FelixConfiguration'> {
  /** Settings by field name. */
  readonly spec: Readonly<Record<string, unknown>>
}

/** BGP settings: `default` or `node.<name>`. */
export interface BGPConfigurationResource extends ResourceBase<'BGPConfiguration'> {
  /** Settings. */
  readonly spec: {
    /** AS number; absent = 64512. */
    readonly asNumber?: number | string
    /** Full mesh; absent = true. */
    readonly nodeToNodeMeshEnabled?: boolean
    /** Port; absent = 179. */
    readonly listenPort?: number
    /** Who programs the routes of clusters (v3.32+). */
    readonly programClusterRoutes?: string
    /** Metric of normal routes (v3.32+); absent = 1024. */
    readonly ipv4NormalRoutePriority?: number
    /** The same for IPv6. */
    readonly ipv6NormalRoutePriority?: number
    /** Advertised service ranges. */
    readonly serviceClusterIPs?: readonly { readonly cidr: string }[]
  }
}

/** A BGP peering. */
export interface BGPPeerResource extends ResourceBase<'BGPPeer'> {
  /** Content. */
  readonly spec: {
    /** This node only. */
    readonly node?: string
    /** Nodes on this side; absent with `node` = all. */
    readonly nodeSelector?: string
    /** Address of the peer, `[port]` behind a colon. */
    readonly peerIP?: string
    /** Nodes on the other side. */
    readonly peerSelector?: string
    /** AS of the peer. */
    readonly asNumber?: number | string
    /** Sessions are made from both ends (v3.31+); absent = Auto. */
    readonly reversePeering?: 'Auto' | 'Manual'
    /** Next hop rule (v3.31+). */
    readonly nextHopMode?: 'Auto' | 'Self' | 'Keep'
    /** Deprecated form of Keep for eBGP. */
    readonly keepOriginalNextHop?: boolean
  }
}

/** The cluster's data sheet; `calicoVersion` is read. */
export interface ClusterInformationResource extends ResourceBase<'ClusterInformation'> {
  /** Content. */
  readonly spec: {
    /** e.g. `v3.29.1`. */
    readonly calicoVersion?: string
    /** e.g. `k8s,bgp`. */
    readonly clusterType?: string
    /** False blocks the CNI plugin and Felix. */
    readonly datastoreReady?: boolean
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
  }[]
  /** Ports. */
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[]
}

/** One Ethernet of the underlay. */
export interface UnderlaySegment {
  /** Name. */
  readonly name: string
  /** Range of the segment. */
  readonly cidr: string
  /** Address of the router on it; gives the nodes a default route. */
  readonly gateway?: string
  /** MTU of the segment, in bytes; absent = 1500. */
  readonly mtu?: number
}

/** One interface of a machine. */
export interface UnderlayInterface {
  /** Name. */
  readonly name: string
  /** `ethernet` on a segment (the default) or a `bridge` of its own (docker0). */
  readonly kind?: 'ethernet' | 'bridge'
  /** Segment it is plugged into. */
  readonly segment?: string
  /** Address with prefix length. */
  readonly address?: string
  /** MTU, in bytes; absent = the segment's. */
  readonly mtu?: number
  /** Hardware address; absent = made from the seed. */
  readonly mac?: string
}

/** A machine of the underlay. */
export interface UnderlayNode {
  /** Name of the Kubernetes node. */
  readonly name: string
  /** Interfaces in index order. */
  readonly interfaces: readonly UnderlayInterface[]
}

/** What Kubernetes objects do not say: machines' interfaces and the wires between them. Our own kind. */
export interface UnderlayResource extends ResourceBase<'Underlay'> {
  /** Content. */
  readonly spec: {
    /** Ethernets. */
    readonly segments: readonly UnderlaySegment[]
    /** Machines. */
    readonly nodes: readonly UnderlayNode[]
  }
}

/** An object of a kind the control plane does not read (policies and anything else): listed, not fatal. */
export interface OtherResource extends ResourceBase<string> {}

/** An object of a kind the control plane reads. */
export type KnownResource =
  | NodeResource
  | PodResource
  | NamespaceResource
  | ConfigMapResource
  | DaemonSetResource
  | IPPoolResource
  | IPAMBlockResource
  | BlockAffinityResource
  | IPAMConfigResource
  | IPReservationResource
  | FelixConfigurationResource
  | BGPConfigurationResource
  | BGPPeerResource
  | ClusterInformationResource
  | ServiceResource
  | EndpointSliceResource
  | UnderlayResource

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
  /** Services. */
  readonly services: readonly ServiceResource[]
  /** Endpoints. */
  readonly endpointSlices: readonly EndpointSliceResource[]
  /** Underlay descriptions; at most one. */
  readonly underlays: readonly UnderlayResource[]
  /** Objects of kinds the control plane does not read. */
  readonly others: readonly OtherResource[]
}
