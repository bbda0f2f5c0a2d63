import { IPV6_MIN_MTU } from '../wire/index.ts'
import { MILLISECOND, SECOND } from './kernel/clock.ts'
import type { In4Conf, In6Conf, NeighParms } from './kernel/net-device.ts'
import type { IpGlobals } from './kernel/netns.ts'
import type { SysctlIndex } from './kernel/sysctl.ts'

const CONF4 = 'net.ipv4.conf'
const CONF6 = 'net.ipv6.conf'

/** Name under which the settings of interfaces without own values are kept. */
const SHARED = ''

/** Settings of every device of a namespace, combined as the kernel combines `all` with the interface. */
export class DeviceConf {
  private readonly sysctls: SysctlIndex
  private readonly inet = new Map<string, In4Conf>()
  private readonly inet6 = new Map<string, In6Conf>()
  private readonly neigh = new Map<string, NeighParms>()

  constructor(sysctls: SysctlIndex) {
    this.sysctls = sysctls
  }

  /** IPv4 settings. @linux include/linux/inetdevice.h IN_DEV_ANDCONF, IN_DEV_ORCONF, IN_DEV_MAXCONF */
  conf4(dev: string): In4Conf {
    const key = this.sysctls.own(CONF4, dev).size === 0 ? SHARED : dev
    const known = this.inet.get(key)
    if (known !== undefined) return known
    const made = makeConf4(this.sysctls, dev)
    this.inet.set(key, made)
    return made
  }

  /** IPv6 settings; `mtu` is the device's own. */
  conf6(dev: string, mtu: number): In6Conf {
    const own = this.sysctls.own(CONF6, dev)
    const key = own.size === 0 ? `${SHARED} ${mtu}` : dev
    const known = this.inet6.get(key)
    if (known !== undefined) return known
    const made = makeConf6(this.sysctls, dev, mtu)
    this.inet6.set(key, made)
    return made
  }

  /** Neighbour parameters. */
  parms(family: 'ipv4' | 'ipv6', dev: string): NeighParms {
    const key = this.sysctls.own(`net.${family}.neigh`, dev).size === 0 ? family : `${family} ${dev}`
    const known = this.neigh.get(key)
    if (known !== undefined) return known
    const made = makeParms(this.sysctls, family, dev)
    this.neigh.set(key, made)
    return made
  }
}

function makeConf4(sysctls: SysctlIndex, dev: string): In4Conf {
  const all = (name: string): number => sysctls.number(CONF4, 'all', name)
  const own = (name: string): number => sysctls.number(CONF4, dev, name)
  const max = (name: string): number => Math.max(all(name), own(name))
  const or = (name: string): boolean => all(name) !== 0 || own(name) !== 0
  const and = (name: string): boolean => all(name) !== 0 && own(name) !== 0
  const forwarding = isForwarding(sysctls, dev)
  return {
    forwarding,
    proxyArp: or('proxy_arp'),
    proxyArpPvlan: or('proxy_arp_pvlan'),
    rpFilter: max('rp_filter'),
    srcValidMark: or('src_valid_mark'),
    acceptLocal: or('accept_local'),
    routeLocalnet: or('route_localnet'),
    sendRedirects: or('send_redirects'),
    acceptRedirects: forwarding ? and('accept_redirects') : or('accept_redirects'),
    secureRedirects: or('secure_redirects'),
    sharedMedia: or('shared_media'),
    acceptSourceRoute: and('accept_source_route'),
    bcForwarding: and('bc_forwarding'),
    arpAnnounce: max('arp_announce'),
    arpIgnore: max('arp_ignore'),
    arpFilter: or('arp_filter'),
    arpAccept: max('arp_accept'),
    arpNotify: or('arp_notify'),
    dropGratuitousArp: or('drop_gratuitous_arp'),
    dropUnicastInL2Multicast: or('drop_unicast_in_l2_multicast'),
    mediumId: own('medium_id'),
    ignoreRoutesWithLinkdown: own('ignore_routes_with_linkdown') !== 0,
  }
}

/** Writing `ip_forward` or `conf.all.forwarding` writes every interface: so they count where the interface itself is silent. */
function isForwarding(sysctls: SysctlIndex, dev: string): boolean {
  const own = sysctls.own(CONF4, dev).get('forwarding') ?? sysctls.own(CONF4, 'default').get('forwarding')
  return own === undefined ? forwardsIpv4(sysctls) : Number(own) !== 0
}

