import { DROPS, type NetworkData } from '../model/index.ts'
import { describeOrigin, type Fact } from './fact.ts'
import type { DropHop, Hop } from './hop.ts'
import type { Disposition, Exchange, TracePacket } from './trace.ts'

/** What the summary is made from. */
export interface SummaryInput {
  /** The network of the run. */
  readonly network: NetworkData
  /** Hops in order. */
  readonly hops: readonly Hop[]
  /** Packets. */
  readonly packets: readonly TracePacket[]
  /** Exchanges. */
  readonly exchanges: readonly Exchange[]
  /** What became of it all. */
  readonly disposition: Disposition
}

/** What happened and why, in one paragraph; for failures where and for what reason. */
export function summarize(input: SummaryInput): string {
  const sentences = [what(input, exchangeOf(input)), ...why(input), ...others(input)]
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

function what(input: SummaryInput, exchange: Exchange | undefined): string {
  const d = input.disposition
  switch (d.kind) {
    case 'answered':
      return `${d.by} answered ${exchange?.netns ?? 'the request'}${d.rtt === 0 ? '' : ` after ${milliseconds(d.rtt)} ms`}. ${ways(input, exchange, d.packet)}`.trim()
    case 'delivered':
      return `The request was delivered in ${d.to}. ${ways(input, exchange, undefined)}`.trim()
    case 'error':
      return `${d.from} told ${exchange?.netns ?? 'the sender'}: ${d.message}.`
    case 'dropped':
      return `The ${d.role === 'other' ? 'packet' : d.role} was dropped in ${d.netns}${d.dev === '' ? '' : ` (${d.dev})`}: ${firstDrop(input)?.reason ?? DROPS[d.cause].why}.`
    case 'no-answer':
      return `No answer: ${d.why}.`
    case 'not-sent':
      return `Nothing was sent: ${d.why}.`
  }
}

/** Nanoseconds as milliseconds with three digits. */
function milliseconds(ns: number): string {
  return (ns / 1e6).toFixed(3)
}

function ways(input: SummaryInput, exchange: Exchange | undefined, reply: number | undefined): string {
  const request = input.packets.find((packet) => packet.id === exchange?.request)
  const answer = input.packets.find((packet) => packet.id === reply)
  if (request === undefined) return ''
  const there = `The request went ${wayOf(input, request)}`
  if (answer === undefined) return `${there}.`
  const back = [...furthest(input, answer).path].reverse()
  const way = furthest(input, request).path
  const same = back.length === way.length && back.every((name, i) => name === way[i])
  return same ? `${there}; the reply took the same way back.` : `${there}; the reply came ${wayOf(input, answer)}.`
}

/** The packet itself, or that of its fragments which got furthest. */
function furthest(input: SummaryInput, packet: TracePacket): TracePacket {
  const pieces = input.packets.filter((one) => one.parent === packet.id)
  return pieces.reduce((best, one) => (one.path.length > best.path.length ? one : best), packet)
}

function wayOf(input: SummaryInput, whole: TracePacket): string {
  const packet = furthest(input, whole)
  const names = packet.path.filter((name) => input.network.namespaces[name]?.role !== 'switch')
  const own = input.hops.filter((hop) => hop.packet === packet.id)
  const tunnels = [...new Set(own.map((hop) => (hop.kind === 'encap' ? hop.tunnel : '')).filter((name) => name !== ''))]
  const routed = own.filter((hop) => hop.kind === 'forward').length
  const inside = tunnels.length === 0 ? 'without encapsulation' : `inside ${tunnels.join(' and ')}`
  return `${names.join(' → ')}, ${inside}, ${routed} routed ${routed === 1 ? 'hop' : 'hops'}`
}

/** For failures: the reason of the drop, and the origin of the fact behind it. */
function why(input: SummaryInput): string[] {
  const d = input.disposition
  if (d.kind !== 'dropped' && d.kind !== 'error') return []
  const drop = firstDrop(input)
  if (drop === undefined) return []
  const place = `${drop.netns}${drop.dev === '' ? '' : ` ${drop.dev}`}`
  const reason = d.kind === 'error' ? `First cause, in ${place}: ${drop.reason}.` : ''
  return [reason, origins(drop)]
}

/** The drop behind the disposition: the one it names, or for an error the first of the request it is about. */
function firstDrop(input: SummaryInput): DropHop | undefined {
  const d = input.disposition
  const isLoss = (hop: Hop): hop is DropHop => hop.kind === 'drop' && !hop.harmless
  if (d.kind === 'dropped')
    return input.hops.filter(isLoss).find((hop) => hop.packet === d.packet && hop.cause === d.cause)
  const request = exchangeOf(input)?.request
  const own = new Set(input.packets.filter((one) => one.id === request || one.parent === request).map((one) => one.id))
  return input.hops.filter(isLoss).find((hop) => own.has(hop.packet))
}

function exchangeOf(input: SummaryInput): Exchange | undefined {
  return input.exchanges.find((one) => one.disposition === input.disposition) ?? input.exchanges[0]
}

function origins(drop: DropHop): string {
  const known = drop.facts.filter((fact) => fact.kind !== 'rule')
  const said = known.flatMap((fact) => {
    if (fact.origin === undefined) return []
    if (isOfObjects(fact)) return fact.origin.file === undefined ? [] : [describeOrigin(fact.origin)]
    return [`${fact.text} (${describeOrigin(fact.origin)})`]
  })
  return said.length === 0 ? '' : `Behind it: ${said.join('; ')}.`
}

/** A rule that Felix or kube-proxy wrote: what it says is the object's, and its words are nobody's. */
function isOfObjects({ kind, origin }: Fact): boolean {
  return kind === 'netfilter-rule' && (origin?.component === 'felix' || origin?.component === 'kube-proxy')
}

function others(input: SummaryInput): string[] {
  const { exchanges } = input
  if (exchanges.length < 2) return []
  const good = exchanges.filter((one) => one.disposition.kind === 'answered' || one.disposition.kind === 'delivered')
  return [`${good.length} of ${exchanges.length} requests succeeded.`]
}
