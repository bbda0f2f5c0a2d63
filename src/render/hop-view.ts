import type { Origin } from '../model/index.ts'
import {
  type Exchange,
  type Flow,
  flowOf,
  type Hop,
  headersOfHop,
  lastMatch,
  type Trace,
  type TracePacket,
} from '../trace/index.ts'
import { segmentName, segmentsAfter, segmentWords } from './hop-segments.ts'
import { chainOf, type Stay, staysOf } from './hop-stays.ts'
import { stayWords } from './hop-words.ts'
import { admissionLines, type DecisionLine, decisionLines, ledgerLines, type Told, toldOf } from './told.ts'
import { switchesOf } from './visible.ts'

/** An end of the way. */
export interface ViewEnd {
  /** Name: a pod, a machine; '' when nobody has the address. */
  readonly name: string
  /** Address; '' when the packet had none yet. */
  readonly address: string
}

/** One line: a packet's stay in a namespace. */
export interface ViewRow {
  /** Namespace. */
  readonly netns: string
  /** Interfaces in the order they are passed, one or two; none where nothing was sent. */
  readonly devices: readonly string[]
  /** What decided, in short statements. */
  readonly said: readonly string[]
  /** What made the deciding fact. */
  readonly origin?: Origin
  /** The place is one nobody described: this says what it was assumed to be. */
  readonly assumed?: string
  /** What policy, Services and NAT decided there, a line each. */
  readonly decisions: readonly DecisionLine[]
  /** `end`: taken in. `bad`: it came to grief here. */
  readonly tone: 'plain' | 'end' | 'bad'
}

/** One packet on its way from end to end. */
export interface ViewLeg {
  /** What it is, where it is not the request. */
  readonly title: string
  /** Its stays. */
  readonly rows: readonly ViewRow[]
}

/** A trace told with one line a hop: data for whoever prints or draws it. */
export interface HopView {
  /** Who asks. */
  readonly from: ViewEnd
  /** Who is asked. */
  readonly to: ViewEnd
  /** What: `ping`, `udp 53`, `tcp 80`. */
  readonly question: string
  /** What came of it, in a few words. */
  readonly outcome: string
  /** Whether that is a success. */
  readonly ok: boolean
  /** Tunnels and routers on the way: `vxlan, 3 routers`. */
  readonly means: string
  /** The request; what came back only where it took another way or was lost. */
  readonly legs: readonly ViewLeg[]
  /** What else was sent, a line each. */
  readonly more: readonly string[]
  /** Every translation, both ways, and who translated; a line each. */
  readonly ledger: readonly string[]
}

/** A trace, and what was decided in it. */
interface Context {
  readonly trace: Trace
  readonly told: Told
}

/** The view of one line a hop; undefined for a trace in which nobody asked anything (nothing but address resolution). */
export function hopViewOf(trace: Trace): HopView | undefined {
  const exchange = lastMatch(trace.exchanges, (one) => one.disposition === trace.disposition) ?? trace.exchanges.at(-1)
  if (exchange === undefined)
    return trace.disposition.kind === 'not-sent' ? notSentView(trace, trace.disposition.why) : undefined
  const request = packetOf(trace, exchange.request)
  if (request === undefined) return undefined
  const told = toldOf(trace)
  const stays = staysOf(trace, request.id)
  const reply = replyTo(trace, exchange)
  const same = reply !== undefined && isSameWay(trace, request, reply)
  const flow = flowIn(trace, request.id)
  return {
    ...endsOf(trace, exchange, stays, flow),
    question: questionOf(flow),
    outcome: outcomeOf(trace, exchange),
    ok: trace.ok,
    means: meansOf(stays),
    legs: [
      { title: '', rows: requestRows({ trace, told }, exchange, stays, same) },
      ...replyLegs({ trace, told }, exchange, reply, same),
      ...lostLegs({ trace, told }, request),
    ],
    more: [...moreOf(trace, exchange, request, reply), ...admissionLines(told)],
    ledger: ledgerLines(trace, told),
  }
}

function packetOf(trace: Trace, id: number): TracePacket | undefined {
  return trace.packets.find((packet) => packet.id === id)
}

