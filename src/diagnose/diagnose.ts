import type { Finding } from '../model/index.ts'
import type { DropHop, Trace } from '../trace/index.ts'
import { type Cause, causeOfDrop } from './causes.ts'
import { probe } from './check.ts'
import { commandAt, six } from './commands.ts'
import type { Facts } from './facts.ts'
import { type Lost, lostIn } from './lost.ts'
import { outgoing } from './outgoing.ts'
import { wrongWay } from './wrong-way.ts'

/**
 * Why a trace failed: the first cause, in the right place, with what would be right and the commands that confirm it. Empty
 * for a success. Every failure has a finding, and every finding a command.
 */
export function diagnose(trace: Trace, facts: Facts): readonly Finding[] {
  const lost = lostIn(trace)
  if (lost === undefined) return []
  const found = firstCause(lost, facts)
  return [found.checks.length > 0 ? found : { ...found, checks: lastResort(lost, facts) }]
}

function firstCause(lost: Lost, facts: Facts): Finding {
  const { drop } = lost
  // A packet that came to the one it was for has taken no wrong way.
  if (drop === undefined || !ARRIVED.has(drop.cause)) {
    const way = wrongWay(lost, facts) ?? (drop === undefined ? undefined : unknownSource(drop, lost, facts))
    if (way !== undefined) return way
  }
  if (drop !== undefined) return causeOfDrop({ drop, lost, facts })
  return withoutDrop(lost, facts)
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

/** Nobody dropped it: it was never sent, or taken in and not answered, or the answer was an error. */
function withoutDrop(lost: Lost, facts: Facts): Finding {
  const { disposition } = lost.trace
  const last = lost.hops.at(-1)?.netns ?? lost.from
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
      }
    case 'no-answer':
      return { ...place, ...silent(lost, at, disposition.why), checks: silentChecks(lost, at, facts) }
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

function silent(lost: Lost, at: string, why: string): Pick<Finding, 'code' | 'what' | 'right'> {
  const isTaken = lost.hops.some((hop) => hop.kind === 'deliver')
  return {
    code: isTaken ? 'no_answer' : 'other',
    what: `no answer came: ${why}`,
    right: isTaken ? `${at} took the request in; whatever should answer there does not` : '',
  }
}

function silentChecks({ flow }: Lost, at: string, facts: Facts): string[] {
  const host = flow === undefined ? '' : ` host ${flow.source}`
  const ignored = flow?.protocol === 'icmp' ? [commandAt(facts, at, 'sysctl net.ipv4.icmp_echo_ignore_all')] : []
  return [...ignored, commandAt(facts, at, `tcpdump -ni any${host}`)]
}

/** The same packet, sent on the real cluster. */
function lastResort(lost: Lost, facts: Facts): string[] {
  const line = probe(lost, facts)
  return [line ?? commandAt(facts, lost.from, 'ip route')]
}
