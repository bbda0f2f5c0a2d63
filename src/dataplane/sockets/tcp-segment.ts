import {
  IPV4_TOS,
  readTcpOptions,
  readTimestampAlone,
  readU16,
  readU32,
  type SackBlock,
  TCP_ACKNOWLEDGMENT,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_FLAG,
  TCP_FLAGS,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  TCP_WINDOW,
} from '../../wire/index.ts'
import type { PacketOnDevice } from '../kernel/skb.ts'
import { type IpEnds, ipEnds } from './ip-ends.ts'
import { seqAdd } from './tcp-seq.ts'

const NO_DATA = new Uint8Array(0)
const NO_BLOCKS: readonly SackBlock[] = []

/** A received segment, its header read. */
export interface Segment {
  /** The packet; `data` at the TCP header. */
  readonly skb: PacketOnDevice
  /** Addresses. */
  readonly ends: IpEnds
  /** Source port. */
  readonly sport: number
  /** Destination port. */
  readonly dport: number
  /** First sequence number. */
  readonly seq: number
  /** One past the last: data, SYN and FIN counted. */
  readonly endSeq: number
  /** Acknowledgment number. */
  readonly ack: number
  /** Control bits. */
  readonly flags: number
  /** Window field as it is. */
  readonly window: number
  /** Data: a piece of the packet, which nobody changes once it has arrived. */
  readonly payload: Uint8Array
  /** TOS it came with. */
  readonly tos: number
  /** MSS option; 0 = none. */
  readonly mss: number
  /** Window scale option; -1 = none. */
  readonly wscale: number
  /** SACK permitted. */
  readonly sackOk: boolean
  /** Timestamp of the sender (TSval); -1 = none. */
  readonly timestamp: number
  /** SACK blocks. */
  readonly sack: readonly SackBlock[]
}

/** Reads the segment at `skb.data`; header and checksum were checked. */
export function readSegment(skb: PacketOnDevice): Segment {
  const { bytes, data: at, tail } = skb
  const header = ((bytes[at + TCP_DATA_OFFSET] as number) >> 4) * 4
  const flags = bytes[at + TCP_FLAGS] as number
  const seq = readU32(bytes, at + TCP_SEQUENCE)
  const payload = tail > at + header ? bytes.subarray(at + header, tail) : NO_DATA
  const control = ((flags & TCP_FLAG.SYN) !== 0 ? 1 : 0) + ((flags & TCP_FLAG.FIN) !== 0 ? 1 : 0)
  const ends = ipEnds(skb)
  let mss = 0
  let wscale = -1
  let sackOk = false
  let timestamp = -1
  let sack = NO_BLOCKS
  const options = at + TCP_HEADER_LENGTH
  const alone = readTimestampAlone(bytes, options, at + header)
  if (alone !== undefined) timestamp = alone
  else if (header > TCP_HEADER_LENGTH) {
    for (const o of readTcpOptions(bytes, options, at + header)) {
      if (o.kind === 'mss') mss = o.value
      else if (o.kind === 'wscale') wscale = Math.min(o.shift, 14)
      else if (o.kind === 'sackOk') sackOk = true
      else if (o.kind === 'timestamps') timestamp = o.value
      else if (o.kind === 'sack') sack = o.blocks
    }
  }
  const ip = skb.network
  return {
    skb,
    ends,
    sport: readU16(bytes, at),
    dport: readU16(bytes, at + TCP_DESTINATION_PORT),
    seq,
    endSeq: seqAdd(seq, payload.length + control),
    ack: readU32(bytes, at + TCP_ACKNOWLEDGMENT),
    flags,
    window: readU16(bytes, at + TCP_WINDOW),
    payload,
    tos: ends.family === 'inet' ? (bytes[ip + IPV4_TOS] as number) : (readU16(bytes, ip) >> 4) & 0xff,
    mss,
    wscale,
    sackOk,
    timestamp,
    sack,
  }
}

/** Whether a control bit is set. */
export function has(s: Segment, flag: number): boolean {
  return (s.flags & flag) !== 0
}
