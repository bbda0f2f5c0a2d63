import type { Family, Ip, Prefix } from '../../wire/index.ts'
import type { VersionTraits } from '../calico-version.ts'

/** A node, as confd knows it. */
export interface ConfdNode {
  /** Name. */
  readonly name: string
  /** Labels, for selectors. */
  readonly labels: Readonly<Record<string, string>>
  /** Its BGP addresses. */
  readonly addresses: Partial<Readonly<Record<Family, Ip>>>
  /** The subnets they are in; of an address without a length the address itself. */
  readonly networks: Partial<Readonly<Record<Family, Prefix>>>
  /** Its own AS number. */
  readonly asNumber?: number
  /** Route reflector cluster id. */
  readonly clusterId?: string
  /** Whether it has a WireGuard interface with an address. */
  readonly wireguard: Readonly<Record<Family, boolean>>
  /** Ranges of its pods as Kubernetes gave them. */
  readonly podCidrs: readonly Prefix[]
}

/** A password by the Secret and the key that hold it; the value is never kept. */
export interface PasswordRef {
  /** Name of the Secret. */
  readonly secret: string
  /** Key in it. */
  readonly key: string
}

/** A BGPPeer, as the datastore has it. */
export interface ConfdPeer {
  /** Name. */
  readonly name: string
  /** The one node on this side. */
  readonly node?: string
  /** Nodes on this side. */
  readonly nodeSelector?: string
  /** Address of the peer, with its port where one is said. */
  readonly peerIp?: string
  /** Nodes on the other side. */
  readonly peerSelector?: string
  /** Pods of the node that are peers. */
  readonly localWorkloadSelector?: string
  /** AS number of the peer. */
  readonly asNumber?: number
  /** AS number of this side. */
  readonly localAsNumber?: number
  /** `UseNodeIP` or `None`. */
  readonly sourceAddress?: string
  /** Where the password is. */
  readonly password?: PasswordRef
  /** Graceful restart time in seconds. */
  readonly maxRestartTime?: number
  /** Keepalive time in seconds. */
  readonly keepaliveTime?: number
  /** `Auto`, `Self` or `Keep`. */
  readonly nextHopMode?: string
  /** The older form of Keep, towards other ASes. */
  readonly keepOriginalNextHop: boolean
  /** How often the own AS may be in a path. */
  readonly numAllowedLocalAsNumbers?: number
  /** Hops within which a peer is heard. */
  readonly ttlSecurity?: number
  /** Names of BGPFilters. */
  readonly filters: readonly string[]
  /** Gateway to the peer. */
  readonly reachableBy?: string
  /** Whether sessions are made from the other end, too. */
  readonly reverse: boolean
}

/** A prefix that is announced with communities. */
export interface AdvertisedPrefix {
  /** Range. */
  readonly cidr: Prefix
  /** Communities in BIRD's order, `aa:nn` and `aa:nn:mm`. */
  readonly communities: readonly string[]
}

/** A BGPConfiguration: `default`, or that of a node, of which little counts. */
export interface BgpSettings {
  /** AS number of the cluster. */
  readonly asNumber?: number
  /** Whether there is a mesh. */
  readonly mesh?: boolean
  /** Port on which nodes listen. */
  readonly listenPort?: number
  /** What is logged, in lower case. */
  readonly logSeverity?: string
  /** Prefixes with communities. */
  readonly prefixAdvertisements?: readonly AdvertisedPrefix[]
  /** `None` or `NodeIP`. */
  readonly bindMode?: string
  /** Patterns of interfaces that make no direct routes. */
  readonly ignoredInterfaces: readonly string[]
  /** Where the password of the mesh is. */
  readonly meshPassword?: PasswordRef
  /** Graceful restart time of the mesh in seconds. */
  readonly meshRestartTime?: number
  /** Which routes between nodes BIRD writes. */
  readonly programClusterRoutes?: string
  /** Metric of normal routes. */
  readonly normalRoutePriority: Partial<Readonly<Record<Family, number>>>
  /** Ranges of ClusterIPs. */
  readonly serviceClusterIps: readonly string[]
  /** Ranges of external addresses. */
  readonly serviceExternalIps: readonly string[]
  /** Ranges of load balancers. */
  readonly serviceLoadBalancerIps: readonly string[]
  /** Whether ranges of load balancers are announced whole. */
  readonly aggregation: boolean
}

