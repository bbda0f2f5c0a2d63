import { POD_GATEWAY } from '../control/index.ts'
import {
  cablePeer,
  confKey,
  DROPS,
  type DropCause,
  type Finding,
  interfaceOf,
  type Origin,
  sysctlOf,
} from '../model/index.ts'
import { type DropHop, lastMatch, type RouteHop } from '../trace/index.ts'
import { commandAt, six } from './commands.ts'
import { type Facts, isAssumed } from './facts.ts'
import type { Lost } from './lost.ts'
import { tooBig } from './too-big.ts'
import { underlayFilter } from './underlay-filter.ts'

/** A packet that was dropped, and what is known of the place. */
export interface DropPlace {
  /** The drop. */
  readonly drop: DropHop
  /** The packet. */
  readonly lost: Lost
  /** The network and the cluster. */
  readonly facts: Facts
}

/** A finding without its place: that is the drop's. */
export type Cause = Partial<Finding> & Pick<Finding, 'code' | 'right'>

/** What a cause of drops means, and what would be right. Those not named are told by their reason alone. */
const CAUSES: Readonly<Partial<Record<DropCause, (place: DropPlace) => Cause>>> = {
  rp_filter: rpFilter,
  martian_source: martian,
  neighbour_failed: neighbour,
  neighbour_failed6: neighbour,
  neighbour_failed_now: neighbour,
  no_route: noRoute,
  no_route_local: noRoute,
  ip6_no_route: noRoute,
  ip6_no_route_out: noRoute,
  tunnel_no_route: noRoute,
  vxlan_no_route: noRoute,
  route_blackhole: refusing,
  dst_discard_out: refusing,
  route_prohibit: refusing,
  route_unreachable: refusing,
  not_forwarding: (place) => forwarding(place, `net.ipv4.conf.${place.drop.dev}.forwarding (net.ipv4.ip_forward)`),
  ip6_not_forwarding: (place) => forwarding(place, 'net.ipv6.conf.all.forwarding'),
  forward_too_big: tooBig,
  tunnel_too_big: tooBig,
  frag_needed_local: tooBig,
  ip6_too_big: tooBig,
  ip6_fragment_too_big: tooBig,
  veth_frame_too_long: ({ drop }) => ({
    code: 'mtu_differs',
    right: `Both ends of the wire at ${drop.netns} ${drop.dev} must have the same MTU`,
    checks: [`ip link show ${drop.dev}`],
  }),
  mtu_exceeded_on_bridge: ({ drop }) => ({
    code: 'mtu_differs',
    right: `All ports of the bridge at ${drop.netns} ${drop.dev} must have the same MTU`,
    checks: [`ip link show ${drop.dev}`],
  }),
  vxlan_no_fdb: ({ drop }) => ({
    code: 'fdb_missing',
    by: 'felix',
    because:
      'Felix writes a forwarding entry (bridge fdb) for the VTEP of every node it knows with a VXLAN tunnel address',
    right: `There should be one on ${drop.dev} for this MAC address`,
    checks: [`bridge fdb show dev ${drop.dev}`, `ip neigh show dev ${drop.dev}`],
  }),
  vxlan_no_vni: ({ drop }) => ({
    code: 'vni_unknown',
    right: 'Both ends must use the same VNI (vxlanVNI of FelixConfiguration)',
    checks: ['ip -d link show type vxlan', `ip -s link show ${drop.dev}`],
  }),
  tunnel_none: noTunnel,
  tunnel_no_destination: ({ drop }) => ({
    code: 'tunnel_without_remote',
    right: 'The route into the tunnel needs a gateway, or the tunnel a remote',
    checks: [`ip route show dev ${drop.dev}`, `ip -d link show ${drop.dev}`],
  }),
  wireguard_no_peer: ({ drop }) => ({
    code: 'wireguard_peer_missing',
    right: 'The destination must be in the allowed IPs of a peer',
    checks: [`wg show ${drop.dev} allowed-ips`],
  }),
  wireguard_bad_source: ({ drop }) => ({
    code: 'wireguard_source_refused',
    right: 'The source must be in the allowed IPs of the peer that sent it',
    checks: [`wg show ${drop.dev} allowed-ips`],
  }),
  netfilter_drop: filtered,
  link_down: ({ drop }) => ({
    code: 'link_down',
    right: `Bring ${drop.dev} up in ${drop.netns}`,
    checks: [`ip -d link show ${drop.dev}`],
  }),
  no_carrier: ({ drop }) => ({
    code: 'carrier_missing',
    right: `Bring up the other end of the wire at ${drop.netns} ${drop.dev}`,
    checks: [`ip -d link show ${drop.dev}`],
  }),
  ttl_exceeded: hopLimit,
  ip6_hop_limit: hopLimit,
  no_socket_udp: closed,
  no_socket_udp6: closed,
  no_socket_tcp: closed,
  no_socket_tcp6: closed,
  icmp_ignored: ({ drop }) => ({
    code: 'echo_ignored',
    right: 'Set net.ipv4.icmp_echo_ignore_all to 0 there, if pings are to be answered',
    checks: [`sysctl net.ipv4.icmp_echo_ignore_all`, `nstat -az Icmp*`].slice(0, drop.dev === '' ? 1 : 2),
  }),
  netfilter_unmodelled: notModelled,
  not_modelled: notModelled,
  vlan_unmodelled: notModelled,
  loop_guard: notModelled,
}

