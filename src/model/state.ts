import type { Ip } from '../wire/index.ts'

/** A 5-tuple as conntrack lists it. `id` is the ICMP identifier for echo flows. */
export interface ConntrackTupleDump {
  /** Source address. */
  readonly src: Ip
  /** Destination address. */
  readonly dst: Ip
  /** Source port (TCP, UDP). */
  readonly sport?: number
  /** Destination port (TCP, UDP). */
  readonly dport?: number
  /** ICMP type. */
  readonly type?: number
  /** ICMP code. */
  readonly code?: number
  /** ICMP identifier. */
  readonly id?: number
}

/** A connection as `conntrack -L -o extended` prints it. */
export interface ConntrackDump {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** IP protocol number. */
  readonly protocol: number
  /** Seconds until it expires. */
  readonly timeout: number
  /** TCP state, e.g. `ESTABLISHED`. */
  readonly state?: string
  /** Original direction. */
  readonly original: ConntrackTupleDump
  /** Reply direction. */
  readonly reply: ConntrackTupleDump
  /** `[ASSURED]`. */
  readonly assured?: boolean
  /** `[UNREPLIED]`. */
  readonly unreplied?: boolean
  /** Connection mark. */
  readonly mark?: number
  /** Zone. */
  readonly zone?: number
}

/** A route exception (`ip route show cache`): path MTU or redirect learned for one destination. */
export interface RouteException {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** Destination. */
  readonly dst: Ip
  /** Source, where the cache entry has one. */
  readonly from?: Ip
  /** Gateway in use (the redirect's, if one was taken). */
  readonly via?: Ip
  /** Device. */
  readonly dev?: string
  /** Learned path MTU. */
  readonly mtu?: number
  /** MTU is locked. */
  readonly mtuLock?: boolean
  /** Seconds until it expires. */
  readonly expires?: number
  /** It came from a redirect. */
  readonly redirected?: boolean
  /** Source the entry chose. */
  readonly uid?: number
}
