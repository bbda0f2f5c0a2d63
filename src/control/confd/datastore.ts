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
  readonly node?: string
  readonly nodeSelector?: string
  readonly peerIp?: string
  readonly peerSelector?: string
  readonly localWorkloadSelector?: string
  readonly asNumber?: number
  readonly localAsNumber?: number
  readonly sourceAddress?: string
  readonly password?: PasswordRef
  readonly maxRestartTime?: number
  readonly keepaliveTime?: number
  readonly nextHopMode?: string
  readonly keepOriginalNextHop: boolean
  readonly numAllowedLocalAsNumbers?: number
  readonly ttlSecurity?: number
  readonly filters: readonly string[]
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
  readonly asNumber?: number
  readonly mesh?: boolean
  readonly listenPort?: number
  /** Lower case. */
  readonly logSeverity?: string
  readonly prefixAdvertisements?: readonly AdvertisedPrefix[]
  readonly bindMode?: string
  readonly ignoredInterfaces: readonly string[]
  readonly meshPassword?: PasswordRef
  readonly meshRestartTime?: number
  readonly programClusterRoutes?: string
  readonly normalRoutePriority: Partial<Readonly<Record<Family, number>>>
  readonly serviceClusterIps: readonly string[]
  readonly serviceExternalIps: readonly string[]
  readonly serviceLoadBalancerIps: readonly string[]
  /** Whether ranges of load balancers are announced whole. */
  readonly aggregation: boolean
}

/** How the routes of a pool get to other nodes. */
export type Encapsulation = 'never' | 'always' | 'cross-subnet'

/** An IPPool. */
export interface ConfdPool {
  /** Range. */
  readonly cidr: Prefix
  readonly ipip: Encapsulation
  readonly vxlan: Encapsulation
  readonly disableBgpExport: boolean
}

/** A node's affinity to a block. */
export interface ConfdAffinity {
  readonly node: string
  readonly cidr: Prefix
  /** `confirmed` also stands for no state at all. */
  readonly state: string
}

/** A Service, as far as its addresses are announced. */
export interface ConfdService {
  /** `namespace/name`. */
  readonly key: string
  readonly type: string
  readonly externalTrafficPolicy?: string
  readonly clusterIp?: string
  readonly clusterIps: readonly string[]
  readonly externalIps: readonly string[]
  readonly loadBalancerIp?: string
  /** Addresses of its status. */
  readonly ingressIps: readonly string[]
  readonly ipFamilies: readonly string[]
}

/** An EndpointSlice: of which Service, and where its ready endpoints are. */
export interface ConfdSlice {
  /** `namespace/name` of the Service. */
  readonly service: string
  readonly addressType: string
  /** Nodes of its ready endpoints; undefined: of no known node. */
  readonly ready: readonly (string | undefined)[]
}

/** A pod of this node that speaks BGP. */
export interface WorkloadPeer {
  /** Interface on the node. */
  readonly interface?: string
  readonly ipv4Nets?: readonly string[]
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
  readonly pools: readonly ConfdPool[]
  /** Affinities by the node that has them. */
  readonly affinities: ReadonlyMap<string, readonly ConfdAffinity[]>
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
  readonly workloadPeers: readonly WorkloadPeer[]
  /** What the release does. */
  readonly traits: VersionTraits
}

/** AS number where nobody says one. */
export const DEFAULT_AS = 64512

/** AS number of the cluster. */
export function globalAs({ settings }: ConfdDatastore): number {
  return settings?.asNumber ?? DEFAULT_AS
}

/** Port on which a node listens, as far as a BGPConfiguration says one. */
export function listenPortOf({ settings, ofNode }: ConfdDatastore, node: string): number | undefined {
  return ofNode.get(node)?.listenPort ?? settings?.listenPort
}
