import {
  type ArpVerdict,
  type EventOf,
  type Interface,
  isAnswer,
  lateMembers,
  type Namespace,
  type NeighbourPicture,
  type OuterChoice,
  type Stamp,
  type Tunnel,
} from '../../model/index.ts'
import { assertNever, type Ip, isIpv6, type Layer } from '../../wire/index.ts'
import type { Configuration } from '../configuration.ts'
import { type Fact, factOf } from '../fact.ts'
import type { ArpHop, BridgeHop, LearnHop, NeighbourChangeHop, NeighbourHop, RouteHop, TunnelHop } from '../hop.ts'
import { fieldNumber, fieldText } from '../layers.ts'
import type { ReadFrame } from '../read-frame.ts'
import { type Growing, type HopReader, headOf, place } from '../reader.ts'
import { sysctlFact } from '../sysctl-fact.ts'

/** Where a neighbour was looked up. */
interface NeighbourWords {
  readonly at: Configuration
  readonly netns: string
  readonly entry: NeighbourPicture
}

const giveNeighbourFacts = lateMembers<NeighbourWords>({ facts: neighbourFacts })

/** A neighbour lookup; the packet may have to wait. */
export function neighbourHop(reader: HopReader, event: EventOf<'neighbour'>): NeighbourHop {
  const { entry, queued, netns } = event
  const { dst, dev, lladdr, state } = entry
  if (queued) reader.waiting.set(`${netns} ${dev} ${dst}`, event.packet)
  const hop: Growing<NeighbourHop> = headOf('neighbour', event)
  hop.dev = dev
  hop.reason = queued ? `waits until ${dst} tells its MAC address on ${dev}` : neighbourReason(entry)
  giveNeighbourFacts(hop, { at: reader.at, netns, entry })
  hop.address = dst
  hop.lladdr = lladdr
  hop.state = state
  hop.queued = queued
  return hop as NeighbourHop
}

