import type { Ip } from '../wire/index.ts'

/** What `ping` is asked to do; option letters are those of iputils. */
export interface PingOptions {
  /** Whom to ping. */
  readonly destination: Ip
  /** Scope of a link-local destination (`%eth0`). */
  readonly scope?: string
  /** `-c`: stop after so many replies; absent = until interrupted. */
  readonly count?: number
  /** `-i`, in seconds. */
  readonly interval?: number
  /** `-W`: how long to wait for the last reply, in seconds. */
  readonly linger?: number
  /** `-w`: stop after so many seconds. */
  readonly deadline?: number
  /** `-s`: bytes of data. */
  readonly size?: number
  /** `-t`: TTL or hop limit. */
  readonly ttl?: number
  /** `-Q`: TOS byte or traffic class. */
  readonly tos?: number
  /** `-M`. */
  readonly pmtudisc?: 'do' | 'want' | 'dont'
  /** `-I` with an address. */
  readonly source?: Ip
  /** `-I` with an interface. */
  readonly dev?: string
  /** `-e`: ICMP identifier; absent = a random one, as from the process id. */
  readonly ident?: number
  /** `-b`: allow a broadcast address. */
  readonly broadcast?: boolean
  /** `-R`: record route (IPv4). */
  readonly recordRoute?: boolean
  /** `-m`: mark. */
  readonly mark?: number
  /** `-q`: only the summary. */
  readonly quiet?: boolean
  /** Name printed in place of the address, when a name was given. */
  readonly hostname?: string
  /** Whose words: iputils (nodes) or busybox (containers). */
  readonly dialect?: 'iputils' | 'busybox'
}
