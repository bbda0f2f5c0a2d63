import { routeLine } from '../linux/index.ts'
import { type Finding, type Route, routesCovering, sysctlOf } from '../model/index.ts'
import {
  type DropHop,
  flowOf,
  type Hop,
  headersOfHop,
  lastMatch,
  type NeighbourHop,
  type Trace,
} from '../trace/index.ts'
import type { Ip } from '../wire/index.ts'
import { isForeign } from './asked.ts'
import type { Cause } from './cause.ts'
import { causeOfDrop } from './causes.ts'
import { probe } from './check.ts'
import { commandAt, isNobodys, six } from './commands.ts'
import type { Facts } from './facts.ts'
import { neighbour } from './link-causes.ts'
import { type Lost, lostIn } from './lost.ts'
import { outgoing } from './outgoing.ts'
import { refusedAsTooLong } from './too-big.ts'
import { wrongWay } from './wrong-way.ts'

/**
 * Why a trace failed: the first cause, in the right place, with what would be right and the commands that confirm it. Empty
 * for a success. Every failure has a finding, and every finding a command.
 */
export function diagnose(trace: Trace, facts: Facts): readonly Finding[] {
  const lost = lostIn(trace)
  if (lost === undefined) return []
  const found = saidOnly(firstCause(lost, facts))
  if (isNobodys(facts, found.netns)) return [{ ...found, checks: [...pathOf(lost, facts), ...found.checks] }]
  return [found.checks.length > 0 ? found : { ...found, checks: lastResort(lost, facts) }]
}

/** A finding without the grounds of which nothing is said. */
function saidOnly(finding: Finding): Finding {
  const { because, seen, ...rest } = finding
  if (because !== '' && seen !== '') return finding
  return { ...rest, ...(seen ? { seen } : {}), ...(because ? { because } : {}) }
}

/** How far the packet comes, seen from where it was made: beyond, nobody can type a command. */
function pathOf({ hops, flow, from }: Lost, facts: Facts): string[] {
  const { destination = '' } = flow ?? {}
  if (destination === '') return []
  return [commandAt(facts, hops[0]?.netns ?? from, `traceroute -n ${six(destination)}${destination}`)]
}

function firstCause(lost: Lost, facts: Facts): Finding {
  const { drop } = lost
  const foreign = foreignSource(lost, facts)
  if (foreign !== undefined) return foreign
  const stranger = strangerAbroad(lost, facts)
  if (stranger !== undefined) return stranger
  // A packet that came to the one it was for has taken no wrong way.
  if (drop === undefined || !ARRIVED.has(drop.cause)) {
    const way = wrongWay(lost, facts) ?? (drop === undefined ? undefined : unknownSource(drop, lost, facts))
    if (way !== undefined) return way
  }
  if (drop !== undefined) return causeOfDrop({ drop, lost, facts })
  return withoutDrop(lost, facts)
}

/** A pod that sends under an address Calico did not give it: its node lets nothing of that in, and nobody knows the way back. */
function foreignSource({ from, asked }: Lost, facts: Facts): Finding | undefined {
  const node = facts.nodeOf(from)
  if (node === undefined || asked === undefined || !isForeign(asked, from, facts)) return undefined
  const tool = six(asked.source) === '' ? 'iptables' : 'ip6tables'
  return {
    code: 'source_unknown',
    netns: from,
    role: 'pod',
    dev: '',
    what: `${from} sends under ${asked.source}, which Calico gave to nobody there`,
    because: `${node} drops what comes from a pod under another address, and no route leads back to it`,
    right: `Send under an address of the pod; others are let in by workloadSourceSpoofing and the annotation cni.projectcalico.org/allowedSourcePrefixes`,
    checks: [commandAt(facts, from, 'ip addr'), commandAt(facts, node, `${tool} -t raw -nvL cali-PREROUTING`)],
  }
}

const ARRIVED: ReadonlySet<DropHop['cause']> = new Set<DropHop['cause']>([
  'no_socket_udp',
  'no_socket_udp6',
  'no_socket_tcp',
  'no_socket_tcp6',
  'rp_filter',
  'netfilter_drop',
  'netfilter_unmodelled',
  'not_forwarding',
  'ip6_not_forwarding',
])

/** Beyond the nodes a pod's address means nothing. */
function unknownSource(drop: DropHop, { flow }: Lost, facts: Facts): Finding | undefined {
  const role = facts.network.namespaces[drop.netns]?.role
  if (drop.cause !== 'martian_source' || (role !== 'external' && role !== 'router') || flow === undefined)
    return undefined
  const owner = facts.ownerOf(flow.source)
  return owner?.role === 'pod' ? outgoing(flow.source, flow.destination, drop.netns, owner, facts) : undefined
}

