import type { Ip, Prefix } from '../../wire/index.ts'

/** How a filter compares a route's prefix: the same, not the same, inside or the same, not inside. */
export type NetOperator = '=' | '!=' | '~' | '!~'

/** A question of a filter about a route; what a route does not have answers no. */
export type FilterTest =
  /** Its prefix; with `lengths` against a prefix pattern, that only `~` and `!~` can match. */
  | {
      readonly ask: 'net'
      readonly op: NetOperator
      readonly prefix: Prefix
      readonly lengths?: readonly [from: number, to: number]
    }
  /** Its interface, against patterns with `*` and `?`. */
  | { readonly ask: 'interface'; readonly like: readonly string[] }
  /** Whether a BGP peer told it. */
  | { readonly ask: 'learnt' }
  /** Whether it has a community, `aa:nn` or `aa:nn:mm`. */
  | { readonly ask: 'community'; readonly community: string }
  /** Whether its AS path begins so, nearest first. */
  | { readonly ask: 'path-begins'; readonly path: readonly number[] }
  /** Its local preference. */
  | { readonly ask: 'local-pref'; readonly op: '=' | '>'; readonly value: number }
  /** Whether its kernel metric is smaller. */
  | { readonly ask: 'metric-below'; readonly value: number }
  /** Whether its BGP next hop is this address. */
  | { readonly ask: 'next-hop'; readonly address: Ip }
  /** Whether the peer has the same AS: the argument of the function it stands in. */
  | { readonly ask: 'same-as' }
  | { readonly ask: 'not'; readonly test: FilterTest }
  | { readonly ask: 'all'; readonly tests: readonly FilterTest[] }

/** A statement of a filter. */
export type FilterStatement =
  | { readonly do: 'accept' | 'reject'; readonly why?: string }
  | { readonly do: 'if'; readonly test: FilterTest; readonly body: readonly FilterStatement[]; readonly why?: string }
  | { readonly do: 'add-community'; readonly community: string }
  | { readonly do: 'prepend'; readonly as: number }
  | { readonly do: 'local-pref' | 'preference'; readonly value: number }
  /** Before anything else of an export filter (v3.32+): the kernel's metric and local preference say the same. */
  | { readonly do: 'relate-priorities'; readonly normal: number }
  /** In the kernel's filter (v3.32+): a route of BGP gets a metric; the better ones beat what is local. */
  | { readonly do: 'metric-of-learnt'; readonly normal: number }
  /** The route leaves by tunl0, unless its next hop is in `unless`. */
  | { readonly do: 'tunnel'; readonly unless?: Prefix }
  | { readonly do: 'call'; readonly of: FilterFunction; readonly sameAs?: boolean }

/** A function of BIRD's configuration. */
export interface FilterFunction {
  /** Name. */
  readonly name: string
  /** Name of its argument, where it is told whether the peer has the same AS. */
  readonly argument?: 'is_same_as' | 'internal_peer'
  /** What it does. */
  readonly body: readonly FilterStatement[]
}

/** 2^31 - 1: local preference and kernel metric of one route add up to it. @calico confd/pkg/resource/template */
export const PRIORITY_SUM = 2147483647

/** Preference of a route that beats what is local: a pod that moves away is reached by its new node. */
export const OVERRIDING_PREFERENCE = 200
