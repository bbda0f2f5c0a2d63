import type { ResourceBase } from './resource.ts'

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
    /** Advertised ranges of external addresses of Services. */
    readonly serviceExternalIPs?: readonly { readonly cidr: string }[]
    /** Advertised ranges of load balancers' addresses. */
    readonly serviceLoadBalancerIPs?: readonly { readonly cidr: string }[]
    /** Whether ranges of load balancers are announced whole (v3.31+); absent = Enabled. */
    readonly serviceLoadBalancerAggregation?: string
    /** Names of communities. */
    readonly communities?: readonly { readonly name?: string; readonly value?: string }[]
    /** Communities, by name or value, that prefixes are announced with. */
    readonly prefixAdvertisements?: readonly { readonly cidr?: string; readonly communities?: readonly string[] }[]
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
    /** Names of BGPFilters. */
    readonly filters?: readonly string[]
  }
}

/** The cluster's data sheet; `calicoVersion` is read. */
export interface ClusterInformationResource extends ResourceBase<'ClusterInformation'> {
  /** Content. */
  readonly spec: {
    /** e.g. `v3.29.1`. */
    readonly calicoVersion?: string
    /** What tells it from all others, 32 digits. */
    readonly clusterGUID?: string
    /** e.g. `k8s,bgp`. */
    readonly clusterType?: string
    /** False blocks the CNI plugin and Felix. */
    readonly datastoreReady?: boolean
  }
}
