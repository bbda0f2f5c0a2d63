import { DROPS, type DropCause } from '../../model/index.ts'
import { ETHERTYPE, protocolName } from '../../wire/index.ts'
import type { Fact } from '../fact.ts'
import type {
  CloneHop,
  CreateHop,
  DeliverHop,
  DropHop,
  FragmentHop,
  Hop,
  IcmpErrorHop,
  ProgramHop,
  ReassembleHop,
} from '../hop.ts'
import { icmpMessage } from '../icmp-words.ts'
import { lastMatch } from '../last-match.ts'
import type { HopReader, RecordRow } from '../reader.ts'
import { sysctlFact } from '../sysctl-fact.ts'
import { place } from './routing.ts'

/** Causes that free a packet after the stack took it in. */
const TAKEN_IN: ReadonlySet<DropCause> = new Set(['no_socket_icmp', 'no_socket_icmp6', 'icmp6_consumed'])

/** Whether a packet freed with this cause had reached the one it was for. */
export function isTakenIn(cause: DropCause): boolean {
  return TAKEN_IN.has(cause)
}

/** Causes that end a packet which has done its work, or was never meant for the one who frees it. */
const HARMLESS: ReadonlySet<DropCause> = new Set([
  'no_socket_icmp',
  'no_socket_icmp6',
  'icmp6_consumed',
  'arp_ignored',
  'other_host',
  'ip6_other_host',
  'broadcast_not_wanted',
  'multicast_not_joined',
  'ip6_multicast_unwanted',
  'tcp_old_data',
])

/** Whether a packet freed with this cause had done its work: freed is not failed. */
function isHarmless(cause: DropCause): boolean {
  return HARMLESS.has(cause)
}

/** The end of a packet. */
export function dropHop(reader: HopReader, row: RecordRow, decisions: readonly Hop[]): DropHop {
  const cause = row.ref as DropCause
  const site = DROPS[cause]
  return {
    kind: 'drop',
    ...place(row),
    reason: dropReason(cause, decisions),
    facts: dropFacts(reader, row, cause, decisions),
    cause,
    kernelReason: site.reason,
    kernelFunction: site.at,
    harmless: isHarmless(cause),
  }
}

function dropReason(cause: DropCause, decisions: readonly Hop[]): string {
  const { why } = DROPS[cause]
  const last = lastMatch(decisions, (hop) => DECIDES[cause]?.includes(hop.kind) === true)
  if (last?.kind === 'neighbour') return `${why}: ${last.address} on ${last.dev}`
  return last === undefined ? why : `${why}: ${last.reason}`
}

/** Which decision is behind a cause. */
const DECIDES: Readonly<Partial<Record<DropCause, readonly Hop['kind'][]>>> = {
  netfilter_drop: ['rule'],
  netfilter_unmodelled: ['rule'],
  rp_filter: ['rp-filter'],
  route_blackhole: ['route'],
  route_prohibit: ['route'],
  route_unreachable: ['route'],
  no_route: ['route'],
  no_route_local: ['route'],
  dst_discard_out: ['route'],
  ip6_no_route: ['route'],
  ip6_no_route_out: ['route'],
  neighbour_failed: ['neighbour'],
  neighbour_failed_now: ['neighbour'],
}

const SYSCTL_BEHIND: Readonly<Partial<Record<DropCause, readonly ['ipv4' | 'ipv6', string]>>> = {
  rp_filter: ['ipv4', 'rp_filter'],
  not_forwarding: ['ipv4', 'forwarding'],
  ip6_not_forwarding: ['ipv6', 'forwarding'],
}

function dropFacts(reader: HopReader, row: RecordRow, cause: DropCause, decisions: readonly Hop[]): Fact[] {
  const facts: Fact[] = []
  const setting = SYSCTL_BEHIND[cause]
  if (setting !== undefined) {
    const fact = sysctlFact(reader, row.netns, row.dev, setting[0], setting[1])
    if (fact !== undefined) facts.push(fact)
  }
  const last = lastMatch(decisions, (hop) => DECIDES[cause]?.includes(hop.kind) === true)
  for (const fact of last?.facts ?? []) if (!facts.some((known) => known.text === fact.text)) facts.push(fact)
  return facts
}

/** Delivery to a local protocol. */
export function deliverHop(row: RecordRow): DeliverHop {
  const taken = row.c === 1
  const by = typeof row.ref === 'string' ? row.ref : ''
  const protocol = protocolName(row.a) ?? `protocol ${row.a}`
  const what = row.a === 1 || row.a === 58 ? `type ${row.b}` : `port ${row.b}`
  const taker = by === '' ? '' : `, taken by ${by}`
  const reason = taken
    ? `delivered: ${protocol} ${what}${taker}`
    : `reached ${protocol} ${what}${by === '' ? ', nobody takes it' : taker}`
  return { kind: 'deliver', ...place(row), reason, facts: [], protocol: row.a, port: row.b, taken, by }
}

/** A packet was made here. */
export function createHop(row: RecordRow): CreateHop {
  const protocol = row.a === ETHERTYPE.ARP ? 'ARP' : (protocolName(row.a) ?? `protocol ${row.a}`)
  const reason = row.b === 0 ? `${protocol} packet made here` : `${protocol} packet made in answer to packet ${row.b}`
  const base = { kind: 'create', ...place(row), reason, facts: [], protocol: row.a } as const
  return row.b === 0 ? base : { ...base, answers: row.b }
}

/** A copy was made. */
export function cloneHop(row: RecordRow): CloneHop {
  return {
    kind: 'clone',
    ...place(row),
    reason: `made from packet ${row.b}: a copy, or a fragment`,
    facts: [],
    original: row.b,
  }
}

/** Cut into fragments. */
export function fragmentHop(row: RecordRow): FragmentHop {
  const reason = `longer than the MTU ${row.a} of the way out and may be cut: ${row.b} fragments`
  return { kind: 'fragment', ...place(row), reason, facts: [], mtu: row.a, fragments: row.b }
}

/** Put together again. */
export function reassembleHop(row: RecordRow): ReassembleHop {
  const reason = `${row.a} fragments put together: ${row.b} bytes`
  return { kind: 'reassemble', ...place(row), reason, facts: [], fragments: row.a, length: row.b }
}

/** An ICMP error about this packet is sent, or held back. */
export function icmpErrorHop(reader: HopReader, row: RecordRow, sent: boolean): IcmpErrorHop {
  const six = reader.sightings.get(row.packet)?.headers.some((layer) => layer.protocol === 'ipv6') === true
  const message = icmpMessage(six ? 'inet6' : 'inet', row.a, row.b)
  const held = typeof row.ref === 'string' ? `: ${row.ref}` : ''
  const info = row.c === 0 || !sent ? '' : row.a === 3 || six ? ` (MTU ${row.c})` : ''
  const reason = sent ? `tells the sender: ${message}${info}` : `does not tell the sender ${message}${held}`
  return { kind: 'icmp-error', ...place(row), reason, facts: [], sent, type: row.a, code: row.b, info: row.c, message }
}

/** A program said something. */
export function programHop(row: RecordRow): ProgramHop {
  const text = String(row.ref ?? '')
  return { kind: 'program', ...place(row), reason: text, facts: [], text }
}