function notSentView(trace: Trace, why: string): HopView {
  const netns = trace.nodes[0]?.name ?? trace.ends?.from ?? ''
  const row: ViewRow = { netns, devices: [], said: [`ends here: ${why}`], decisions: [], tone: 'bad' }
  const from = { name: trace.ends?.from ?? netns, address: '' }
  const to = { name: trace.ends?.to ?? '', address: '' }
  return {
    from,
    to,
    question: '',
    outcome: 'not sent',
    ok: false,
    means: '',
    legs: [{ title: '', rows: [row] }],
    more: [],
    ledger: [],
  }
}

/** Who talks to whom, as the first device saw it; of a packet in pieces the first piece tells the ports. */
function flowIn(trace: Trace, packet: number): Flow | undefined {
  const pieces = new Set([packet, ...trace.packets.filter((one) => one.parent === packet).map((one) => one.id)])
  for (const hop of trace.hops) {
    if (!pieces.has(hop.packet) || (hop.kind !== 'tx' && hop.kind !== 'rx')) continue
    return flowOf(headersOfHop(hop))
  }
  return undefined
}

function endsOf(
  trace: Trace,
  exchange: Exchange,
  stays: readonly Stay[],
  flow: Flow | undefined,
): { readonly from: ViewEnd; readonly to: ViewEnd } {
  const lookup = stays[0]?.hops.find((hop) => hop.kind === 'route')
  const asked = lookup?.kind === 'route' ? lookup : undefined
  const destination = flow?.destination ?? asked?.destination ?? ''
  const named = trace.ends?.to
  const name = named === undefined || named === destination ? takenBy(exchange) : named
  return {
    from: { name: trace.ends?.from ?? exchange.netns, address: flow?.source ?? asked?.source ?? '' },
    to: { name, address: destination },
  }
}

function takenBy({ disposition }: Exchange): string {
  if (disposition.kind === 'answered') return disposition.by
  return disposition.kind === 'delivered' ? disposition.to : ''
}

function questionOf(flow: Flow | undefined): string {
  if (flow === undefined) return ''
  if (flow.protocol === 'udp' || flow.protocol === 'tcp') return `${flow.protocol} ${flow.to}`
  return flow.type === 8 || flow.type === 128 ? 'ping' : flow.protocol
}

function outcomeOf(trace: Trace, { disposition: d }: Exchange): string {
  if (trace.certainty === 'undecided') return 'undecided'
  switch (d.kind) {
    case 'answered':
      return `answered in ${(d.rtt / 1e6).toFixed(d.rtt < 10_000 ? 3 : 2)} ms`
    case 'delivered':
      return 'delivered'
    case 'error':
      return d.message
    case 'dropped':
      return `${d.role === 'reply' ? 'reply dropped' : 'dropped'} in ${d.netns}`
    case 'no-answer':
      return trace.packets.some((one) => one.role === 'request' && one.end === 'delivered')
        ? 'delivered, not answered'
        : 'no answer'
    case 'not-sent':
      return 'not sent'
  }
}

/** Tunnels and routers: `vxlan, 3 routers`. */
function meansOf(stays: readonly Stay[]): string {
  const hops = stays.flatMap((stay) => stay.hops)
  const tunnels = new Set(hops.flatMap((hop) => (hop.kind === 'encap' ? [hop.tunnel] : [])))
  const nat = new Set(hops.flatMap((hop) => (hop.kind === 'nat' ? [`${hop.side} NAT`] : [])))
  const routers = new Set(hops.flatMap((hop) => (hop.kind === 'forward' ? [hop.netns] : []))).size
  const count = routers === 0 ? [] : [`${routers} ${routers === 1 ? 'router' : 'routers'}`]
  return [...tunnels, ...nat, ...count].join(', ')
}