/** Somebody outside took a pod's packet in, and gave the answer to itself: out there its source is nobody's. */
function strangerAbroad({ trace, hops, drop, role }: Lost, facts: Facts): Finding | undefined {
  const last = lastMatch(trace.hops, ({ kind }) => kind === 'deliver')?.netns ?? hops.at(-1)?.netns ?? ''
  const at = drop?.netns ?? last
  const isAnswer =
    role === 'reply' ? drop !== undefined && ARRIVED.has(drop.cause) : trace.disposition.kind === 'no-answer'
  if (facts.network.namespaces[at]?.role !== 'external' || !isAnswer) return undefined
  const came = trace.hops.flatMap((hop) =>
    hop.kind === 'rx' && hop.netns === at && hop.dev !== 'lo' ? (flowOf(headersOfHop(hop)) ?? []) : [],
  )
  const flow = came.find(({ source }) => facts.ownerOf(source)?.role === 'pod')
  const owner = flow === undefined ? undefined : facts.ownerOf(flow.source)
  if (flow === undefined || owner === undefined) return undefined
  const knowsWay = trace.hops.some(
    (hop) => hop.kind === 'tx' && hop.netns === at && hop.dev !== 'lo' && isTo(hop, flow.source),
  )
  return knowsWay ? undefined : outgoing(flow.source, flow.destination, at, owner, facts)
}

function isTo(hop: Hop, address: string): boolean {
  return (hop.kind === 'tx' || hop.kind === 'rx') && flowOf(headersOfHop(hop))?.destination === address
}

/** Nobody dropped it: it was never sent, or taken in and not answered, or the answer was an error. */
function withoutDrop(lost: Lost, facts: Facts): Finding {
  const { disposition } = lost.trace
  const isMachine = ({ netns }: Hop): boolean => facts.network.namespaces[netns]?.role !== 'switch'
  const last = lastMatch(lost.hops, isMachine)?.netns ?? lost.from
  const at = disposition.kind === 'not-sent' ? lost.from : last
  const place = { netns: at, role: facts.network.namespaces[at]?.role ?? 'unknown', dev: '' } as const
  switch (disposition.kind) {
    case 'error':
      return {
        ...place,
        what: `${disposition.from} answered: ${disposition.message}`,
        ...errorMeans(disposition),
        checks: [],
      }
    case 'not-sent':
      return {
        ...place,
        code: 'other',
        what: `${at} sent nothing: ${disposition.why}`,
        right: '',
        checks: notSent(lost, facts),
        ...(facts.tooLong === undefined ? {} : refusedAsTooLong(facts.tooLong, at, facts)),
      }
    case 'no-answer':
      return (
        waiting(lost, facts) ??
        noWayBack(lost, at, facts) ?? {
          ...place,
          ...silent(lost, at, disposition.why, facts),
          checks: silentChecks(lost, at, facts),
        }
      )
    default:
      return { ...place, code: 'other', what: lost.trace.summary, right: '', checks: [] }
  }
}

/** What an ICMP error means for the one who got it, when no drop explains it. */
function errorMeans({ type, code }: { readonly type: number; readonly code: number }): Cause {
  if (type < 0) return { code: 'nobody_listens', right: 'The host is there, but nothing listens on this port' }
  if (type === 3 && code === 3)
    return { code: 'nobody_listens', right: 'The host is there, but nothing listens on this port' }
  if (type === 3 && code === 4) return { code: 'mtu_exceeded', right: 'Send smaller packets, or clear DF' }
  if (type === 11 && code === 0) return { code: 'hop_limit', right: 'The packet got as far as its TTL allowed' }
  return { code: 'other', right: '' }
}

function notSent({ flow, from }: Lost, facts: Facts): string[] {
  const destination = flow?.destination ?? ''
  if (destination === '') return [commandAt(facts, from, 'ip addr'), commandAt(facts, from, 'ip route')]
  return [commandAt(facts, from, `ip ${six(destination)}route get ${destination}`)]
}

/** Where the request waits for a neighbour, or the answer of whoever took it in. */
function waitingHop({ hops, trace }: Lost): NeighbourHop | undefined {
  const last = hops.at(-1)
  const isWaiting = (hop: Hop | undefined): hop is NeighbourHop => hop?.kind === 'neighbour' && hop.queued
  if (isWaiting(last)) return last
  if (last?.kind !== 'deliver') return undefined
  const after = trace.hops.slice(trace.hops.indexOf(last) + 1)
  const found = after.filter(isWaiting).find(({ netns }) => netns === last.netns)
  return found !== undefined && lastMatch(after, ({ packet }) => packet === found.packet) === found ? found : undefined
}