function neighbourReason(ref: NeighbourPicture): string {
  const { state } = ref
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

function neighbourFacts({ at, netns, entry: { dev, dst } }: NeighbourWords): Fact[] {
  const entry = at.neighbour(netns, dev, dst)
  if (entry === undefined) return []
  const lladdr = entry.lladdr === undefined ? '' : ` lladdr ${entry.lladdr}`
  return [factOf('neighbour', netns, `${entry.dst} dev ${entry.dev}${lladdr} ${entry.state}`, entry.origin)]
}

/** A neighbour entry got another state. */
export function neighbourChangeHop(event: EventOf<'neighbour-change'>): NeighbourChangeHop {
  const { from, entry } = event
  const at = entry.lladdr === '' ? '' : ` at ${entry.lladdr}`
  return {
    kind: 'neighbour-change',
    ...place(event),
    reason: `neighbour ${entry.dst}${at}: ${from}→${entry.state}`,
    facts: [],
    address: entry.dst,
    lladdr: entry.lladdr,
    from,
    to: entry.state,
  }
}

/** An ARP request or neighbour solicitation was judged: who answers, and why. */
export function arpHop(reader: HopReader, event: EventOf<'arp'>): ArpHop {
  const { verdict, target, sender } = event
  const answered = isAnswer(verdict)
  const why = verdictWords(verdict, target, reader.lastRoute.get(event.packet)?.out)
  const facts = arpFacts(reader, event)
  if (answered) reader.judgements.set(event.packet, { why, facts })
  const reason = `${answered ? 'answers' : 'does not answer'} ${sender}, who asks for ${target}: ${why}`
  return { kind: 'arp', ...place(event), reason, facts, answered, verdict, target, sender }
}

/** The verdict in words; `out` is the device by which the target is reached. */
function verdictWords(verdict: ArpVerdict, target: string, out: string | undefined): string {
  switch (verdict) {
    case 'local':
      return 'its own address'
    case 'probe':
      return 'its own address, and somebody else is about to take it'
    case 'proxy-arp':
      return `proxy_arp is on and it reaches ${target} by another interface${out === undefined ? '' : `, ${out}`}`
    case 'proxy-arp-pvlan':
      return 'proxy_arp_pvlan is on: it answers for neighbours on the same interface'
    case 'proxy-entry':
      return 'it has a proxy neighbour entry for it'
    case 'anycast':
      return 'an anycast address of its own'
    case 'arp-ignore':
      return 'its own address, but arp_ignore keeps it quiet here'
    case 'arp-filter':
      return 'its own address, but arp_filter is on and the way back is another interface'
    case 'asker-unknown':
      return 'who asks is not known, and may not be learned'
    case 'not-ours':
      return 'not its address, and it does not answer for others here'
    default:
      return assertNever(verdict)
  }
}

/** The address asked for, when it is configured here; a proxy entry; and whether this interface answers for others. */
function arpFacts(reader: HopReader, event: EventOf<'arp'>): Fact[] {
  const { target, netns, dev } = event
  const inet6 = isIpv6(target as Ip)
  const isKnown = !inet6 && reader.at.known(netns, dev)?.mayHave(target) === false
  const asked = isKnown
    ? undefined
    : addressedFact(event, inet6 ? reader.at.namespace(netns) : reader.at.outline(netns, dev))
  const fact = asked ?? (inet6 ? undefined : sysctlFact(reader.at, netns, dev, 'ipv4', 'proxy_arp'))
  return fact === undefined ? [] : [fact]
}

/** The address asked for, or the entry by which a namespace answers for it. */
function addressedFact({ target, netns }: EventOf<'arp'>, ns: Namespace | undefined): Fact | undefined {
  if (ns === undefined) return undefined
  for (const iface of Object.values(ns.interfaces)) {
    const own = iface.addresses.find((address) => address.local === target)
    if (own === undefined) continue
    return factOf('address', netns, `${own.local}/${own.prefixlen} dev ${iface.name}`, own.origin ?? iface.origin)
  }
  const proxy = ns.proxyNeighbours.find((entry) => entry.dst === target)
  if (proxy === undefined) return undefined
  const dev = proxy.dev === undefined ? '' : ` dev ${proxy.dev}`
  return factOf('proxy-neighbour', netns, `${proxy.dst}${dev} proxy`, proxy.origin)
}

/** A bridge decided where a frame goes. */
export function bridgeHop(event: EventOf<'bridge'>): BridgeHop {
  const { decision, port } = event
  const reasons = {
    forward: `the bridge knows the destination MAC address: port ${port}`,
    flood: 'the bridge does not know the destination, or it is a group address: to all ports',
    local: 'the destination MAC address is the bridge’s own',
  }
  const base = { kind: 'bridge', ...place(event), reason: reasons[decision], facts: [], decision } as const
  return port === '' ? base : { ...base, port }
}

/** A bridge learned where an address lives. */
export function learnHop(event: EventOf<'learn'>): LearnHop {
  const { mac, port } = event
  return { kind: 'learn', ...place(event), reason: `learned: ${mac} ${port}`, facts: [], mac, port }
}

const CHOSEN_BY: Readonly<Record<OuterChoice, string>> = {
  remote: 'remote of the tunnel',
  gateway: 'gateway of the route',
  fdb: 'forwarding entry of the inner destination MAC address',
  endpoint: 'endpoint of the peer',
}

/** What a tunnel's hop is told from. */
interface TunnelWords<K extends 'encap' | 'decap'> {
  readonly at: Configuration
  readonly event: EventOf<K>
  /** The packet as it was before. */
  readonly inner: ReadFrame | undefined
  /** The decision that led it into the device. */
  readonly into: RouteHop | undefined
}

const giveEncap = lateMembers<TunnelWords<'encap'>>({
  reason: ({ at, event: { netns, dev, tunnel, destination, chosenBy }, inner }) => {
    const rules = outerRules(at.interface(netns, dev), inner?.headers ?? [])
    return `${tunnel}: outer destination ${destination}: ${CHOSEN_BY[chosenBy]}${rules}`
  },
  facts: ({ at, event, inner, into }) => [
    ...deviceFacts(at, event),
    ...(event.tunnel === 'vxlan' ? fdbFacts(at, event, inner?.headers ?? []) : []),
    ...(event.tunnel === 'ipip' ? (into?.facts ?? []) : []),
  ],
})

/** Encapsulation: what chose the outer addresses, TTL, TOS and DF. */
export function encapHop(reader: HopReader, event: EventOf<'encap'>): TunnelHop {
  const { packet, dev } = event
  const words = {
    at: reader.at,
    event,
    inner: reader.sightings.get(packet)?.frame,
    into: reader.routeInto(packet, dev),
  }
  return tunnelHop(event, giveEncap, words)
}

function tunnelHop<K extends 'encap' | 'decap'>(
  event: EventOf<'encap' | 'decap'>,
  give: (hop: object, words: TunnelWords<K>) => void,
  words: TunnelWords<K>,
): TunnelHop {
  const hop: Growing<TunnelHop> = headOf(event.kind, event)
  give(hop, words)
  hop.tunnel = event.tunnel
  hop.overhead = event.overhead
  hop.source = event.source
  hop.destination = event.destination
  return hop as TunnelHop
}

const TAKEN_OFF_BY: Readonly<Record<Tunnel, string>> = {
  ipip: 'protocol 4 for an address of this host',
  vxlan: 'UDP port and VNI of this device',
  wireguard: 'keys of this peer',
}

const giveDecap = lateMembers<TunnelWords<'decap'>>({
  reason: ({ event: { tunnel, source, destination } }) =>
    `${tunnel}: the outer headers ${source} > ${destination} come off: ${TAKEN_OFF_BY[tunnel]}`,
  facts: ({ at, event }) => deviceFacts(at, event),
})

/** Decapsulation. */
export function decapHop(reader: HopReader, event: EventOf<'decap'>): TunnelHop {
  return tunnelHop(event, giveDecap, { at: reader.at, event, inner: undefined, into: undefined })
}

function deviceFacts(at: Configuration, { netns, dev }: Stamp): Fact[] {
  const iface = at.interface(netns, dev)
  return iface === undefined ? [] : [factOf('interface', netns, deviceText(iface), iface.origin)]
}

function fdbFacts(at: Configuration, event: EventOf<'encap'>, inner: readonly Layer[]): Fact[] {
  const ethernet = inner.find((layer) => layer.protocol === 'ethernet')
  const entry = ethernet === undefined ? undefined : at.fdb(event.netns, event.dev, fieldText(ethernet, 'destination'))
  if (entry === undefined) return []
  return [
    factOf(
      'fdb',
      event.netns,
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
