import { cablePeer, confKey, type DropCause, type NetworkData, sysctlOf } from '../model/index.ts'
import type { DropHop, Hop, RouteHop } from './hop.ts'
import { lastMatch } from './last-match.ts'

/** Where a hint is asked for. */
interface HintPlace {
  readonly network: NetworkData
  readonly drop: DropHop
  /** Hops of the dropped packet up to the drop. */
  readonly before: readonly Hop[]
}

type Hint = (place: HintPlace) => string

/** The address Calico's pods have as gateway. It exists nowhere: the host end of the pod's veth answers for it. */
const CALICO_GATEWAY = '169.254.1.1'

/** What would be right, for the causes people meet most. */
const HINTS: Readonly<Partial<Record<DropCause, Hint>>> = {
  rp_filter: ({ drop }) =>
    `Make the route back to the source leave by ${drop.dev}, or relax the check (rp_filter 2 accepts any way back, 0 none).`,
  martian_source: martianHint,
  neighbour_failed: neighbourHint,
  neighbour_failed_now: neighbourHint,
  no_route: routeHint,
  no_route_local: routeHint,
  ip6_no_route: routeHint,
  ip6_no_route_out: routeHint,
  route_blackhole: blackholeHint,
  dst_discard_out: blackholeHint,
  route_prohibit: blackholeHint,
  route_unreachable: blackholeHint,
  not_forwarding: ({ drop }) => `Set net.ipv4.conf.${drop.dev}.forwarding (net.ipv4.ip_forward) to 1 in ${drop.netns}.`,
  ip6_not_forwarding: ({ drop }) => `Set net.ipv6.conf.all.forwarding to 1 in ${drop.netns}.`,
  forward_too_big: mtuHint,
  tunnel_too_big: mtuHint,
  frag_needed_local: mtuHint,
  ip6_too_big: mtuHint,
  veth_frame_too_long: ({ drop }) => `Both ends of the wire at ${drop.netns} ${drop.dev} must have the same MTU.`,
  mtu_exceeded_on_bridge: ({ drop }) => `All ports of the bridge at ${drop.netns} ${drop.dev} must have the same MTU.`,
  vxlan_no_fdb: ({ drop }) =>
    `Felix should have written a forwarding entry (bridge fdb) for the other node’s VTEP MAC on ${drop.dev}: is the node known, with a VXLAN tunnel address and MAC?`,
  vxlan_no_vni: () => 'Both ends must use the same VNI.',
  tunnel_none: tunnelHint,
  tunnel_no_destination: () => 'The route into the tunnel needs a gateway, or the tunnel a remote.',
  wireguard_no_peer: () => 'The destination must be in the allowed IPs of a peer.',
  wireguard_bad_source: () => 'The source must be in the allowed IPs of the peer that sent it.',
  netfilter_drop: netfilterHint,
  link_down: ({ drop }) => `Bring ${drop.dev} up in ${drop.netns}.`,
  no_carrier: ({ drop }) => `Bring up the other end of the wire at ${drop.netns} ${drop.dev}.`,
  ttl_exceeded: ({ drop }) =>
    `The packet needs a larger TTL; if it started with 64, look for a loop through ${drop.netns}.`,
  ip6_hop_limit: ({ drop }) => `The packet needs a larger hop limit; look for a loop through ${drop.netns}.`,
  no_socket_udp: () => 'Nothing listens on this port there.',
  no_socket_tcp: () => 'Nothing listens on this port there.',
  netfilter_unmodelled: () => 'See docs/limits.md: this match or target is not modelled, so the answer is not known.',
  not_modelled: () => 'See docs/limits.md.',
}

/** What would have to be otherwise for the packet to live, in one sentence; '' when nobody can say in general. */
export function hintFor(network: NetworkData, drop: DropHop, before: readonly Hop[]): string {
  return HINTS[drop.cause]?.({ network, drop, before }) ?? ''
}

/** Beyond the nodes a pod's address means nothing: then the node that let it out is to be looked at. */
function martianHint({ network, drop, before }: HintPlace): string {
  const role = network.namespaces[drop.netns]?.role
  const out = lastMatch(before, (hop) => hop.kind === 'route' && network.namespaces[hop.netns]?.role === 'node')
  if ((role !== 'external' && role !== 'router') || out?.kind !== 'route')
    return 'The source must be an address that can be reached by the interface it came in by.'
  return `${drop.netns} knows no way back to ${out.source}. ${out.netns} sent it out by ${out.route ?? 'a route'}: either it lacks a better route to ${out.destination} (BIRD or Felix should have written it), or the source should have been translated (natOutgoing).`
}

