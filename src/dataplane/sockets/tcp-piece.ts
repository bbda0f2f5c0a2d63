import { TCP_FLAG } from '../../wire/index.ts'
import { seqAdd } from './tcp-seq.ts'

/** A piece of data (or a SYN, or a FIN) to be sent, or sent and not yet acknowledged; may be cut into several segments. */
export interface TxSkb {
  /** First sequence number. */
  seq: number
  /** One past the last. */
  endSeq: number
  /** Where its data lies: a part of what the program gave at once, which nobody changes. */
  readonly block: Uint8Array
  /** First byte of the data in it. */
  from: number
  /** Bytes of data. */
  length: number
  /** Control bits besides ACK. */
  flags: number
  /** Size of the segments it was cut into. */
  gsoSize: number
  /** The receiver has reported it (SACK). */
  sacked: boolean
  /** Believed lost. */
  lost: boolean
  /** Sent again and that copy is under way. */
  retrans: boolean
  /** Was sent again at some time. */
  everRetrans: boolean
  /** When it was sent last, in nanoseconds; -1 = never. */
  sentAt: number
}

/** A piece that is not sent yet. */
export function newTxSkb(seq: number, data: Uint8Array, flags: number, gsoSize: number): TxSkb {
  const control = (flags & (TCP_FLAG.SYN | TCP_FLAG.FIN)) !== 0 ? 1 : 0
  return {
    seq,
    endSeq: seqAdd(seq, data.length + control),
    block: data,
    from: 0,
    length: data.length,
    flags,
    gsoSize,
    sacked: false,
    lost: false,
    retrans: false,
    everRetrans: false,
    sentAt: -1,
  }
}

/** Cuts a piece at `length` bytes; the rest is returned and must be put behind it. */
export function cutRest(skb: TxSkb, length: number): TxSkb {
  const rest: TxSkb = { ...skb }
  trimFront(rest, length)
  keepFront(skb, length)
  return rest
}

/** Cuts a piece at `length` bytes; the front is returned and must be put before it. */
export function cutFront(skb: TxSkb, length: number): TxSkb {
  const front: TxSkb = { ...skb }
  keepFront(front, length)
  trimFront(skb, length)
  return front
}

/** Forgets the front of a piece. */
export function trimFront(skb: TxSkb, length: number): void {
  skb.seq = seqAdd(skb.seq, length)
  skb.from += length
  skb.length -= length
}

function keepFront(skb: TxSkb, length: number): void {
  skb.endSeq = seqAdd(skb.seq, length)
  skb.length = length
  skb.flags &= ~(TCP_FLAG.FIN | TCP_FLAG.PSH)
}

/** Segments a piece is cut into. */
export function segmentsOf(skb: TxSkb): number {
  return skb.length === 0 ? 1 : Math.ceil(skb.length / skb.gsoSize)
}