function requestRows(context: Context, exchange: Exchange, stays: readonly Stay[], same: boolean): ViewRow[] {
  const rows = rowsOf(context, stays)
  const last = rows.at(-1)
  if (last === undefined || last.tone === 'bad') return rows
  const { disposition } = exchange
  const end = stays.at(-1)?.to === '' ? endWords(exchange, stays.at(-1)?.hops ?? [], same) : lostWords(disposition)
  const tone = stays.at(-1)?.to === '' && disposition.kind !== 'no-answer' ? ('end' as const) : ('bad' as const)
  return [...rows.slice(0, -1), { ...last, said: [...last.said, ...end], tone: end.length === 0 ? last.tone : tone }]
}

/** A packet that left a device and was not seen again: the disposition says what is known of it. */
function lostWords(disposition: Exchange['disposition']): string[] {
  return disposition.kind === 'no-answer' ? [`ends here: ${disposition.why}`] : []
}

function endWords({ disposition }: Exchange, hops: readonly Hop[], same: boolean): string[] {
  const taken = hops.find((hop) => hop.kind === 'deliver')
  const by = taken?.kind !== 'deliver' || taken.protocol === 1 || taken.protocol === 58 ? 'the kernel' : 'a program'
  switch (disposition.kind) {
    case 'answered':
      return [`answered by ${by}${same ? '; reply the same way back' : ''}`]
    case 'delivered':
      return [`delivered to ${by}`]
    case 'no-answer':
      return [taken === undefined ? `ends here: ${disposition.why}` : `taken in, but not answered: ${disposition.why}`]
    case 'dropped':
      return [`taken in by ${by}; what it answered was lost`]
    default:
      return taken === undefined ? [] : [`taken in by ${by}`]
  }
}

function rowsOf({ trace, told }: Context, stays: readonly Stay[]): ViewRow[] {
  const lastRouter = lastMatch(stays, (stay) => stay.hops.some((hop) => hop.kind === 'forward'))
  return stays.map((stay) => {
    const { said, origin, bad } = stayWords(trace, told, stay, stay === lastRouter)
    const assumed = assumedIn(trace, stay.netns)
    return {
      netns: stay.netns,
      devices: devicesOf(stay, bad),
      said: assumed === undefined || bad ? said : said.filter((part) => part.startsWith('ttl ')),
      ...(origin === undefined || (assumed !== undefined && !bad) ? {} : { origin }),
      ...(assumed === undefined ? {} : { assumed }),
      decisions: decisionLines(told, stay.hops),
      tone: bad ? 'bad' : 'plain',
    }
  })
}

/** Of a packet that was lost also the interface it was meant to leave by. */
function devicesOf(stay: Stay, bad: boolean): string[] {
  const drop = bad ? stay.hops.find((hop) => hop.kind === 'drop' && !hop.harmless) : undefined
  const to = stay.to === '' ? (drop?.dev ?? '') : stay.to
  return [stay.from, to === stay.from ? '' : to].filter((name) => name !== '')
}

/** What a place is that no object and no dump describes; undefined for those that are described. */
function assumedIn(trace: Trace, netns: string): string | undefined {
  const origin = trace.nodes.find((node) => node.name === netns)?.origin
  return origin?.assumed === true ? (origin.note ?? 'not described by the input') : undefined
}

/** The packet that answers, or that was lost on the way to: of an exchange that failed, the one that tells why. */
function replyTo(trace: Trace, { request, disposition: d }: Exchange): TracePacket | undefined {
  if (d.kind === 'answered' || d.kind === 'error') return rootOf(trace, d.packet)
  if (d.kind === 'dropped' && d.role !== 'request') return rootOf(trace, d.packet)
  return trace.packets.find((one) => one.role === 'error' && one.answers === request)
}

/** The whole a fragment belongs to. */
function rootOf(trace: Trace, id: number): TracePacket | undefined {
  const packet = packetOf(trace, id)
  return packet?.parent === undefined ? packet : (rootOf(trace, packet.parent) ?? packet)
}