function neighbourHint({ network, drop, before }: HintPlace): string {
  const last = lastMatch(before, (hop) => hop.kind === 'neighbour')
  const address = last?.kind === 'neighbour' ? last.address : ''
  const other = cablePeer(network, drop.netns, drop.dev)
  if (other === undefined || network.namespaces[other.netns]?.role === 'switch')
    return `Nobody on ${drop.dev} has ${address === '' ? 'this address' : address}: is the machine up and on this segment?`
  const ns = network.namespaces[other.netns]
  const setting = confKey('ipv4', other.dev, 'proxy_arp')
  const proxies =
    ns !== undefined && (sysctlOf(ns, setting) === '1' || sysctlOf(ns, confKey('ipv4', 'all', 'proxy_arp')) === '1')
  if (address === CALICO_GATEWAY || ns?.role === 'node') {
    if (!proxies) return `${other.netns} ${other.dev} must answer for ${address}: ${setting} should be 1.`
    const iface = ns?.interfaces[other.dev]
    if (iface !== undefined && !iface.up) return `${other.netns} ${other.dev}, the other end of the wire, is down.`
    return `${other.netns} ${other.dev} answers for ${address} only if it has a route to it by another interface: check its default route.`
  }
  return `${other.netns} ${other.dev} should have ${address === '' ? 'this address' : address}.`
}

function lastRoute(before: readonly Hop[]): RouteHop | undefined {
  const hop = lastMatch(before, (one) => one.kind === 'route')
  return hop?.kind === 'route' ? hop : undefined
}

function routeHint({ network, drop, before }: HintPlace): string {
  const target = lastRoute(before)?.destination ?? 'the destination'
  const role = network.namespaces[drop.netns]?.role
  if (role === 'pod')
    return `${drop.netns} needs a default route by 169.254.1.1 and a link route to 169.254.1.1, as the CNI plugin writes them.`
  if (role === 'node')
    return `${drop.netns} should have learned a route to ${target} (BIRD or Felix): is the BGP session up, the block exported?`
  return `${drop.netns} needs a route to ${target}.`
}

function blackholeHint({ network, drop, before }: HintPlace): string {
  const route = lastRoute(before)
  if (network.namespaces[drop.netns]?.role === 'router') return routerHint(network, drop, before)
  const better = route?.candidates.find((one) => one.lost === 'device-down' || one.lost === 'link-down')
  if (better !== undefined) return `${better.text} would lead there, but ${better.why}.`
  if (route === undefined) return `A more specific route in ${drop.netns} should lead there.`
  return `${drop.netns} owns the block but has no route to ${route.destination} itself: no pod with this address runs there.`
}

/** A router between nodes knows subnets, not pods: who sent it there without a tunnel needs the router to know. */
function routerHint(network: NetworkData, drop: DropHop, before: readonly Hop[]): string {
  const sent = lastMatch(before, (hop) => hop.kind === 'route' && network.namespaces[hop.netns]?.role !== 'router')
  const { destination = 'the destination' } = lastRoute(before) ?? {}
  const lacks = `${drop.netns} has no route to ${destination}`
  if (sent?.kind !== 'route' || sent.route === undefined) return `${lacks}.`
  return `${lacks}. ${sent.netns} sent it there by ${sent.route}: the router needs a route for it, too, or the packet a tunnel (encapsulation CrossSubnet).`
}

function tunnelHint({ network, drop }: HintPlace): string {
  const tunnels = Object.values(network.namespaces[drop.netns]?.interfaces ?? {}).filter((one) => one.kind === 'ipip')
  const down = tunnels.find((one) => !one.up)
  if (down !== undefined)
    return `${down.name} is down in ${drop.netns}: bring it up, or use the same encapsulation on both nodes.`
  return `${drop.netns} has no tunnel device for these outer addresses: are both nodes in the same encapsulation mode?`
}

function mtuHint({ drop, before }: HintPlace): string {
  const out = lastRoute(before)?.out ?? drop.dev
  return `The sender must send smaller packets (the MTU of ${drop.netns} ${out} decides), or clear DF; pods behind a tunnel need its overhead taken off their MTU.`
}

function netfilterHint({ before }: HintPlace): string {
  const rule = lastMatch(before, (hop) => hop.kind === 'rule')
  if (rule?.kind !== 'rule') return 'A rule must accept this packet.'
  const by = rule.facts[0]?.origin?.object
  return `${by === undefined ? `${rule.table} ${rule.chain}` : by} must allow this packet.`
}
