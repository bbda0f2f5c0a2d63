import { RECORD } from '../../model/index.ts'
import type { Layer } from '../../wire/index.ts'
import { changesBetween } from '../changes.ts'
import type { FrameHop, Hop } from '../hop.ts'
import { fieldNumber, fieldText } from '../layers.ts'
import type { HopReader, RecordRow, Sighting } from '../reader.ts'

/** A frame on a device, with what changed since the packet was last seen and why it is here. */
export function frameHop(reader: HopReader, row: RecordRow): FrameHop {
  const kind = row.kind === RECORD.frameTx ? 'tx' : 'rx'
  const { headers, hex, line } = reader.frame(row.bytes, row.a)
  const before = reader.sightings.get(row.packet)
  const decisions = reader.takeDecisions(row.packet)
  reader.saw(row.packet, { kind, netns: row.netns, dev: row.dev, headers })
  return {
    kind,
    time: row.time,
    netns: row.netns,
    dev: row.dev,
    packet: row.packet,
    reason: kind === 'rx' ? rxReason(reader, row, before) : txReason(reader, row, headers, decisions),
    facts: [],
    linkType: row.a,
    bytes: hex,
    line,
    changes: before === undefined || before.headers === headers ? [] : changesBetween(before.headers, headers),
  }
}

function rxReason(reader: HopReader, row: RecordRow, before: Sighting | undefined): string {
  if (before === undefined) return 'arrives from outside the trace'
  if (before.netns !== row.netns) return `arrives over the wire from ${before.netns} ${before.dev}`
  if (before.kind === 'rx')
    return reader.interface(row.netns, row.dev)?.kind === 'bridge'
      ? `up from port ${before.dev} to the bridge itself`
      : `handed on from ${before.dev}: what was inside the outer headers`
  return before.dev === row.dev ? 'loops back' : `arrives over the wire from ${before.dev}`
}

/** Why a frame leaves here: the decisions since it was last seen, the shortest way to say them. */
function txReason(reader: HopReader, row: RecordRow, headers: readonly Layer[], decisions: readonly Hop[]): string {
  const arp = headers.find((layer) => layer.protocol === 'arp')
  if (arp !== undefined && decisions.every((hop) => hop.kind === 'create'))
    return arpReason(reader, row, arp, decisions)
  const said = decisions.map(partOfReason).filter((text) => text !== '')
  return said.length === 0 ? `leaves by ${row.dev}` : said.join('; ')
}

function arpReason(reader: HopReader, row: RecordRow, arp: Layer, decisions: readonly Hop[]): string {
  const target = fieldText(arp, 'targetProtocol')
  const sender = fieldText(arp, 'senderProtocol')
  if (fieldNumber(arp, 'operation') === 1) {
    const waiting = reader.waiting.get(`${row.netns} ${row.dev} ${target}`)
    const asks = target === sender ? `announces ${target}` : `asks who has ${target}`
    return waiting === undefined ? asks : `${asks}: packet ${waiting} waits for the answer`
  }
  const made = decisions.find((hop) => hop.kind === 'create')
  const request = made?.kind === 'create' ? made.answers : undefined
  return request === undefined ? `answers for ${sender}` : `answers packet ${request}, which asked for ${sender}`
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
