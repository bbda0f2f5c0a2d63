// Two hosts with two routers between them, which talk plainly or by a tunnel; much else is as a seed says.
import { parseNamespaceDump } from '../../src/linux/index.ts'
import {
  cable,
  type InterfaceParts,
  iface,
  type Namespace,
  type NamespaceParts,
  type Network,
  namespace,
  networkOf,
  type Route,
  route,
} from '../../src/model/index.ts'
import type { Ip } from '../../src/wire/index.ts'
import type { Random } from '../robustness/random.ts'

const RULES = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p tcp -m tcp --dport 81 -j REJECT --reject-with tcp-reset
-A FORWARD -p udp -m udp --dport 54 -j REJECT --reject-with icmp-port-unreachable
-A FORWARD -p tcp -m tcp --dport 82 -j DROP
-A FORWARD -p udp -m statistic --mode nth --every 7 --packet 3 -j DROP
-A FORWARD -p tcp -m length --length 100:65535 -m statistic --mode nth --every 5 --packet 2 -j DROP
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.9.9.9/32 -j DNAT --to-destination 10.2.0.2
-A POSTROUTING -d 10.2.0.0/24 -s 10.0.0.3/32 -j MASQUERADE
COMMIT
`

const RULES6 = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p tcp -m tcp --dport 81 -j REJECT --reject-with tcp-reset
-A FORWARD -p udp -m udp --dport 54 -j REJECT --reject-with icmp6-adm-prohibited
-A FORWARD -p tcp -m tcp --dport 82 -j DROP
-A FORWARD -m conntrack --ctstate INVALID -j DROP
COMMIT
`

/** How the routers talk. */
export const KINDS = ['plain', 'ipip', 'vxlan', 'vxlan6', 'wireguard'] as const
/** One of them. */
export type Kind = (typeof KINDS)[number]

const KEYS = { r1: `${'a'.repeat(43)}=`, r2: `${'b'.repeat(43)}=` }
const OVERHEAD: Readonly<Record<Kind, number>> = { plain: 0, ipip: 20, vxlan: 50, vxlan6: 70, wireguard: 60 }

/** How tunnels are set, on both ends. */
interface Settings {
  readonly ttl: number | 'inherit'
  readonly tos: number | 'inherit'
  readonly pmtudisc: boolean
  readonly df: 'unset' | 'set' | 'inherit'
  readonly learning: boolean
  readonly udpcsum: boolean
  readonly remote: boolean
  readonly keepalive: number | undefined
}

const settingsOf = (random: Random): Settings => ({
  ttl: random.pick(['inherit', 0, 1, 9]),
  tos: random.pick(['inherit', 'inherit', 0, 0x10]),
  pmtudisc: !random.oneIn(4),
  df: random.pick(['unset', 'unset', 'set', 'inherit']),
  learning: random.oneIn(2),
  udpcsum: random.oneIn(3),
  remote: random.oneIn(4),
  keepalive: random.pick([undefined, 9]),
})

interface Tunnel {
  readonly devices: readonly InterfaceParts[]
  readonly routes: readonly Route[]
  readonly more: NamespaceParts
}

const V6_ROUTE = (far: number, other: number): Route =>
  route(`fd00:${far}::/64`, { via: `fd00:ff::${other}`, dev: 'eth1' })

function vxlanOf(own: number, other: number, far: number, underlay: string, mtu: number, s: Settings): Tunnel {
  const remote = `${underlay}${other}` as Ip
  const vxlan = {
    id: 4096,
    local: `${underlay}${own}` as Ip,
    link: 'eth1',
    dstport: 4789,
    learning: s.learning,
    ttl: s.ttl,
    tos: s.tos,
    df: s.df,
    udpcsum: s.udpcsum,
    udp6zerocsumtx: s.udpcsum,
    udp6zerocsumrx: !s.pmtudisc,
    ...(s.remote ? { remote } : {}),
  }
  const lladdr = `66:00:00:00:00:0${other}`
  const more = {
    neighbours: s.learning ? [] : [{ dst: `192.168.7.${other}`, dev: 'vxlan.calico', lladdr, state: 'PERMANENT' }],
    fdb: [
      { mac: lladdr, dev: 'vxlan.calico', dst: remote, self: true, state: 'permanent' },
      { mac: '00:00:00:00:00:00', dev: 'vxlan.calico', dst: remote, self: true, state: 'permanent' },
    ].slice(s.remote ? 2 : 0, s.learning ? 2 : 1),
  } as unknown as NamespaceParts
  const mac = `66:00:00:00:00:0${own}`
  const addresses = [`192.168.7.${own}/32`, `fd00:7::${own}/64`]
  return {
    devices: [{ name: 'vxlan.calico', kind: 'vxlan', mtu, mac, vxlan, addresses }],
    routes: [
      route(`10.${far}.0.0/24`, { via: `192.168.7.${other}`, dev: 'vxlan.calico', onlink: true }),
      V6_ROUTE(far, other),
      route('fd00:88::/64', { via: `fd00:7::${other}`, dev: 'vxlan.calico' }),
    ],
    more,
  }
}

