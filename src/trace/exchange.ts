import { type Flow, flowOf, isReplyTo, sameFlow } from './flow.ts'
import type { DropHop, Hop } from './hop.ts'
import { findsNobody, isTakenIn } from './hops/packet.ts'
import { icmpMessage } from './icmp-words.ts'
import { fieldNumber, quoteOf } from './layers.ts'
import type { PacketStory } from './packets.ts'
import type { HopReader } from './reader.ts'
import type { Disposition, Exchange, PacketRole } from './trace.ts'

/** What the exchanges of a trace are made from. */
export interface ExchangeInput {
  /** Packets with their hops. */
  readonly stories: readonly PacketStory[]
  /** Their parts. */
  readonly roles: ReadonlyMap<number, PacketRole>
  /** Namespace that asks. */
  readonly asker: string
  /** For the headers of packets. */
  readonly reader: HopReader
}

/** Requests and what came of each. A TCP connection is one exchange, every other request one of its own. */
export function exchangesOf(input: ExchangeInput): readonly Exchange[] {
  const exchanges: Exchange[] = []
  const seen: Flow[] = []
  for (const story of input.stories) {
    if (input.roles.get(story.id) !== 'request' || story.parent !== undefined || story.flow === undefined) continue
    const { flow } = story
    if (flow.protocol === 'tcp' && seen.some((one) => sameFlow(one, flow))) continue
    seen.push(flow)
    const frame = story.hops.find((hop) => hop.kind === 'tx' || hop.kind === 'rx')
    exchanges.push({
      request: story.id,
      netns: input.asker,
      line: frame?.kind === 'tx' || frame?.kind === 'rx' ? frame.line : '',
      disposition: dispositionOf(input, story, flow),
    })
  }
  return exchanges
}

function dispositionOf(input: ExchangeInput, request: PacketStory, flow: Flow): Disposition {
  const replies = input.stories.filter((story) => isReplyOf(story, request, flow, input))
  const came = replies.find((story) => tookIn(story, input.asker))
  if (came !== undefined) {
    return isReset(input.reader, came) ? resetBy(came) : answeredBy(input, came, request)
  }
  const errors = input.stories.filter((story) => quotes(input, story, flow))
  const error = errors.find((story) => tookIn(story, input.asker))
  if (error?.lastFlow !== undefined) return errorOf(error, error.lastFlow)
  const own = [request, ...childrenOf(input.stories, request)]
  const lost = lossOf(own, [...replies, ...errors])
  if (lost !== undefined) return droppedBy(lost, input.roles.get(lost.packet) ?? 'other')
  const delivery = own.flatMap((story) => story.hops).find(isDelivery)
  if (delivery !== undefined && flow.protocol === 'udp') {
    return { kind: 'delivered', to: delivery.netns, packet: request.id }
  }
  return { kind: 'no-answer', why: silence(request, delivery) }
}

/** The first drop of the request; but where only nobody listened, what became of the news of that comes first. */
function lossOf(own: readonly PacketStory[], answers: readonly PacketStory[]): DropHop | undefined {
  const dropsIn = (stories: readonly PacketStory[]): readonly DropHop[] =>
    stories.flatMap((story) => story.hops).filter((hop): hop is DropHop => hop.kind === 'drop' && !hop.harmless)
  const [first] = dropsIn(own)
  const [later] = dropsIn(answers)
  return first === undefined || findsNobody(first.cause) ? (later ?? first) : first
}

function isDelivery(hop: Hop): boolean {
  return hop.kind === 'deliver'
}

function silence(request: PacketStory, delivery: Hop | undefined): string {
  if (delivery !== undefined) return `the request was delivered in ${delivery.netns}, which sent no answer`
  const last = request.hops.at(-1)
  return last === undefined
    ? 'the request was never sent'
    : `the request was last heard of in ${last.netns}: ${last.reason}`
}

function isReplyOf(story: PacketStory, request: PacketStory, flow: Flow, input: ExchangeInput): boolean {
  if (input.roles.get(story.id) !== 'reply') return false
  const whole = wholeOf(input.stories, story)
  const asked = input.stories.find((one) => one.id === whole.answers)
  if (asked !== undefined && wholeOf(input.stories, asked).id === request.id) return true
  if (whole.lastFlow !== undefined && isReplyTo(whole.lastFlow, flow)) return true
  return story.lastFlow !== undefined && isReplyTo(story.lastFlow, flow)
}

/** The packet a fragment or copy was made from; itself when it is whole. */
function wholeOf(stories: readonly PacketStory[], story: PacketStory): PacketStory {
  const parent = story.parent === undefined ? undefined : stories.find((one) => one.id === story.parent)
  return parent === undefined ? story : wholeOf(stories, parent)
}

/** Whether a packet's way ended in that namespace, taken in. */
function tookIn(story: PacketStory, netns: string): boolean {
  return story.hops.some((hop) => hop.netns === netns && isTaken(hop))
}

/** Also when nobody listens any more: it came back. */
function isTaken(hop: Hop): boolean {
  return hop.kind === 'deliver' || (hop.kind === 'drop' && (isTakenIn(hop.cause) || findsNobody(hop.cause)))
}

function childrenOf(stories: readonly PacketStory[], parent: PacketStory): readonly PacketStory[] {
  return stories.filter((story) => story !== parent && wholeOf(stories, story).id === parent.id)
}

function answeredBy(input: ExchangeInput, reply: PacketStory, request: PacketStory): Disposition {
  const end = reply.hops.find(isTaken)?.time ?? 0
  return {
    kind: 'answered',
    by: wholeOf(input.stories, reply).birthplace,
    packet: reply.id,
    rtt: end - (request.hops[0]?.time ?? 0),
  }
}

function isReset(reader: HopReader, story: PacketStory): boolean {
  const tcp = reader.sightings.get(story.id)?.headers.find((layer) => layer.protocol === 'tcp')
  return tcp !== undefined && (fieldNumber(tcp, 'flags') & 0x04) !== 0
}

function resetBy(story: PacketStory): Disposition {
  const from = story.lastFlow?.source ?? ''
  return { kind: 'error', message: 'connection refused (TCP reset)', type: -1, code: -1, from, packet: story.id }
}

function errorOf(error: PacketStory, flow: Flow): Disposition {
  const message = icmpMessage(flow.protocol === 'icmpv6' ? 'inet6' : 'inet', flow.type, flow.code)
  return { kind: 'error', message, type: flow.type, code: flow.code, from: flow.source, packet: error.id }
}

function droppedBy(hop: DropHop, role: PacketRole): Disposition {
  return { kind: 'dropped', cause: hop.cause, netns: hop.netns, dev: hop.dev, role, packet: hop.packet }
}

/** Whether a packet is an ICMP error about this flow. */
function quotes(input: ExchangeInput, story: PacketStory, flow: Flow): boolean {
  if (input.roles.get(story.id) !== 'error') return false
  const headers = input.reader.sightings.get(story.id)?.headers
  const quote = headers === undefined ? undefined : quoteOf(headers)
  const about = quote === undefined ? undefined : flowOf(quote)
  return about !== undefined && (sameFlow(about, flow) || sameFragment(about, flow))
}

/** A later fragment quotes no ports, and of a packet no device saw none are known. */
function sameFragment(quoted: Flow, flow: Flow): boolean {
  const isBare = (quoted.from === '' && quoted.to === '') || (flow.from === '' && flow.to === '')
  const sameSource = flow.source === '' || quoted.source === flow.source
  return isBare && sameSource && quoted.destination === flow.destination
}
