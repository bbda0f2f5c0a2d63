import type { Family, Ip, Prefix } from '../../wire/index.ts'
import type { PasswordRef } from '../confd/datastore.ts'
import type { FilterFunction, FilterStatement } from './filter-program.ts'

/** Why a node has a neighbour: the mesh, a BGPPeer for all nodes or for some, or a BGPPeer for pods of the node. */
export type NeighbourKind = 'mesh' | 'global' | 'node' | 'local-workload'

/** A BGP protocol of BIRD's: one neighbour. */
export interface BirdNeighbour {
  /** Name of the protocol. */
  readonly name: string
  /** Why it is there. */
  readonly kind: NeighbourKind
  /** The BGPPeer that asks for it; absent in the mesh. */
  readonly peer?: string
  /** Its address. */
  readonly address: Ip
  /** Its port, where it is not left to BIRD. */
  readonly port?: number
  /** Its AS number. */
  readonly as: number
  /** AS number of this side, where it is not that of the node. */
  readonly localAs?: number
  /** Address that the session is bound to. */
  readonly sourceAddress?: Ip
  /** Whether this side only waits. */
  readonly passive: boolean
  /** How many hops away it may be by its packets' TTL; absent: the TTL is not looked at. */
  readonly ttlSecurity?: number
  /** Cluster id under which the neighbour is a client of this route reflector; absent: it is none. */
  readonly clientOf?: string
  /** The Secret with the password. */
  readonly password?: PasswordRef
  /** What routes that are passed on get as next hop, where it is not left to BIRD. */
  readonly nextHop?: 'self' | 'keep'
  /** Graceful restart time in seconds. */
  readonly gracefulRestartTime?: number
  /** Keepalive time in seconds. */
  readonly keepaliveTime?: number
  /** How often the own AS may be in a path. */
  readonly allowLocalAs?: number
  /** Whether the filters take it for a neighbour of the same AS. */
  readonly internal: boolean
  /** Functions of BGPFilters in its filters, in order. */
  readonly filters: Readonly<Record<'import' | 'export', readonly FilterFunction[]>>
  /** Import filter. */
  readonly import: readonly FilterStatement[]
  /** Export filter. */
  readonly export: readonly FilterStatement[]
}

/** A static route. */
export interface BirdStaticRoute {
  /** Destination. */
  readonly prefix: Prefix
  /** Gateway; absent: a blackhole. */
  readonly via?: Ip
  /** What it is there for. */
  readonly why: 'block' | 'service' | 'peer'
}

/** What BIRD is configured to do on a node in one family. */
export interface BirdConfiguration {
  /** Family. */
  readonly family: Family
  /** Router id; absent where nothing says one. */
  readonly routerId?: string
  /** Whether BIRD speaks BGP. */
  readonly enabled: boolean
  /** Where it listens; what is absent is left to BIRD. */
  readonly listen: { readonly address?: Ip; readonly port?: number }
  /** AS number. */
  readonly localAs: number
  /** What is logged of BGP; absent: nothing. */
  readonly debug?: { readonly peers: string; readonly others: string }
  /** Patterns of interfaces whose subnets become direct routes, in order; `-` in front of those that are left out. */
  readonly directInterfaces: readonly string[]
  /** Neighbours in order of their names; none where BGP is not spoken. */
  readonly neighbours: readonly BirdNeighbour[]
  /** Static routes. */
  readonly staticRoutes: readonly BirdStaticRoute[]
  /** Functions in the order of their definition: a function calls only those before it. */
  readonly functions: readonly FilterFunction[]
  /** The filter of routes to the kernel. */
  readonly kernel: readonly FilterStatement[]
}