/** The device between the routers over their wire, and the routes through it. */
function tunnel(kind: Kind, me: 'r1' | 'r2', mtu: number, s: Settings): Tunnel {
  const [own, other, far] = me === 'r1' ? [1, 2, 2] : [2, 1, 0]
  const remote = `172.16.0.${other}` as Ip
  const narrow = mtu - OVERHEAD[kind]
  const six = V6_ROUTE(far, other)
  switch (kind) {
    case 'plain':
      return { devices: [], routes: [route(`10.${far}.0.0/24`, { via: remote, dev: 'eth1' }), six], more: {} }
    case 'ipip': {
      const ttl = s.ttl === 'inherit' ? 0 : s.ttl
      const ends = { local: `172.16.0.${own}` as Ip, ...(s.remote ? { remote } : {}) }
      const ipip = { ...ends, ttl, tos: s.tos, pmtudisc: s.pmtudisc || ttl === 0 }
      const device: InterfaceParts = { name: 'tunl0', kind: 'ipip', mtu: narrow, noarp: true, ipip }
      const way = route(`10.${far}.0.0/24`, { via: remote, dev: 'tunl0', onlink: true })
      return { devices: [{ ...device, addresses: [`192.168.7.${own}/32`] }], routes: [way, six], more: {} }
    }
    case 'vxlan':
      return vxlanOf(own, other, far, '172.16.0.', narrow, s)
    case 'vxlan6':
      return vxlanOf(own, other, far, 'fd00:ff::', narrow, s)
    case 'wireguard': {
      const publicKey = KEYS[me === 'r1' ? 'r2' : 'r1']
      const allowedIps = [`10.${far}.0.0/24`, `192.168.7.${other}/32`, `fd00:88::/64`]
      const alive = s.keepalive === undefined ? {} : { persistentKeepalive: s.keepalive }
      const endpoint = me === 'r1' || s.learning ? { endpoint: { address: remote, port: 51820 } } : {}
      const peers = [{ publicKey, allowedIps, ...endpoint, ...alive }]
      const wireguard = { publicKey: KEYS[me], listenPort: 51820, fwmark: 0, peers }
      const ways = [route(`10.${far}.0.0/24`, { dev: 'wg0' }), route('fd00:88::/64', { dev: 'wg0' }), six]
      return {
        devices: [{ name: 'wg0', kind: 'wireguard', mtu: narrow, noarp: true, wireguard }],
        routes: ways,
        more: {},
      }
    }
  }
}

function router(
  kind: Kind,
  me: 'r1' | 'r2',
  mtus: readonly [number, number, number],
  random: Random,
  settings: Settings,
): Namespace {
  const at = me === 'r1' ? 0 : 2
  const made = tunnel(kind, me, mtus[1], settings)
  const files = { 'iptables.txt': RULES, 'ip6tables.txt': RULES6 }
  const { iptables, ip6tables } = parseNamespaceDump(me, 'host', files).namespace
  const last = me === 'r1' ? 1 : 2
  return namespace(me, {
    role: 'router',
    forwarding: true,
    interfaces: [
      iface({
        name: 'eth0',
        mtu: mtus[at]!,
        mac: `02:00:00:0${at}:00:01`,
        addresses: [`10.${at}.0.1/24`, `fd00:${at}::1/64`, 'fe80::1/64'],
      }),
      iface({
        name: 'eth1',
        mtu: mtus[1],
        mac: `02:00:00:01:00:0${at}`,
        addresses: [`172.16.0.${last}/24`, `fd00:ff::${last}/64`, `fe80::${last}/64`],
      }),
      ...made.devices.map(iface),
    ],
    routes: [
      ...made.routes,
      route('10.66.0.0/16', { type: 'blackhole' }),
      route('10.67.0.0/16', { type: 'unreachable' }),
      route('10.68.0.0/16', { type: 'prohibit' }),
      route('fd00:66::/32', { type: 'blackhole' }),
      route('fd00:67::/32', { type: 'unreachable' }),
      route('fd00:68::/32', { type: 'prohibit' }),
      route('fd00:69::/32', { via: `fd00:ff::${3 - last}`, dev: 'eth1' }),
      route('fd00:70::/32', { via: `fd00:${at}::77`, dev: 'eth0' }),
      route('fd00:71::/32', { via: `fd00:${at}::2`, dev: 'eth0' }),
      route('10.69.0.0/16', me === 'r1' ? { via: '172.16.0.2', dev: 'eth1' } : { via: '172.16.0.1', dev: 'eth1' }),
      route('10.70.0.0/16', { via: `10.${at}.0.77`, dev: 'eth0' }),
      route('10.71.0.0/16', { via: `10.${at}.0.2`, dev: 'eth0' }),
    ],
    ...made.more,
    sysctls: random.pick(ROUTER_SYSCTLS),
    proxyNeighbours: [{ dst: `fd00:${at}::99`, dev: 'eth0' }] as unknown as Namespace['proxyNeighbours'],
    ...(me === 'r1' && iptables !== undefined && ip6tables !== undefined ? { iptables, ip6tables } : {}),
  })
}

