import {
  DROPS,
  type DropCause,
  type EventOf,
  type HeldBack,
  type Stamp,
  type Stamped,
  type Taker,
} from '../../model/index.ts'
import { ETHERTYPE, IP_PROTOCOL, protocolName } from '../../wire/index.ts'
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
import { type HopReader, place } from '../reader.ts'
import { sysctlFact } from '../sysctl-fact.ts'

/** Causes that free a packet after the stack took it in. */
const TAKEN_IN: ReadonlySet<DropCause> = new Set(['no_socket_icmp', 'no_socket_icmp6', 'icmp6_consumed'])

/** Whether a packet freed with this cause had reached the one it was for. */
export function isTakenIn(cause: DropCause): boolean {
  return TAKEN_IN.has(cause)
}

/** Causes that free a packet which reached a host where nobody listens. */
const NO_SOCKET: ReadonlySet<DropCause> = new Set([
  'no_socket_icmp',
  'no_socket_icmp6',
  'no_socket_udp',
  'no_socket_udp6',
  'no_socket_tcp',
  'no_socket_tcp6',
])

/** Whether a packet freed with this cause had come to the right host, and nobody listened there. */
export function findsNobody(cause: DropCause): boolean {
  return NO_SOCKET.has(cause)
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
export function isHarmless(cause: DropCause): boolean {
  return HARMLESS.has(cause)
}

/** The end of a packet that was freed with a cause. */
export function dropHop(reader: HopReader, event: Stamped<{ readonly cause: DropCause }>): DropHop {
  const { cause } = event
  const decisions = reader.of(event.packet).decisions
  const site = DROPS[cause]
  return {
    kind: 'drop',
    ...place(event),
    reason: dropReason(cause, decisions),
    facts: dropFacts(reader, event, cause, decisions),
    cause,
    kernelReason: site.reason,
    kernelFunction: site.at,
    harmless: isHarmless(cause),
  }
}

function dropReason(cause: DropCause, decisions: readonly Hop[]): string {
  const { why } = DROPS[cause]
  const last = decisionBehind(cause, decisions)
  if (last?.kind === 'neighbour') return `${why}: ${last.address} on ${last.dev}`
  if (last !== undefined) return `${why}: ${last.reason}`
  return cause === 'netfilter_drop' ? 'netfilter dropped it by itself: no rule and no policy did' : why
}

/** Targets after which a packet goes on: a rule with one of them drops nothing, though it was the last that was met. */
const PASSES: ReadonlySet<string> = new Set(['', 'ACCEPT', 'RETURN'])

/** The decision that ended a packet; undefined where none that was written down did. */
function decisionBehind(cause: DropCause, decisions: readonly Hop[]): Hop | undefined {
  const last = lastMatch(decisions, (hop) => hop.kind === DECIDES[cause])
  return cause === 'netfilter_drop' && last?.kind === 'rule' && PASSES.has(last.target) ? undefined : last
}

/** Which decision is behind a cause. */
const DECIDES: Readonly<Partial<Record<DropCause, Hop['kind']>>> = {
  netfilter_drop: 'rule',
  netfilter_unmodelled: 'rule',
  rp_filter: 'rp-filter',
  route_blackhole: 'route',
  route_prohibit: 'route',
  route_unreachable: 'route',
  no_route: 'route',
  no_route_local: 'route',
  dst_discard_out: 'route',
  ip6_no_route: 'route',
  ip6_no_route_out: 'route',
  neighbour_failed: 'neighbour',
  neighbour_failed_now: 'neighbour',
}

const SYSCTL_BEHIND: Readonly<Partial<Record<DropCause, readonly ['ipv4' | 'ipv6', string]>>> = {
  rp_filter: ['ipv4', 'rp_filter'],
  not_forwarding: ['ipv4', 'forwarding'],
  ip6_not_forwarding: ['ipv6', 'forwarding'],
}

function dropFacts(reader: HopReader, event: Stamp, cause: DropCause, decisions: readonly Hop[]): Fact[] {
  const facts: Fact[] = []
  const setting = SYSCTL_BEHIND[cause]
  if (setting !== undefined) {
    const fact = sysctlFact(reader.at, event.netns, event.dev, setting[0], setting[1])
    if (fact !== undefined) facts.push(fact)
  }
  const last = decisionBehind(cause, decisions)
  for (const fact of last?.facts ?? []) if (!facts.some((known) => known.text === fact.text)) facts.push(fact)
  return facts
}

/** Who took a packet, in words. */
const TAKEN_BY: Readonly<Record<Taker, string>> = {
  stack: 'taken in',
  icmp: 'icmp',
  icmpv6: 'icmpv6',
  'udp-socket': 'UDP socket',
  'tcp-listener': 'listening TCP socket',
  'tcp-connection': 'TCP connection',
}

/** Delivery to a local protocol. */
export function deliverHop(event: EventOf<'deliver'>): DeliverHop {
  const { protocol, port } = event
  const taken = event.by !== 'stack'
  const by = TAKEN_BY[event.by]
  const name = protocolName(protocol) ?? `protocol ${protocol}`
  const what = protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.ICMPV6 ? `type ${port}` : `port ${port}`
  const reason = taken ? `delivered: ${name} ${what}, taken by ${by}` : `reached ${name}`
  return { kind: 'deliver', ...place(event), reason, facts: [], protocol, port, taken, by }
}

/** A packet was made here. */
export function createHop(event: EventOf<'create'>): CreateHop {
  const { protocol, answers } = event
  const name = protocol === ETHERTYPE.ARP ? 'ARP' : (protocolName(protocol) ?? `protocol ${protocol}`)
  const reason = answers === 0 ? `${name} packet made here` : `${name} packet made in answer to packet ${answers}`
  const base = { kind: 'create', ...place(event), reason, facts: [], protocol } as const
  return answers === 0 ? base : { ...base, answers }
}

/** A copy was made. */
export function cloneHop(event: EventOf<'clone'>): CloneHop {
  const { original } = event
  const reason = `made from packet ${original}: a copy, or a fragment`
  return { kind: 'clone', ...place(event), reason, facts: [], original }
}

/** Cut into fragments. */
export function fragmentHop(event: EventOf<'fragment'>): FragmentHop {
  const { mtu, fragments } = event
  const reason = `longer than the MTU ${mtu} of the way out and may be cut: ${fragments} fragments`
  return { kind: 'fragment', ...place(event), reason, facts: [], mtu, fragments }
}

/** Put together again. */
export function reassembleHop(event: EventOf<'reassemble'>): ReassembleHop {
  const { fragments, length } = event
  const reason = `${fragments} fragments put together: ${length} bytes`
  return { kind: 'reassemble', ...place(event), reason, facts: [], fragments, length }
}

const HELD_BACK: Readonly<Record<HeldBack, string>> = {
  'frame-to-group': 'the frame was a broadcast or multicast',
  'packet-to-group': 'the packet was a broadcast or multicast',
  'packet-to-multicast': 'the packet was a multicast',
  'later-fragment': 'not the first fragment',
  'packet-cut-off': 'the packet is cut off',
  'icmp-cut-off': 'the ICMP type is cut off',
  'icmpv6-cut-off': 'the ICMPv6 type is cut off',
  'about-an-error': 'an error about an error',
  'source-no-host': 'the source is no single host',
  'anycast-sender': 'the sender is an anycast address',
  'machine-limit': 'machine-wide limit',
  'sender-limit': 'limit for this sender',
  'no-route-back': 'no route to the sender',
}

/** An ICMP error about this packet is sent, or held back. */
export function icmpErrorHop(reader: HopReader, event: EventOf<'icmp-error'>): IcmpErrorHop {
  const { type, code, info, heldBack } = event
  const sent = heldBack === undefined
  const six = reader.of(event.packet).last?.frame.headers.some((layer) => layer.protocol === 'ipv6') === true
  const message = icmpMessage(six ? 'inet6' : 'inet', type, code)
  const mtu = info !== 0 && (type === 3 || six) ? ` (MTU ${info})` : ''
  const reason = sent
    ? `tells the sender: ${message}${mtu}`
    : `does not tell the sender ${message}: ${HELD_BACK[heldBack]}`
  return { kind: 'icmp-error', ...place(event), reason, facts: [], sent, type, code, info, message }
}

/** A program said something. */
export function programHop(event: EventOf<'program'>): ProgramHop {
  const { text } = event
  return { kind: 'program', ...place(event), reason: text, facts: [], text }
}
