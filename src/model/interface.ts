import type { Ip, Mac } from '../wire/index.ts'
import type { Origin } from './origin.ts'

/** Address scope as `ip address` prints it. */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere'

/** The kernel's numbers of scopes (`RT_SCOPE_…`): the greater, the nearer. @linux include/uapi/linux/rtnetlink.h rt_scope_t */
export const SCOPE_NUMBERS: Readonly<Record<Scope, number>> = {
  global: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
}

/** One address of an interface, as `ip address` prints it. */
export interface Address {
  /** `inet` or `inet6`. */
  readonly family: 'inet' | 'inet6'
  /** The address itself. */
  readonly local: Ip
  /** Peer address (point to point), where it differs from `local`. */
  readonly peer?: Ip
  /** Prefix length, in bits. */
  readonly prefixlen: number
  /** Broadcast address, IPv4 only. */
  readonly broadcast?: Ip
  /** Scope; decides source address selection. */
  readonly scope: Scope
  /** Label, IPv4 only (`eth0:1`). */
  readonly label?: string
  /** A secondary address of its subnet (IPv4) or a temporary one (IPv6). */
  readonly secondary?: boolean
  /** No duplicate address detection was done or is wanted (IPv6). */
  readonly nodad?: boolean
  /** Duplicate address detection is still running (IPv6). */
  readonly tentative?: boolean
  /** Duplicate address detection failed (IPv6): the address is not used. */
  readonly dadfailed?: boolean
  /** The kernel adds no route to the subnet of this address (`noprefixroute`). */
  readonly noprefixroute?: boolean
  /** Not chosen as a source any more (preferred lifetime 0). */
  readonly deprecated?: boolean
  /** What made it. */
  readonly origin?: Origin
}

/** The kinds of interface packetwalk models; anything else in a dump is refused by name. */
export type InterfaceKind = 'loopback' | 'ethernet' | 'veth' | 'bridge' | 'dummy' | 'ipip' | 'vxlan' | 'wireguard'

/** A bridge port's settings (`bridge -d link`). Defaults: learning, flood, mcastFlood, bcastFlood on, hairpin off, forwarding. */
export interface BridgePort {
  /** Send a frame back out of the port it came in by. */
  readonly hairpin?: boolean
  /** Learn source addresses. */
  readonly learning?: boolean
  /** Flood unknown unicast to this port. */
  readonly flood?: boolean
  /** Flood multicast to this port. */
  readonly mcastFlood?: boolean
  /** Flood broadcast to this port. */
  readonly bcastFlood?: boolean
  /** Isolated ports do not talk to each other. */
  readonly isolated?: boolean
  /** Answer ARP from the bridge's neighbours. */
  readonly neighSuppress?: boolean
  /** STP state. */
  readonly state?: 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking'
}

/** Bridge settings. */
export interface BridgeInfo {
  /** Seconds a learned FDB entry lives. */
  readonly ageingTime?: number
  /** Whether STP runs; only `false` is modelled. */
  readonly stp?: boolean
  /** Multicast snooping; only `false` (flood) is modelled exactly. */
  readonly mcastSnooping?: boolean
  /** Per-bridge `nf_call_iptables`. */
  readonly nfCallIptables?: boolean
  /** Per-bridge `nf_call_ip6tables`. */
  readonly nfCallIp6tables?: boolean
  /** VLAN filtering; `true` is refused. */
  readonly vlanFiltering?: boolean
}

/** IPIP tunnel parameters (`ip -d link`). */
export interface IpipInfo {
  /** Local outer address; absent = any. */
  readonly local?: Ip
  /** Remote outer address; absent = any (NBMA: the route's gateway is the outer destination). */
  readonly remote?: Ip
  /** Underlying device the tunnel is bound to. */
  readonly link?: string
  /** Outer TTL; 0 = inherit from the inner packet. */
  readonly ttl: number
  /** Outer TOS byte; `inherit` copies the inner one. */
  readonly tos: number | 'inherit'
  /** Path MTU discovery on the outer header (`pmtudisc`/`nopmtudisc`). */
  readonly pmtudisc: boolean
}

