import type { Namespace } from './namespace.ts'

/** Kernel defaults (Linux 6.1) of the sysctls the engine reads. `conf.*` and `neigh.*` keys are without the interface. */
export const SYSCTL_DEFAULTS: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '0',
  'net.ipv4.ip_default_ttl': '64',
  'net.ipv4.ip_no_pmtu_disc': '0',
  'net.ipv4.ip_forward_use_pmtu': '0',
  'net.ipv4.ip_forward_update_priority': '1',
  'net.ipv4.fwmark_reflect': '0',
  'net.ipv4.icmp_ratelimit': '0',
  'net.ipv4.icmp_ratemask': '6168',
  'net.ipv4.icmp_echo_ignore_all': '0',
  'net.ipv4.icmp_echo_ignore_broadcasts': '1',
  'net.ipv4.icmp_errors_use_inbound_ifaddr': '0',
  'net.ipv4.icmp_ignore_bogus_error_responses': '1',
  'net.ipv4.icmp_msgs_per_sec': '1000',
  'net.ipv4.icmp_msgs_burst': '50',
  'net.ipv4.ip_nonlocal_bind': '0',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.ipfrag_time': '30',
  'net.ipv4.ipfrag_high_thresh': '4194304',
  'net.ipv4.ipfrag_max_dist': '64',
  'net.ipv4.fib_multipath_hash_policy': '0',
  'net.ipv4.fib_multipath_use_neigh': '0',
  'net.ipv4.tcp_timestamps': '1',
  'net.ipv4.tcp_sack': '1',
  'net.ipv4.tcp_ecn': '2',
  'net.ipv4.tcp_window_scaling': '1',
  'net.ipv4.tcp_mtu_probing': '0',
  'net.ipv4.tcp_base_mss': '1024',
  'net.ipv4.tcp_min_snd_mss': '48',
  'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304',
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv4.tcp_fin_timeout': '60',
  'net.ipv4.tcp_syn_retries': '6',
  'net.ipv4.route.min_pmtu': '552',
  'net.ipv4.route.mtu_expires': '600',
  'net.ipv4.route.min_adv_mss': '256',
  'net.ipv4.route.error_cost': '0',
  'net.ipv4.route.error_burst': '1250',
  'net.ipv4.route.redirect_number': '9',
  'net.ipv4.route.redirect_load': '5',
  'net.ipv4.route.redirect_silence': '5120',
  'net.ipv4.conf.forwarding': '0',
  'net.ipv4.conf.proxy_arp': '0',
  'net.ipv4.conf.proxy_arp_pvlan': '0',
  'net.ipv4.conf.rp_filter': '0',
  'net.ipv4.conf.src_valid_mark': '0',
  'net.ipv4.conf.arp_accept': '0',
  'net.ipv4.conf.arp_announce': '0',
  'net.ipv4.conf.arp_filter': '0',
  'net.ipv4.conf.arp_ignore': '0',
  'net.ipv4.conf.arp_notify': '0',
  'net.ipv4.conf.accept_local': '0',
  'net.ipv4.conf.accept_redirects': '1',
  'net.ipv4.conf.accept_source_route': '0',
  'net.ipv4.conf.secure_redirects': '1',
  'net.ipv4.conf.shared_media': '1',
  'net.ipv4.conf.send_redirects': '1',
  'net.ipv4.conf.route_localnet': '0',
  'net.ipv4.conf.log_martians': '0',
  'net.ipv4.conf.medium_id': '0',
  'net.ipv4.conf.bc_forwarding': '0',
  'net.ipv4.conf.drop_gratuitous_arp': '0',
  'net.ipv4.conf.drop_unicast_in_l2_multicast': '0',
  'net.ipv4.conf.ignore_routes_with_linkdown': '0',
  'net.ipv4.neigh.mcast_solicit': '3',
  'net.ipv4.neigh.ucast_solicit': '3',
  'net.ipv4.neigh.app_solicit': '0',
  'net.ipv4.neigh.mcast_resolicit': '0',
  'net.ipv4.neigh.retrans_time_ms': '1000',
  'net.ipv4.neigh.base_reachable_time_ms': '30000',
  'net.ipv4.neigh.delay_first_probe_time': '5',
  'net.ipv4.neigh.gc_stale_time': '60',
  'net.ipv4.neigh.unres_qlen': '101',
  'net.ipv4.neigh.unres_qlen_bytes': '212992',
  'net.ipv4.neigh.proxy_qlen': '64',
  'net.ipv4.neigh.anycast_delay': '100',
  'net.ipv4.neigh.proxy_delay': '80',
  'net.ipv4.neigh.locktime': '100',
  'net.ipv6.ip_default_ttl': '64',
  'net.ipv6.conf.disable_ipv6': '0',
  'net.ipv6.conf.forwarding': '0',
  'net.ipv6.conf.hop_limit': '64',
  'net.ipv6.conf.mtu': '1500',
  'net.ipv6.conf.accept_ra': '1',
  'net.ipv6.conf.accept_dad': '1',
  'net.ipv6.conf.accept_redirects': '1',
  'net.ipv6.conf.proxy_ndp': '0',
  'net.ipv6.conf.dad_transmits': '1',
  'net.ipv6.conf.accept_source_route': '0',
  'net.ipv6.icmp.ratelimit': '0',
  'net.ipv6.icmp.echo_ignore_all': '0',
  'net.ipv6.route.mtu_expires': '600',
  'net.ipv6.route.min_adv_mss': '1220',
  'net.ipv6.bindv6only': '0',
  'net.ipv6.auto_flowlabels': '1',
  'net.ipv6.flowlabel_consistency': '1',
  'net.ipv6.ip6frag_time': '60',
  'net.ipv6.neigh.mcast_solicit': '3',
  'net.ipv6.neigh.ucast_solicit': '3',
  'net.ipv6.neigh.app_solicit': '0',
  'net.ipv6.neigh.mcast_resolicit': '0',
  'net.ipv6.neigh.retrans_time_ms': '1000',
  'net.ipv6.neigh.base_reachable_time_ms': '30000',
  'net.ipv6.neigh.delay_first_probe_time': '5',
  'net.ipv6.neigh.gc_stale_time': '60',
  'net.ipv6.neigh.unres_qlen_bytes': '212992',
  'net.ipv6.neigh.proxy_delay': '80',
  'net.ipv6.neigh.proxy_qlen': '64',
  'net.ipv6.neigh.anycast_delay': '100',
  'net.ipv6.neigh.locktime': '0',
  'net.bridge.bridge-nf-call-iptables': '0',
  'net.bridge.bridge-nf-call-ip6tables': '0',
  'net.bridge.bridge-nf-call-arptables': '0',
  'net.netfilter.nf_conntrack_max': '262144',
  'net.netfilter.nf_conntrack_tcp_be_liberal': '0',
  'net.netfilter.nf_conntrack_tcp_loose': '1',
  'net.netfilter.nf_conntrack_tcp_ignore_invalid_rst': '0',
  'net.netfilter.nf_conntrack_checksum': '1',
}

