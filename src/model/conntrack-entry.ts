import type { Ip } from '../wire/index.ts'

/** A 5-tuple as conntrack lists it. `id` is the ICMP identifier for echo flows. */
export interface ConntrackTuple {
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
export interface ConntrackEntry {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** IP protocol number. */
  readonly protocol: number
  /** Seconds until it expires. */
  readonly timeout: number
  /** TCP state, e.g. `ESTABLISHED`. */
  readonly state?: string
  /** Original direction. */
  readonly original: ConntrackTuple
  /** Reply direction. */
  readonly reply: ConntrackTuple
  /** `[ASSURED]`. */
  readonly assured?: boolean
  /** `[UNREPLIED]`. */
  readonly unreplied?: boolean
  /** Connection mark. */
  readonly mark?: number
  /** Zone. */
  readonly zone?: number
}
