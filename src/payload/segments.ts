import { type FrameHop, fieldNumber, headersOfHop, hopsOf, type Trace } from '../trace/index.ts'
import { IPV6_HEADER_LENGTH, type Layer, parseHex, readTcpOptions, TCP_FLAG, TcpView } from '../wire/index.ts'
import { type Pair, transfer, whyBlocked } from './probe.ts'
import type { Segments } from './report.ts'

/** Measures a transfer of many bytes from the one who asks, or, reversed, to it. */
export function segmentsOf(pair: Pair, isReversed: boolean, many: number): Segments {
  const large = isReversed ? transfer(pair, 1, many) : transfer(pair, many, 1)
  const { trace } = large.run
  const tcp = segmentsIn(trace, pair)
  const opening = tcp.filter(({ flags }) => (flags & TCP_FLAG.SYN) !== 0)
  const isAsker = ({ from }: Segment): boolean => from === 'asker'
  const asker = opening.find(isAsker)?.mss ?? null
  const other = opening.find((one) => !isAsker(one))?.mss ?? null
  const data = tcp.filter((one) => isAsker(one) !== isReversed && one.arrived && one.length > 0)
  const largest = data.length === 0 ? null : Math.max(...data.map(({ length }) => length))
  const [announcedBySender, announcedByReceiver] = isReversed ? [other, asker] : [asker, other]
  const measured = { announcedBySender, announcedByReceiver, largest, completes: large.passed }
  if (large.passed) return measured
  const small = transfer(pair, 1, 1)
  return small.passed ? measured : { ...measured, blocked: whyBlocked(small) }
}

/** A segment as one end's device had it. */
interface Segment {
  readonly from: 'asker' | 'asked'
  /** Seen where it goes. */
  readonly arrived: boolean
  readonly flags: number
  readonly length: number
  readonly mss: number | null
}

/** Segments at the ends: what leaves the asker and comes to it, what comes to the asked and leaves it. */
function segmentsIn(trace: Trace, { netns }: Pair): Segment[] {
  const served = hopsOf(trace, 'deliver').find((hop) => hop.protocol === 6 && hop.netns !== netns)?.netns
  const found: Segment[] = []
  for (const kind of ['tx', 'rx'] as const) {
    for (const place of new Set([netns, served].filter((one) => one !== undefined))) {
      for (const hop of hopsOf(trace, kind, place)) {
        const segment = segmentOf(hop)
        if (segment === undefined) continue
        const isAsker = (place === netns) === (kind === 'tx')
        found.push({ ...segment, from: isAsker ? 'asker' : 'asked', arrived: kind === 'rx' })
      }
    }
  }
  return found
}

/** The outermost segment of a frame, as an end sees it. */
function segmentOf(hop: FrameHop): Pick<Segment, 'flags' | 'length' | 'mss'> | undefined {
  const layers = headersOfHop(hop)
  const at = layers.findIndex(({ protocol }) => protocol === 'tcp')
  const [tcp, ip] = [layers[at], layers[at - 1]]
  if (tcp === undefined || ip === undefined) return undefined
  const length = lengthOf(ip) - tcp.length
  return { flags: fieldNumber(tcp, 'flags'), length, mss: mssOf(hop, tcp) }
}

/** Bytes an IP packet carries. */
function lengthOf(ip: Layer): number {
  if (ip.protocol === 'ipv4') return fieldNumber(ip, 'totalLength') - ip.length
  return fieldNumber(ip, 'payloadLength') - (ip.length - IPV6_HEADER_LENGTH)
}

function mssOf(hop: FrameHop, tcp: Layer): number | null {
  const bytes = parseHex(hop.bytes)
  if (bytes === undefined || (fieldNumber(tcp, 'flags') & TCP_FLAG.SYN) === 0) return null
  const view = new TcpView(bytes, tcp.start)
  const option = readTcpOptions(bytes, view.optionsAt, view.payloadAt).find(({ kind }) => kind === 'mss')
  return option?.kind === 'mss' ? option.value : null
}
