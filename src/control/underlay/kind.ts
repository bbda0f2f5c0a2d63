import type { ResourceBase } from '../resource.ts'

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
