import type { Ip, Mac } from '../wire/index.ts'
import type { Origin } from './origin.ts'

/** Neighbour states of `ip neigh` (NUD_*). */
export type NeighState =
  | 'PERMANENT'
  | 'NOARP'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'INCOMPLETE'
  | 'FAILED'
  | 'NONE'

/** Every neighbour state; records name a state by its index here. */
export const NEIGH_STATES: readonly NeighState[] = [
  'NONE',
  'INCOMPLETE',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'NOARP',
  'PERMANENT',
]

/** A neighbour entry, as `ip neigh` prints it. */
export interface Neighbour {
  /** Protocol address. */
  readonly dst: Ip
  /** Interface. */
  readonly dev: string
  /** Link-layer address; absent while unresolved. */
  readonly lladdr?: Mac
  /** State. */
  readonly state: NeighState
  /** The neighbour says it is a router (IPv6). */
  readonly router?: boolean
  /** What made it. */
  readonly origin?: Origin
}

/** A proxy neighbour entry (`ip neigh show proxy`). */
export interface ProxyNeighbour {
  /** Address answered for. */
  readonly dst: Ip
  /** Interface it is answered on; absent = any. */
  readonly dev?: string
  /** What made it. */
  readonly origin?: Origin
}

/** A forwarding database entry, as `bridge fdb` prints it. */
export interface FdbEntry {
  /** Link-layer address; `00:00:00:00:00:00` is the VXLAN default entry. */
  readonly mac: Mac
  /** Interface: the port, the bridge itself, or the VXLAN device. */
  readonly dev: string
  /** VXLAN: outer destination. */
  readonly dst?: Ip
  /** VXLAN: VNI, port and device where they differ from the device's. */
  readonly vni?: number
  /** VXLAN: UDP destination port where it differs from the device's. */
  readonly port?: number
  /** VXLAN: output device. */
  readonly via?: string
  /** VLAN. */
  readonly vlan?: number
  /** Bridge whose table it is in. */
  readonly master?: string
  /** In the device's own table (`self`). */
  readonly self?: boolean
  /** Put there by a control plane (`extern_learn`): does not age. */
  readonly externLearn?: boolean
  /** State as printed: `permanent`, `static`, or '' for learned. */
  readonly state: 'permanent' | 'static' | 'stale' | ''
  /** What made it. */
  readonly origin?: Origin
}
