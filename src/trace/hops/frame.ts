import type { EventOf } from '../../model/index.ts'
import type { Layer } from '../../wire/index.ts'
import { type Change, changesBetween } from '../changes.ts'
import type { Configuration } from '../configuration.ts'
import type { Fact } from '../fact.ts'
import type { FrameHop, Hop } from '../hop.ts'
import { fieldNumber, fieldText } from '../layers.ts'
import { ReadFrame } from '../read-frame.ts'
import type { HopReader, Judgement, Sighting } from '../reader.ts'
import { late, type Shape, Step, shapeOf, stepOf } from '../step.ts'

const SHAPE = shapeOf(late('reason'), 'facts', 'linkType', late('bytes'), late('line'), late('changes'))

/** A frame on a device, with what changed since the packet was last seen and why it is here. */
export class FrameStep extends Step implements FrameHop {
  declare readonly kind: 'tx' | 'rx'
  declare readonly facts: readonly Fact[]
  declare readonly linkType: number
  /** The frame. */
  declare readonly frame: ReadFrame
  declare private readonly before: Sighting | undefined
  declare private readonly at: Configuration
  /** Why it is sent; undefined = for the decisions. */
  declare private readonly said: string | undefined
  declare private readonly decisions: readonly Hop[]

  constructor(reader: HopReader, event: EventOf<'tx' | 'rx'>) {
    super(event)
    const { kind, packet, linkType } = event
    this.kind = kind
    this.linkType = linkType
    this.frame = reader.frame(event.bytes, linkType)
    this.before = reader.of(packet).last
    this.decisions = reader.takeDecisions(packet)
    this.at = reader.at
    reader.saw(packet, this)
    const answered = kind === 'tx' ? requestOf(this.decisions) : undefined
    const judged = answered === undefined ? undefined : reader.of(answered).judgement
    this.said = kind === 'rx' ? undefined : this.asked(reader, answered, judged)
    // An answer to a request for an address is there for the reasons the request was answered.
    this.facts = judged?.facts ?? []
  }

  get shape(): Shape {
    return SHAPE
  }

  /** Who waits for an answer is known at this moment only. */
  private asked(reader: HopReader, answered: number | undefined, judged: Judgement | undefined): string | undefined {
    return this.decisions.every((one) => one.kind === 'create') ? arpReason(reader, this, answered, judged) : undefined
  }

  get reason(): string {
    if (this.kind === 'rx') return rxReason(this.at, this, this.before)
    return this.said ?? decidedReason(this.dev, this.decisions)
  }

  get bytes(): string {
    return this.frame.hex
  }

  get line(): string {
    return this.frame.line
  }

  get changes(): readonly Change[] {
    const { before, frame } = this
    return before === undefined || before.frame === frame ? [] : changesBetween(before.frame.headers, frame.headers)
  }
}

/** The headers of a frame's hop, outermost first, what a tunnel carries behind its outer headers. */
export function headersOfHop(hop: FrameHop): readonly Layer[] {
  const step = stepOf(hop)
  return step instanceof FrameStep ? step.frame.headers : ReadFrame.ofHex(hop.bytes, hop.linkType).headers
}

function rxReason(at: Configuration, frame: FrameStep, before: Sighting | undefined): string {
  if (before === undefined) return 'arrives from outside the trace'
  if (before.netns !== frame.netns) return `arrives over the wire from ${before.netns} ${before.dev}`
  if (before.kind === 'rx')
    return at.interface(frame.netns, frame.dev)?.kind === 'bridge'
      ? `up from port ${before.dev} to the bridge itself`
      : `handed on from ${before.dev}: what was inside the outer headers`
  return before.dev === frame.dev ? 'loops back' : `arrives over the wire from ${before.dev}`
}

/** Why a frame leaves here: the decisions since it was last seen, the shortest way to say them. */
function decidedReason(dev: string, decisions: readonly Hop[]): string {
  const said = decisions.map(partOfReason).filter((text) => text !== '')
  return said.length === 0 ? `leaves by ${dev}` : said.join('; ')
}

/** Why an ARP packet leaves here; undefined for any other packet. */
function arpReason(
  reader: HopReader,
  { netns, dev, frame }: FrameStep,
  answered: number | undefined,
  judged: Judgement | undefined,
): string | undefined {
  const arp = frame.headers.find((layer) => layer.protocol === 'arp')
  if (arp === undefined) return undefined
  const target = fieldText(arp, 'targetProtocol')
  const sender = fieldText(arp, 'senderProtocol')
  if (fieldNumber(arp, 'operation') === 1) {
    const waiting = reader.waiting.get(`${netns} ${dev} ${target}`)
    const asks = target === sender ? `announces ${target}` : `asks who has ${target}`
    return waiting === undefined ? asks : `${asks}: packet ${waiting} waits for the answer`
  }
  if (answered === undefined) return `answers for ${sender}`
  return `answers packet ${answered}, which asked for ${sender}${judged === undefined ? '' : `: ${judged.why}`}`
}

/** The packet that one just made here answers. */
function requestOf(decisions: readonly Hop[]): number | undefined {
  const made = decisions.find((hop) => hop.kind === 'create')
  return made?.kind === 'create' ? made.answers : undefined
}

function partOfReason(hop: Hop): string {
  switch (hop.kind) {
    case 'route':
    case 'bridge':
    case 'encap':
    case 'nat':
      return hop.reason
    case 'neighbour':
      return hop.lladdr === '' && hop.state !== 'NOARP' ? '' : hop.reason
    default:
      return ''
  }
}