/** What the record of a drop says by itself. */
export function reasonOfDrop(drop: DropHop): string {
  return `${drop.netns}${drop.dev === '' ? '' : ` ${drop.dev}`}: ${drop.reason}`
}

/** The finding a drop leads to by its cause. */
export function causeOfDrop(place: DropPlace): Finding {
  const { drop, facts } = place
  const { checks = [], ...cause } = CAUSES[drop.cause]?.(place) ?? { code: 'other' as const, right: '' }
  const { netns = drop.netns, dev = drop.dev } = cause
  return {
    role: facts.network.namespaces[netns]?.role ?? 'unknown',
    what: reasonOfDrop(drop),
    ...originOfFacts(drop),
    ...cause,
    netns,
    dev,
    checks: (checks.length === 0 ? watching(place) : checks).map((line) =>
      isPlaced(line) ? line : commandAt(facts, netns, line),
    ),
  }
}

/** A command that says already where it is to be typed. */
function isPlaced(line: string): boolean {
  return / {3}\(on \S+\)$|^kubectl exec /.test(line)
}

/** The packet itself, seen or not seen on the interface. */
function watching({ drop, lost }: DropPlace): string[] {
  const host = lost.flow === undefined || lost.flow.destination === '' ? '' : ` host ${lost.flow.destination}`
  return [`tcpdump -ni ${drop.dev === '' ? 'any' : drop.dev}${host}`]
}

function originOfFacts(hop: DropHop | RouteHop): { readonly origin?: Origin } {
  const origin = hop.facts.find((fact) => fact.kind !== 'rule' && fact.origin !== undefined)?.origin
  return origin === undefined ? {} : { origin }
}

/** The last routing decision before the drop. */
function lastRoute({ lost }: DropPlace): RouteHop | undefined {
  const hop = lastMatch(lost.hops, (one) => one.kind === 'route')
  return hop?.kind === 'route' ? hop : undefined
}

function rpFilter({ drop, lost }: DropPlace): Cause {
  const source = lost.flow?.source ?? ''
  return {
    code: 'rp_filter',
    right: `Make the route back to the source leave by ${drop.dev}, or relax the check (rp_filter 2 accepts any way back, 0 none)`,
    checks: [
      `sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.${drop.dev}.rp_filter`,
      ...(source === '' ? [] : [`ip route get ${source}`]),
      'nstat -az TcpExtIPReversePathFilter',
    ],
  }
}

function martian({ drop, lost }: DropPlace): Cause {
  const source = lost.flow?.source ?? ''
  return {
    code: 'source_unknown',
    right: 'The source must be an address that can be reached by the interface it came in by',
    checks: [...(source === '' ? [] : [`ip route get ${source}`]), `sysctl net.ipv4.conf.${drop.dev}.log_martians`],
  }
}

