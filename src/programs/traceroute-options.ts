import type { Ip } from '../wire/index.ts'

/** How probes are made. */
export type TracerouteMethod = 'udp' | 'icmp' | 'tcp'

/** What `traceroute` is asked to do; option letters are those of Dmitry Butskoy's traceroute. */
export interface TracerouteOptions {
  /** Whose path. */
  readonly destination: Ip
  /** `-I`, `-T`, or neither. */
  readonly method?: TracerouteMethod
  /** `-m`: hops at most. */
  readonly maxHops?: number
  /** `-f`: first hop. */
  readonly firstHop?: number
  /** `-q`: probes a hop. */
  readonly probes?: number
  /** `-N`: probes under way at once. */
  readonly simultaneous?: number
  /** `-w`: how long to wait for an answer, in seconds. */
  readonly wait?: number
  /** `--sport`. */
  readonly sport?: number
  /** `-p`: destination port (UDP: of the first probe). */
  readonly port?: number
  /** `-s`: source address. */
  readonly source?: Ip
  /** `-i`: interface. */
  readonly dev?: string
  /** `-t`: TOS. */
  readonly tos?: number
  /** `-F`: set DF. */
  readonly dontFragment?: boolean
  /** Whole packet, in bytes. */
  readonly packetLength?: number
  /** Name printed in place of the address, when a name was given. */
  readonly hostname?: string
}
