/** The kernel's words for a drop: `skb_drop_reason` and the function that freed the packet (Linux 6.1). */
export interface DropSite {
  /** `skb_drop_reason` without its prefix. */
  readonly reason: string
  /** Function that called kfree_skb. */
  readonly at: string
  /** One sentence for people. */
  readonly why: string
  /** False when the kernel frees it as consumed: then its tracepoint for drops does not see it. */
  readonly traced?: boolean
}

const ROWS = {
  // device and link layer
  link_down: { reason: 'NOT_SPECIFIED', at: 'dev_queue_xmit', why: 'the device is down' },
  no_carrier: { reason: 'NOT_SPECIFIED', at: 'veth_xmit', why: 'the other end of the wire is down or absent' },
  veth_frame_too_long: {
    reason: 'NOT_SPECIFIED',
    at: '__dev_forward_skb2',
    why: 'the frame is longer than the MTU of the receiving end of the wire',
  },
  frame_too_short: {
    reason: 'NOT_SPECIFIED',
    at: 'eth_type_trans',
    why: 'the frame is shorter than an Ethernet header',
  },
  unknown_ethertype: {
    reason: 'UNHANDLED_PROTO',
    at: '__netif_receive_skb_core',
    why: 'nobody handles this ethertype',
  },
  llc_unwanted: {
    reason: 'NOT_SPECIFIED',
    at: 'llc_rcv',
    why: 'an IEEE 802.3 frame with an LLC header, which nobody here listens to',
  },
  vlan_unmodelled: { reason: 'NOT_SPECIFIED', at: 'vlan_do_receive', why: 'VLAN tags are not modelled' },
  other_host: { reason: 'OTHERHOST', at: 'ip_rcv_core', why: 'the destination MAC address is somebody else’s' },
  bridge_no_forward: {
    reason: 'NOT_SPECIFIED',
    at: 'br_handle_frame_finish',
    why: 'the bridge has nowhere to send this frame',
  },
  bridge_same_port: {
    reason: 'NOT_SPECIFIED',
    at: 'br_handle_frame_finish',
    why: 'the bridge would send the frame back out of its own port, or to a port that does not take it',
  },
  bridge_no_port: {
    reason: 'NOT_SPECIFIED',
    at: 'br_dev_xmit',
    why: 'no port of the bridge takes the frame of the bridge itself',
  },
  bridge_bad_source: {
    reason: 'NOT_SPECIFIED',
    at: 'br_handle_frame',
    why: 'the source address is a group address or zero: no bridge forwards that',
  },
  bridge_port_blocked: { reason: 'NOT_SPECIFIED', at: 'br_handle_frame', why: 'the bridge port is not forwarding' },
  bridge_loop: {
    reason: 'NOT_SPECIFIED',
    at: 'br_handle_frame_finish',
    why: 'the frame goes round in a loop of bridges; Linux would send it round for ever (a broadcast storm), packetwalk stops it here',
  },
  bridge_link_local: {
    reason: 'NOT_SPECIFIED',
    at: 'br_handle_frame',
    why: 'reserved bridge group address: not forwarded',
  },
  mtu_exceeded_on_bridge: {
    reason: 'PKT_TOO_BIG',
    at: 'br_dev_queue_push_xmit',
    why: 'the frame is longer than the MTU of the bridge port',
  },
  qdisc_drop: { reason: 'QDISC_DROP', at: 'kfree_skb_list_reason', why: 'the queue of the device refused it' },
  // ARP and neighbours
  arp_malformed: { reason: 'NOT_SPECIFIED', at: 'arp_rcv', why: 'not a well-formed ARP packet' },
  arp_ignored: { reason: 'NOT_SPECIFIED', at: 'arp_process', why: 'this ARP packet is none of our business' },
  neighbour_failed: {
    reason: 'NEIGH_FAILED',
    at: 'neigh_invalidate',
    why: 'nobody answered the ARP or neighbour solicitation',
  },
  neighbour_failed6: {
    reason: 'NOT_SPECIFIED',
    at: 'neigh_invalidate',
    why: 'nobody answered the neighbour solicitation',
  },
  neighbour_failed_now: {
    reason: 'NEIGH_FAILED',
    at: '__neigh_event_send',
    why: 'the neighbour has just failed to answer',
  },
  neighbour_queue_full: {
    reason: 'NEIGH_QUEUEFULL',
    at: '__neigh_event_send',
    why: 'too many packets wait for this neighbour',
  },
  neighbour_dead: { reason: 'NEIGH_DEAD', at: '__neigh_event_send', why: 'the neighbour entry was removed' },
  neighbour_flushed: {
    reason: 'NOT_SPECIFIED',
    at: 'neigh_invalidate',
    why: 'the neighbour entry was flushed, or began anew, while packets waited',
  },
  // IPv4 input
  ip_too_small: { reason: 'PKT_TOO_SMALL', at: 'ip_rcv_core', why: 'the packet is shorter than its IP header says' },
  ip_header_bad: { reason: 'IP_INHDR', at: 'ip_rcv_core', why: 'version, header length or total length is wrong' },
  ip_checksum: { reason: 'IP_CSUM', at: 'ip_rcv_core', why: 'the IP header checksum is wrong' },
  ip_options_bad: { reason: 'NOT_SPECIFIED', at: 'ip_rcv_finish_core', why: 'the IP options are malformed' },
  ip_source_route: { reason: 'NOT_SPECIFIED', at: 'ip_rcv_finish_core', why: 'source routing is not accepted here' },
  unicast_in_l2_multicast: {
    reason: 'UNICAST_IN_L2_MULTICAST',
    at: 'ip_rcv_finish_core',
    why: 'a unicast packet in a multicast or broadcast frame',
  },
  martian_source: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_rcv_finish_core',
    why: 'this source address can never arrive here (martian source)',
  },
  martian_destination: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_rcv_finish_core',
    why: 'this destination can never be routed (martian destination)',
  },
  rp_filter: {
    reason: 'IP_RPFILTER',
    at: 'ip_rcv_finish_core',
    why: 'reverse path filter: a reply would leave by another interface',
  },
  route_blackhole: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_error',
    why: 'a blackhole route swallows this destination',
  },
  not_forwarding: {
    reason: 'IP_INADDRERRORS',
    at: 'ip_error',
    why: 'forwarding is off on the interface it came in by',
  },
  no_route: { reason: 'IP_INNOROUTES', at: 'ip_error', why: 'no route to the destination' },
  route_unreachable: { reason: 'NOT_SPECIFIED', at: 'ip_error', why: 'an unreachable route refuses this destination' },
  route_prohibit: { reason: 'NOT_SPECIFIED', at: 'ip_error', why: 'a prohibit route refuses this destination' },
  no_route_local: { reason: 'IP_OUTNOROUTES', at: 'ip_route_output', why: 'this host has no route to the destination' },
  dst_discard_out: {
    reason: 'NOT_SPECIFIED',
    at: 'dst_discard_out',
    why: 'a blackhole route swallows what this host sends there',
  },
  no_protocol: { reason: 'IP_NOPROTO', at: 'ip_local_deliver_finish', why: 'nobody here speaks this IP protocol' },
  // IPv4 forwarding
  ttl_exceeded: { reason: 'IP_INHDR', at: 'ip_forward', why: 'the time to live ran out' },
  forward_too_big: {
    reason: 'PKT_TOO_BIG',
    at: 'ip_forward',
    why: 'longer than the MTU of the way out, and DF is set',
  },
  forward_not_for_us: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_forward',
    why: 'not addressed to this host at the link layer, so not forwarded',
  },
  multicast_ttl: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_mc_output',
    why: 'a multicast with TTL 0 stays on this host',
  },
  // fragmentation
  frag_needed_local: { reason: 'NOT_SPECIFIED', at: 'ip_fragment', why: 'must be fragmented, but DF is set' },
  frag_failed: { reason: 'NOT_SPECIFIED', at: 'ip_do_fragment', why: 'the packet could not be cut' },
  frag_timeout: { reason: 'NOT_SPECIFIED', at: 'ip_expire', why: 'the missing fragments did not come in time' },
  frag_overlap: {
    reason: 'NOT_SPECIFIED',
    at: 'inet_frag_rbtree_purge',
    why: 'overlapping fragments: the whole datagram is thrown away',
  },
  frag_purged: {
    reason: 'NOT_SPECIFIED',
    at: 'inet_frag_rbtree_purge',
    why: 'the rest of the datagram did not come in time',
  },
  frag_malformed: { reason: 'NOT_SPECIFIED', at: 'ip_defrag', why: 'the fragment does not fit the others' },
  frag_high_threshold: { reason: 'NOT_SPECIFIED', at: 'ip_defrag', why: 'too much memory is in incomplete datagrams' },
  // ICMP and sockets
  icmp_checksum: { reason: 'ICMP_CSUM', at: 'icmp_rcv', why: 'the ICMP checksum is wrong' },
  icmp_short: { reason: 'NOT_SPECIFIED', at: 'icmp_rcv', why: 'the ICMP message is cut short' },
  icmp_data_short: {
    reason: 'PKT_TOO_SMALL',
    at: 'icmp_rcv',
    why: 'the ICMP message is shorter than its type asks for',
  },
  icmp_quote_bad: { reason: 'IP_INHDR', at: 'icmp_rcv', why: 'the IP header quoted by the ICMP error is malformed' },
  icmp_unknown_type: { reason: 'UNHANDLED_PROTO', at: 'icmp_rcv', why: 'an ICMP type nobody here knows' },
  icmp_ignored: { reason: 'INVALID_PROTO', at: 'icmp_rcv', why: 'this ICMP message is ignored here' },
  no_socket_icmp: { reason: 'NO_SOCKET', at: 'icmp_rcv', why: 'taken in; nothing more to do with it' },
  no_socket_udp: { reason: 'NO_SOCKET', at: '__udp4_lib_rcv', why: 'no socket listens on this UDP port' },
  udp_checksum: { reason: 'UDP_CSUM', at: '__udp4_lib_rcv', why: 'the UDP checksum is wrong' },
  udp_short: { reason: 'PKT_TOO_SMALL', at: '__udp4_lib_rcv', why: 'the UDP length field is wrong' },
  no_socket_tcp: { reason: 'NO_SOCKET', at: 'tcp_v4_rcv', why: 'no socket for this TCP segment' },
  tcp_checksum: { reason: 'TCP_CSUM', at: 'tcp_v4_rcv', why: 'the TCP checksum is wrong' },
  tcp_short: { reason: 'PKT_TOO_SMALL', at: 'tcp_v4_rcv', why: 'the TCP header is cut short' },
  tcp_old_data: { reason: 'TCP_OLD_DATA', at: 'tcp_data_queue', why: 'data that was received before' },
  tcp_overwindow: { reason: 'TCP_OVERWINDOW', at: 'tcp_data_queue', why: 'data beyond the receive window' },
  tcp_ofo_drop: { reason: 'TCP_OFO_DROP', at: 'tcp_data_queue', why: 'out-of-order data that is not kept' },
  tcp_invalid_sequence: {
    reason: 'TCP_INVALID_SEQUENCE',
    at: 'tcp_validate_incoming',
    why: 'sequence number outside the window',
  },
  tcp_flags: {
    reason: 'TCP_FLAGS',
    at: 'tcp_rcv_state_process',
    why: 'control bits that make no sense in the state of the connection',
  },
  tcp_refused: {
    reason: 'NOT_SPECIFIED',
    at: 'tcp_v4_do_rcv',
    why: 'the connection cannot take this segment; a reset was sent',
  },
  tcp_unsent_ack: {
    reason: 'TCP_ACK_UNSENT_DATA',
    at: 'tcp_rcv_established',
    why: 'it acknowledges data that was never sent',
  },
  tcp_paws: {
    reason: 'TCP_RFC7323_PAWS',
    at: 'tcp_validate_incoming',
    why: 'its timestamp is older than one seen before',
  },
  tcp_reset: { reason: 'TCP_RESET', at: 'tcp_validate_incoming', why: 'a reset' },
  tcp_invalid_syn: {
    reason: 'TCP_INVALID_SYN',
    at: 'tcp_validate_incoming',
    why: 'a SYN in the middle of a connection',
  },
  tcp_not_for_host: {
    reason: 'NOT_SPECIFIED',
    at: 'tcp_v4_rcv',
    why: 'a TCP segment in a broadcast or multicast frame',
  },
  tcp_closed: {
    reason: 'NOT_SPECIFIED',
    at: 'tcp_rcv_state_process',
    why: 'the connection does not take this segment any more',
  },
  broadcast_not_wanted: {
    reason: 'NOT_SPECIFIED',
    at: '__udp4_lib_rcv',
    why: 'broadcast or multicast that nobody here listens to',
  },
  multicast_not_joined: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_rcv_finish_core',
    why: 'a multicast group nobody here has joined',
  },
  // netfilter
  netfilter_drop: { reason: 'NETFILTER_DROP', at: 'nf_hook_slow', why: 'a netfilter rule or policy dropped it' },
  netfilter_unmodelled: {
    reason: 'NOT_SPECIFIED',
    at: 'nf_hook_slow',
    why: 'a rule with a match or target packetwalk does not model was reached',
  },
  nat_no_port: { reason: 'NETFILTER_DROP', at: 'nf_hook_slow', why: 'no free port to translate to' },
  nat_redirect: {
    reason: 'NETFILTER_DROP',
    at: 'nf_hook_slow',
    why: 'NAT passes no ICMP redirect that is about a translated connection',
  },
  nat_other_device: {
    reason: 'NETFILTER_DROP',
    at: 'nf_hook_slow',
    why: 'its connection is masqueraded behind the address of another device than it would leave by now: NAT forgets the connection',
  },
  // tunnels
  tunnel_none: { reason: 'NOT_SPECIFIED', at: 'tunnel4_rcv', why: 'no tunnel takes this packet' },
  tunnel_no_destination: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_tunnel_xmit',
    why: 'the tunnel does not know where to send it',
  },
  tunnel_loop: { reason: 'NOT_SPECIFIED', at: 'ip_tunnel_xmit', why: 'the tunnel would send into itself' },
  tunnel_no_route: { reason: 'NOT_SPECIFIED', at: 'ip_tunnel_xmit', why: 'no route to the tunnel’s outer destination' },
  tunnel_too_big: { reason: 'NOT_SPECIFIED', at: 'ip_tunnel_xmit', why: 'longer than the path MTU through the tunnel' },
  tunnel_ecn: {
    reason: 'NOT_SPECIFIED',
    at: 'ip_tunnel_rcv',
    why: 'congestion marks of the outer header do not fit the inner one',
  },
  tunnel_wrong_protocol: {
    reason: 'NOT_SPECIFIED',
    at: 'ipip_tunnel_xmit',
    why: 'the tunnel does not carry this protocol',
  },
  vxlan_no_fdb: {
    reason: 'NOT_SPECIFIED',
    at: 'vxlan_xmit',
    why: 'no forwarding entry for this MAC address on the VXLAN device',
  },
  vxlan_no_route: { reason: 'NOT_SPECIFIED', at: 'vxlan_xmit_one', why: 'no route to the remote VTEP' },
  vxlan_flags: {
    reason: 'NOT_SPECIFIED',
    at: 'vxlan_rcv',
    why: 'the VXLAN header has no VNI flag or has unknown ones',
  },
  vxlan_no_vni: { reason: 'NOT_SPECIFIED', at: 'vxlan_rcv', why: 'no VXLAN device has this VNI' },
  vxlan_own_mac: { reason: 'NOT_SPECIFIED', at: 'vxlan_rcv', why: 'the inner source MAC address is our own' },
  vxlan_short: { reason: 'NOT_SPECIFIED', at: 'vxlan_rcv', why: 'the VXLAN packet is cut short' },
  wireguard_no_peer: {
    reason: 'NOT_SPECIFIED',
    at: 'wg_xmit',
    why: 'no WireGuard peer has this destination in its allowed IPs',
  },
  wireguard_no_endpoint: { reason: 'NOT_SPECIFIED', at: 'wg_xmit', why: 'the WireGuard peer has no endpoint yet' },
  wireguard_bad_source: {
    reason: 'NOT_SPECIFIED',
    at: 'wg_packet_consume_data_done',
    why: 'the source is not in the peer’s allowed IPs',
    traced: false,
  },
  wireguard_malformed: {
    reason: 'NOT_SPECIFIED',
    at: 'wg_packet_receive',
    why: 'not a WireGuard message this device can use',
    traced: false,
  },
  wireguard_no_handshake: {
    reason: 'NOT_SPECIFIED',
    at: 'wg_packet_send_staged_packets',
    why: 'the handshake with the WireGuard peer did not finish',
  },
  // IPv6
  ip6_header_bad: { reason: 'IP_INHDR', at: 'ip6_rcv_core', why: 'the IPv6 header is wrong' },
  ip6_too_small: {
    reason: 'PKT_TOO_SMALL',
    at: 'ip6_rcv_core',
    why: 'the packet is shorter than its IPv6 header says',
  },
  ip6_disabled: { reason: 'IPV6DISABLED', at: 'ip6_rcv_core', why: 'IPv6 is switched off on this interface' },
  ip6_other_host: { reason: 'OTHERHOST', at: 'ip6_rcv_core', why: 'the destination MAC address is somebody else’s' },
  ip6_hop_limit: { reason: 'IP_INHDR', at: 'ip6_forward', why: 'the hop limit ran out' },
  ip6_too_big: { reason: 'PKT_TOO_BIG', at: 'ip6_forward', why: 'longer than the MTU of the way out' },
  ip6_not_forwarding: { reason: 'IP_INADDRERRORS', at: 'ip6_forward', why: 'IPv6 forwarding is off' },
  ip6_forward_refused: {
    reason: 'IP_INADDRERRORS',
    at: 'ip6_forward',
    why: 'an address of this kind is not forwarded',
  },
  ip6_forward_not_for_us: {
    reason: 'NOT_SPECIFIED',
    at: 'ip6_forward',
    why: 'not addressed to this host at the link layer, so not forwarded',
  },
  ip6_disabled_out: { reason: 'IPV6DISABLED', at: 'ip6_output', why: 'IPv6 is switched off on the way out' },
  ip6_interface_local: {
    reason: 'NOT_SPECIFIED',
    at: 'ip6_finish_output2',
    why: 'a multicast group that does not reach beyond this host',
  },
  ip6_fragment_too_big: {
    reason: 'NOT_SPECIFIED',
    at: 'ip6_fragment',
    why: 'longer than the path MTU, and only the sender may fragment',
  },
  icmp6_short: { reason: 'NOT_SPECIFIED', at: 'icmpv6_rcv', why: 'the ICMPv6 message is cut short' },
  ip6_no_route: { reason: 'IP_INNOROUTES', at: 'ip6_pkt_drop', why: 'no IPv6 route to the destination' },
  ip6_no_route_out: {
    reason: 'IP_OUTNOROUTES',
    at: 'ip6_pkt_drop',
    why: 'this host has no IPv6 route to the destination',
  },
  ip6_multicast_unwanted: {
    reason: 'NOT_SPECIFIED',
    at: 'ip6_mc_input',
    why: 'a multicast group nobody here has joined',
  },
  ip6_no_protocol: { reason: 'IP_NOPROTO', at: 'ip6_protocol_deliver_rcu', why: 'nobody here speaks this protocol' },
  ip6_extension_bad: { reason: 'IP_INHDR', at: 'ip6_parse_tlv', why: 'an extension header is malformed' },
  icmp6_checksum: { reason: 'ICMP_CSUM', at: 'icmpv6_rcv', why: 'the ICMPv6 checksum is wrong' },
  icmp6_consumed: { reason: 'NOT_SPECIFIED', at: 'icmpv6_rcv', why: 'taken in; nothing more to do with it' },
  no_socket_icmp6: { reason: 'NO_SOCKET', at: 'icmpv6_rcv', why: 'taken in; nothing more to do with it' },
  no_socket_udp6: { reason: 'NO_SOCKET', at: '__udp6_lib_rcv', why: 'no socket listens on this UDP port' },
  udp6_checksum: { reason: 'UDP_CSUM', at: '__udp6_lib_rcv', why: 'the UDP checksum is wrong' },
  no_socket_tcp6: { reason: 'NO_SOCKET', at: 'tcp_v6_rcv', why: 'no socket for this TCP segment' },
  ip6_frag_malformed: { reason: 'NOT_SPECIFIED', at: 'ipv6_frag_rcv', why: 'the fragment does not fit the others' },
  ip6_frag_timeout: {
    reason: 'NOT_SPECIFIED',
    at: 'ip6frag_expire_frag_queue',
    why: 'the missing fragments did not come in time',
  },
  // ours
  loop_guard: {
    reason: 'NOT_SPECIFIED',
    at: 'packetwalk',
    why: 'the packet was handled too often: a loop without a TTL',
  },
  not_modelled: { reason: 'NOT_SPECIFIED', at: 'packetwalk', why: 'packetwalk does not model what this packet needs' },
} as const

/** Our own name of a cause; the key of {@link DROPS}. */
export type DropCause = keyof typeof ROWS

/**
 * Every way a packet can be lost. The key is ours and fine enough to teach; the kernel's words follow from it.
 * Freed is not failed: `no_socket_icmp` frees every answered ping.
 */
export const DROPS: Readonly<Record<DropCause, DropSite>> = ROWS