function neighbour(place: DropPlace): Cause {
  const { drop, lost, facts } = place
  const last = lastMatch(lost.hops, (hop) => hop.kind === 'neighbour')
  const address = last?.kind === 'neighbour' ? last.address : ''
  const what = address === '' ? 'this address' : address
  const checks = [`ip ${six(address)}neigh show ${address} dev ${drop.dev}`]
  const peer = cablePeer(facts.network, drop.netns, drop.dev)
  const other = peer && facts.network.namespaces[peer.netns]
  if (peer === undefined || other === undefined || other.role === 'switch') {
    return {
      code: 'neighbour_silent',
      right: `Nobody on ${drop.dev} has ${what}: is the machine up and on this segment?`,
      checks: [...checks, `arping -c 2 -I ${drop.dev} ${address}`].slice(
        0,
        address === '' || last === undefined ? 1 : 2,
      ),
    }
  }
  const isGateway = address === POD_GATEWAY || other.role === 'node'
  if (!isGateway) return { code: 'neighbour_silent', right: `${peer.netns} ${peer.dev} should have ${what}`, checks }
  return gateway(place, address, peer, checks)
}

/** A pod whose gateway, the host end of its cable, does not answer. */
function gateway(
  { drop, facts }: DropPlace,
  address: string,
  peer: { readonly netns: string; readonly dev: string },
  checks: readonly string[],
): Cause {
  const ns = facts.network.namespaces[peer.netns]!
  const place = { code: 'gateway_unanswered', netns: peer.netns, dev: peer.dev } as const
  const iface = interfaceOf(ns, peer.dev)
  if (iface !== undefined && !iface.up)
    return {
      ...place,
      right: `${peer.netns} ${peer.dev}, the other end of the wire, is down`,
      checks: [`ip -d link show ${peer.dev}`],
    }
  if (isAssumed(facts.network.namespaces[drop.netns])) {
    return {
      ...place,
      netns: drop.netns,
      dev: drop.dev,
      right: `The pod was assumed to be as Calico sets pods up; ${peer.netns} does not look so on ${peer.dev}: dump the pod, its gateway may be a permanent neighbour`,
      checks: [`ip neigh show dev ${drop.dev}`, 'ip route'],
    }
  }
  if (six(address) !== '') {
    const right = `${peer.netns} ${peer.dev} must have ${address}: IPv6 must be on there, with its link-local address`
    return { ...place, right, checks: [`ip -6 addr show dev ${peer.dev}`] }
  }
  const setting = confKey('ipv4', peer.dev, 'proxy_arp')
  const proxies = [setting, confKey('ipv4', 'all', 'proxy_arp')].some((key) => sysctlOf(ns, key) === '1')
  if (!proxies)
    return {
      ...place,
      by: 'felix',
      right: `${peer.netns} ${peer.dev} must answer for ${address}: ${setting} should be 1`,
      checks: [`sysctl ${setting}`],
    }
  return {
    ...place,
    right: `${peer.netns} ${peer.dev} answers for ${address} only if it has a route to it by another interface: check its default route`,
    checks: [`ip route get ${address}`, ...checks.slice(0, 0)],
  }
}

function noRoute(place: DropPlace): Cause {
  const { drop, facts } = place
  const target = lastRoute(place)?.destination ?? 'the destination'
  const role = facts.network.namespaces[drop.netns]?.role
  const who = role === 'pod' ? 'the CNI plugin writes a default route into every pod' : ''
  return {
    code: 'route_missing',
    ...(role === 'pod' ? { by: 'cni' as const } : {}),
    ...(who === '' ? {} : { because: who }),
    right: `${drop.netns} needs a route to ${target}`,
    checks: target === 'the destination' ? ['ip route'] : [`ip ${six(target)}route get ${target}`],
  }
}

/** A blackhole, prohibit or unreachable route. */
function refusing(place: DropPlace): Cause {
  const { drop, facts } = place
  const route = lastRoute(place)
  const better = route?.candidates.find((one) => one.lost === 'device-down' || one.lost === 'link-down')
  if (better !== undefined)
    return { code: 'route_down', right: `${better.text} would lead there, but ${better.why}`, checks: ['ip -br link'] }
  if (route === undefined)
    return { code: 'route_refuses', right: `A more specific route in ${drop.netns} should lead there` }
  const { destination } = route
  const checks = [`ip ${six(destination)}route get ${destination}`]
  if (facts.ownerOf(destination) !== undefined)
    return { code: 'route_refuses', right: `A more specific route in ${drop.netns} should lead there`, checks }
  const role = facts.network.namespaces[drop.netns]?.role
  if (role === 'router' || role === 'external') {
    const right = `Nobody in the input has ${destination}, and ${drop.netns} has no route to it`
    return { code: 'address_unused', right, checks }
  }
  return {
    code: 'address_unused',
    right: `${drop.netns} owns the block but has no route to ${destination} itself: no pod with this address runs there`,
    checks: [`calicoctl ipam show --ip=${destination}`, ...checks],
  }
}