/** The asker gave up while a neighbour was still being asked for. */
function waiting(whole: Lost, facts: Facts): Finding | undefined {
  const last = waitingHop(whole)
  if (last === undefined) return undefined
  const lost = { ...whole, hops: [last] }
  const { placed = [], checks = [], ...cause } = neighbour({ drop: last, lost, facts })
  const { netns = last.netns, dev = last.dev } = cause
  return {
    role: facts.network.namespaces[netns]?.role ?? 'unknown',
    what: `${last.netns} ${last.dev}: ${last.reason}, and nobody did in time`,
    ...cause,
    netns,
    dev,
    checks: [...checks.map((line) => commandAt(facts, netns, line)), ...placed],
  }
}

/** Taken in by somebody who knows no way to the one that asked: the answer was never made. */
function noWayBack({ hops, flow, role }: Lost, at: string, facts: Facts): Finding | undefined {
  const ns = facts.network.namespaces[at]
  const isTaken = hops.some((hop) => hop.kind === 'deliver' && hop.netns === at)
  if (ns === undefined || flow === undefined || role !== 'request' || !isTaken) return undefined
  const { source } = flow
  if (routesCovering(facts.network, ns, source as Ip).some(({ type }) => type === 'unicast' || type === 'local'))
    return undefined
  const built = builtWay(facts, at, source)
  return {
    code: 'route_missing',
    netns: at,
    role: ns.role,
    dev: built?.dev ?? '',
    what: `${at} took the request in, and has no route back to ${source}`,
    ...(built === undefined ? {} : { expected: routeLine(built) }),
    ...(built?.origin === undefined ? {} : { by: built.origin.component, origin: built.origin }),
    right: ns.role === 'pod' ? 'Start the pod again, or put the route back' : `${at} needs a route to ${source}`,
    checks: [`ip ${six(source)}route`, `ip ${six(source)}route get ${source}`].map((line) =>
      commandAt(facts, at, line),
    ),
  }
}

/** The route the cluster was built with, default routes among them. */
function builtWay({ cluster }: Facts, at: string, address: string): Route | undefined {
  const ns = cluster?.network.namespaces[at]
  if (cluster === null || ns === undefined) return undefined
  return routesCovering(cluster.network, ns, address as Ip).find(({ type }) => type === 'unicast')
}

/** The setting by which a machine keeps silent on pings. */
const ECHO_IGNORED = { icmp: 'net.ipv4.icmp_echo_ignore_all', icmpv6: 'net.ipv6.icmp.echo_ignore_all' } as const

function echoSetting(flow: Lost['flow']): string | undefined {
  return flow?.protocol === 'icmp' || flow?.protocol === 'icmpv6' ? ECHO_IGNORED[flow.protocol] : undefined
}

function silent(lost: Lost, at: string, why: string, facts: Facts): Pick<Finding, 'code' | 'what' | 'right'> {
  const ns = facts.network.namespaces[at]
  const setting = echoSetting(lost.flow)
  if (ns !== undefined && setting !== undefined && sysctlOf(ns, setting) === '1') {
    return {
      code: 'echo_ignored',
      what: `${at} answers no pings: ${setting} is 1`,
      right: `Set ${setting} to 0 there, if pings are to be answered`,
    }
  }
  const isTaken = lost.hops.some((hop) => hop.kind === 'deliver')
  return {
    code: isTaken ? 'no_answer' : 'other',
    what: `no answer came: ${why}`,
    right: isTaken ? `${at} took the request in; whatever should answer there does not` : '',
  }
}

function silentChecks({ flow }: Lost, at: string, facts: Facts): string[] {
  const seen = [flow?.source, flow?.destination].find((one) => one !== undefined && one !== '' && one !== '0.0.0.0')
  const host = seen === undefined ? '' : ` host ${seen}`
  const setting = echoSetting(flow)
  const ignored = setting === undefined ? [] : [commandAt(facts, at, `sysctl ${setting}`)]
  return [...ignored, commandAt(facts, at, `tcpdump -ni any${host}`)]
}

/** The same packet, sent on the real cluster. */
function lastResort(lost: Lost, facts: Facts): string[] {
  const line = probe(lost, facts)
  return [line ?? commandAt(facts, lost.from, 'ip route')]
}