function host(name: string, at: number, mtu: number, sysctls: Readonly<Record<string, string>>): Namespace {
  return namespace(name, {
    interfaces: [
      iface({
        name: 'eth0',
        mtu,
        mac: `02:00:00:0${at}:00:02`,
        addresses: [`10.${at}.0.2/24`, `10.${at}.0.3/24`, `fd00:${at}::2/64`, 'fe80::2/64'],
      }),
    ],
    routes: [
      route('default', { via: `10.${at}.0.1`, dev: 'eth0' }),
      route('default', { via: `fd00:${at}::1`, dev: 'eth0' }),
    ],
    sysctls,
  })
}

const ROUTER_SYSCTLS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.eth0.proxy_arp': '1', 'net.ipv6.conf.all.proxy_ndp': '1' },
  {
    'net.ipv4.conf.all.rp_filter': '2',
    'net.ipv4.conf.all.accept_source_route': '1',
    'net.ipv4.conf.eth0.accept_source_route': '1',
  },
  {
    'net.ipv4.conf.all.send_redirects': '0',
    'net.ipv4.conf.eth0.send_redirects': '0',
    'net.ipv4.icmp_echo_ignore_all': '1',
  },
  { 'net.ipv4.icmp_ratelimit': '0', 'net.ipv6.icmp.ratelimit': '0', 'net.ipv4.conf.eth0.arp_ignore': '1' },
  {
    'net.ipv4.conf.all.log_martians': '1',
    'net.ipv4.conf.all.arp_announce': '2',
    'net.ipv4.conf.eth0.proxy_arp_pvlan': '1',
  },
  {
    'net.ipv4.icmp_errors_use_inbound_ifaddr': '1',
    'net.ipv4.ip_forward_use_pmtu': '1',
    'net.ipv4.conf.eth0.bc_forwarding': '1',
    'net.ipv4.conf.all.bc_forwarding': '1',
  },
  { 'net.ipv4.ip_default_ttl': '9', 'net.ipv4.fwmark_reflect': '1', 'net.ipv6.fwmark_reflect': '1' },
]

const SYSCTLS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  { 'net.ipv4.ip_no_pmtu_disc': '1' },
  { 'net.ipv4.tcp_sack': '0' },
  { 'net.ipv4.tcp_timestamps': '0' },
  { 'net.ipv4.tcp_window_scaling': '0' },
  { 'net.ipv4.tcp_rmem': '4096 8192 16384' },
  { 'net.ipv4.tcp_syn_retries': '2', 'net.ipv4.tcp_retries2': '3' },
  { 'net.ipv4.tcp_mtu_probing': '1' },
  { 'net.ipv4.tcp_ecn': '1' },
  { 'net.ipv4.conf.all.accept_redirects': '0', 'net.ipv6.conf.eth0.accept_redirects': '0' },
  { 'net.ipv4.conf.all.secure_redirects': '0', 'net.ipv4.conf.eth0.secure_redirects': '0' },
  { 'net.ipv4.conf.all.arp_accept': '1', 'net.ipv4.icmp_echo_ignore_broadcasts': '0' },
  { 'net.ipv4.ipfrag_time': '3', 'net.ipv6.ip6frag_time': '4' },
]

/** The network of a seed. */
export function lineOf(kind: Kind, random: Random): Network {
  const mtu = (): number => random.pick([1280, 1400, 1500, 1500, 9000])
  const mtus = [mtu(), mtu(), mtu()] as const
  const settings = settingsOf(random)
  return networkOf(
    [
      host('left', 0, mtus[0], random.pick(SYSCTLS)),
      router(kind, 'r1', mtus, random, settings),
      router(kind, 'r2', mtus, random, settings),
      host('right', 2, mtus[2], random.pick(SYSCTLS)),
    ],
    [
      cable(['left', 'eth0'], ['r1', 'eth0']),
      cable(['r1', 'eth1'], ['r2', 'eth1']),
      cable(['r2', 'eth0'], ['right', 'eth0']),
    ],
  )
}
