import type { Interface, InterfaceKind } from '../../model/index.ts'
import type { NetNs } from './netns.ts'
import type { PacketOnDevice } from './skb.ts'

/** Link types of records and captures: Ethernet. */
export const LINKTYPE_ETHERNET = 1
/** Raw IP (tunl0, wireguard). */
export const LINKTYPE_RAW = 101

/** An IPv4 address of a device in engine form (`struct in_ifaddr`). */
export interface InAddr {
  /** The address, uint32. */
  readonly local: number
  /** Peer or the address itself, uint32 (`ifa_address`). */
  readonly address: number
  /** Netmask, uint32. */
  readonly mask: number
  /** Prefix length. */
  readonly prefixlen: number
  /** Broadcast address, uint32; 0 = none. */
  readonly broadcast: number
  /** RT_SCOPE: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number
  /** Secondary address. */
  readonly secondary: boolean
}

/** An IPv6 address of a device in engine form (`struct inet6_ifaddr`). Keys are 16-char binary strings. */
export interface In6Addr {
  /** The address. */
  readonly key: string
  /** Prefix length. */
  readonly prefixlen: number
  /** IPV6_ADDR scope: 'global' | 'link' | 'host' | 'site'. */
  readonly scope: 'global' | 'link' | 'host' | 'site'
  /** Still doing DAD. */
  readonly tentative: boolean
  /** Not preferred. */
  readonly deprecated: boolean
}

/** Effective IPv4 settings of a device: `conf.all` and `conf.<dev>` already combined the way the kernel combines each. */
export interface In4Conf {
  /** IN_DEV_FORWARD: the device's own value. */
  readonly forwarding: boolean
  /** all OR dev. */
  readonly proxyArp: boolean
  /** all OR dev. */
  readonly proxyArpPvlan: boolean
  /** max(all, dev): 0 off, 1 strict, 2 loose. */
  readonly rpFilter: number
  /** all OR dev. */
  readonly srcValidMark: boolean
  /** all OR dev. */
  readonly acceptLocal: boolean
  /** all OR dev. */
  readonly routeLocalnet: boolean
  /** all OR dev. */
  readonly sendRedirects: boolean
  /** forwarding: all AND dev; else all OR dev. */
  readonly acceptRedirects: boolean
  /** all OR dev. */
  readonly secureRedirects: boolean
  /** all OR dev. */
  readonly sharedMedia: boolean
  /** all AND dev. */
  readonly acceptSourceRoute: boolean
  /** all OR dev. */
  readonly bcForwarding: boolean
  /** max(all, dev). */
  readonly arpAnnounce: number
  /** max(all, dev). */
  readonly arpIgnore: number
  /** all OR dev. */
  readonly arpFilter: boolean
  /** max(all, dev). */
  readonly arpAccept: number
  /** all OR dev. */
  readonly arpNotify: boolean
  /** all OR dev. */
  readonly dropGratuitousArp: boolean
  /** all OR dev. */
  readonly dropUnicastInL2Multicast: boolean
  /** The device's own value. */
  readonly mediumId: number
  /** The device's own value. */
  readonly ignoreRoutesWithLinkdown: boolean
}

/** Neighbour parameters of a device and family (`neigh/<dev>/`), times in nanoseconds. */
export interface NeighParms {
  /** Multicast solicitations before giving up. */
  readonly mcastSolicit: number
  /** Unicast probes. */
  readonly ucastSolicit: number
  /** Multicast probes after unicast ones. */
  readonly mcastResolicit: number
  /** User-space probes. */
  readonly appSolicit: number
  /** Between solicitations. */
  readonly retransTime: number
  /** Base of the reachable time; the kernel picks 0.5–1.5 of it. */
  readonly baseReachableTime: number
  /** DELAY to PROBE. */
  readonly delayProbeTime: number
  /** Stale entries are collected after this. */
  readonly gcStaleTime: number
  /** Bytes (truesize) that may wait for an unresolved neighbour. */
  readonly queueLenBytes: number
  /** Delay of proxy answers; 0 = at once. */
  readonly proxyDelay: number
  /** Proxy queue length. */
  readonly proxyQlen: number
  /** Entries locked after an update. */
  readonly locktime: number
}

/** Effective IPv6 settings of a device. */
export interface In6Conf {
  /** disable_ipv6 of all or dev. */
  readonly disabled: boolean
  /** forwarding of the device. */
  readonly forwarding: boolean
  /** Default hop limit. */
  readonly hopLimit: number
  /** Device MTU for IPv6. */
  readonly mtu: number
  /** proxy_ndp of all or dev. */
  readonly proxyNdp: boolean
  /** accept_redirects. */
  readonly acceptRedirects: boolean
  /** accept_ra. */
  readonly acceptRa: number
  /** accept_dad. */
  readonly acceptDad: number
  /** dad_transmits. */
  readonly dadTransmits: number
  /** accept_source_route. */
  readonly acceptSourceRoute: number
}

/** A bridge as its own device and its ports know it (`struct net_bridge`); the link layer has the rest. */
export interface BridgeMaster {
  /** A frame came in on a port; `data` behind its Ethernet header. False: the port itself is to receive it like any device. */
  handleFrame(skb: PacketOnDevice, port: NetDevice): boolean
  /** Sends a frame of the bridge's own device out of its ports; `data` at the Ethernet header. */
  xmit(skb: PacketOnDevice): void
}

/** A network device at run time. It outlives edits of the model, which change its fields; what packets hold of it stays good. */
export interface NetDevice {
  /** Namespace. */
  ns: NetNs
  /** Interface index. */
  readonly ifindex: number
  /** Name. */
  readonly name: string
  /** Kind. */
  readonly kind: InterfaceKind
  /** The model's interface. */
  model: Interface
  /** Link-layer address as a 48-bit integer (wire's MacKey); 0 where the device has none. */
  mac: number
  /** MTU in bytes. */
  mtu: number
  /** IFF_UP. */
  up: boolean
  /** Carrier. */
  readonly carrier: boolean
  /** IFF_NOARP. */
  noarp: boolean
  /** IFF_POINTOPOINT. */
  pointToPoint: boolean
  /** IFF_LOOPBACK. */
  loopback: boolean
  /** LINKTYPE_ of its frames. */
  linkType: number
  /** Length of its link-layer header: 14 or 0. */
  hardHeaderLen: number
  /** Bytes it wants reserved for encapsulation (`needed_headroom`), 0 for plain devices. */
  neededHeadroom: number
  /** Bridge it is a port of. */
  master: BridgeMaster | null
  /** Runtime state when it is a bridge. */
  bridge: BridgeMaster | null
  /** Other end of its wire, or null. */
  readonly peer: NetDevice | null
  /** IPv4 addresses in kernel order. */
  addrs4: readonly InAddr[]
  /** IPv6 addresses in kernel order. */
  addrs6: readonly In6Addr[]
  /** IPv4 settings. */
  readonly conf4: In4Conf
  /** IPv6 settings. */
  readonly conf6: In6Conf
  /** ARP parameters. */
  readonly neigh4: NeighParms
  /** ND parameters. */
  readonly neigh6: NeighParms
  /** Record id of the name, for the recorder attached now. */
  recordId: number
  /** Counters shown by ifconfig. */
  rxPackets: number
  /** Bytes received. */
  rxBytes: number
  /** Packets sent. */
  txPackets: number
  /** Bytes sent. */
  txBytes: number
  /** Receive drops. */
  rxDropped: number
  /** Transmit drops. */
  txDropped: number
}
