import { type EventOf, lateMembers } from '../../model/index.ts'
import { changesBetween } from '../changes.ts'
import type { FrameHop, Hop } from '../hop.ts'
import { fieldNumber, fieldText } from '../layers.ts'
import { framesOfHops, type ReadFrame } from '../read-frame.ts'
import { type Growing, type HopReader, headOf, type Judgement, type Sighting } from '../reader.ts'

/** What a frame's hop is told from. */
interface FrameWords {
  readonly dev: string
  readonly frame: ReadFrame
  readonly before: Sighting | undefined
  readonly decisions: readonly Hop[]
}

const giveReason = lateMembers<FrameWords>({ reason: ({ dev, decisions }) => decidedReason(dev, decisions) })
const giveContents = lateMembers<FrameWords>({
  bytes: ({ frame }) => frame.hex,
  line: ({ frame }) => frame.line,
  changes: ({ frame, before }) =>
    before === undefined || before.frame === frame ? [] : changesBetween(before.frame.headers, frame.headers),
})

/** A frame on a device, with what changed since the packet was last seen and why it is here. */
export function frameHop(reader: HopReader, event: EventOf<'tx' | 'rx'>): FrameHop {
  const { kind, netns, dev, packet, linkType } = event
  const frame = reader.frame(event.bytes, linkType)
  const before = reader.sightings.get(packet)
  const decisions = reader.takeDecisions(packet)
  reader.saw(packet, { kind, netns, dev, frame })
  const answered = kind === 'tx' ? requestOf(decisions) : undefined
  const judged = answered === undefined ? undefined : reader.judgements.get(answered)
  const words = { dev, frame, before, decisions }
  const hop: Growing<FrameHop> = headOf(kind, event)
  if (kind === 'rx') hop.reason = rxReason(reader, event, before)
  else {
    // Who waits for an answer is known at this moment only.
    const asked = decisions.every((one) => one.kind === 'create')
      ? arpReason(reader, event, frame, answered, judged)
      : ''
    if (asked === '') giveReason(hop, words)
    else hop.reason = asked
  }
  // An answer to a request for an address is there for the reasons the request was answered.
  hop.facts = judged?.facts ?? []
  hop.linkType = linkType
  giveContents(hop, words)
  framesOfHops.give(hop, frame)
  return hop as FrameHop
}

function rxReason(reader: HopReader, frame: EventOf<'tx' | 'rx'>, before: Sighting | undefined): string {
  if (before === undefined) return 'arrives from outside the trace'
  if (before.netns !== frame.netns) return `arrives over the wire from ${before.netns} ${before.dev}`
  if (before.kind === 'rx')
    return reader.at.interface(frame.netns, frame.dev)?.kind === 'bridge'
      ? `up from port ${before.dev} to the bridge itself`
      : `handed on from ${before.dev}: what was inside the outer headers`
  return before.dev === frame.dev ? 'loops back' : `arrives over the wire from ${before.dev}`
}

/** Why a frame leaves here: the decisions since it was last seen, the shortest way to say them. */
function decidedReason(dev: string, decisions: readonly Hop[]): string {
  const said = decisions.map(partOfReason).filter((text) => text !== '')
  return said.length === 0 ? `leaves by ${dev}` : said.join('; ')
}

/** Why an ARP packet leaves here; '' for any other packet. */
function arpReason(
  reader: HopReader,
  { netns, dev }: EventOf<'tx' | 'rx'>,
  frame: ReadFrame,
  answered: number | undefined,
  judged: Judgement | undefined,
): string {
  const arp = frame.headers.find((layer) => layer.protocol === 'arp')
  if (arp === undefined) return ''
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
