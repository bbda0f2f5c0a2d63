import { isSelectorFault, parseSelector, selectsEndpoint } from '../control/index.ts'
import {
  type DropCause,
  type Note,
  type NoteDirection,
  type NoteScope,
  type NoteTopic,
  routesCovering,
} from '../model/index.ts'
import type { Hop, RouteCandidate, RouteHop, RuleHop, Trace } from '../trace/index.ts'
import { contains, type Ip, isIpv6, type Prefix, parseIp, prefixLength } from '../wire/index.ts'
import type { Asked } from './asked.ts'
import type { Facts } from './facts.ts'

/** Whether a note concerns what was asked, and could turn the answer that was found. */
export function concerns(note: Note, trace: Trace, asked: Asked, facts: Facts): boolean {
  if (note.effect === 'harmless') return false
  if (note.turns !== 'any' && (note.turns === 'success') !== trace.ok) return false
  return !isDecided(note, asked, facts) && isIn(note.scope, trace, asked, facts)
}

/** What only objects leave open. */
const OF_OBJECTS: ReadonlySet<NoteTopic> = new Set<NoteTopic>([
  'policy',
  'services',
  'cni',
  'dataplane',
  'settings',
  'annotations',
  'bgp',
])

/** Whether dumps of the nodes on the way hold the routes and rules that the objects only ask for. */
function isDecided({ topic, scope }: Note, asked: Asked, facts: Facts): boolean {
  if (facts.dumped.size === 0 || !OF_OBJECTS.has(topic)) return false
  // A Service is translated where the packet begins.
  if (topic === 'services' && scope.kind === 'destination') return isDumped(asked.from, facts)
  const nodes = [...asked.through].filter((netns) => facts.network.namespaces[netns]?.role === 'node')
  return nodes.length > 0 && nodes.every((netns) => facts.dumped.has(netns))
}

/** Whether the rules that a pod, or a node, is behind are those of a dump. */
function isDumped(netns: string, facts: Facts): boolean {
  return facts.dumped.has(facts.nodeOf(netns) ?? netns)
}

function isIn(scope: NoteScope, trace: Trace, asked: Asked, facts: Facts): boolean {
  switch (scope.kind) {
    case 'everything':
      return true
    case 'endpoints':
      return isSelected(scope, asked, facts)
    case 'routed':
      return trace.hops.some((hop) => isRouted(scope, hop))
    case 'multipath':
      return trace.hops.some((hop) => hop.kind === 'route' && isSpread(hop, scope.to, facts))
    case 'found':
      return trace.hops.some((hop) => hop.kind === 'route' && scope.to.some((one) => one === wonBy(hop)))
    case 'ends':
      return scope.netns.some((netns) => netns === asked.from || netns === (asked.to ?? asked.last))
    case 'host_endpoint':
      return isOfHost(scope, asked, facts)
    case 'through':
      return scope.netns.some((netns) => asked.through.has(netns))
    case 'destination':
      return isTo(scope, asked)
    case 'own_node':
      return (
        asked.to !== undefined && scope.nodes.some((node) => node === asked.to) && facts.nodeOf(asked.from) === asked.to
      )
    case 'device':
      return asked.hops.some((hop) => hop.netns === scope.netns && crossed(hop) === scope.dev)
    case 'hooked':
      return isHooked(scope, asked)
    case 'dropped':
      return isDropped(scope, trace, asked)
    case 'ended':
      return asked.last === scope.netns || endedAt(trace) === scope.netns
    case 'service':
      return asked.hops.some((hop) => hop.kind === 'rule' && isOfService(hop, scope.services))
    case 'between_nodes':
      return [...asked.through].filter((netns) => STATIONS.has(facts.network.namespaces[netns]?.role ?? '')).length > 1
    case 'translated':
      return asked.request.some((hop) => hop.kind === 'nat' && hop.side === 'source')
  }
}

/** Whether a rule is one of these Services', or any Service's. */
function isOfService({ meaning }: RuleHop, services: readonly string[] | undefined): boolean {
  if (meaning === undefined || !('service' in meaning)) return false
  const { namespace, name } = meaning.service
  return services === undefined || services.some((one) => one === `${namespace}/${name}`)
}

const STATIONS: ReadonlySet<string> = new Set(['node', 'host', 'router', 'external'])

type Selected = Extract<NoteScope, { readonly kind: 'endpoints' }>