function forwardsIpv4(sysctls: SysctlIndex): boolean {
  if (sysctls.has('net.ipv4.ip_forward')) return sysctls.global('net.ipv4.ip_forward') !== 0
  return sysctls.number(CONF4, 'all', 'forwarding') !== 0
}

function makeConf6(sysctls: SysctlIndex, dev: string, mtu: number): In6Conf {
  const all = (name: string): number => sysctls.number(CONF6, 'all', name)
  const own = (name: string): number => sysctls.number(CONF6, dev, name)
  const explicit = sysctls.own(CONF6, dev)
  const fallback = sysctls.own(CONF6, 'default')
  // As with IPv4, writing `all` writes every interface.
  const inherited = (name: string): number => (explicit.has(name) || fallback.has(name) ? own(name) : all(name))
  const ownMtu = explicit.get('mtu')
  return {
    // A device below the least MTU of IPv6 has no inet6_dev.
    disabled: mtu < IPV6_MIN_MTU || all('disable_ipv6') !== 0 || own('disable_ipv6') !== 0,
    forwarding: inherited('forwarding') !== 0,
    hopLimit: own('hop_limit'),
    mtu: ownMtu === undefined ? mtu : Math.min(Number(ownMtu), mtu),
    proxyNdp: all('proxy_ndp') !== 0 || own('proxy_ndp') !== 0,
    acceptRedirects: own('accept_redirects') !== 0,
    acceptRa: own('accept_ra'),
    acceptDad: own('accept_dad'),
    dadTransmits: own('dad_transmits'),
    acceptSourceRoute: own('accept_source_route'),
  }
}

function makeParms(sysctls: SysctlIndex, family: 'ipv4' | 'ipv6', dev: string): NeighParms {
  const value = (name: string): number => sysctls.number(`net.${family}.neigh`, dev, name)
  // proxy_delay, locktime and anycast_delay are in USER_HZ ticks of 10 ms.
  const ticks = (name: string): number => value(name) * 10 * MILLISECOND
  return {
    mcastSolicit: value('mcast_solicit'),
    ucastSolicit: value('ucast_solicit'),
    mcastResolicit: value('mcast_resolicit'),
    appSolicit: value('app_solicit'),
    retransTime: value('retrans_time_ms') * MILLISECOND,
    baseReachableTime: value('base_reachable_time_ms') * MILLISECOND,
    delayProbeTime: value('delay_first_probe_time') * SECOND,
    gcStaleTime: value('gc_stale_time') * SECOND,
    queueLenBytes: value('unres_qlen_bytes'),
    proxyDelay: ticks('proxy_delay'),
    proxyQlen: value('proxy_qlen'),
    locktime: ticks('locktime'),
  }
}

/** IPv4 settings of a namespace that are not per device. */
export function ipGlobals(sysctls: SysctlIndex): IpGlobals {
  const n = (name: string): number => sysctls.global(`net.ipv4.${name}`)
  const is = (name: string): boolean => n(name) !== 0
  const [low = 32768, high = 60999] = sysctls.text('net.ipv4.ip_local_port_range').trim().split(/\s+/).map(Number)
  return {
    forward: forwardsIpv4(sysctls),
    defaultTtl: n('ip_default_ttl'),
    noPmtuDisc: n('ip_no_pmtu_disc'),
    forwardUsePmtu: is('ip_forward_use_pmtu'),
    fwmarkReflect: is('fwmark_reflect'),
    nonlocalBind: is('ip_nonlocal_bind'),
    localPorts: { low, high },
    icmpEchoIgnoreAll: is('icmp_echo_ignore_all'),
    icmpEchoIgnoreBroadcasts: is('icmp_echo_ignore_broadcasts'),
    icmpErrorsUseInboundIfaddr: is('icmp_errors_use_inbound_ifaddr'),
    icmpRatelimit: n('icmp_ratelimit'),
    icmpRatemask: n('icmp_ratemask'),
    icmpMsgsPerSec: n('icmp_msgs_per_sec'),
    icmpMsgsBurst: n('icmp_msgs_burst'),
    errorCost: n('route.error_cost'),
    errorBurst: n('route.error_burst'),
    redirectNumber: n('route.redirect_number'),
    redirectLoad: n('route.redirect_load'),
    redirectSilence: n('route.redirect_silence'),
    minPmtu: n('route.min_pmtu'),
    mtuExpires: n('route.mtu_expires') * SECOND,
    minAdvMss: n('route.min_adv_mss'),
    ipfragTime: n('ipfrag_time') * SECOND,
    ipfragHighThresh: n('ipfrag_high_thresh'),
    multipathHashPolicy: n('fib_multipath_hash_policy'),
  }
}
