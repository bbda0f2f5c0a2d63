import type { EndpointSpec } from './conversion/endpoint-kind.ts'
import type { ResourceBase } from './resource.ts'

// Kinds that packetwalk reads and that decide nothing about its packets by themselves.

/** All addresses that one owner got. @calico libcalico-go/lib/apis/internalapi */
export interface IPAMHandleResource extends ResourceBase<'IPAMHandle'> {
  /** Content. */
  readonly spec?: {
    /** The owner. */
    readonly handleID?: string
    /** How many addresses it has in each block. */
    readonly block?: Readonly<Record<string, number>>
    /** Set while it is being deleted. */
    readonly deleted?: boolean
  }
}

/** A range of lengths of prefixes. */
export interface PrefixLengths {
  /** Shortest. */
  readonly min?: number
  /** Longest. */
  readonly max?: number
}

/** What is changed in a route that is accepted: one of the three. */
export interface BGPFilterOperation {
  /** A community that is added. */
  readonly addCommunity?: { readonly value: string }
  /** AS numbers before its path. */
  readonly prependASPath?: { readonly prefix: readonly (number | string)[] }
  /** Metric of the route in the kernel. */
  readonly setPriority?: { readonly value: number }
}

/** A rule of a BGPFilter; all that is given must hold. @calico api/pkg/apis/projectcalico/v3/bgpfilter.go */
export interface BGPFilterRule {
  /** What becomes of routes it matches: `Accept` or `Reject`. */
  readonly action: string
  /** Range that `matchOperator` compares with. */
  readonly cidr?: string
  /** `Equal`, `NotEqual`, `In` or `NotIn`. */
  readonly matchOperator?: string
  /** Lengths of prefixes in the range. */
  readonly prefixLength?: PrefixLengths
  /** `RemotePeers`: only routes learned by BGP. */
  readonly source?: string
  /** Interface of the route. */
  readonly interface?: string
  /** `eBGP` or `iBGP`. */
  readonly peerType?: string
  /** Communities the route has. */
  readonly communities?: { readonly values: readonly string[] }
  /** AS numbers its path begins with. */
  readonly asPathPrefix?: readonly (number | string)[]
  /** Metric of the route. */
  readonly priority?: number
  /** What is changed. */
  readonly operations?: readonly BGPFilterOperation[]
}

/** Rules for routes that are announced or learned; a BGPPeer names it. */
export interface BGPFilterResource extends ResourceBase<'BGPFilter'> {
  /** Content. */
  readonly spec?: {
    /** For announced routes. */
    readonly exportV4?: readonly BGPFilterRule[]
    /** For learned routes. */
    readonly importV4?: readonly BGPFilterRule[]
    /** For announced routes. */
    readonly exportV6?: readonly BGPFilterRule[]
    /** For learned routes. */
    readonly importV6?: readonly BGPFilterRule[]
  }
}

/** A question to calico-node of a node, and its last answer, which is only shown. */
export interface CalicoNodeStatusResource extends ResourceBase<'CalicoNodeStatus'> {
  /** The question. */
  readonly spec?: {
    /** Node. */
    readonly node?: string
    /** What is asked for: `Agent`, `BGP`, `Routes`. */
    readonly classes?: readonly string[]
    /** Seconds between answers. */
    readonly updatePeriodSeconds?: number
  }
}

/** An endpoint that is stored as such: with etcd, or of an orchestrator that is not Kubernetes. */
export interface WorkloadEndpointResource extends ResourceBase<'WorkloadEndpoint'> {
  /** Content. */
  readonly spec?: Partial<Omit<EndpointSpec, 'orchestrator' | 'endpoint'>> & {
    /** Who runs the workload. */
    readonly orchestrator?: string
    /** Workload of other orchestrators than Kubernetes. */
    readonly workload?: string
    /** Interface in the workload. */
    readonly endpoint?: string
    /** Its MAC address. */
    readonly mac?: string
  }
}

/** A Secret: its name and namespace are kept, and nothing of its content. */
export interface SecretResource extends ResourceBase<'Secret'> {}
