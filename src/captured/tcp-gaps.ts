import { TCP_FLAG } from '../wire/index.ts'
import type { Upper } from './packet.ts'

/** A segment, as one side of a connection sent it. */
export interface CapturedSegment {
  /** Number in the file. */
  readonly number: number
  /** Who sent it: the one who asks, or the one who is asked. */
  readonly way: 'request' | 'reply'
  readonly upper: Upper
}

/** Bytes, or a SYN or FIN, of one side that the other acknowledged and the capture does not have. */
export interface Gap {
  /** Whose bytes. */
  readonly way: 'request' | 'reply'
  readonly what: string
  /** The packet that tells. */
  readonly after: number
}

/** What became of a connection that is worth a word: numbers of packets, and what they are. */
export interface SegmentRemark {
  readonly number: number
  readonly what: string
}

/** Half of the space of sequence numbers: what is farther is before. @rfc 9293 §3.4 */
const HALF = 0x8000_0000

/** How far one sequence number is behind another; negative when it is before. */
function distance(from: number, to: number): number {
  const ahead = (to - from) >>> 0
  return ahead < HALF ? ahead : ahead - 2 * HALF
}

/** Space that a segment takes. */
function spaceOf({ flags, length }: Upper): number {
  return length + ((flags & TCP_FLAG.SYN) === 0 ? 0 : 1) + ((flags & TCP_FLAG.FIN) === 0 ? 0 : 1)
}

/** What one side of a connection sent, in numbers from its first. */
class Side {
  base: number | undefined
  hasSyn = false
  isReset = false
  acknowledged: { at: number; by: number } | undefined
  readonly ranges: [start: number, end: number][] = []
  readonly starts = new Map<string, number>()

  has(start: number, end: number): boolean {
    let at = start
    for (const [from, to] of [...this.ranges].sort((a, b) => a[0] - b[0])) if (from <= at && to > at) at = to
    return at >= end
  }
}

/** What is missing of a connection, by its own numbers, and what of it was sent again, refused or reset. */
export function readConnection(segments: readonly CapturedSegment[]): { gaps: Gap[]; remarks: SegmentRemark[] } {
  const sides = { request: new Side(), reply: new Side() }
  const remarks: SegmentRemark[] = []
  for (const { number, way, upper } of segments) {
    const [own, other] = way === 'request' ? [sides.request, sides.reply] : [sides.reply, sides.request]
    const { flags, sequence, acknowledgment } = upper
    if ((flags & TCP_FLAG.SYN) !== 0) own.hasSyn = true
    if ((flags & TCP_FLAG.RST) !== 0) {
      own.isReset = true
      const isRefusal = !other.ranges.some(([, end]) => end > 1) && !own.hasSyn
      remarks.push({
        number,
        what: isRefusal
          ? 'the connection is refused: nobody listens there, or a rule rejects it'
          : 'the connection is reset',
      })
    }
    // A reset in answer to a SYN has no numbers of its own.
    if ((flags & TCP_FLAG.RST) === 0) {
      own.base ??= sequence
      const start = distance(own.base, sequence)
      const space = spaceOf(upper)
      const key = `${sequence} ${space}`
      const before = own.starts.get(key)
      if (space > 0 && before !== undefined) remarks.push({ number, what: `sent again: first as packet ${before}` })
      own.starts.set(key, before ?? number)
      if (space > 0) own.ranges.push([start, start + space])
    }
    if ((flags & TCP_FLAG.ACK) !== 0) {
      const at = acknowledgment
      if (other.acknowledged === undefined || distance(other.acknowledged.at, at) > 0)
        other.acknowledged = { at, by: number }
    }
  }
  return { gaps: gapsOf(segments, sides), remarks }
}

function gapsOf(segments: readonly CapturedSegment[], sides: Readonly<Record<'request' | 'reply', Side>>): Gap[] {
  const gaps: Gap[] = []
  const last = segments.at(-1)?.number ?? 0
  for (const way of ['request', 'reply'] as const) {
    const side = sides[way]
    const other = sides[way === 'request' ? 'reply' : 'request']
    const who = way === 'request' ? 'the client' : 'the server'
    if (side.base === undefined) {
      const isAnswered = side.acknowledged !== undefined && !side.isReset
      if (isAnswered) gaps.push({ way, what: `everything that ${who} sent`, after: side.acknowledged!.by })
      continue
    }
    const opening = way === 'request' ? 'SYN' : 'SYN-ACK'
    const isWhole = side.hasSyn || other.hasSyn
    if (!side.hasSyn && isWhole) gaps.push({ way, what: opening, after: segments[0]?.number ?? last })
    if (side.acknowledged === undefined) continue
    const first = Math.min(0, ...side.ranges.map(([start]) => start))
    const end = distance(side.base, side.acknowledged.at)
    if (end > first && !side.has(first, end)) {
      gaps.push({ way, what: `data (or FIN) of ${who} that was acknowledged`, after: side.acknowledged.by })
    }
  }
  return gaps
}
