import type { EventOf } from '../../model/index.ts'
import type { Layer } from '../../wire/index.ts'
import { changesBetween } from '../changes.ts'
import type { Fact } from '../fact.ts'
import type { FrameHop, Hop } from '../hop.ts'
import { fieldNumber, fieldText } from '../layers.ts'
import { type HopReader, place, type Sighting } from '../reader.ts'

/** A frame on a device, with what changed since the packet was last seen and why it is here. */
export function frameHop(reader: HopReader, frame: EventOf<'tx' | 'rx'>): FrameHop {
  const { kind } = frame
  const { headers, hex, line } = reader.frame(frame.bytes, frame.linkType)
  const before = reader.sightings.get(frame.packet)
  const decisions = reader.takeDecisions(frame.packet)
  reader.saw(frame.packet, { kind, netns: frame.netns, dev: frame.dev, headers })
  return {
    kind,
    ...place(frame),
    reason: kind === 'rx' ? rxReason(reader, frame, before) : txReason(reader, frame, headers, decisions),
    facts: kind === 'tx' ? answerFacts(reader, decisions) : [],
    linkType: frame.linkType,
    bytes: hex,
    line,
    changes: before === undefined || before.headers === headers ? [] : changesBetween(before.headers, headers),
  }
}

function rxReason(reader: HopReader, frame: EventOf<'tx' | 'rx'>, before: Sighting | undefined): string {
  if (before === undefined) return 'arrives from outside the trace'
  if (before.netns !== frame.netns) return `arrives over the wire from ${before.netns} ${before.dev}`
  if (before.kind === 'rx')
    return reader.interface(frame.netns, frame.dev)?.kind === 'bridge'
      ? `up from port ${before.dev} to the bridge itself`
      : `handed on from ${before.dev}: what was inside the outer headers`
  return before.dev === frame.dev ? 'loops back' : `arrives over the wire from ${before.dev}`
}

/** Why a frame leaves here: the decisions since it was last seen, the shortest way to say them. */
function txReason(
  reader: HopReader,
  frame: EventOf<'tx' | 'rx'>,
  headers: readonly Layer[],
  decisions: readonly Hop[],
): string {
  const arp = headers.find((layer) => layer.protocol === 'arp')
  if (arp !== undefined && decisions.every((hop) => hop.kind === 'create'))
    return arpReason(reader, frame, arp, decisions)
  const said = decisions.map(partOfReason).filter((text) => text !== '')
  return said.length === 0 ? `leaves by ${frame.dev}` : said.join('; ')
}

function arpReason(reader: HopReader, frame: EventOf<'tx' | 'rx'>, arp: Layer, decisions: readonly Hop[]): string {
  const target = fieldText(arp, 'targetProtocol')
  const sender = fieldText(arp, 'senderProtocol')
  if (fieldNumber(arp, 'operation') === 1) {
    const waiting = reader.waiting.get(`${frame.netns} ${frame.dev} ${target}`)
    const asks = target === sender ? `announces ${target}` : `asks who has ${target}`
    return waiting === undefined ? asks : `${asks}: packet ${waiting} waits for the answer`
  }
  const request = requestOf(decisions)
  if (request === undefined) return `answers for ${sender}`
  const judged = reader.judgements.get(request)
  return `answers packet ${request}, which asked for ${sender}${judged === undefined ? '' : `: ${judged.why}`}`
}

/** The packet that one just made here answers. */
function requestOf(decisions: readonly Hop[]): number | undefined {
  const made = decisions.find((hop) => hop.kind === 'create')
  return made?.kind === 'create' ? made.answers : undefined
}

/** An answer to a request for an address is there for the reasons the request was answered. */
function answerFacts(reader: HopReader, decisions: readonly Hop[]): readonly Fact[] {
  const request = requestOf(decisions)
  return request === undefined ? [] : (reader.judgements.get(request)?.facts ?? [])
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
