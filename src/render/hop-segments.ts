import { fieldNumber, headersOfHop, type Trace, type TracePacket } from '../trace/index.ts'

/** The other segments of a TCP connection in one line: `8 more segments, the same way: SYN-ACK, ACK, 64 B, 64 B, FIN`. */
export function segmentWords(
  trace: Trace,
  request: TracePacket,
  isSameWay: (packet: TracePacket) => boolean,
): readonly string[] {
  const segments = segmentsAfter(trace, request)
  if (segments.length === 0) return []
  const same = segments.every(({ packet }) => packet.end !== 'dropped' && isSameWay(packet))
  const lost = segments.filter(({ packet }) => packet.end === 'dropped').length
  const way = same ? ', the same way' : lost > 0 ? `, ${lost} of them lost` : ', not all the same way'
  return [`${segments.length} more ${segments.length === 1 ? 'segment' : 'segments'}${way}: ${namesOf(segments)}`]
}

/** The segments of the connection a request opened, itself left out. */
export function segmentsAfter(trace: Trace, request: TracePacket): readonly Segment[] {
  return trace.packets
    .filter(
      (one) => one.id > request.id && one.parent === undefined && (one.role === 'request' || one.role === 'reply'),
    )
    .flatMap((packet) => segmentOf(trace, packet) ?? [])
}

/** A segment of a TCP connection. */
export interface Segment {
  /** Its packet. */
  readonly packet: TracePacket
  /** Flags of its header. */
  readonly flags: number
  /** Bytes of data. */
  readonly length: number
}

const FIN = 0x01
const SYN = 0x02
const RST = 0x04
const ACK = 0x10

/** Flags and payload of a packet's TCP header; undefined for others. */
function segmentOf(trace: Trace, packet: TracePacket): Segment | undefined {
  const frame = trace.hops.find((hop) => hop.packet === packet.id && (hop.kind === 'tx' || hop.kind === 'rx'))
  if (frame?.kind !== 'tx' && frame?.kind !== 'rx') return undefined
  const headers = headersOfHop(frame)
  const tcp = headers.find((layer) => layer.protocol === 'tcp')
  if (tcp === undefined) return undefined
  const data = headers.find((layer) => layer.protocol === 'data')
  return { packet, flags: fieldNumber(tcp, 'flags'), length: data?.length ?? 0 }
}

/** Their names in order; a bare ACK is named only where it ends the handshake. */
function namesOf(segments: readonly Segment[]): string {
  const names: string[] = []
  let acked = false
  for (const segment of segments) {
    const name = segmentName(segment)
    if (name === 'ACK' && acked) continue
    if (name === 'ACK') acked = true
    names.push(name)
  }
  return names.join(', ')
}

/** `SYN-ACK`, `ACK`, `64 B`, `FIN`. */
export function segmentName({ flags, length }: Segment): string {
  if ((flags & RST) !== 0) return 'RST'
  if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? 'SYN-ACK' : 'SYN again'
  const data = length > 0 ? `${length} B` : ''
  if ((flags & FIN) !== 0) return data === '' ? 'FIN' : `${data} with FIN`
  return data === '' ? 'ACK' : data
}
