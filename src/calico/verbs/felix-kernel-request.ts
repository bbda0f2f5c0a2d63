import type { ChainLines, PoolType, RouteType, VxlanAttributes, VxlanField } from '../../control/index.ts'
import type { RequestBase } from '../verb.ts'
import type { FelixFields } from './felix-request.ts'

/** A route as `felix-state` gives it; what is left out is false or none. */
export interface FelixRoute {
  /** Range. */
  readonly dst: string
  /** What it leads to. */
  readonly types?: readonly RouteType[]
  /** Kind of its pool. */
  readonly poolType?: PoolType
  /** Node it leads to. */
  readonly node?: string
  /** That node's address. */
  readonly nodeIp?: string
  /** What leaves the pool is translated; routes are the same. */
  readonly natOutgoing?: boolean
  /** Not encapsulated: the node is in the subnet of this one. */
  readonly sameSubnet?: boolean
  /** An address out of another node's block. */
  readonly borrowed?: boolean
  /** An endpoint of this node. */
  readonly localWorkload?: boolean
  /** Tunnels whose address it is; routes are the same. */
  readonly tunnelTypes?: readonly string[]
}

/** A node's VXLAN device, as `felix-state` gives it. */
export interface FelixVtep {
  /** Node. */
  readonly node: string
  /** MAC of the IPv4 device. */
  readonly mac?: string
  /** Its address. */
  readonly ipv4?: string
  /** The node's IPv4 address. */
  readonly parentIpv4?: string
  /** MAC of the IPv6 device. */
  readonly mac6?: string
  /** Its address. */
  readonly ipv6?: string
  /** The node's IPv6 address. */
  readonly parentIpv6?: string
}

/** A tunnel device that is wanted. */
export interface FelixDevice {
  /** Name; absent: Felix' own. */
  readonly device?: string
  /** Its address. */
  readonly address?: string
  /** MTU, in bytes. */
  readonly mtu?: number
}

/** An address that stands for a pod's. */
export interface FelixNat {
  /** The address others use. */
  readonly external: string
  /** The pod's own. */
  readonly internal: string
}

/** A pod of the node. */
export interface FelixWorkload {
  /** Who made it; absent: k8s. */
  readonly orchestrator?: string
  /** What its orchestrator calls it. */
  readonly workload?: string
  /** Host end of its veth; absent: no routes lead to it. */
  readonly interface?: string
  /** Its IPv4 addresses. */
  readonly ipv4?: string | readonly string[]
  /** Its IPv6 addresses. */
  readonly ipv6?: string | readonly string[]
  /** Floating IPv4 addresses. */
  readonly nat4?: readonly FelixNat[]
  /** Floating IPv6 addresses. */
  readonly nat6?: readonly FelixNat[]
}

/** What does Felix write into Linux? */
export interface FelixKernelRequest extends RequestBase<'felix-kernel'> {
  /** The node. */
  readonly node?: string
  /** IP version; absent: 4. */
  readonly ipVersion?: 4 | 6
  /** The uplink; absent while it is not known. */
  readonly parent?: { readonly device: string; readonly address?: string }
  /** Fields of FelixConfiguration. */
  readonly felix?: FelixFields
  /** Addresses of nodes. */
  readonly hosts?: Readonly<Record<string, string>>
  /** `tunl0`, where it is wanted. */
  readonly ipip?: FelixDevice
  /** The VXLAN device, where it is wanted. */
  readonly vxlan?: FelixDevice
  /** VXLAN devices of nodes. */
  readonly vteps?: readonly FelixVtep[]
  /** Calculated routes. */
  readonly routes?: readonly FelixRoute[]
  /** IPPools. */
  readonly objects?: readonly unknown[]
  /** Pods. */
  readonly workloads?: readonly FelixWorkload[]
  /** Whether the kernel can choose ports of translated packets at random. */
  readonly randomFully?: boolean
  /** Must a VXLAN device be made anew? */
  readonly vxlanDevice?: { readonly existing: VxlanAttributes; readonly wanted: VxlanAttributes }
  /** What becomes of the addresses of a tunnel device? */
  readonly tunnelAddresses?: {
    readonly device?: string
    readonly existing?: readonly string[]
    readonly wanted?: string | readonly string[]
  }
}

/** A route in the kernel. */
export interface FelixKernelRoute {
  /** Range. */
  readonly dst: string
  /** What becomes of its packets. */
  readonly type: 'unicast' | 'blackhole'
  /** Device. */
  readonly dev: string | null
  /** Next hop. */
  readonly gw: string | null
  /** The next hop is taken to be on the device's link. */
  readonly onlink: boolean
  /** Number of the protocol. */
  readonly protocol: number
  /** MTU, in bytes. */
  readonly mtu: number | null
}

/** What Felix writes into Linux. */
export interface FelixKernelState {
  /** Routes. */
  readonly routes: readonly FelixKernelRoute[]
  /** What the kernel knows of other nodes' VXLAN devices. */
  readonly fdb: readonly { readonly mac: string; readonly dst: string; readonly neighbour: string }[]
  /** Tunnel devices that are set up. */
  readonly devices: readonly string[]
  /** Members of sets, by name. */
  readonly ipSets: Readonly<Record<string, readonly string[]>>
  /** NAT chains. */
  readonly chains: ChainLines
}

/** The state, where a node is asked about, and answers about devices, where those are. */
export interface FelixKernelResult extends Partial<FelixKernelState> {
  /** Whether the device is made anew, and the field that decides. */
  readonly vxlanDevice?: { readonly recreate: boolean; readonly reason: VxlanField | null }
  /** What becomes of its addresses. */
  readonly tunnelAddresses?: {
    readonly kept: readonly string[]
    readonly removed: readonly string[]
    readonly added: readonly string[]
  }
}
