import type { Ip, Mac, Prefix } from '../wire/index.ts'
import type { Scope } from './interface.ts'
import type { Origin } from './origin.ts'

/**
 * One entry of a fabric: a destination that many namespaces reach in the same way. Written once, seen from each node,
 * so that a cluster of n nodes does not hold n² routes, neighbours and FDB entries.
 */
export interface FabricEntry {
  /** Namespace that owns the destination; a namespace never uses its own entries. */
  readonly owner: string
  /** Routes: destination prefix. */
  readonly dst?: Prefix
  /** Routes: gateway. Neighbours: the address. */
  readonly via?: Ip
  /** Neighbours and FDB: link-layer address. */
  readonly lladdr?: Mac
  /** FDB: outer destination. */
  readonly remote?: Ip
  /** What made it. */
  readonly origin?: Origin
}

/** A named list of entries, kept once in the network. */
export interface Fabric {
  /** Entries in table order. */
  readonly entries: readonly FabricEntry[]
}

/** How one namespace uses a fabric: the attributes that its routes, neighbours or FDB entries share. */
export interface FabricUse {
  /** Name of the fabric. */
  readonly fabric: string
  /** What the entries become here. */
  readonly as: 'route' | 'neighbour' | 'fdb'
  /** Device. */
  readonly dev: string
  /** Owners left out besides the namespace itself (e.g. BGP session down). */
  readonly except?: readonly string[]
  /** Routes: attributes all of them have. `via: 'gateway'` replaces each entry's gateway (a router in between). */
  readonly route?: {
    /** Routing protocol. */
    readonly protocol: string
    /** Table; absent = main. */
    readonly table?: string
    /** Gateways are on-link. */
    readonly onlink?: boolean
    /** Metric. */
    readonly metric?: number
    /** Route MTU. */
    readonly mtu?: number
    /** Scope; absent = global. */
    readonly scope?: Scope
    /** Preferred source. */
    readonly src?: Ip
    /** Gateway used instead of the entry's own. */
    readonly via?: Ip
    /** Write the entries without a gateway (on-link, WireGuard). */
    readonly noVia?: boolean
  }
  /** What made it. */
  readonly origin?: Origin
}
