import type { Lookup } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'

/** What to ask the routing tables. */
export interface RouteQuestion {
  /** Destination. */
  readonly dst: Ip
  /** Source; absent = 0.0.0.0. */
  readonly src?: Ip
  /** TOS byte. */
  readonly tos?: number
  /** Packet mark. */
  readonly mark?: number
  /** Input interface; absent = made on this host. */
  readonly iif?: string
  /** Output interface the sender insists on. */
  readonly oif?: string
  /** IP protocol. */
  readonly ipproto?: number
  /** Source port. */
  readonly sport?: number
  /** Destination port. */
  readonly dport?: number
}

/** The answer of the routing tables. */
export interface RouteAnswer {
  /** Which route won, by which rule. */
  readonly ref: Lookup
  /** Errno name when the packet cannot go, else null. */
  readonly error: string | null
}
