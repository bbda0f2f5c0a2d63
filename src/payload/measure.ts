import type { Lab } from '../lab/index.ts'
import { type Certainty, type Confidence, describeNote, pushTo, weakest } from '../model/index.ts'
import type { LabSnapshot } from '../shell/index.ts'
import { hopsOf, type Trace } from '../trace/index.ts'
import { cutOf, fragmentsOf } from './cut.ts'
import type { MtuSources } from './mtu-source.ts'
import {
  arrivalOf,
  datagram,
  echo,
  familyOfPair,
  headersOf,
  mostData,
  type Pair,
  type Sent,
  TRIES,
  transfer,
  whyBlocked,
} from './probe.ts'
import type { Because, Cut, Measured, MtuSource, PayloadEnd, PayloadVerdict, PayloadWay, Segments } from './report.ts'
import { largestThatPasses } from './search.ts'
import { segmentsOf } from './segments.ts'

/** What measuring needs besides the ends. */
export interface Ground {
  readonly lab: Lab
  readonly moment: LabSnapshot
  readonly sources: MtuSources
  /** MTUs that were met so far: where limits are likely. */
  readonly met: Set<number>
  /** Who answers for addresses that nobody has. */
  readonly outside: string | undefined
}

/** Ports that are asked where nothing says which: of iperf3. */
const USUAL_PORT = 5201

/** A pair, as it is asked. */
export function pairOf(ground: Ground, from: PayloadEnd, to: PayloadEnd, ports: { tcp?: number; udp?: number }): Pair {
  const { lab, moment, outside } = ground
  const server = to.kind === 'outside' ? outside : to.netns
  const udpPort = to.kind === 'service' ? ports.udp : (ports.udp ?? USUAL_PORT)
  return { lab, moment, netns: from.netns!, to, server, port: ports.tcp ?? USUAL_PORT, udpPort }
}

/** What passes from the one who asks. */
export function wayThere(ground: Ground, pair: Pair, from: string): PayloadWay {
  const answersPing = pair.to.kind !== 'service'
  const ping = answersPing ? measured(ground, pair, echo) : undefined
  const udp = pair.udpPort === undefined ? undefined : measured(ground, pair, datagram, ping?.measured)
  const tcp = segmentsOf(pair, false, manyFor(pair, ping))
  return wayOf(ground, pair, { from, to: pair.to.label, ping, udp, tcp })
}

/** What passes to the one who asks, of an end that only answers. */
export function wayOfAnswers(ground: Ground, pair: Pair, to: string): PayloadWay {
  const tcp = segmentsOf(pair, true, manyFor(pair, undefined))
  return wayOf(ground, pair, { from: pair.to.label, to, ping: undefined, udp: undefined, tcp })
}

/** What was found of a protocol, and the questions that tell the way. */
interface Found {
  readonly measured: Measured
  readonly passing: Sent | undefined
  readonly cut: Cut | undefined
}

type Send = (pair: Pair, size: number, isWhole: boolean) => Sent

/** Bytes of a transfer: a few of the longest segments that may pass. */
function manyFor(pair: Pair, ping: Found | undefined): number {
  const packet = (ping?.measured.whole ?? JUMBO) + headersOf(familyOfPair(pair))
  return 2 * Math.min(packet, JUMBO) + 500
}

/** The longest packets of Ethernet. */
const JUMBO = 9001

/**
 * The largest data that passes, with DF and without.
 * @param known - what another protocol found: it holds for this one in nearly every network, and is asked first. Where it does, the rest is
 * the same for both: IP cuts what it carries unseen
 */
function measured(ground: Ground, pair: Pair, send: Send, known?: Measured): Found {
  const family = familyOfPair(pair)
  const [headers, most] = [headersOf(family), mostData(family)]
  let passing: Sent | undefined
  let failing: Sent | undefined
  const passes = (size: number): boolean => {
    const sent = send(pair, size, true)
    if (sent.passed) passing = sent
    else failing = sent
    return sent.passed
  }
  const guess = known?.whole ?? undefined
  const whole = largestThatPasses(
    passes,
    guess === undefined ? [...ground.met].map((mtu) => mtu - headers) : [guess],
    most,
  )
  if (whole < 0) {
    const blocked = failing === undefined ? '' : whyBlocked(failing)
    return { measured: { whole: null, blocked }, passing, cut: undefined }
  }
  ground.met.add(whole + headers)
  if (whole === guess) return { measured: { whole }, passing, cut: undefined }
  const cut = whole === most ? undefined : cutBeyond(ground, pair, whole, send)
  if (pair.to.kind === 'service') return { measured: { whole }, passing, cut }
  return { measured: { whole, ...fragmented(ground, pair, send, whole, most) }, passing, cut }
}

