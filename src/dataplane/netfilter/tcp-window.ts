import { TCP_FLAG } from '../../wire/index.ts'
import { IP_CT_DIR_REPLY } from '../kernel/conntrack.ts'
import {
  after,
  before,
  highestSack,
  readSynOptions,
  SEGMENT_ACK,
  type Segment,
  type TcpSide,
  type TcpTrack,
} from './tcp-track.ts'

/** How a segment relates to the windows: fits, is let through without being believed, or is invalid. */
export type WindowVerdict = 'fits' | 'ignore' | 'invalid'

/** However small the window, acknowledgements this far back are still taken, in bytes. */
const ACK_WINDOW = 66000

/**
 * Judges a segment against what both sides may send, and learns from it. Four bounds: data not beyond the receiver's window,
 * not wholly older than it, acknowledging nothing that was never sent, and nothing too old.
 * @linux net/netfilter/nf_conntrack_proto_tcp.c tcp_in_window
 */
export function tcpInWindow(t: TcpTrack, dir: number, s: Segment, liberal: boolean): WindowVerdict {
  const sender = t.seen[dir]!
  const receiver = t.seen[1 - dir]!
  const rawSack = receiver.sackPerm ? highestSack(s, s.ack) : s.ack
  if (meetSender(t, dir, s, sender, receiver, rawSack)) return 'fits'

  let seq = s.seq
  let end = s.end
  let ack = s.ack
  let sack = rawSack
  const resetWithoutAck = (s.flags & TCP_FLAG.RST) !== 0 && ack === 0
  if (!s.hasAck || resetWithoutAck) {
    ack = receiver.end
    sack = receiver.end
  }
  if (s.flags & TCP_FLAG.RST && seq === 0 && t.state === 1) {
    seq = sender.end
    end = sender.end
  }
  const verdict = withinBounds(sender, receiver, seq, end, sack)
  if (verdict !== 'fits') return liberal || sender.beLiberal ? 'fits' : verdict
  learn(s, sender, receiver, end, ack, sack)
  noteRetransmission(t, dir, s, seq, end, ack)
  return 'fits'
}

/** First sight of a side, or its SYN anew. True: nothing more to check (a SYN that crosses ours). */
function meetSender(t: TcpTrack, dir: number, s: Segment, sender: TcpSide, receiver: TcpSide, sack: number): boolean {
  if (sender.maxwin === 0) {
    if (s.hasSyn) {
      startSide(sender, receiver, s, dir)
      return !s.hasAck
    }
    const win = (s.win << sender.scale) >>> 0
    sender.end = s.end
    sender.maxwin = win === 0 ? 1 : win
    sender.maxend = (s.end + sender.maxwin) >>> 0
    if (receiver.maxwin === 0) {
      receiver.end = sack
      receiver.maxend = sack
    } else if (sack === (receiver.end + 1) >>> 0) {
      receiver.end = sack
    }
    return false
  }
  const opening = t.state === 1 || t.state === 2
  if (s.hasSyn && opening && after(s.end, sender.end)) {
    startSide(sender, receiver, s, dir)
    return dir === IP_CT_DIR_REPLY && !s.hasAck
  }
  return false
}

function startSide(sender: TcpSide, receiver: TcpSide, s: Segment, dir: number): void {
  sender.end = s.end
  sender.maxend = s.end
  sender.maxwin = s.win === 0 ? 1 : s.win
  readSynOptions(s, sender)
  if (dir === IP_CT_DIR_REPLY && !(sender.windowScale && receiver.windowScale)) {
    sender.scale = 0
    receiver.scale = 0
  }
}

function withinBounds(sender: TcpSide, receiver: TcpSide, seq: number, end: number, sack: number): WindowVerdict {
  const oldestAck = (receiver.end - Math.max(sender.maxwin, ACK_WINDOW) - 1) >>> 0
  const oldestData = (sender.end - receiver.maxwin - 1) >>> 0
  const acksSentData = before(sack, (receiver.end + 1) >>> 0)
  if (!before(seq, (sender.maxend + 1) >>> 0)) {
    const overshot = (end - sender.maxend + 1) >>> 0
    const recent = receiver.maxwin !== 0 && after(end, oldestData)
    if (!recent || !after(sack, oldestAck) || overshot > receiver.maxwin || !acksSentData) return 'invalid'
    sender.end = end
    sender.unacked = true
    return 'ignore'
  }
  if (!acksSentData) return 'invalid'
  if (receiver.maxwin !== 0 && !after(end, oldestData)) return 'ignore'
  return after(sack, oldestAck) ? 'fits' : 'ignore'
}

function learn(s: Segment, sender: TcpSide, receiver: TcpSide, end: number, ack: number, sack: number): void {
  const win = s.hasSyn ? s.win : (s.win << sender.scale) >>> 0
  const window = (win + (sack - ack)) >>> 0
  if (sender.maxwin < window) sender.maxwin = window
  if (after(end, sender.end)) {
    sender.end = end
    sender.unacked = true
  }
  if (s.hasAck && (!sender.maxackSet || after(ack, sender.maxack))) {
    sender.maxack = ack
    sender.maxackSet = true
  }
  if (receiver.maxwin !== 0 && after(end, sender.maxend)) {
    receiver.maxwin = (receiver.maxwin + end - sender.maxend) >>> 0
  }
  const edge = (sack + win) >>> 0
  if (after(edge, (receiver.maxend - 1) >>> 0)) receiver.maxend = win === 0 ? (edge + 1) >>> 0 : edge
  if (ack === receiver.end) receiver.unacked = false
}

function noteRetransmission(t: TcpTrack, dir: number, s: Segment, seq: number, end: number, ack: number): void {
  if (s.kind !== SEGMENT_ACK) return
  const again = t.lastDir === dir && t.lastSeq === seq && t.lastAck === ack && t.lastEnd === end && t.lastWin === s.win
  t.retrans = again ? t.retrans + 1 : 0
  t.lastDir = dir
  t.lastSeq = seq
  t.lastAck = ack
  t.lastEnd = end
  t.lastWin = s.win
}