/** Whom a request was for that nobody took in: who has the address it was last sent to. */
function meantBy({ request, flow }: Asked, facts: Facts): string | undefined {
  const after = request.flatMap((hop) => (hop.kind === 'nat' && hop.side === 'destination' ? (hop.after ?? []) : []))
  const address = after.at(-1)?.address ?? flow?.destination
  return address === undefined ? undefined : facts.ownerOf(address)?.netns
}

/** Open is whom a policy selects, or what it does with those it selects or may select. */
function isOpen({ selected }: Selected, answer: boolean | undefined): boolean {
  return selected === true ? answer !== false : answer === undefined
}

/**
 * The source's way out, the destination's way in, and what host endpoints between them forward. Between a node and its own pods
 * they see nothing, nor is a pod's way in asked for what its own node sends. @calico felix/rules/static.go
 */
function isSelected(scope: Selected, asked: Asked, facts: Facts): boolean {
  const { from } = asked
  const to = asked.to ?? meantBy(asked, facts)
  if (from === to) return false
  const selector = parseSelector(scope.selector)
  const acts = (netns: string, direction: NoteDirection): boolean =>
    !isDumped(netns, facts) &&
    scope.directions.some((one) => one === direction) &&
    facts
      .endpointsAt(netns)
      .some(
        (one) =>
          sees(one.devs, netns, direction, asked) &&
          (isSelectorFault(selector) || isOpen(scope, selectsEndpoint(selector, one))),
      )
  const toOwnPod = to !== undefined && facts.nodeOf(to) === from
  const toOwnNode = facts.nodeOf(from) === to
  if (!toOwnPod && acts(from, 'egress')) return true
  if (to !== undefined && !toOwnPod && !toOwnNode && acts(to, 'ingress')) return true
  const between = [...asked.through].filter((netns) => netns !== from && netns !== to)
  return (
    scope.forwarded &&
    between.some((netns) => facts.nodeOf(netns) === undefined && (acts(netns, 'ingress') || acts(netns, 'egress')))
  )
}

/** Whether the request crossed one of these interfaces of a machine that way; without any named, every packet does. */
function sees(
  devs: readonly string[] | undefined,
  netns: string,
  direction: NoteDirection,
  { request }: Pick<Asked, 'request'>,
): boolean {
  const kind = direction === 'egress' ? 'tx' : 'rx'
  return (
    devs === undefined ||
    request.some((hop) => hop.kind === kind && hop.netns === netns && devs.some((dev) => dev === hop.dev))
  )
}

type OfHost = Extract<NoteScope, { readonly kind: 'host_endpoint' }>

function isOfHost({ node, devs }: OfHost, asked: Asked, facts: Facts): boolean {
  const { from, to = asked.last } = asked
  if (from === to || facts.nodeOf(from) === to || facts.nodeOf(to) === from) return false
  return (from === node && sees(devs, node, 'egress', asked)) || (to === node && sees(devs, node, 'ingress', asked))
}

type Routed = Extract<NoteScope, { readonly kind: 'routed' }>

/** Whether a lookup could have found what the dump has and the model has not. */
function isRouted(scope: Routed, hop: Hop): boolean {
  if (hop.netns !== scope.netns) return false
  // The way back is looked up as well: a route or rule that is not there refuses the source.
  if (hop.kind === 'drop') return hop.cause === 'rp_filter' && scope.family === 'inet'
  if (hop.kind !== 'route') return false
  const destination = parseIp(hop.destination)
  const source = parseIp(hop.source)
  if (destination === undefined || isIpv6(destination) !== (scope.family === 'inet6')) return false
  // A source that is not chosen yet is no source of a rule. @linux net/ipv4/fib_rules.c fib4_rule_match
  if (scope.from !== undefined && (source === undefined || !contains(scope.from, source))) return false
  if (hop.result === 'local' && hop.rulePriority === 0 && scope.table !== 'local') return false
  const winner = hop.table === scope.table ? hop.candidates.find(({ won }) => won) : undefined
  return scope.to === undefined || scope.to.some((to) => contains(to, destination) && !isBeaten(to, winner))
}

/** Whether a lookup found a route to one of these ranges that has several next hops. */
function isSpread({ netns, destination, candidates }: RouteHop, to: readonly Prefix[], { network }: Facts): boolean {
  const won = wonBy({ candidates })
  const ns = network.namespaces[netns]
  if (ns === undefined || !to.some((one) => one === won)) return false
  const routes = routesCovering(network, ns, destination as Ip)
  return routes.some(({ dst, nexthops = [] }) => dst === won && nexthops.length > 1)
}

