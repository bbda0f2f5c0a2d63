import type { Stage } from '../model/index.ts'

/** Parts of the catalogue, as users meet them. */
export type FailureFamily = 'underlay' | 'addressing' | 'bgp' | 'kernel' | 'policy' | 'services' | 'ipv6' | 'lifecycle'

/**
 * What somebody sees who knows nothing of the cause. `works` where something passes that should not, `none` where no packet is lost,
 * `pending` where a pod never gets a network.
 */
export type Look =
  | 'timeout'
  | 'refused'
  | 'unreach-host'
  | 'unreach-port'
  | 'small-ok-large-hang'
  | 'intermittent'
  | 'pending'
  | 'wrong-source'
  | 'works'
  | 'none'

/** What an injection asks of a cluster. */
export type Need = keyof typeof NEEDS

/** The same in words, behind `needs`. */
export const NEEDS = {
  pod: 'a pod with a network of its own',
  'two-nodes': 'pods on two nodes',
  'three-nodes': 'pods on three nodes',
  'four-nodes': 'four nodes',
  ipip: 'pods of two nodes that reach each other by IPIP (ipipMode)',
  vxlan: 'pods of two nodes that reach each other by VXLAN (vxlanMode)',
  blackhole: 'a pod whose block is a blackhole on its node, and a pod on another node',
  tunnel: 'pods of two nodes that reach each other by IPIP or VXLAN',
  'without-wireguard': 'pods of two nodes that reach each other without WireGuard',
  wireguard: 'wireguardEnabled: true, and pods on two nodes',
  plain: 'pods of two nodes of one segment that reach each other without encapsulation',
  'two-segments': 'pods on nodes of two segments',
  'cross-subnet': 'a pool of mode CrossSubnet, and pods on nodes of two segments',
  bird: 'calico_backend: bird, and pods of two nodes whose routes BIRD writes',
  internet: 'a router that leads to the internet',
  'nat-outgoing': 'a pool with natOutgoing: true, and a router that leads to the internet',
  gateway: 'nodes with a gateway',
  ipv6: 'pods of two nodes with IPv6 addresses',
} as const

/** What a failure is, however a cluster looks. */
export interface FailureFacts {
  /** A few words. */
  readonly title: string
  /** What is wrong, and what follows from it. */
  readonly sentence: string
  /** How it looks from outside. */
  readonly looks: readonly Look[]
  /** Where a packet is lost by it. */
  readonly stage: Stage
  /** Where else, in clusters that are built otherwise. */
  readonly also?: readonly Stage[]
  /** Codes that the field has for it: `UNDERLAY_PROTO_FILTERED`. */
  readonly drops: readonly string[]
  /** What a cluster must have. */
  readonly needs: readonly Need[]
  /** How it is brought about, in a few words; absent where it is not. */
  readonly how?: string
  /** Why it cannot be brought about here. */
  readonly notModelled?: string
}

/** Code of a failure: `F01` to `F91`. */
export type FailureCode = `F${number}`

/** A part of the catalogue. */
export type FailureTable = Readonly<Record<FailureCode, FailureFacts>>
