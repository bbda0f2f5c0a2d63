import { lateMembers, once, pushTo } from '../model/index.ts'
import { ends, type Flow, flowKey, flowOf, isReplyTo, sameFlow, turnedEnds } from './flow.ts'
import type { DropHop, Hop } from './hop.ts'
import { findsNobody, isTakenIn } from './hops/packet.ts'
import { icmpMessage } from './icmp-words.ts'
import { fieldNumber, quoteOf } from './layers.ts'
import type { PacketStory } from './packets.ts'
import type { Growing, HopReader } from './reader.ts'
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
  const index = new ExchangeIndex(input)
  const exchanges: Exchange[] = []
  const seen = new Set<string>()
  for (const story of input.stories) {
    if (input.roles.get(story.id) !== 'request' || story.parent !== undefined || story.flow === undefined) continue
    const { flow } = story
    if (flow.protocol === 'tcp' && seen.has(flowKey(flow))) continue
    seen.add(flowKey(flow))
    const exchange: Growing<Exchange> = { request: story.id, netns: input.asker }
    giveLine(exchange, story)
    exchange.disposition = dispositionOf(input, index, story, flow)
    exchanges.push(exchange as Exchange)
  }
  return exchanges
}

const giveLine = lateMembers<PacketStory>({
  line: ({ hops }) => {
    const frame = hops.find((hop) => hop.kind === 'tx' || hop.kind === 'rx')
    return frame?.kind === 'tx' || frame?.kind === 'rx' ? frame.line : ''
  },
})

/** What the packets of a trace have to do with each other, looked up instead of compared: a trace may hold thousands. */
class ExchangeIndex {
  private readonly byId: () => ReadonlyMap<number, PacketStory>
  private readonly roots = new Map<number, PacketStory>()
  private readonly parts: () => ReadonlyMap<number, readonly PacketStory[]>
  private readonly replies: readonly PacketStory[]
  private readonly repliesTo = new Map<number, PacketStory[]>()
  private readonly repliesBetween = new Map<string, PacketStory[]>()
  private readonly errorsAbout = new Map<string, { readonly story: PacketStory; readonly about: Flow }[]>()

  constructor(input: ExchangeInput) {
    const { stories } = input
    this.byId = once(() => new Map(stories.map((story) => [story.id, story])))
    this.parts = once(() => {
      const parts = new Map<number, PacketStory[]>()
      for (const story of stories) pushTo(parts, this.wholeOf(story).id, story)
      return parts
    })
    const withRole = (role: PacketRole): PacketStory[] =>
      input.stories.filter((one) => input.roles.get(one.id) === role)
    this.replies = withRole('reply')
    for (const story of this.replies) {
      const whole = this.wholeOf(story)
      const asked = whole.answers === undefined ? undefined : this.byId().get(whole.answers)
      if (asked !== undefined) pushTo(this.repliesTo, this.wholeOf(asked).id, story)
      for (const flow of [whole.lastFlow, story.lastFlow])
        if (flow) pushTo(this.repliesBetween, turnedEnds(flow), story)
    }
    for (const story of withRole('error')) {
      const headers = input.reader.of(story.id).last?.frame.headers
      const quote = headers === undefined ? undefined : quoteOf(headers)
      const about = quote === undefined ? undefined : flowOf(quote)
      if (about !== undefined) pushTo(this.errorsAbout, about.destination, { story, about })
    }
  }

  /** The packet a fragment or copy was made from; itself when it is whole. */
  wholeOf(story: PacketStory): PacketStory {
    const known = this.roots.get(story.id)
    if (known !== undefined) return known
    const parent = story.parent === undefined ? undefined : this.byId().get(story.parent)
    const whole = parent === undefined ? story : this.wholeOf(parent)
    this.roots.set(story.id, whole)
    return whole
  }

  /** A packet's copies and fragments. */
  childrenOf(parent: PacketStory): readonly PacketStory[] {
    return (this.parts().get(parent.id) ?? []).filter((story) => story !== parent)
  }

  /** The packets that answer a request, in the order of the trace. */
  repliesOf(request: PacketStory, flow: Flow): readonly PacketStory[] {
    const candidates = new Set([
      ...(this.repliesTo.get(request.id) ?? []),
      ...(this.repliesBetween.get(ends(flow)) ?? []).filter((story) => this.isTurned(story, flow)),
    ])
    return candidates.size < 2 ? [...candidates] : this.replies.filter((story) => candidates.has(story))
  }

  private isTurned(story: PacketStory, flow: Flow): boolean {
    return [this.wholeOf(story).lastFlow, story.lastFlow].some((one) => one !== undefined && isReplyTo(one, flow))
  }

  /** ICMP errors about a flow. */
  errorsOf(flow: Flow): readonly PacketStory[] {
    const about = this.errorsAbout.get(flow.destination) ?? []
    return about.filter((one) => sameFlow(one.about, flow) || sameFragment(one.about, flow)).map(({ story }) => story)
  }
}

function dispositionOf(input: ExchangeInput, index: ExchangeIndex, request: PacketStory, flow: Flow): Disposition {
  const replies = index.repliesOf(request, flow)
  const came = replies.find((story) => tookIn(story, input.asker))
  if (came !== undefined) {
    return isReset(input.reader, came) ? resetBy(came) : answeredBy(index, came, request)
  }
  const errors = index.errorsOf(flow)
  const error = errors.find((story) => tookIn(story, input.asker))
  if (error?.lastFlow !== undefined) return errorOf(error, error.lastFlow)
  const own = [request, ...index.childrenOf(request)]
  const lost = lossOf(own, [...replies, ...errors])
  if (lost !== undefined) return droppedBy(lost, input.roles.get(lost.packet) ?? 'other')
  const delivery = own.flatMap((story) => story.hops).find(isDelivery)
  if (delivery !== undefined && !ANSWERED.has(flow.protocol)) {
    return { kind: 'delivered', to: delivery.netns, packet: request.id }
  }
  return { kind: 'no-answer', why: silence(request, delivery) }
}

/** Protocols whose requests are answered by the host or its programs; of others nobody knows whether an answer is due. */
const ANSWERED: ReadonlySet<string> = new Set(['tcp', 'icmp', 'icmpv6'])

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

/** Whether a packet's way ended in that namespace, taken in. */
function tookIn(story: PacketStory, netns: string): boolean {
  return story.hops.some((hop) => hop.netns === netns && isTaken(hop))
}

/** Also when nobody listens any more: it came back. */
function isTaken(hop: Hop): boolean {
  return hop.kind === 'deliver' || (hop.kind === 'drop' && (isTakenIn(hop.cause) || findsNobody(hop.cause)))
}

function answeredBy(index: ExchangeIndex, reply: PacketStory, request: PacketStory): Disposition {
  const end = reply.hops.find(isTaken)?.time ?? 0
  return {
    kind: 'answered',
    by: index.wholeOf(reply).birthplace,
    packet: reply.id,
    rtt: end - (request.hops[0]?.time ?? 0),
  }
}

function isReset(reader: HopReader, story: PacketStory): boolean {
  const tcp = reader.of(story.id).last?.frame.headers.find((layer) => layer.protocol === 'tcp')
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

/** A later fragment quotes no ports, and of a packet no device saw none are known. */
function sameFragment(quoted: Flow, flow: Flow): boolean {
  const isBare = (quoted.from === '' && quoted.to === '') || (flow.from === '' && flow.to === '')
  const sameSource = flow.source === '' || quoted.source === flow.source
  return isBare && sameSource && quoted.destination === flow.destination
}
