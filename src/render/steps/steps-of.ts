import { checkArgument, checkOptions, isRecord, type NetworkData, pushTo } from '../../model/index.ts'
import {
  checkTrace,
  type FrameHop,
  type Hop,
  lastMatch,
  type Trace,
  type TraceNode,
  type TracePacket,
  triedRules,
} from '../../trace/index.ts'
import { dispositionWord } from '../notes.ts'
import { toldOf } from '../told.ts'
import { backgroundOf, switchesOf } from '../visible.ts'
import { decidedIn, type NumberedHop, type Telling } from './decided.ts'
import { openFrame, sameFrame } from './open-frame.ts'
import { type PacketStep, STEPS_SCHEMA, type StepEnd, type StepFrame, type StepsView } from './packet-step.ts'
import { checkSources, Sources, type SourceText } from './sources.ts'

/** What is at hand besides the trace. */
export interface StepsOptions {
  /** The network it ran in (`lab.network`): names the rules that were tried in vain. */
  readonly network?: NetworkData
  /** The texts it was made from, by the names they were loaded with: gives the lines that facts came from. */
  readonly sources?: readonly SourceText[]
}

/**
 * A trace one step at a time: a step is a frame that goes into a device or comes out of it, opened to fields and bytes, with every
 * decision since the packet was last seen. A pure function of the trace: one read back from JSON gives the same.
 */
export function stepsOf(trace: Trace, options: StepsOptions = {}): StepsView {
  checkTrace(trace)
  checkOptions(options)
  const { network, sources = [] } = options
  checkSources(sources)
  const isNetwork = network === undefined || (isRecord(network) && isRecord(network.namespaces))
  checkArgument(isNetwork, 'options.network', 'a network, such as lab.network', network)
  const telling: Telling = {
    told: toldOf(trace),
    tried: network === undefined ? new Map() : triedRules(trace, network),
    sources: new Sources(sources),
  }
  const steps = new Stepper(trace, telling).steps()
  return {
    schema: STEPS_SCHEMA,
    title: trace.title,
    outcome: dispositionWord(trace),
    ok: trace.ok,
    certainty: trace.certainty,
    summary: trace.summary,
    steps: numbered(steps),
  }
}

type Unnumbered = Omit<PacketStep, 'number' | 'label'>

function numbered(steps: readonly Unnumbered[]): PacketStep[] {
  let [main, aside] = [0, 0]
  return steps.map((step, i) => {
    main += step.aside ? 0 : 1
    aside = step.aside ? aside + 1 : 0
    return { number: i + 1, label: step.aside ? `${main}.${aside}` : String(main), ...step }
  })
}

/** Gathers the hops of each packet from sighting to sighting. */
class Stepper {
  private readonly trace: Trace
  private readonly telling: Telling
  private readonly packets: ReadonlyMap<number, TracePacket>
  private readonly nodes: ReadonlyMap<string, TraceNode>
  private readonly switches: ReadonlySet<string>
  private readonly background: ReadonlySet<string>
  private readonly pending = new Map<number, NumberedHop[]>()
  private readonly seen = new Map<number, FrameHop>()
  private readonly made: Unnumbered[] = []

  constructor(trace: Trace, telling: Telling) {
    this.trace = trace
    this.telling = telling
    this.packets = new Map(trace.packets.map((packet) => [packet.id, packet]))
    this.nodes = new Map(trace.nodes.map((node) => [node.name, node]))
    this.switches = switchesOf(trace)
    this.background = backgroundOf(trace)
  }

  steps(): readonly Unnumbered[] {
    let current = 0
    for (const [index, hop] of this.trace.hops.entries()) {
      if (hop.packet !== 0) current = hop.packet
      if (hop.kind === 'tx' || hop.kind === 'rx') this.frame(hop, index)
      else pushTo(this.pending, this.isAlone(hop) ? 0 : hop.packet === 0 ? current : hop.packet, { index, hop })
    }
    for (const [packet, hops] of this.pending) this.end(packet, hops)
    const lastHop = (step: Unnumbered): number => step.hops.at(-1) ?? 0
    const ordered = this.made.sort((a, b) => lastHop(a) - lastHop(b))
    return ordered.some((step) => !step.aside) ? ordered : ordered.map((step) => this.withoutAside(step))
  }