/** What becomes of one byte more, sent again and again where it is lost: the first may teach a tunnel, the next the sender. */
function cutBeyond({ sources }: Ground, pair: Pair, whole: number, send: Send): Cut | undefined {
  const sent = send === echo ? echo(pair, whole + 1, true, TRIES) : send(pair, whole + 1, true)
  const out = hopsOf(send(pair, whole, true).run.trace, 'tx', pair.netns)[0]?.dev
  return cutOf(sent, pair.netns, out, sources)
}

/** The same without DF. */
function fragmented(
  ground: Ground,
  pair: Pair,
  send: Send,
  whole: number,
  most: number,
): Pick<Measured, 'fragmented' | 'fragments'> {
  const headers = headersOf(familyOfPair(pair))
  const hints = [...ground.met].map((mtu) => mtu - headers)
  const largest = send(pair, most, false).passed
    ? most
    : largestThatPasses((size) => send(pair, size, false).passed, hints, most)
  if (largest <= whole) return { fragmented: largest < 0 ? null : largest }
  return { fragmented: largest, fragments: fragmentsOf(send(pair, whole + 1, false).run.trace) }
}

/** What was measured of one way. */
interface Parts {
  readonly from: string
  readonly to: string
  readonly ping: Found | undefined
  readonly udp: Found | undefined
  readonly tcp: Segments
}

function wayOf(ground: Ground, pair: Pair, { from, to, ping, udp, tcp }: Parts): PayloadWay {
  const headers = headersOf(familyOfPair(pair))
  const known = [ping, udp].filter((one) => one !== undefined)
  const whole = known.flatMap(({ measured: { whole } }) => whole ?? [])
  const cut = known.find((one) => one.cut !== undefined)?.cut
  const witness = known.find(({ passing }) => passing !== undefined)?.passing ?? transfer(pair, 1, 1)
  const { trace, certainty, notes } = witness.run
  const rests = restsOn(ground.sources, trace, pair, cut)
  const assumed = rests.filter(({ confidence }) => confidence.kind === 'assumed')
  const open = notes.filter(({ ignored, effect }) => ignored !== true && effect !== 'harmless')
  const said = new Set(open.map(describeNote))
  const because = [...assumedOf(assumed), ...[...said].map((what): Because => ({ what, at: [] }))]
  return {
    from,
    to,
    packet: whole.length === 0 ? null : Math.min(...whole) + headers,
    ...(ping === undefined ? {} : { ping: ping.measured }),
    ...(udp === undefined ? {} : { udp: udp.measured }),
    tcp,
    ...(cut === undefined ? {} : { cut }),
    tunnels: [...new Set(hopsOf(trace, 'encap').map(({ tunnel }) => tunnel))],
    verdict: verdictOf(known, cut, tcp, certainty),
    confidence: confidenceIn(rests, certainty, because),
    because,
  }
}

/** Undecided, or assumed, by what the run notes; else as the weakest device. */
function confidenceIn(rests: readonly MtuSource[], certainty: Certainty, because: readonly Because[]): Confidence {
  const { kind } = weakest(rests.map(({ confidence }) => confidence))
  const worth = certainty === 'certain' ? kind : certainty
  return { kind: worth, of: worth === 'assumed' || worth === 'undecided' ? because.map(({ what }) => what) : [] }
}

/** What is assumed of devices, by reason. */
function assumedOf(assumed: readonly MtuSource[]): Because[] {
  const byReason = new Map<string, string[]>()
  for (const { netns, dev, mtu, why } of assumed) pushTo(byReason, `MTU ${mtu}: ${why}`, `${netns} ${dev}`)
  return [...byReason].map(([what, at]) => ({ what, at }))
}

function verdictOf(known: readonly Found[], cut: Cut | undefined, tcp: Segments, certainty: Certainty): PayloadVerdict {
  if (certainty === 'undecided') return 'undecided'
  // Where no answer comes of any of them, however small the question is, size is not what matters.
  if (tcp.blocked !== undefined && !known.some(({ passing }) => passing?.run.exitCode === 0)) return 'blocked'
  const isLost = cut !== undefined && (cut.news.kind === 'lost' || cut.news.kind === 'silent')
  const hangs = !tcp.completes && tcp.blocked === undefined
  if (isLost || hangs) return 'black_hole'
  return cut?.news.kind === 'told' ? 'told' : 'fits'
}

/** The devices a packet crossed, and whose MTU therefore counts: each once. */
function restsOn(sources: MtuSources, trace: Trace, { netns }: Pair, cut: Cut | undefined): readonly MtuSource[] {
  const arrived = arrivalOf(trace)
  const found = new Map<string, MtuSource>()
  const add = (source: MtuSource | undefined): void => {
    if (source !== undefined) found.set(`${source.netns}\n${source.dev}`, source)
  }
  add(cut?.source)
  for (const hop of trace.hops) {
    if (hop.kind === 'tx' || (hop.kind === 'rx' && hop.netns !== netns)) add(sources.of(hop.netns, hop.dev))
    if (hop === arrived) break
  }
  return [...found.values()]
}
