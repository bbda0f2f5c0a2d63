import type { Origin, PortRange, Route, Rule, Sysctls } from '../../model/index.ts'
import type { Cidr, Ip, Mac, Prefix } from '../../wire/index.ts'
import type { UnderlayResource } from './kind.ts'

/** One subnet of a segment. */
export interface SegmentNet {
  /** Range. */
  readonly prefix: Prefix
  /** Address of the router on it. */
  readonly gateway?: Ip
}

/** One test of a filter of a segment or router. */
export interface PlannedFilter {
  /** What is told where a packet is dropped. */
  readonly name: string
  /** What it does with a packet that fits. */
  readonly action: 'drop' | 'accept'
  /** IP protocol. */
  readonly protocol?: number
  /** Destination ports. */
  readonly port?: PortRange
  /** VXLAN network identifier. */
  readonly vni?: number
  /** Source range. */
  readonly source?: Prefix
  /** Destination range. */
  readonly destination?: Prefix
  /** What made it. */
  readonly origin: Origin
}

/** One Ethernet. */
export interface PlannedSegment {
  /** Name. */
  readonly name: string
  /** Its subnets. */
  readonly nets: readonly SegmentNet[]
  /** MTU, in bytes. */
  readonly mtu: number
  /** A NAT network by itself; also one whose range another segment has. */
  readonly isolated?: boolean
  /** What its switch lets through. */
  readonly filters?: readonly PlannedFilter[]
  /** What made it. */
  readonly origin: Origin
}

/** One interface of a machine. */
export interface PlannedInterface {
  /** Name. */
  readonly name: string
  /** A network card, a bridge without ports (docker0), or a device that leads nowhere. */
  readonly kind: 'ethernet' | 'bridge' | 'dummy' | 'loopback'
  /** Segment it is plugged into. */
  readonly segment?: PlannedSegment
  /** Addresses. */
  readonly addresses: readonly Cidr[]
  /** MTU, in bytes. */
  readonly mtu: number
  /** Hardware address. */
  readonly mac: Mac
  /** Why packets with other addresses than its own are dropped; absent: they are not. */
  readonly sourceCheck?: Origin
  /** What made it. */
  readonly origin: Origin
}

/** A machine: a Kubernetes node, a router, or a host outside the cluster. */
export interface PlannedMachine {
  /** Name. */
  readonly name: string
  /** Interfaces in index order, without `lo`. */
  readonly interfaces: readonly PlannedInterface[]
  /** `lo`, where it has addresses besides the usual ones. */
  readonly loopback?: PlannedInterface
  /** Routes besides those the kernel makes; absent = a default route by the first gateway. */
  readonly routes?: readonly Route[]
  /** Rules besides the usual ones. */
  readonly rules?: readonly Rule[]
  /** Kernel settings. */
  readonly sysctls?: Sysctls
  /** What made it. */
  readonly origin: Origin
}

/** A router of the Underlay. */
export interface PlannedRouter extends PlannedMachine {
  /** It leads to the internet. */
  readonly internet: boolean
  /** It puts its own address into what leaves for the internet. */
  readonly masquerade: boolean
  /** AS number; absent: it speaks no BGP. */
  readonly asNumber?: number
  /** Addresses of routers it has a BGP session with. */
  readonly peers: readonly Ip[]
  /** Cluster whose route reflector it is; absent: it is none. */
  readonly clusterId?: string
  /** Why a packet must come in where its source is routed to; absent: it need not. */
  readonly sourceCheck?: Origin
  /** What it forwards. */
  readonly filters: readonly PlannedFilter[]
}

/** The machines and wires under a cluster. */
export interface UnderlayPlan {
  /** Ethernets. */
  readonly segments: readonly PlannedSegment[]
  /** Machines by name. */
  readonly machines: ReadonlyMap<string, PlannedMachine>
  /** Routers that somebody described. */
  readonly routers?: readonly PlannedRouter[]
  /** The object it was read from; absent when it was derived. */
  readonly resource?: UnderlayResource
}

/** MTU of an Ethernet, in bytes. */
export const DEFAULT_MTU = 1500