  /** A lookup for no packet: somebody asked, and nothing was made. */
  private isAlone(hop: Hop): boolean {
    return hop.packet === 0 && (hop.kind === 'route' || hop.kind === 'program')
  }

  /** Of a trace that is all address resolution only the switches are aside. */
  private withoutAside(step: Unnumbered): Unnumbered {
    return { ...step, aside: this.switches.has(step.netns) }
  }

  private frame(hop: FrameHop, index: number): void {
    const led = this.pending.get(hop.packet) ?? []
    this.pending.delete(hop.packet)
    const before = this.seenBefore(hop.packet)
    this.seen.set(hop.packet, hop)
    const isOut = hop.kind === 'tx'
    this.made.push({
      ...this.place(hop, hop.packet),
      event: isOut ? 'out' : 'in',
      title: isOut ? `leaves by ${hop.dev}` : `arrives on ${hop.dev}`,
      reason: hop.reason,
      line: hop.line,
      frame: openFrame(hop, before),
      ...decidedIn(led, this.telling),
      hops: [...led.map((one) => one.index), index],
    })
  }

  /** The last frame of a packet; of a fragment or copy that was not seen yet, the one it was made from. */
  private seenBefore(packet: number): FrameHop | undefined {
    const parent = this.packets.get(packet)?.parent
    return this.seen.get(packet) ?? (parent === undefined ? undefined : this.seen.get(parent))
  }

  /** What is left of a packet was decided after it was seen last. */
  private end(packet: number, hops: readonly NumberedHop[]): void {
    const last = lastMatch(hops, (one) => ENDS.has(one.hop.kind)) ?? hops.at(-1)
    if (last === undefined) return
    const { hop } = last
    const place = this.place(hop, packet)
    const isNews = ENDS.has(hop.kind) ? !this.switches.has(hop.netns) : !place.aside
    const isQuiet = packet === 0 && this.trace.disposition.kind !== 'not-sent'
    if (!isNews || isQuiet) return
    const frame = this.seenBefore(packet)
    this.made.push({
      ...place,
      event: 'end',
      ...endWords(hop, this.packets.get(packet)),
      line: frame?.line ?? '',
      ...this.lastFrame(frame),
      ...decidedIn(hops, this.telling),
      hops: [...hops.filter((one) => one !== last).map((one) => one.index), last.index],
    })
  }

  private lastFrame(frame: FrameHop | undefined): { readonly frame?: StepFrame } {
    return frame === undefined ? {} : { frame: sameFrame(frame) }
  }

  private place(
    hop: Hop,
    packet: number,
  ): Pick<Unnumbered, 'time' | 'netns' | 'role' | 'dev' | 'packet' | 'part' | 'aside'> {
    const { time, netns, dev } = hop
    const part = this.packets.get(packet)?.role ?? 'other'
    const aside = packet !== 0 && (part === 'resolution' || part === 'other' || this.background.has(netns))
    return { time, netns, role: this.nodes.get(netns)?.role ?? 'unknown', dev, packet, part, aside }
  }
}

/** Hops that end the way of a packet. */
const ENDS: ReadonlySet<Hop['kind']> = new Set(['arp', 'deliver', 'drop', 'fragment', 'reassemble'])

function endWords(
  hop: Hop,
  packet: TracePacket | undefined,
): { readonly title: string; readonly reason: string; readonly end: StepEnd } {
  const cause = packet?.cause === undefined ? {} : { cause: packet.cause }
  const bad = hop.kind === 'drop' ? !hop.harmless : packet === undefined || packet.end === 'waiting'
  return { title: endTitle(hop, packet), reason: hop.reason, end: { bad, ...cause } }
}

function endTitle(hop: Hop, packet: TracePacket | undefined): string {
  if (hop.kind === 'deliver') return 'is delivered'
  if (hop.kind === 'drop') return hop.harmless ? 'is taken in' : 'is dropped'
  if (hop.kind === 'arp') return hop.answered ? 'is answered' : 'is not answered'
  if (hop.kind === 'fragment') return 'is cut into fragments'
  if (hop.kind === 'reassemble') return 'is put together'
  if (packet === undefined) return 'is not sent'
  return packet.end === 'waiting' ? 'waits' : `ends: ${packet.end}`
}
