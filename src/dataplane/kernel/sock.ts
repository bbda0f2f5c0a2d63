import type { NetDevice } from './net-device.ts'
import type { NetNs } from './netns.ts'

/** IP_PMTUDISC_*: how a socket uses DF. */
export type PmtuDisc = 'dont' | 'want' | 'do' | 'probe' | 'interface' | 'omit'

/** What the stack needs to know of any socket (the concrete ones live in sockets/). */
export interface Sock {
  /** Kind. */
  readonly type: 'raw' | 'ping' | 'udp' | 'tcp' | 'packet' | 'kernel'
  /** Namespace. */
  readonly ns: NetNs
  /** `inet` or `inet6`. */
  readonly family: 'inet' | 'inet6'
  /** Device it is bound to (SO_BINDTODEVICE), or null. */
  boundDev: NetDevice | null
  /** Mark (SO_MARK). */
  mark: number
  /** TOS byte / traffic class. */
  tos: number
  /** TTL / hop limit; -1 = system default. */
  ttl: number
  /** IP_MTU_DISCOVER. */
  pmtudisc: PmtuDisc
}

/** Whether a socket heeds the path MTU (`ip_sk_use_pmtu`). */
export function usesPathMtu(sk: Sock): boolean {
  return sk.pmtudisc === 'dont' || sk.pmtudisc === 'want' || sk.pmtudisc === 'do'
}
