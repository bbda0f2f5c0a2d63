import {
  type ArpReplyRef,
  type EncapRef,
  type Interface,
  NEIGH_STATES,
  type NeighRef,
  type NeighState,
  RECORD,
} from '../../model/index.ts'
import type { Layer } from '../../wire/index.ts'
import { type Fact, factOf } from '../fact.ts'
import type { ArpHop, BridgeHop, LearnHop, NeighbourChangeHop, NeighbourHop, TunnelHop } from '../hop.ts'
import { fieldNumber, fieldText } from '../layers.ts'
import type { HopReader, RecordRow } from '../reader.ts'
import { sysctlFact } from '../sysctl-fact.ts'
import { place } from './routing.ts'

/** A neighbour lookup; the packet may have to wait. */
export function neighbourHop(reader: HopReader, row: RecordRow): NeighbourHop {
  const ref = row.ref as NeighRef
  const queued = row.kind === RECORD.neighQueued
  const state = queued ? (ref.state as NeighState) : stateAt(row.a)
  if (queued) reader.waiting.set(`${row.netns} ${ref.dev} ${ref.dst}`, row.packet)
  return {
    kind: 'neighbour',
    ...place(row),
    dev: ref.dev,
    reason: queued ? `waits until ${ref.dst} tells its MAC address on ${ref.dev}` : neighbourReason(ref, state),
    facts: neighbourFacts(reader, row.netns, ref),
    address: ref.dst,
    lladdr: ref.lladdr,
    state,
    queued,
  }
}

function stateAt(index: number): NeighState {
  return NEIGH_STATES[index] ?? 'NONE'
}

function neighbourReason(ref: NeighRef, state: NeighState): string {
  switch (state) {
    case 'NONE':
    case 'INCOMPLETE':
      return `the MAC address of ${ref.dst} on ${ref.dev} is not known yet`
    case 'FAILED':
      return `${ref.dst} on ${ref.dev} did not answer before`
    case 'NOARP':
      return ref.lladdr === ''
        ? `${ref.dev} needs no neighbour`
        : `next hop ${ref.dst} is at ${ref.lladdr} (no ARP on ${ref.dev})`
    case 'PERMANENT':
      return `next hop ${ref.dst} is at ${ref.lladdr} (configured)`
    default:
      return `next hop ${ref.dst} is at ${ref.lladdr} (${state})`
  }
}

function neighbourFacts(reader: HopReader, netns: string, ref: NeighRef): Fact[] {
  const entry = reader.neighbour(netns, ref.dev, ref.dst)
  if (entry === undefined) return []
  const lladdr = entry.lladdr === undefined ? '' : ` lladdr ${entry.lladdr}`
  return [factOf('neighbour', netns, `${entry.dst} dev ${entry.dev}${lladdr} ${entry.state}`, entry.origin)]
}

/** A neighbour entry got another state. */
export function neighbourChangeHop(row: RecordRow): NeighbourChangeHop {
  const ref = row.ref as NeighRef
  const [from, to] = [stateAt(row.a), stateAt(row.b)]
  const at = ref.lladdr === '' ? '' : ` at ${ref.lladdr}`
  return {
    kind: 'neighbour-change',
    ...place(row),
    reason: `neighbour ${ref.dst}${at}: ${from}→${to}`,
    facts: [],
    address: ref.dst,
    lladdr: ref.lladdr,
    from,
    to,
  }
}

/** An ARP request or neighbour solicitation was judged: who answers, and why. */
export function arpHop(reader: HopReader, row: RecordRow): ArpHop {
  const ref = row.ref as ArpReplyRef
  const answered = row.a === 1
  return {
    kind: 'arp',
    ...place(row),
    reason: `${answered ? 'answers' : 'does not answer'} ${ref.sender}, who asks for ${ref.target}: ${arpWords(ref, reader.lastRoute.get(row.packet)?.out)}`,
    facts: arpFacts(reader, row, ref.target),
    answered,
    target: ref.target,
    sender: ref.sender,
  }
}

/** The engine's verdicts in words. */
function arpWords(ref: ArpReplyRef, out: string | undefined): string {
  const elsewhere = out === undefined ? 'by another interface' : `by another interface, ${out}`
  switch (ref.why) {
    case 'local address':
      return 'its own address'
    case 'proxy_arp':
      return `proxy_arp is on and it reaches ${ref.target} ${elsewhere}`
    case 'proxy_arp_pvlan':
      return 'proxy_arp_pvlan is on: it answers for neighbours on the same interface'
    case 'proxy neighbour':
      return 'it has a proxy neighbour entry for it'
    case 'not ours':
      return 'not its address, and it does not answer for others here'
    default:
      return ref.why
  }
}

/** The address asked for, when it is configured here; a proxy entry; and whether this interface answers for others. */
function arpFacts(reader: HopReader, row: RecordRow, target: string): Fact[] {
  const inet6 = target.includes(':')
  const ns = inet6 ? reader.namespace(row.netns) : reader.outline(row.netns, row.dev)
  if (ns === undefined) return []
  for (const iface of Object.values(ns.interfaces)) {
    const own = iface.addresses.find((address) => address.local === target)
    if (own === undefined) continue
    return [factOf('address', row.netns, `${own.local}/${own.prefixlen} dev ${iface.name}`, own.origin ?? iface.origin)]
  }
  const proxy = ns.proxyNeighbours.find((entry) => entry.dst === target)
  if (proxy !== undefined) {
    const dev = proxy.dev === undefined ? '' : ` dev ${proxy.dev}`
    return [factOf('proxy-neighbour', row.netns, `${proxy.dst}${dev} proxy`, proxy.origin)]
  }
  const setting = inet6 ? undefined : sysctlFact(reader, row.netns, row.dev, 'ipv4', 'proxy_arp')
  return setting === undefined ? [] : [setting]
}

