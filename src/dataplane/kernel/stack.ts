import type { DropCause } from '../../model/index.ts'
import type { Dst, RouteError } from './dst.ts'
import type { NetDevice } from './net-device.ts'
import type { NetNs } from './netns.ts'
import type { PacketBuffer, PacketOnDevice } from './skb.ts'
import type { Sock } from './sock.ts'

/** Netfilter hooks (NF_INET_*). */
export const NF_PRE_ROUTING = 0
/** Packets for this host. */
export const NF_LOCAL_IN = 1
/** Packets passing through. */
export const NF_FORWARD = 2
/** Packets made here. */
export const NF_LOCAL_OUT = 3
/** Packets about to leave. */
export const NF_POST_ROUTING = 4

/** Verdict: the packet is gone (it was freed and its drop recorded). */
export const NF_DROP = 0
/** Verdict: go on. */
export const NF_ACCEPT = 1
/** Verdict: somebody keeps the packet (e.g. a fragment that waits); stop without freeing. */
export const NF_STOLEN = 2

/** `packet` of a flow whose packet is still to be made: whoever makes it records its way. */
export const PACKET_TO_COME = 0
/** `packet` of a flow that somebody only asks about, which is not recorded. */
export const NO_PACKET = -1

/** What an IPv4 route lookup is asked (`struct flowi4`). All flows have the same members in the same order: lookups are fast then. */
export interface Flow4 {
  /** Destination, uint32. */
  daddr: number
  /** Source, uint32; 0 = choose. */
  saddr: number
  /** TOS. */
  tos: number
  /** Mark. */
  mark: number
  /** Output device the sender insists on. */
  oif: NetDevice | null
  /** Input device; null for own packets. */
  iif: NetDevice | null
  /** IP protocol. */
  proto: number
  /** Source port, 0 = none. */
  sport: number
  /** Destination port, 0 = none. */
  dport: number
  /** Packet may carry any source (FLOWI_FLAG_ANYSRC). */
  anySource: boolean
  /** Id of the packet it is for, {@link PACKET_TO_COME} or {@link NO_PACKET}. */
  packet: number
}

/** What a local sender gives to IPv4 output. */
export interface IpSend {
  /** Destination, uint32. */
  daddr: number
  /** Source, uint32; 0 = the route's. */
  saddr: number
  /** IP protocol. */
  protocol: number
  /** TOS. */
  tos: number
  /** TTL; -1 = default (or 1 for multicast). */
  ttl: number
  /** DF is set in the header. */
  df: boolean
  /** May be fragmented here though larger than the MTU (`skb->ignore_df`). */
  ignoreDf: boolean
  /** IP options, raw. */
  options?: Uint8Array
  /** IP id; undefined = the stack picks (0 or a counter, by the kernel's rule for DF). */
  id?: number | undefined
  /** Sending socket or null. */
  sk: Sock | null
  /** Mark. */
  mark: number
}

/**
 * The entry points by which the parts of the stack call each other. A file imports directly what lies below it and calls
 * up, or sideways, through this table (`sim.stack`: one constant, put together once from what each part exports), so that there
 * is no import cycle although the kernel's own call graph is one.
 */