/** VXLAN parameters (`ip -d link`). */
export interface VxlanInfo {
  /** VXLAN network identifier. */
  readonly id: number
  /** Local outer address. */
  readonly local?: Ip
  /** Default remote or multicast group. */
  readonly remote?: Ip
  /** Underlying device. */
  readonly link?: string
  /** UDP destination port. */
  readonly dstport: number
  /** UDP source port range; absent = `net.ipv4.ip_local_port_range`. */
  readonly portRange?: { readonly low: number; readonly high: number }
  /** Learn remote addresses into the FDB. */
  readonly learning: boolean
  /** Outer TTL; 0 = system default; `inherit` copies the inner one. */
  readonly ttl: number | 'inherit'
  /** Outer TOS; 1 or `inherit` copies the inner one. */
  readonly tos: number | 'inherit'
  /** DF of the outer header. */
  readonly df: 'unset' | 'set' | 'inherit'
  /** UDP checksums over IPv4. */
  readonly udpcsum: boolean
  /** Send zero UDP checksums over IPv6. */
  readonly udp6zerocsumtx: boolean
  /** Accept zero UDP checksums over IPv6. */
  readonly udp6zerocsumrx: boolean
  /** Seconds a learned FDB entry lives. */
  readonly ageing?: number
}

/** One WireGuard peer (`wg show dump`). */
export interface WireguardPeer {
  /** Public key, base64. */
  readonly publicKey: string
  /** Outer address and UDP port; absent until the peer has been heard. */
  readonly endpoint?: { readonly address: Ip; readonly port: number }
  /** Prefixes that are sent to, and accepted from, this peer (cryptokey routing). */
  readonly allowedIps: readonly string[]
  /** Keepalive interval, in seconds; absent = off. */
  readonly persistentKeepalive?: number
}

/** WireGuard parameters. Private keys are never kept. */
export interface WireguardInfo {
  /** This end's public key, base64. */
  readonly publicKey?: string
  /** UDP port it listens on. */
  readonly listenPort: number
  /** Mark put on outer packets; 0 = none. */
  readonly fwmark: number
  /** Peers in `wg show` order. */
  readonly peers: readonly WireguardPeer[]
}

/** A network interface, as `ip -d link` and `ip address` describe it. */
export interface Interface {
  /** Name, at most 15 bytes. */
  readonly name: string
  /** Index; interfaces register in this order, which decides source address selection. */
  readonly ifindex: number
  /** Kind. */
  readonly kind: InterfaceKind
  /** Link-layer address; absent on `ipip` and `wireguard`. */
  readonly mac?: Mac
  /** MTU, in bytes of the layer-3 packet. */
  readonly mtu: number
  /** Administratively up (`UP`). */
  readonly up: boolean
  /** Carrier (`LOWER_UP`). A veth has carrier when the other end is up. Derived by the engine for wired interfaces; from a dump otherwise. */
  readonly carrier: boolean
  /** No ARP or ND on this interface (`NOARP`). */
  readonly noarp?: boolean
  /** Index of the interface it is linked to (`eth0@if5`), maybe in another namespace: the other end of a veth pair. */
  readonly linkIndex?: number
  /** Number this namespace has for the namespace of {@link Interface.linkIndex}. */
  readonly linkNetnsid?: number
  /** How IPv6 makes the link-local address (`addrgenmode`); absent = eui64. */
  readonly addrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random'
  /** Transmit queue length, shown by `ip link`. */
  readonly txqlen?: number
  /** Bridge this interface is a port of. */
  readonly master?: string
  /** Port settings, when `master` is set. */
  readonly port?: BridgePort
  /** Addresses, in the order the kernel keeps them. */
  readonly addresses: readonly Address[]
  /** `kind: 'bridge'`. */
  readonly bridge?: BridgeInfo
  /** `kind: 'ipip'`. */
  readonly ipip?: IpipInfo
  /** `kind: 'vxlan'`. */
  readonly vxlan?: VxlanInfo
  /** `kind: 'wireguard'`. */
  readonly wireguard?: WireguardInfo
  /** What made it. */
  readonly origin?: Origin
}
