import {
  readU16,
  readU32,
  TCP_ACKNOWLEDGMENT,
  TCP_DATA_OFFSET,
  TCP_FLAG,
  TCP_FLAGS,
  TCP_OPTION,
  TCP_OPTION_DATA,
  TCP_OPTION_LENGTH,
  TCP_SEQUENCE,
  TCP_WINDOW,
} from '../../wire/index.ts'

/** States of a tracked TCP connection, as `conntrack -L` names them; the index is the number. */
export const TCP_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const

/** What conntrack remembers of one side: which sequence numbers it may use. */
export interface TcpSide {
  /** One past the highest sequence number it sent. */
  end: number
  /** One past the highest it may send: what the other side's window allows. */
  maxend: number
  /** Largest window it announced; 0 = nothing was seen of it. */
  maxwin: number
  /** Highest acknowledgement it sent. */
  maxack: number
  /** `maxack` is set. */
  maxackSet: boolean
  /** Window scale. */
  scale: number
  /** It offered window scaling. */
  windowScale: boolean
  /** It may send SACK blocks. */
  sackPerm: boolean
  /** The connection was picked up in the middle: windows are not held against it. */
  beLiberal: boolean
  /** It began the close. */
  closeInit: boolean
  /** It has data out that was not acknowledged. */
  unacked: boolean
}

/** What conntrack remembers of a TCP connection. */
export interface TcpTrack {
  /** Index into {@link TCP_STATES}. */
  state: number
  /** Both sides: original, reply. */
  seen: [TcpSide, TcpSide]
  /** Direction of the last segment. */
  lastDir: number
  /** Its kind, see {@link segmentKind}. */
  lastIndex: number
  /** Its sequence number. */
  lastSeq: number
  /** Its acknowledgement. */
  lastAck: number
  /** One past its last sequence number. */
  lastEnd: number
  /** Its window, unscaled. */
  lastWin: number
  /** Window scale of a SYN that was let through without a change of state. */
  lastScale: number
  /** That SYN offered window scaling. */
  lastWindowScale: boolean
  /** That SYN offered SACK. */
  lastSackPerm: boolean
  /** A challenge ACK may answer that SYN. */
  challengeAck: boolean
  /** Both sides sent a SYN first. */
  simultaneousOpen: boolean
  /** Retransmissions in a row. */
  retrans: number
}

/** A fresh side. */
export function newSide(): TcpSide {
  return {
    end: 0,
    maxend: 0,
    maxwin: 0,
    maxack: 0,
    maxackSet: false,
    scale: 0,
    windowScale: false,
    sackPerm: false,
    beLiberal: false,
    closeInit: false,
    unacked: false,
  }
}

/** A fresh connection. */
export function newTcpTrack(): TcpTrack {
  return {
    state: 0,
    seen: [newSide(), newSide()],
    lastDir: 0,
    lastIndex: SEGMENT_NONE,
    lastSeq: 0,
    lastAck: 0,
    lastEnd: 0,
    lastWin: 0,
    lastScale: 0,
    lastWindowScale: false,
    lastSackPerm: false,
    challengeAck: false,
    simultaneousOpen: false,
    retrans: 0,
  }
}

/** Kinds of segments: SYN. */
export const SEGMENT_SYN = 0
/** SYN and ACK. */
export const SEGMENT_SYNACK = 1
/** FIN. */
export const SEGMENT_FIN = 2
/** ACK and none of the others. */
export const SEGMENT_ACK = 3
/** RST. */
export const SEGMENT_RST = 4
/** No flag. */
const SEGMENT_NONE = 5

/** What a segment means to the state machine. */
function segmentKind(flags: number): number {
  if (flags & TCP_FLAG.RST) return SEGMENT_RST
  if (flags & TCP_FLAG.SYN) return flags & TCP_FLAG.ACK ? SEGMENT_SYNACK : SEGMENT_SYN
  if (flags & TCP_FLAG.FIN) return SEGMENT_FIN
  return flags & TCP_FLAG.ACK ? SEGMENT_ACK : SEGMENT_NONE
}