export interface Stack {
  // link
  /** Hands a complete frame to `skb.dev` (`dev_queue_xmit`). */
  devQueueXmit(skb: PacketOnDevice): void
  /** Queues a received frame for its device (`netif_rx`): processed after everything queued before it. */
  netifRx(skb: PacketBuffer, dev: NetDevice): void
  /**
   * Hands a copy of an own broadcast or multicast back to this host as if `dev` had received it (`dev_loopback_xmit`); `data`
   * at the IP header. No device and no tap sees it.
   */
  loopbackXmit(skb: PacketBuffer, dev: NetDevice): void
  /** Sends a layer-3 packet to neighbour `key` on `dev`: resolves, adds the link header, transmits (`neigh_output`). */
  neighOutput(skb: PacketBuffer, dev: NetDevice, family: 'inet' | 'inet6', key: number | string): void
  /** Upper layers saw the neighbour answer (`dst_confirm`). */
  neighConfirm(ns: NetNs, dev: NetDevice, family: 'inet' | 'inet6', key: number | string): void
  // IPv4
  /** A packet with `data` at the IPv4 header came in on `skb.dev` (`ip_rcv`). */
  ipRcv(skb: PacketOnDevice): void
  /** Routes a received packet (`ip_route_input`): sets `skb.dst`; returns a cause when it must be dropped before any hook. */
  ipRouteInput(skb: PacketBuffer, daddr: number, saddr: number, tos: number, dev: NetDevice): DropCause | null
  /** Routes an own packet (`ip_route_output_key`). */
  ipRouteOutput(ns: NetNs, flow: Flow4): Dst | RouteError
  /** Sends a packet with a complete IPv4 header: length, checksum, LOCAL_OUT, dst output (`ip_local_out`). */
  ipLocalOut(skb: PacketBuffer): 'EPERM' | null
  /** Prepends an IPv4 header to `[data, tail)` (the payload), routes if `skb.dst` is null, and sends. Fragments as needed. */
  ipQueueXmit(skb: PacketBuffer, ns: NetNs, send: IpSend): RouteError | 'EMSGSIZE' | 'EPERM' | null
  /** After netfilter changed address or mark in LOCAL_OUT (`ip_route_me_harder`). False: no route, the caller drops it. */
  ipRouteMeHarder(skb: PacketBuffer): boolean
  /** Sends an ICMP error about a received packet (`icmp_send`). info: MTU or gateway. */
  icmpSend(skb: PacketBuffer, type: number, code: number, info: number): void
  /** Reassembles (`ip_defrag`). True: `skb` is now the whole datagram; false: kept or dropped. `queues` differ per user. */
  ipDefrag(skb: PacketBuffer, user: 'local' | 'conntrack-in' | 'conntrack-out' | 'bridge'): boolean
  /** Fragments an IPv4 packet and gives each piece to `output` (`ip_do_fragment`). */
  ipFragment(skb: PacketOnDevice, mtu: number, output: (fragment: PacketOnDevice) => void): void
  /** Source address for a destination on a device (`inet_select_addr`), uint32; 0 = none. scope: RT_SCOPE number. */
  inetSelectAddr(dev: NetDevice, dst: number, scope: number): number
  /** Type of an address (`inet_addr_type`): 'LOCAL' | 'UNICAST' | 'BROADCAST' | 'MULTICAST' | ...; dev limits to local addresses of that device. */
  inetAddrType(ns: NetNs, addr: number, dev: NetDevice | null): string
  /** Learns a path MTU for a destination (`ipv4_update_pmtu` on the route of this flow). */
  ipUpdatePmtu(ns: NetNs, flow: Flow4, mtu: number): void
  /** Learns a path MTU for the IPv4 route of a packet, its header at `at`, leaving by `dev` (`dst->ops->update_pmtu`). */
  ipDstUpdatePmtu(skb: PacketBuffer, at: number, dev: NetDevice, mtu: number): void
  /** Learns a redirect. */
  ipRedirect(ns: NetNs, flow: Flow4, gateway: number, oldGateway: number, dev: NetDevice): void
  /**
   * Whether the IPv4 tables, next hops without carrier among them, lead to `flow.daddr` by a device; null = by any
   * (`rpfilter_lookup_reverse`).
   */
  rpfilterLookupReverse(ns: NetNs, flow: Flow4, dev: NetDevice | null, acceptLocal: boolean): boolean
  // IPv6
  /** A packet with `data` at the IPv6 header came in (`ipv6_rcv`). */
  ipv6Rcv(skb: PacketOnDevice): void
  /** Sends a packet with a complete IPv6 header through `skb.dst` (`ip6_local_out`). */
  ip6LocalOut(skb: PacketBuffer): 'EPERM' | null
  /** Prepends an IPv6 header, routes if needed, sends (`ip6_xmit` / `ip6_push_pending_frames`). Addresses are 16-char keys, '' = choose. */
  ip6Xmit(
    skb: PacketBuffer,
    ns: NetNs,
    send: {
      daddr: string
      saddr: string
      nexthdr: number
      tclass: number
      hopLimit: number
      oif: NetDevice | null
      sk: Sock | null
      mark: number
      ignoreDf: boolean
      flowLabel: number
      /** An encapsulated packet: it was made, and its way chosen, before. */
      encapsulated?: true
    },
  ): RouteError | 'EMSGSIZE' | 'EPERM' | null
  /** Routes an own IPv6 packet. */
  ip6RouteOutput(
    ns: NetNs,
    flow: {
      daddr: string
      saddr: string
      tclass: number
      mark: number
      oif: NetDevice | null
      proto: number
      sport: number
      dport: number
      packet?: number
    },
  ): Dst | RouteError
  /** Routes an IPv6 packet received by `dev`: sets `skb.dst`. */
  ip6RouteInput(skb: PacketBuffer, dev: NetDevice): DropCause | null
  /** After netfilter changed address or mark in LOCAL_OUT. False: no route, the caller drops it. */
  ip6RouteMeHarder(skb: PacketBuffer): boolean
  /** Sends an ICMPv6 error. It belongs to the connection of the packet it is about (`ctAttach`). */
  icmpv6Send(skb: PacketBuffer, type: number, code: number, info: number): void
  /** Reassembles for conntrack (`nf_ct_frag6_gather`). True: whole. */
  ip6Defrag(skb: PacketBuffer, user: 'conntrack-in' | 'conntrack-out'): boolean
  /** Type of an IPv6 address for `-m addrtype` and NAT. */
  inet6AddrType(ns: NetNs, key: string, dev: NetDevice | null): string
  /** Source for a destination (`ipv6_dev_get_saddr`), '' = none. */
  ipv6DevGetSaddr(ns: NetNs, dev: NetDevice | null, daddr: string): string
  /** Learns a path MTU for an IPv6 destination. */
  ip6UpdatePmtu(
    ns: NetNs,
    flow: { daddr: string; saddr: string; mark: number; oif: NetDevice | null },
    mtu: number,
  ): void
  /** A neighbour solicitation or advertisement, handed over from ICMPv6 input (`ndisc_rcv`). False: it waits, or was dropped. */
  ndiscRcv(skb: PacketOnDevice): boolean
  /** Sends a neighbour solicitation (called by the neighbour state machine). */
  ndiscSolicit(dev: NetDevice, target: string, probes: number, lladdr: number, trigger: PacketBuffer | null): void
  /** Sends an ARP request (called by the neighbour state machine). */
  arpSolicit(dev: NetDevice, target: number, probes: number, lladdr: number, trigger: PacketBuffer | null): void
  /** An ARP packet came in, `data` at the ARP header (`arp_rcv`). */
  arpRcv(skb: PacketOnDevice): void
  /** Neighbour resolution of queued packets failed: tell the senders (`arp_error_report`/`ndisc_error_report`). */
  neighErrorReport(skb: PacketOnDevice, family: 'inet' | 'inet6'): void
  // netfilter
  /** Runs a hook's chains. NF_ACCEPT: go on; otherwise the packet is gone or kept. Callers skip it when `ns.nf` is null. */
  nfHook(
    family: 'inet' | 'inet6',
    hook: number,
    skb: PacketBuffer,
    indev: NetDevice | null,
    outdev: NetDevice | null,
  ): number
  // transport
  /** Raw sockets get their copy (`raw_local_deliver`). True when one matched. */
  rawLocalDeliver(skb: PacketOnDevice, protocol: number): boolean
  /** UDP input, `data` at the UDP header (`udp_rcv`). */
  udpRcv(skb: PacketOnDevice): void
  /** TCP input, `data` at the TCP header (`tcp_v4_rcv`/`tcp_v6_rcv`). */
  tcpRcv(skb: PacketOnDevice): void
  /** An ICMP(v6) echo reply for ping and raw sockets (`ping_rcv`). True when one took it. */
  pingRcv(skb: PacketOnDevice): boolean
  /** An ICMP(v6) error about one of our packets: `data` at the quoted IP header (`icmp_unreach` → protocol err handler). */
  icmpSocketErr(skb: PacketOnDevice, family: 'inet' | 'inet6', type: number, code: number, info: number): void
  // tunnels
  /** A packet for a tunnel device of layer 3 or VXLAN (`ndo_start_xmit`): `data` at the link header (VXLAN) or IP header. */
  tunnelXmit(skb: PacketBuffer, dev: NetDevice): void
  /** IPIP/6in4 input, `data` at the inner header, `network` still the outer one (`tunnel4_rcv`). */
  tunnel4Rcv(skb: PacketOnDevice): void
  /** UDP encapsulation input, `data` at the UDP header. True when a tunnel took (or dropped) it. */
  udpEncapRcv(skb: PacketOnDevice, family: 'inet' | 'inet6'): boolean
  /** An ICMP error about a tunnel's outer packet. True when the tunnel handled it. */
  tunnelErr(skb: PacketOnDevice, family: 'inet' | 'inet6', type: number, code: number, info: number): boolean
}