function forwarding({ drop }: DropPlace, setting: string): Cause {
  const key =
    six(drop.cause === 'ip6_not_forwarding' ? '::' : '') === '' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'
  return {
    code: 'forwarding_off',
    by: 'felix',
    right: `Set ${setting} to 1 in ${drop.netns}`,
    checks: [key === 'net.ipv4.ip_forward' ? `sysctl ${key} net.ipv4.conf.${drop.dev}.forwarding` : `sysctl ${key}`],
  }
}

function noTunnel({ drop, facts }: DropPlace): Cause {
  const ns = facts.network.namespaces[drop.netns]
  const down = Object.values(ns?.interfaces ?? {}).find((one) => one.kind === 'ipip' && !one.up)
  if (down !== undefined)
    return {
      code: 'link_down',
      dev: down.name,
      right: `${down.name} is down in ${drop.netns}: bring it up, or use the same encapsulation on both nodes`,
      checks: [`ip -d link show ${down.name}`],
    }
  return {
    code: 'tunnel_missing',
    by: 'felix',
    right: `${drop.netns} has no tunnel device for these outer addresses: are both nodes in the same encapsulation mode?`,
    checks: ['ip -d link show type ipip', 'calicoctl get ippool -o wide'],
  }
}

function filtered(place: DropPlace): Cause {
  const { lost } = place
  const rule = lastMatch(lost.hops, (hop) => hop.kind === 'rule')
  if (rule?.kind !== 'rule')
    return { code: 'rule_drops', right: 'A rule must accept this packet', checks: ['iptables-save -c'] }
  const onTheWay = underlayFilter(rule, place)
  if (onTheWay !== undefined) return onTheWay
  const origin = rule.facts[0]?.origin
  const tool = rule.family === 'inet6' ? 'ip6tables' : 'iptables'
  return {
    code: 'rule_drops',
    right: `${origin?.object ?? `${rule.table} ${rule.chain}`} must allow this packet`,
    ...(origin === undefined ? {} : { origin }),
    checks: [`${tool} -t ${rule.table} -nvL ${rule.chain} --line-numbers`],
  }
}

function hopLimit({ drop, lost }: DropPlace): Cause {
  const routed = lost.hops.filter((hop) => hop.kind === 'forward')
  const isLoop = routed.filter((hop) => hop.netns === drop.netns).length > 1
  const round = [...new Set(routed.map((hop) => hop.netns))]
  const destination = lost.flow?.destination ?? ''
  const trace = [`traceroute -n ${six(destination)}${destination}`]
  if (isLoop)
    return {
      code: 'loop',
      what: `the packet goes round between ${round.join(' and ')} until its time to live runs out`,
      right: 'One of them must have a route that leads on',
      checks: [...trace, `ip ${six(destination)}route get ${destination}`],
    }
  const word = drop.cause === 'ip6_hop_limit' ? 'hop limit' : 'TTL'
  return {
    code: 'hop_limit',
    right: `The packet needs a larger ${word}; if it started with 64, look for a loop through ${drop.netns}`,
    checks: trace,
  }
}

function closed({ lost }: DropPlace): Cause {
  const { protocol = '', to = '' } = lost.flow ?? {}
  const flag = protocol === 'udp' ? 'u' : 't'
  return {
    code: 'nobody_listens',
    right: 'Nothing listens on this port there',
    checks: [`ss -ln${flag}p sport = :${to}`],
  }
}

function notModelled({ drop }: DropPlace): Cause {
  return {
    code: 'not_modelled',
    what: `${drop.netns}: ${DROPS[drop.cause].why}`,
    right: 'See docs/limits.md: the answer is not known',
  }
}
