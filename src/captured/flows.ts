import { TCP_FLAG } from '../wire/index.ts'
import type { RawPacket } from './capture-file.ts'
import { conversationOf, endsOf, type FlowEnds } from './keys.ts'
import type { Names } from './names.ts'
import type { Packet } from './packet.ts'

/** A packet with what it is. */
export interface Opened {
  readonly raw: RawPacket
  readonly packet: Packet
}

/** A conversation as the capture has it: who asks is the source. */
export interface Conversation {
  /** Its two ends in one order: the same for both directions. */
  readonly key: string
  readonly ends: FlowEnds
  /** Bytes of data that each sends at a time, at most, and in all. */
  readonly sent: { longest: number; total: number }
  readonly answered: { longest: number; total: number }
  /** Whether the one who asks sets DF. */
  readonly isWhole: boolean
  /** Identifier of echoes. */
  readonly identifier: number
}

interface Gathered {
  ends: FlowEnds
  /** How sure it is who asks. */
  certainty: number
  readonly seen: Map<string, { longest: number; total: number }>
  isWhole: boolean
  identifier: number
}

/** The conversations of packets, each once, in the order they begin. What an ICMP error is about is one, too. */
export function conversationsOf(packets: readonly Opened[], names: Names): Conversation[] {
  const found = new Map<string, Gathered>()
  for (const { packet } of packets) {
    const own = endsOf(packet)
    const isError = packet.quote !== undefined
    const ends = isError ? endsOf(packet.quote!) : own
    if (ends === undefined || !isConversation(packet, ends)) continue
    const key = conversationOf(ends)
    const sure = askerOf(packet, ends, names, isError)
    const asked = sure < 0 ? turned(ends) : ends
    const known = found.get(key)
    const gathered: Gathered = known ?? {
      ends: asked,
      certainty: Math.abs(sure),
      seen: new Map(),
      isWhole: false,
      identifier: 0,
    }
    if (Math.abs(sure) > gathered.certainty) {
      gathered.ends = asked
      gathered.certainty = Math.abs(sure)
    }
    if (!isError) gather(gathered, packet, ends)
    found.set(key, gathered)
  }
  return [...found].map(([key, one]) => settled(key, one))
}

function gather(gathered: Gathered, { upper, layers }: Packet, ends: FlowEnds): void {
  const side = `${ends.source} ${ends.from}`
  const seen = gathered.seen.get(side) ?? { longest: 0, total: 0 }
  const length = upper?.length ?? 0
  seen.longest = Math.max(seen.longest, length)
  seen.total += length
  gathered.seen.set(side, seen)
  if (layers.at(-1)?.dontFragment === true) gathered.isWhole = true
  if (upper?.protocol === 'icmp') gathered.identifier = upper.from
}

const NOTHING_SENT = { longest: 0, total: 0 }

function settled(key: string, { ends, seen, isWhole, identifier }: Gathered): Conversation {
  return {
    key,
    ends,
    sent: seen.get(`${ends.source} ${ends.from}`) ?? NOTHING_SENT,
    answered: seen.get(`${ends.destination} ${ends.to}`) ?? NOTHING_SENT,
    isWhole,
    identifier,
  }
}

function turned({ protocol, source, destination, from, to }: FlowEnds): FlowEnds {
  return { protocol, source: destination, destination: source, from: to, to: from }
}

/** What is a conversation between two: no messages to groups, and none of neighbour discovery. */
function isConversation({ upper }: Packet, { destination, protocol, to }: FlowEnds): boolean {
  // Later fragments have no ports.
  if ((protocol === 'tcp' || protocol === 'udp') && to === 0) return false
  if (destination.startsWith('ff') || destination === '255.255.255.255') return false
  return upper?.protocol !== 'icmp' || upper.type < 130
}

/** Who asks: positive where this packet is of the one who does, negative where it is an answer; the greater, the surer. */
function askerOf({ upper, quote }: Packet, ends: FlowEnds, names: Names, isError: boolean): number {
  const about = isError ? quote?.upper : upper
  if (about?.protocol === 'icmp')
    return about.type === 8 || about.type === 128 ? 3 : about.type === 0 || about.type === 129 ? -3 : 1
  if (about?.protocol === 'tcp' && !isError) {
    const opening = about.flags & (TCP_FLAG.SYN | TCP_FLAG.ACK)
    if (opening === TCP_FLAG.SYN) return 3
    if (opening === (TCP_FLAG.SYN | TCP_FLAG.ACK)) return -3
  }
  if (names.ownerOf(ends.destination)?.kind === 'service') return 2
  if (names.ownerOf(ends.source)?.kind === 'service') return -2
  // Who asks has a port that the kernel drew; where both look alike, who is seen first.
  const [isDrawn, isOtherDrawn] = [ends.from >= DRAWN, ends.to >= DRAWN]
  return isDrawn === isOtherDrawn ? 0.5 : isDrawn ? 1 : -1
}

/** From here on ports are drawn by the kernel. @linux net.ipv4.ip_local_port_range */
const DRAWN = 32_768
