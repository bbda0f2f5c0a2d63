/** Name and version of the form a topology has as JSON. */
export const TOPOLOGY_SCHEMA = 'packetwalk.topology/1'

/** How a cluster is put together. Plain data: prints as JSON, and is drawn without the lab. */
export interface TopologyView {
  /** Form and version. */
  readonly schema: typeof TOPOLOGY_SCHEMA
  /** Release of Calico, e.g. `v3.16.3`; absent for a network that no objects made. */
  readonly calico?: string
  /** Ethernets, and cables between two machines. */
  readonly segments: readonly TopologySegment[]
  /** Nodes of the cluster in order of creation, then routers and other machines. */
  readonly machines: readonly TopologyMachine[]
  /** How packets of pods travel between nodes. */
  readonly tunnels: readonly TopologyTunnels[]
  /** Full meshes of BGP sessions, one a family. */
  readonly meshes: readonly TopologyMesh[]
  /** BGP sessions besides those of a mesh. */
  readonly sessions: readonly TopologySession[]
  /** IP pools in order of use. */
  readonly pools: readonly TopologyPool[]
  /** IPAM blocks. */
  readonly blocks: readonly TopologyBlock[]
  /** Services, by name. */
  readonly services: readonly TopologyService[]
}

/** An Ethernet, or a cable between two machines. */
export interface TopologySegment {
  /** Name, unique among segments. */
  readonly name: string
  /** Subnets of the addresses on it. */
  readonly subnets: readonly string[]
  /** A switch joins its stations; false: it is one cable. */
  readonly switched: boolean
  /** Machines on it, once an interface. */
  readonly stations: readonly string[]
}

/** What a machine is: `internet` stands for everything outside. */
export type MachineKind = 'node' | 'router' | 'internet' | 'host'

/** A machine. */
export interface TopologyMachine {
  /** Name, unique among machines. */
  readonly name: string
  /** What it is. */
  readonly kind: MachineKind
  /** Its interfaces on segments, in index order. */
  readonly interfaces: readonly TopologyInterface[]
  /** AS number; absent: it speaks no BGP. */
  readonly asNumber?: number
  /** Cluster whose route reflector it is; absent: it is none. */
  readonly reflector?: string
  /** Pods with a network of their own: how many. */
  readonly podCount: number
  /** Those pods; in a cluster of many, none is listed. */
  readonly pods: readonly TopologyPod[]
  /** Interfaces of the machine that policies can select; absent: none, or a cluster of many pods. */
  readonly hostEndpoints?: readonly TopologyHostEndpoint[]
}

/** An interface of a machine on a segment. */
export interface TopologyInterface {
  /** Name. */
  readonly dev: string
  /** Segment it is on. */
  readonly segment: string
  /** Its addresses with prefix length, link-local ones left out. */
  readonly addresses: readonly string[]
}

/** A pod. */
export interface TopologyPod {
  /** Its network namespace: `NAMESPACE/POD`. */
  readonly name: string
  /** Its addresses, IPv4 first. */
  readonly addresses: readonly string[]
  /** Policies that select it and are enforced, as `KIND/[NAMESPACE/]NAME`; absent: none does. */
  readonly policies?: readonly string[]
}

/** An interface of a machine as something policies select. */
export interface TopologyHostEndpoint {
  /** Name of the HostEndpoint. */
  readonly name: string
  /** Interface; `*`: every one without a host endpoint of its own. */
  readonly dev: string
  /** Policies that select it and are enforced, as `KIND/[NAMESPACE/]NAME`. */
  readonly policies: readonly string[]
}

/** How a kind of tunnel joins nodes. */
export interface TopologyTunnels {
  /** Kind; `none`: packets of pods travel as they are. */
  readonly kind: 'ipip' | 'vxlan' | 'wireguard' | 'none'
  /** Family of the pods' addresses. */
  readonly family: 4 | 6
  /** `crossSubnet`: only between nodes of different subnets. */
  readonly when: 'always' | 'crossSubnet'
  /** Pools it is for; none for WireGuard, which takes what goes from node to node. */
  readonly pools: readonly string[]
  /** Nodes it joins, by groups: with `crossSubnet` a group is a subnet, and only nodes of different groups are joined. */
  readonly groups: readonly TopologyGroup[]
  /** How many pairs of nodes it joins. */
  readonly pairs: number
}

/** Nodes of a subnet, or all of them. */
export interface TopologyGroup {
  /** Subnet; '' for nodes of all subnets. */
  readonly subnet: string
  /** Names. */
  readonly nodes: readonly string[]
}

/** A session between every two of some nodes. */
export interface TopologyMesh {
  /** Family of the routes it carries. */
  readonly family: 4 | 6
  /** Its nodes. */
  readonly nodes: readonly string[]
  /** How many sessions it is. */
  readonly sessions: number
  /** Those that are not up. */
  readonly down: readonly TopologySession[]
}

/** A BGP session. */
export interface TopologySession {
  /** One end: a machine's name. */
  readonly a: string
  /** The other end. */
  readonly b: string
  /** Family of the routes it carries. */
  readonly family: 4 | 6
  /** Why it is there, as `calicoctl node status` says it. */
  readonly type: string
  /** Whether it is up. */
  readonly up: boolean
  /** `Established`, or BIRD's words for what keeps it from being up. */
  readonly info: string
}

/** An IP pool. */
export interface TopologyPool {
  /** Name. */
  readonly name: string
  /** Range. */
  readonly cidr: string
  /** Family. */
  readonly family: 4 | 6
  /** Prefix length of its blocks. */
  readonly blockSize: number
  /** How its addresses travel: `IPIP Always`, `VXLAN CrossSubnet`, `not encapsulated`. */
  readonly encapsulation: string
  /** What leaves the pools gets the node's address. */
  readonly natOutgoing: boolean
  /** No new allocations. */
  readonly disabled: boolean
  /** Its blocks: how many. */
  readonly blocks: number
  /** Its addresses in use. */
  readonly used: number
}

/** An IPAM block. */
export interface TopologyBlock {
  /** Range. */
  readonly cidr: string
  /** Its pool; absent when that is gone. */
  readonly pool?: string
  /** Node, or virtual host, that owns it; absent: nobody. */
  readonly owner?: string
  /** Addresses in use. */
  readonly used: number
  /** Addresses it has. */
  readonly size: number
}

/** A Service. */
export interface TopologyService {
  /** `NAMESPACE/NAME`. */
  readonly name: string
  /** Type, e.g. `ClusterIP`. */
  readonly type: string
  /** Its addresses inside of the cluster; none for a headless one. */
  readonly addresses: readonly string[]
  /** External addresses, and those of load balancers. */
  readonly outside: readonly string[]
  /** Its ports. */
  readonly ports: readonly TopologyPort[]
  /** What stands behind it, each once; in a cluster of many pods none is listed. */
  readonly endpoints: readonly TopologyEndpoint[]
}

/** A port of a Service. */
export interface TopologyPort {
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string
  /** Number. */
  readonly port: number
  /** The same on every node; absent: none. */
  readonly nodePort?: number
}

/** An endpoint of a Service. */
export interface TopologyEndpoint {
  /** Address. */
  readonly address: string
  /** `NAMESPACE/POD` that has it; absent: none of the cluster. */
  readonly pod?: string
  /** Node of that pod. */
  readonly node?: string
  /** Whether it is ready. */
  readonly ready: boolean
}