function wonBy({ candidates }: Pick<RouteHop, 'candidates'>): string | undefined {
  return candidates.find((one) => one.won)?.prefix
}

type Hooked = Extract<NoteScope, { readonly kind: 'hooked' }>

/** The device that a packet crosses, or should: what no neighbour answers for never comes that far. */
function crossed(hop: Hop): string | undefined {
  if (hop.kind === 'route') return hop.result === 'local' ? undefined : hop.out
  return hop.kind === 'tx' || hop.kind === 'rx' ? hop.dev : undefined
}

/** Whether a packet meets a hook. @linux include/net/netfilter/nf_hook.h nf_hook */
function isHooked({ netns, family, hook, dev }: Hooked, { hops, through }: Asked): boolean {
  const here = hops.filter((hop) => hop.netns === netns)
  const routes = here.filter((hop) => hop.kind === 'route')
  const isSeen =
    routes.length === 0 || routes.some(({ destination }) => isIpv6(destination as Ip) === (family === 'ip6'))
  if ((family === 'ip' || family === 'ip6') && !isSeen) return false
  const crosses = (kind: Hop['kind']): boolean =>
    here.some((hop) => hop.kind === kind && (dev === undefined || hop.dev === dev))
  if (family === 'bridge' || family === 'arp') return through.has(netns)
  switch (hook) {
    case 'prerouting':
    case 'ingress':
      return crosses('rx')
    case 'postrouting':
    case 'egress':
      return crosses('tx')
    case 'input':
      return here.some((hop) => hop.kind === 'deliver') || routes.some((hop) => hop.result === 'local')
    case 'forward':
      return (
        here.some((hop) => hop.kind === 'forward') ||
        routes.some((hop) => hop.direction === 'input' && hop.result !== 'local')
      )
    case 'output':
      return routes.some((hop) => hop.direction === 'output')
    default:
      return through.has(netns)
  }
}

function isBeaten(lost: Prefix, winner: RouteCandidate | undefined): boolean {
  return winner !== undefined && prefixLength(winner.prefix as Prefix) > prefixLength(lost)
}

type Destination = Extract<NoteScope, { readonly kind: 'destination' }>

/** Whether it went to such an address, and nothing on the way translated it. */
function isTo(scope: Destination, { flow, request }: Asked): boolean {
  if (flow === undefined || !scope.addresses.some((address) => address === flow.destination)) return false
  if (scope.protocol !== undefined && scope.protocol !== flow.protocol) return false
  if (scope.port !== undefined && String(scope.port) !== flow.to) return false
  return !request.some((hop) => hop.kind === 'nat' && hop.side === 'destination')
}

/** Causes that a neighbour or a forwarding entry nobody dumped would have prevented. */
const LINK_LAYER: ReadonlySet<DropCause> = new Set<DropCause>([
  'neighbour_failed',
  'neighbour_failed6',
  'neighbour_failed_now',
  'neighbour_queue_full',
  'neighbour_dead',
  'neighbour_flushed',
  'vxlan_no_fdb',
  'vxlan_no_route',
  'vxlan_flags',
  'vxlan_no_vni',
  'vxlan_own_mac',
  'vxlan_short',
])

type Dropped = Extract<NoteScope, { readonly kind: 'dropped' }>

function isDropped(scope: Dropped, trace: Trace, asked: Asked): boolean {
  if (trace.disposition.kind === 'not-sent')
    return asked.through.has(scope.netns) && scope.dev === undefined && scope.layer === undefined
  if (scope.layer === 'translation') return asked.through.has(scope.netns) && endedAt(trace) !== scope.netns
  return trace.hops.some(
    (hop) =>
      hop.kind === 'drop' &&
      !hop.harmless &&
      hop.netns === scope.netns &&
      (scope.dev === undefined || scope.dev === hop.dev) &&
      (scope.layer === undefined || LINK_LAYER.has(hop.cause)),
  )
}

/** Where a packet was lost, or the error came from that said so. */
function endedAt(trace: Trace): string | undefined {
  const { disposition } = trace
  if (disposition.kind === 'dropped') return disposition.netns
  if (disposition.kind !== 'error') return undefined
  return trace.packets.find(({ id }) => id === disposition.packet)?.path[0]
}
