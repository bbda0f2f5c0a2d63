import type { Namespace } from '../../model/index.ts'
import type { NsLog } from './log.ts'
import type { Neighbours } from './neighbour.ts'
import type { NetDevice } from './net-device.ts'
import type { Part } from './part.ts'
import type { World } from './world.ts'

/** IPv4 settings of a namespace that are not per device. */
export interface IpGlobals {
  /** `ip_forward` (conf.all.forwarding). */
  readonly forward: boolean
  /** ip_default_ttl. */
  readonly defaultTtl: number
  /** ip_no_pmtu_disc. */
  readonly noPmtuDisc: number
  /** ip_forward_use_pmtu. */
  readonly forwardUsePmtu: boolean
  /** fwmark_reflect. */
  readonly fwmarkReflect: boolean
  /** ip_nonlocal_bind. */
  readonly nonlocalBind: boolean
  /** ip_local_port_range. */
  readonly localPorts: { readonly low: number; readonly high: number }
  /** icmp_echo_ignore_all. */
  readonly icmpEchoIgnoreAll: boolean
  /** icmp_echo_ignore_broadcasts. */
  readonly icmpEchoIgnoreBroadcasts: boolean
  /** icmp_errors_use_inbound_ifaddr. */
  readonly icmpErrorsUseInboundIfaddr: boolean
  /** icmp_ratelimit in milliseconds, 0 = off. */
  readonly icmpRatelimit: number
  /** icmp_ratemask. */
  readonly icmpRatemask: number
  /** icmp_msgs_per_sec (machine-wide), 0 = off. */
  readonly icmpMsgsPerSec: number
  /** icmp_msgs_burst. */
  readonly icmpMsgsBurst: number
  /** route.error_cost in ticks of 1/250 s, 0 = off. */
  readonly errorCost: number
  /** route.error_burst. */
  readonly errorBurst: number
  /** route.redirect_number. */
  readonly redirectNumber: number
  /** route.redirect_load, in ticks. */
  readonly redirectLoad: number
  /** route.redirect_silence, in ticks. */
  readonly redirectSilence: number
  /** route.min_pmtu. */
  readonly minPmtu: number
  /** route.mtu_expires, in nanoseconds. */
  readonly mtuExpires: number
  /** route.min_adv_mss. */
  readonly minAdvMss: number
  /** ipfrag_time, in nanoseconds. */
  readonly ipfragTime: number
  /** ipfrag_high_thresh, bytes. */
  readonly ipfragHighThresh: number
  /** fib_multipath_hash_policy. */
  readonly multipathHashPolicy: number
}

/** A network namespace as the parts of the stack see it: the model, its devices and settings, and the parts' state. */
export interface NetNs {
  /** Name. */
  readonly name: string
  /** The machine it is in. */
  readonly sim: World
  /** The model value it was compiled from. */
  readonly model: Namespace
  /** Grows when the model, or what it shares, is another, or was put back to an earlier state: what was made of it before may not hold. */
  readonly revision: number
  /** Writes down what happens here; null while nobody records. */
  readonly log: NsLog | null
  /** Nothing but devices has been compiled yet. */
  readonly dormant: boolean
  /** Devices in registration (ifindex) order. */
  readonly devices: NetDevice[]
  /** Devices by name. */
  readonly byName: Map<string, NetDevice>
  /** Devices by ifindex. */
  readonly byIndex: Map<number, NetDevice>
  /** Loopback. */
  readonly lo: NetDevice
  /** One device by name, without compiling the others. */
  device(name: string): NetDevice | undefined
  /** IPv4 settings. */
  readonly ip: IpGlobals
  /** bridge-nf-call-iptables. */
  readonly bridgeNfCallIptables: boolean
  /** bridge-nf-call-ip6tables. */
  readonly bridgeNfCallIp6tables: boolean
  /** State of the parts, by their slots. Each part knows its own type. */
  readonly parts: readonly Part[]
  /** Neighbours, both families. */
  readonly neigh: Neighbours
  /** Some table of netfilter is loaded: hooks are called. Else no hook costs anything. */
  readonly hasHooks: boolean
}
