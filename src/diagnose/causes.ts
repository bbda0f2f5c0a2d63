import { confKey, DROPS, type DropCause, type Finding, type Origin } from '../model/index.ts'
import { type DropHop, lastMatch, type RouteHop } from '../trace/index.ts'
import type { Cause, DropPlace } from './cause.ts'
import { commandAt, six } from './commands.ts'
import { forwardingOff, linkDown, neighbour, noCarrier } from './link-causes.ts'
import { refused } from './policy-causes.ts'
import { tooBig } from './too-big.ts'
import { closedTunnel, noTunnel, otherVni, withoutRemote } from './tunnel-causes.ts'
import { underlayFilter } from './underlay-filter.ts'
import { untakenPort } from './untaken-port.ts'

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
  not_forwarding: ({ drop }) => forwardingOff(drop.netns, drop.dev, 4),
  ip6_not_forwarding: ({ drop }) => forwardingOff(drop.netns, drop.dev, 6),
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
  vxlan_no_vni: otherVni,
  tunnel_none: noTunnel,
  tunnel_no_destination: withoutRemote,
  tunnel_loop: withoutRemote,
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
  link_down: ({ drop }) => linkDown(drop.netns, drop.dev),
  no_carrier: noCarrier,
  qdisc_drop: noCarrier,
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
  const { checks = [], placed = [], ...cause } = CAUSES[drop.cause]?.(place) ?? { code: 'other' as const, right: '' }
  const { netns = drop.netns, dev = drop.dev } = cause
  return {
    role: facts.network.namespaces[netns]?.role ?? 'unknown',
    what: reasonOfDrop(drop),
    ...originOfFacts(drop),
    ...cause,
    netns,
    dev,
    checks: [
      ...(checks.length + placed.length === 0 ? watching(place) : checks).map((line) => commandAt(facts, netns, line)),
      ...placed,
    ],
  }
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
      `sysctl net.ipv4.conf.all.rp_filter ${confKey('ipv4', drop.dev, 'rp_filter')}`,
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
    checks: [
      ...(source === '' ? [] : [`ip route get ${source}`]),
      `sysctl ${confKey('ipv4', drop.dev, 'log_martians')}`,
    ],
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

function filtered(place: DropPlace): Cause {
  const denied = refused(place)
  if (denied !== undefined) return denied
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

function hopLimit({ drop, lost, facts }: DropPlace): Cause {
  const routed = lost.hops.filter((hop) => hop.kind === 'forward')
  const isLoop = routed.filter((hop) => hop.netns === drop.netns).length > 1
  const round = [...new Set(routed.map((hop) => hop.netns))]
  const destination = lost.flow?.destination ?? ''
  const placed = [commandAt(facts, lost.from, `traceroute -n ${six(destination)}${destination}`)]
  if (isLoop)
    return {
      code: 'loop',
      what: `the packet goes round between ${round.join(' and ')} until its time to live runs out`,
      right: 'One of them must have a route that leads on',
      checks: [`ip ${six(destination)}route get ${destination}`],
      placed,
    }
  const word = drop.cause === 'ip6_hop_limit' ? 'hop limit' : 'TTL'
  return {
    code: 'hop_limit',
    right: `The packet needs a larger ${word}; if it started with 64, look for a loop through ${drop.netns}`,
    placed,
  }
}

function closed(place: DropPlace): Cause {
  const { protocol = '', to = '' } = place.lost.flow ?? {}
  const known = closedTunnel(place) ?? untakenPort(place)
  if (known !== undefined) return known
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