/** How the routes of a pool get to other nodes. */
export type PoolEncapsulation = 'never' | 'always' | 'cross-subnet'

/** An IPPool. */
export interface ConfdPool {
  /** Range. */
  readonly cidr: Prefix
  /** IPIP. */
  readonly ipip: PoolEncapsulation
  /** VXLAN. */
  readonly vxlan: PoolEncapsulation
  /** Whether it is kept out of BGP. */
  readonly disableBgpExport: boolean
}

/** A node's affinity to a block. */
export interface ConfdAffinity {
  /** The node. */
  readonly node: string
  /** The block. */
  readonly cidr: Prefix
  /** `confirmed` also stands for no state at all. */
  readonly state: string
}

/** A Service, as far as its addresses are announced. */
export interface ConfdService {
  /** `namespace/name`. */
  readonly key: string
  /** Its type. */
  readonly type: string
  /** `Local` or `Cluster`. */
  readonly externalTrafficPolicy?: string
  /** Its first ClusterIP, or `None`. */
  readonly clusterIp?: string
  /** All of them. */
  readonly clusterIps: readonly string[]
  /** Its external addresses. */
  readonly externalIps: readonly string[]
  /** The address it asks of a load balancer. */
  readonly loadBalancerIp?: string
  /** Addresses of its status. */
  readonly ingressIps: readonly string[]
  /** `IPv4`, `IPv6`, or both. */
  readonly ipFamilies: readonly string[]
}

/** An EndpointSlice: of which Service, and where its ready endpoints are. */
export interface ConfdSlice {
  /** `namespace/name` of the Service. */
  readonly service: string
  /** Family of its addresses. */
  readonly addressType: string
  /** Nodes of its ready endpoints; undefined: of no known node. */
  readonly ready: readonly (string | undefined)[]
}

/** A pod of this node that speaks BGP. */
export interface WorkloadPeer {
  /** Interface on the node. */
  readonly interface?: string
  /** Its IPv4 addresses; the first one counts. */
  readonly ipv4Nets?: readonly string[]
  /** Its IPv6 addresses; the first one counts. */
  readonly ipv6Nets?: readonly string[]
  /** Name of the BGPPeer that selects it. */
  readonly peer: string
}

/** Everything that confd on one node reads. */
export interface ConfdDatastore {
  /** Nodes by name. */
  readonly nodes: ReadonlyMap<string, ConfdNode>
  /** BGPPeers in order of their names. */
  readonly peers: readonly ConfdPeer[]
  /** `spec` of BGPFilters by name, in order of their names. */
  readonly filters: ReadonlyMap<string, unknown>
  /** BGPConfiguration `default`; undefined when there is none. */
  readonly settings: BgpSettings | undefined
  /** BGPConfigurations `node.NAME` by the name of the node. */
  readonly ofNode: ReadonlyMap<string, BgpSettings>
  /** IPPools. */
  readonly pools: readonly ConfdPool[]
  /** Affinities by the node that has them. */
  readonly affinities: ReadonlyMap<string, readonly ConfdAffinity[]>
  /** Services. */
  readonly services: readonly ConfdService[]
  /** EndpointSlices by `namespace/name` of their Service. */
  readonly slices: ReadonlyMap<string, readonly ConfdSlice[]>
  /**
   * Keys of Secrets by `namespace/name`, the namespace empty where nothing says it. Absent where Secrets are not kept: what
   * is referred to counts as there.
   */
  readonly secrets?: ReadonlyMap<string, ReadonlySet<string>>
  /** Environment of calico-node. */
  readonly env: Readonly<Record<string, string>>
  /** Pods of the node that speak BGP. */
  readonly workloadPeers: readonly WorkloadPeer[]
  /** What the release does. */
  readonly traits: VersionTraits
}

/** AS number where nobody says one. */
const DEFAULT_AS = 64512

/** AS number of the cluster. */
export function globalAs({ settings }: ConfdDatastore): number {
  return settings?.asNumber ?? DEFAULT_AS
}

/** Port on which a node listens, as far as a BGPConfiguration says one. */
export function listenPortOf({ settings, ofNode }: ConfdDatastore, node: string): number | undefined {
  return ofNode.get(node)?.listenPort ?? settings?.listenPort
}