/** A sysctl key of an interface: `confKey('ipv4', 'vxlan.calico', 'rp_filter')`. */
export function confKey(family: 'ipv4' | 'ipv6', dev: string, name: string): string {
  return `net.${family}.conf.${dev.replaceAll('.', '/')}.${name}`
}

/** A sysctl key of a neighbour table: `neighKey('ipv4', 'eth0', 'retrans_time_ms')`. */
export function neighKey(family: 'ipv4' | 'ipv6', dev: string, name: string): string {
  return `net.${family}.neigh.${dev.replaceAll('.', '/')}.${name}`
}

const PER_DEV = /^(net\.ipv[46]\.(?:conf|neigh))\.([^.]+)\.([^.]+)$/

/**
 * The value of a sysctl in a namespace, as text: what the namespace says, else (for an interface) its `default`, else the
 * kernel's default. Undefined when packetwalk knows no default: such keys are kept verbatim and never read by the engine.
 */
export function sysctlOf(ns: Pick<Namespace, 'sysctls'>, key: string): string | undefined {
  const own = ns.sysctls[key]
  if (own !== undefined) return own
  const perDev = PER_DEV.exec(key)
  if (!perDev) return SYSCTL_DEFAULTS[key]
  const [, base, dev, name] = perDev
  if (dev !== 'all' && dev !== 'default') {
    const fallback = ns.sysctls[`${base}.default.${name}`]
    if (fallback !== undefined) return fallback
  }
  return SYSCTL_DEFAULTS[`${base}.${name}`]
}