/** A segment, read once. */
export class Segment {
  /** Buffer. */
  bytes: Uint8Array = new Uint8Array(0)
  /** Where the TCP header starts. */
  at = 0
  /** Header length, in bytes. */
  headerLength = 0
  /** Flags. */
  flags = 0
  /** Kind. */
  kind: number = SEGMENT_NONE
  /** Sequence number. */
  seq = 0
  /** Acknowledgement number. */
  ack = 0
  /** Window, unscaled. */
  win = 0
  /** One past the last sequence number it uses. */
  end = 0

  /** Reads the segment in `bytes[at, end)`. False when it is cut short. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at < 20) return false
    this.bytes = bytes
    this.at = at
    this.headerLength = (bytes[at + TCP_DATA_OFFSET]! >>> 4) * 4
    if (this.headerLength < 20 || at + this.headerLength > end) return false
    this.flags = bytes[at + TCP_FLAGS]!
    this.kind = segmentKind(this.flags)
    this.seq = readU32(bytes, at + TCP_SEQUENCE)
    this.ack = readU32(bytes, at + TCP_ACKNOWLEDGMENT)
    this.win = readU16(bytes, at + TCP_WINDOW)
    const phantom = (this.flags & TCP_FLAG.SYN ? 1 : 0) + (this.flags & TCP_FLAG.FIN ? 1 : 0)
    this.end = (this.seq + (end - at) - this.headerLength + phantom) >>> 0
    return true
  }

  /** Whether ACK is set. */
  get hasAck(): boolean {
    return (this.flags & TCP_FLAG.ACK) !== 0
  }

  /** Whether SYN is set. */
  get hasSyn(): boolean {
    return (this.flags & TCP_FLAG.SYN) !== 0
  }
}

/** Calls `see` for each option after the fixed header until the list ends or is malformed. */
function eachOption(s: Segment, see: (kind: number, at: number, length: number) => void): void {
  let at = s.at + 20
  const end = s.at + s.headerLength
  while (at < end) {
    const kind = s.bytes[at]!
    if (kind === TCP_OPTION.END) return
    if (kind === TCP_OPTION.NOP) {
      at++
      continue
    }
    if (end - at < 2) return
    const length = s.bytes[at + TCP_OPTION_LENGTH]!
    if (length < 2 || at + length > end) return
    see(kind, at, length)
    at += length
  }
}

/** Largest window scale TCP knows. @rfc 7323 §2.3 */
const MAX_SCALE = 14

/** Takes window scale and SACK permission from the options of a SYN. Without any option nothing changes. */
export function readSynOptions(s: Segment, side: TcpSide): void {
  if (s.headerLength === 20) return
  side.scale = 0
  side.windowScale = false
  side.sackPerm = false
  side.closeInit = false
  side.unacked = false
  side.maxackSet = false
  eachOption(s, (kind, at, length) => {
    if (kind === TCP_OPTION.SACK_PERMITTED && length === 2) side.sackPerm = true
    else if (kind === TCP_OPTION.WINDOW_SCALE && length === 3) {
      side.scale = Math.min(s.bytes[at + TCP_OPTION_DATA]!, MAX_SCALE)
      side.windowScale = true
    }
  })
}

/** Offset of the right edge in a SACK block. @rfc 2018 §3 */
const SACK_RIGHT_EDGE = 4

/** The highest right edge of the SACK blocks, or the acknowledgement when that is higher. */
export function highestSack(s: Segment, ack: number): number {
  let sack = ack
  if (s.headerLength === 20) return sack
  let seen = false
  eachOption(s, (kind, at, length) => {
    if (seen || kind !== TCP_OPTION.SACK || length < 10 || (length - 2) % 8 !== 0) return
    seen = true
    for (let i = at + TCP_OPTION_DATA; i < at + length; i += 8) {
      const edge = readU32(s.bytes, i + SACK_RIGHT_EDGE)
      if (after(edge, sack)) sack = edge
    }
  })
  return sack
}

/** Whether sequence number a lies after b. @rfc 9293 §3.4 */
export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0
}

/** Whether sequence number a lies before b. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0
}