function replyLegs(context: Context, exchange: Exchange, reply: TracePacket | undefined, same: boolean): ViewLeg[] {
  if (reply === undefined || reply.id === exchange.request) return []
  const kind = exchange.disposition.kind
  const isLost = kind !== 'answered' && reply.end === 'dropped'
  if ((same && !isLost) || (kind === 'error' && !isLost)) return []
  const rows = rowsOf(context, staysOf(context.trace, reply.id))
  const last = rows.at(-1)
  if (last === undefined) return []
  const end: ViewRow = last.tone === 'bad' ? last : { ...last, said: [...last.said, 'taken in'], tone: 'end' }
  const title = reply.role === 'error' ? 'the error:' : same ? 'the reply:' : 'the reply takes another way:'
  return [{ title: isLost ? 'the reply:' : title, rows: [...rows.slice(0, -1), end] }]
}

/** Where a later segment of the connection was lost first: only the place, the way there is known. */
function lostLegs(context: Context, request: TracePacket): ViewLeg[] {
  const { trace } = context
  // Where the request was lost, its repetitions are no news.
  if (request.end === 'dropped') return []
  const lost = segmentsAfter(trace, request).find(({ packet }) => packet.end === 'dropped')
  const row = lost === undefined ? undefined : rowsOf(context, staysOf(trace, lost.packet.id)).at(-1)
  return lost === undefined || row === undefined ? [] : [{ title: `then lost: ${segmentName(lost)}`, rows: [row] }]
}

/** Whether two packets went through the same machines, one of them the other way round, in the same tunnels. */
function isSameWay(trace: Trace, request: TracePacket, reply: TracePacket): boolean {
  return wayOf(trace, request.id).join(' ') === wayOf(trace, reply.id).reverse().join(' ')
}

/** Machines a packet came through, a word each; where it is inside a tunnel the tunnel is part of the word. */
function wayOf(trace: Trace, packet: number): string[] {
  const chain = chainOf(trace, packet)
  const hidden = switchesOf(trace)
  const words: string[] = []
  const tunnels = new Set<string>()
  for (const hop of trace.hops) {
    if (!chain.has(hop.packet) || hidden.has(hop.netns) || hop.netns === '') continue
    if (hop.kind === 'encap') tunnels.add(hop.tunnel)
    if (words.at(-1) !== hop.netns) words.push(hop.netns)
  }
  return tunnels.size === 0 ? words : [[...tunnels].sort().join('+'), ...words, [...tunnels].sort().join('+')]
}

/** The other packets of the connection, and the other requests. */
function moreOf(
  trace: Trace,
  exchange: Exchange,
  request: TracePacket,
  reply: TracePacket | undefined,
): readonly string[] {
  const segments = segmentWords(trace, request, (packet) => isEitherWay(trace, request, packet))
  const others = trace.exchanges.filter((one) => one !== exchange)
  if (others.length === 0) return segments
  const there = wayOf(trace, request.id).join(' ')
  const groups = new Map<string, number>()
  for (const other of others) {
    const packet = packetOf(trace, other.request)
    const way = packet === undefined ? '' : wayOf(trace, packet.id).join(' ')
    const answer = replyTo(trace, other)
    const back =
      reply === undefined ||
      answer === undefined ||
      wayOf(trace, answer.id).join(' ') === wayOf(trace, reply.id).join(' ')
    const isGood = other.disposition.kind === 'answered' || other.disposition.kind === 'delivered'
    const words = way === there && back ? ', the same way' : ', another way'
    const key = `${isGood || way === there ? words : ''}: ${shortOutcome(trace, other)}`
    groups.set(key, (groups.get(key) ?? 0) + 1)
  }
  return [...segments, ...[...groups].map(([key, n]) => `${n} more ${n === 1 ? 'request' : 'requests'}${key}`)]
}

/** Without times, so that equal outcomes count as one. */
function shortOutcome(trace: Trace, exchange: Exchange): string {
  const { disposition } = exchange
  if (disposition.kind === 'answered') return 'answered'
  if (disposition.kind === 'error') return `${disposition.message} from ${disposition.from}`
  return outcomeOf(trace, exchange)
}

function isEitherWay(trace: Trace, request: TracePacket, packet: TracePacket): boolean {
  const way = wayOf(trace, packet.id)
  const there = wayOf(trace, request.id).join(' ')
  return way.join(' ') === there || way.reverse().join(' ') === there
}