/** A bridge decided where a frame goes. */
export function bridgeHop(row: RecordRow): BridgeHop {
  const port = typeof row.ref === 'string' && row.ref !== '' ? row.ref : undefined
  const decision = row.a === 0 ? 'forward' : row.a === 1 ? 'flood' : 'local'
  const reasons = {
    forward: `the bridge knows the destination MAC address: port ${port ?? '?'}`,
    flood: 'the bridge does not know the destination, or it is a group address: to all ports',
    local: 'the destination MAC address is the bridge’s own',
  }
  const base = { kind: 'bridge', ...place(row), reason: reasons[decision], facts: [], decision } as const
  return port === undefined ? base : { ...base, port }
}

/** A bridge or VXLAN device learned where an address lives. */
export function learnHop(row: RecordRow): LearnHop {
  return { kind: 'learn', ...place(row), reason: `learned: ${String(row.ref)}`, facts: [] }
}

/** Encapsulation: which rule chose the outer addresses, TTL, TOS and DF; or decapsulation. */
export function tunnelHop(reader: HopReader, row: RecordRow): TunnelHop {
  const ref = row.ref as EncapRef
  const kind = row.kind === RECORD.encap ? 'encap' : 'decap'
  const iface = reader.interface(row.netns, row.dev)
  const inner = reader.sightings.get(row.packet)?.headers ?? []
  const reason =
    kind === 'encap'
      ? `${ref.kind}: outer destination ${ref.dst}: ${ref.why}${outerRules(iface, inner)}`
      : `${ref.kind}: the outer headers ${ref.src} > ${ref.dst} come off: ${ref.why}`
  const facts = iface === undefined ? [] : [factOf('interface', row.netns, deviceText(iface), iface.origin)]
  if (kind === 'encap' && ref.kind === 'vxlan') facts.push(...fdbFacts(reader, row, inner))
  if (kind === 'encap' && ref.kind === 'ipip') facts.push(...(reader.lastRoute.get(row.packet)?.facts ?? []))
  return {
    kind,
    ...place(row),
    reason,
    facts,
    tunnel: ref.kind,
    overhead: row.a,
    source: ref.src,
    destination: ref.dst,
  }
}

function fdbFacts(reader: HopReader, row: RecordRow, inner: readonly Layer[]): Fact[] {
  const ethernet = inner.find((layer) => layer.protocol === 'ethernet')
  const entry = ethernet === undefined ? undefined : reader.fdb(row.netns, row.dev, fieldText(ethernet, 'destination'))
  if (entry === undefined) return []
  return [
    factOf(
      'fdb',
      row.netns,
      `${entry.mac} dev ${entry.dev} dst ${entry.dst ?? ''} ${entry.state}`.trimEnd(),
      entry.origin,
    ),
  ]
}

/** A tunnel device as `ip -d link` describes it, in short. */
function deviceText(iface: Interface): string {
  const { ipip, vxlan } = iface
  if (ipip !== undefined) {
    const ends = `remote ${ipip.remote ?? 'any'} local ${ipip.local ?? 'any'}`
    return `${iface.name} ipip ${ends} ttl ${ipip.ttl === 0 ? 'inherit' : ipip.ttl} ${ipip.pmtudisc ? '' : 'no'}pmtudisc mtu ${iface.mtu}`
  }
  if (vxlan !== undefined) {
    return `${iface.name} vxlan id ${vxlan.id} local ${vxlan.local ?? 'any'} dstport ${vxlan.dstport} ${vxlan.learning ? '' : 'no'}learning mtu ${iface.mtu}`
  }
  return `${iface.name} ${iface.kind} mtu ${iface.mtu}`
}

/** What chose TTL, TOS and DF of the outer header. */
function outerRules(iface: Interface | undefined, inner: readonly Layer[]): string {
  const ip = inner.find((layer) => layer.protocol === 'ipv4' || layer.protocol === 'ipv6')
  if (iface === undefined || ip === undefined) return ''
  const ttl = fieldText(ip, ip.protocol === 'ipv4' ? 'ttl' : 'hopLimit')
  const df = fieldNumber(ip, 'df') === 1
  const { ipip, vxlan } = iface
  if (ipip !== undefined) {
    const chosenTtl =
      ipip.ttl === 0 ? `TTL ${ttl} from the inner packet (ttl inherit)` : `TTL ${ipip.ttl} of the tunnel`
    const chosenTos = ipip.tos === 'inherit' ? 'TOS from the inner packet' : `TOS ${ipip.tos} of the tunnel`
    const chosenDf = ipip.pmtudisc
      ? 'DF set (pmtudisc)'
      : df
        ? 'DF from the inner packet'
        : 'no DF, as the inner packet'
    return `; ${chosenTtl}, ${chosenTos}, ${chosenDf}`
  }
  if (vxlan === undefined) return ''
  const chosenTtl =
    vxlan.ttl === 'inherit'
      ? `TTL ${ttl} from the inner packet`
      : vxlan.ttl === 0
        ? 'TTL of the system default'
        : `TTL ${vxlan.ttl} of the device`
  return `; ${chosenTtl}, DF ${vxlan.df}, source port from a hash of the inner flow, VNI ${vxlan.id}`
}
