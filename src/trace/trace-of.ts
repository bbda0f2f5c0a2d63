import { lateMembers, type NetworkData, type RecordLog } from '../model/index.ts'
import { withDenials } from './denied-drops.ts'
import { DISPOSITIONS } from './disposition.ts'
import { exchangesOf } from './exchange.ts'
import { faultsOf } from './faults.ts'
import type { Hop } from './hop.ts'
import { lastMatch } from './last-match.ts'
import { askerOf, type PacketStory, packetOf, rolesOf, storiesOf } from './packets.ts'
import { type LogRange, readLog } from './read-hops.ts'
import { type Growing, HopReader } from './reader.ts'
import { summarize } from './summary.ts'
import { toldTrace } from './told-trace.ts'
import {
  type Disposition,
  type Exchange,
  type PacketRole,
  TRACE_SCHEMA,
  type Trace,
  type TraceEnds,
  type TraceNode,
  type TracePacket,
} from './trace.ts'

/** What is known of a run besides its records. */
export interface TraceOptions extends LogRange {
  /** What was asked, for people: the command line, or a sentence. */
  readonly title?: string
  /** Who asks whom, in the names of the question. */
  readonly ends?: TraceEnds
  /** Namespace that asks; the one that made the first packet when left out. */
  readonly from?: string
}

/** What a trace is told from; what nobody asks for is not told. */
interface Read {
  readonly network: NetworkData
  readonly reader: HopReader
  /** Hops as they were read. */
  readonly steps: readonly Hop[]
  readonly stories: readonly PacketStory[]
  readonly roles: ReadonlyMap<number, PacketRole>
  readonly exchanges: readonly Exchange[]
  readonly disposition: Disposition
  /** The trace itself. */
  readonly trace: Partial<Trace>
}

const giveSummary = lateMembers<Read>({
  summary: ({ network, steps, exchanges, disposition, trace }) =>
    summarize({ network, hops: steps, packets: trace.packets ?? [], exchanges, disposition }),
})
const giveParts = lateMembers<Read>({
  nodes: ({ network, steps, trace }) => nodesOf(network, steps, trace.packets ?? []),
  packets: ({ stories, roles, reader }) =>
    stories.map((story) => packetOf(story, roles.get(story.id) ?? 'other', reader)),
})
const giveFaults = lateMembers<Read>({ faults: ({ steps, reader }) => [...faultsOf(steps), ...reader.faults] })

/**
 * What happened, hop by hop, and why: the records of a run as a {@link Trace}.
 * @param log - what the simulation recorded; a recorder, or anything that reads like one
 * @param network - the network at that time: gives origins and runner-ups
 */
export function traceOf(log: RecordLog, network: NetworkData, options: TraceOptions = {}): Trace {
  const read = readTrace(log, network, options)
  return toldTrace(read, () => read)
}

/** As {@link traceOf}, its hops as they were read: all that a judgement needs. */
export function readTrace(log: RecordLog, network: NetworkData, options: TraceOptions = {}): Trace {
  const reader = new HopReader(network)
  const steps = withDenials(readLog(reader, log, options))
  const stories = storiesOf(steps, reader)
  const asker = askerOf(stories, options.from)
  const roles = rolesOf(stories, asker)
  const exchanges = exchangesOf({ stories, roles, asker, reader })
  const disposition = overall(network, exchanges, steps, stories, options.from)
  const trace: Growing<Trace> = { schema: TRACE_SCHEMA, title: options.title ?? '' }
  const read: Read = { network, reader, steps, stories, roles, exchanges, disposition, trace }
  if (options.ends !== undefined) trace.ends = options.ends
  trace.disposition = disposition
  trace.ok = DISPOSITIONS[disposition.kind].ok
  trace.certainty = 'certain'
  trace.notes = []
  trace.findings = []
  giveSummary(trace, read)
  trace.exchanges = exchanges
  giveParts(trace, read)
  trace.hops = steps
  giveFaults(trace, read)
  return trace as Trace
}

/** The last request decides: a traceroute is answered when its last probe is, whatever came before. */
function overall(
  network: NetworkData,
  exchanges: readonly Exchange[],
  hops: readonly Hop[],
  stories: readonly PacketStory[],
  from: string | undefined,
): Disposition {
  const last = exchanges.at(-1)
  if (last !== undefined) return last.disposition
  const said = lastMatch(hops, (hop) => hop.kind === 'program')
  const drop = said === undefined ? lastMatch(hops, (hop) => hop.kind === 'drop' && !hop.harmless) : undefined
  if (drop?.kind === 'drop') {
    return {
      kind: 'dropped',
      cause: drop.cause,
      netns: drop.netns,
      dev: drop.dev,
      role: 'request',
      packet: drop.packet,
    }
  }
  const asked = from === undefined ? stories : stories.filter((story) => story.birthplace === from)
  const resolution =
    said === undefined ? resolved(asked, stories, (name) => network.namespaces[name]?.role === 'switch') : undefined
  if (resolution !== undefined) return resolution
  const refused = lastMatch(hops, (hop) => hop.kind === 'route' && hop.packet === 0)
  const reasons = [said?.reason, refused?.reason].filter((reason) => reason !== undefined)
  return { kind: 'not-sent', why: reasons.length === 0 ? 'no request was made' : reasons.join('; ') }
}

/** What came of a run in which somebody only asked for an address. */
function resolved(
  asked: readonly PacketStory[],
  stories: readonly PacketStory[],
  isSwitch: (name: string) => boolean,
): Disposition | undefined {
  const question = asked.find((story) => story.resolution)
  if (question === undefined) return undefined
  const copies = new Set([question.id, ...stories.filter((one) => one.parent === question.id).map((one) => one.id)])
  const answer = stories.find((story) => story.answers !== undefined && copies.has(story.answers))
  const end = answer?.hops.find((hop) => hop.kind === 'rx' && hop.netns === question.birthplace)
  if (answer !== undefined && end !== undefined) {
    return { kind: 'answered', by: answer.birthplace, packet: answer.id, rtt: end.time - (question.hops[0]?.time ?? 0) }
  }
  const judged = stories
    .flatMap((story) => (copies.has(story.id) ? story.hops : []))
    .find((hop) => hop.kind === 'arp' && !isSwitch(hop.netns))
  return { kind: 'no-answer', why: judged === undefined ? 'nobody answered' : `${judged.netns} ${judged.reason}` }
}

/** Namespaces in the order requests and replies came through them, then the rest. */
function nodesOf(network: NetworkData, hops: readonly Hop[], packets: readonly TracePacket[]): readonly TraceNode[] {
  const main = new Set(packets.filter((one) => one.role !== 'resolution' && one.role !== 'other').map((one) => one.id))
  const interfaces = new Map<string, Set<string>>()
  for (const pass of [true, false]) {
    for (const hop of hops) {
      if (hop.netns === '' || (pass && !main.has(hop.packet))) continue
      const known = interfaces.get(hop.netns) ?? new Set()
      interfaces.set(hop.netns, known)
      if (hop.kind === 'tx' || hop.kind === 'rx') known.add(hop.dev)
    }
  }
  return [...interfaces].map(([name, devs]) => {
    const origin = network.namespaces[name]?.origin
    const role = network.namespaces[name]?.role ?? 'unknown'
    return { name, role, interfaces: [...devs], ...(origin === undefined ? {} : { origin }) }
  })
}
