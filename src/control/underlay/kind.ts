import type { ResourceBase } from '../resource.ts'

/**
 * One test of a filter: what it does with a packet that fits. Everything that is given must fit; a filter knows no connections.
 */
export interface UnderlayFilter {
  /** Name, told where a packet is dropped; absent = what it matches. */
  readonly name?: string
  /** Absent = drop. The first filter that fits decides; what fits none passes. */
  readonly action?: 'drop' | 'accept'
  /** IP protocol, by number or name: 4 or `ipip`, `tcp`, `udp`, `icmp` … */
  readonly protocol?: number | string
  /** Destination port, or a range `30000-32767`; with protocol tcp, udp or sctp. */
  readonly port?: number | string
  /** VXLAN network identifier; implies udp, and port 4789 where none is given. */
  readonly vni?: number
  /** Source range. */
  readonly source?: string
  /** Destination range. */
  readonly destination?: string
  /** The network takes what fits for something of its own (an overlay of the hypervisor); it is dropped. */
  readonly reserved?: boolean
}

/** One Ethernet of the underlay. */
export interface UnderlaySegment {
  /** Name. */
  readonly name: string
  /** Range of the segment. */
  readonly cidr?: string
  /** Ranges, where it has several (IPv4 and IPv6). */
  readonly cidrs?: readonly string[]
  /** Address of the router on it; gives machines without routes of their own a default route. */
  readonly gateway?: string
  /** One for each range at most. */
  readonly gateways?: readonly string[]
  /** MTU of the segment, in bytes; absent = 1500. */
  readonly mtu?: number
  /** A NAT network by itself: a router of its own, which joins it to no other segment and hides it from the internet. */
  readonly isolated?: boolean
  /** Packets from and to a card must have an address of the card (AWS: source/destination check). */
  readonly sourceCheck?: boolean
  /** What its switch lets through. */
  readonly filters?: readonly UnderlayFilter[]
}

/** One interface of a machine. */
export interface UnderlayInterface {
  /** Name; `lo` for addresses of the loopback device. */
  readonly name: string
  /** `ethernet` on a segment (the default), a `bridge` of its own (docker0), or a `dummy`. */
  readonly kind?: 'ethernet' | 'bridge' | 'dummy'
  /** Segment it is plugged into. */
  readonly segment?: string
  /** Address with prefix length. */
  readonly address?: string
  /** Addresses, where it has several. */
  readonly addresses?: readonly string[]
  /** MTU, in bytes; absent = the segment's. */
  readonly mtu?: number
  /** Hardware address; absent = made from the seed. */
  readonly mac?: string
  /** Instead of the segment's. */
  readonly sourceCheck?: boolean
}

/** A machine of the underlay. */
export interface UnderlayNode {
  /** Name of the Kubernetes node, or of a host outside the cluster. */
  readonly name: string
  /** Interfaces in index order. */
  readonly interfaces: readonly UnderlayInterface[]
  /** Routes besides those the kernel makes, as `ip route` prints them; absent = a default route by the first gateway. */
  readonly routes?: readonly string[]
  /** Rules besides the usual three, as `ip rule` prints them. */
  readonly rules?: readonly string[]
  /** Kernel settings, e.g. `net.ipv4.conf.all.rp_filter: "1"`. */
  readonly sysctls?: Readonly<Record<string, string>>
}

/** A router of the underlay. */
export interface UnderlayRouter extends UnderlayNode {
  /** It leads to the internet. */
  readonly internet?: boolean
  /** It puts its own address into what leaves for the internet. */
  readonly masquerade?: boolean
  /** AS number: it speaks BGP with every node that has a BGPPeer to one of its addresses, and with its own peers. */
  readonly asNumber?: number
  /** Addresses of other routers it has a BGP session with; one side says so. */
  readonly peers?: readonly string[]
  /** It is a route reflector of this cluster: peers of its AS are its clients. */
  readonly clusterId?: string
  /** A packet must come in where its source is routed to (strict uRPF). */
  readonly sourceCheck?: boolean
  /** What it forwards. */
  readonly filters?: readonly UnderlayFilter[]
}

/** What Kubernetes objects do not say: machines' interfaces and the wires between them. Our own kind. */
export interface UnderlayResource extends ResourceBase<'Underlay'> {
  /** Content. */
  readonly spec: {
    /** Ethernets. */
    readonly segments: readonly UnderlaySegment[]
    /** Machines. */
    readonly nodes: readonly UnderlayNode[]
    /** Routers; a segment whose gateway is none of theirs, and no machine's, has an assumed one. */
    readonly routers?: readonly UnderlayRouter[]
  }
}
