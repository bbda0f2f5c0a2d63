import type { PacketBuffer } from '../kernel/skb.ts'
import type { TcpTrack } from './tcp-track.ts'
import type { Tuple } from './tuple.ts'

/** `ctinfo`: original direction of a connection that was answered. */
export const IP_CT_ESTABLISHED = 0
/** Original direction of a connection related to another, or an ICMP error about one. */
export const IP_CT_RELATED = 1
/** First packet, or a further one before any answer. */
export const IP_CT_NEW = 2
/** Reply direction of a connection. */
export const IP_CT_ESTABLISHED_REPLY = 3
/** Reply direction of a related one. */
export const IP_CT_RELATED_REPLY = 4
/** Not tracked, on purpose: `skb.ct` is null. */
export const IP_CT_UNTRACKED = 7

/** Packets from whoever began the connection. */
export const IP_CT_DIR_ORIGINAL = 0
/** Packets back. */
export const IP_CT_DIR_REPLY = 1

/** Status bit: expected by a helper. */
export const IPS_EXPECTED = 1
/** Status bit: packets were seen both ways. */
export const IPS_SEEN_REPLY = 2
/** Status bit: not thrown away early. */
export const IPS_ASSURED = 4
/** Status bit: in the table. */
export const IPS_CONFIRMED = 8
/** Status bit: its source is rewritten. */
export const IPS_SRC_NAT = 16
/** Status bit: its destination is rewritten. */
export const IPS_DST_NAT = 32
/** Status bits: either. */
export const IPS_NAT_MASK = 48
/** Status bit: the source decision was taken (even if it was to keep it). */
export const IPS_SRC_NAT_DONE = 128
/** Status bit: the destination decision was taken. */
export const IPS_DST_NAT_DONE = 256
/** Status bits: both decisions. */
export const IPS_NAT_DONE_MASK = 384
/** Status bit: being removed. */
export const IPS_DYING = 512

/** A tracked connection (`struct nf_conn`). */
export class Conn {
  /** As the first packet had it. */
  readonly original: Tuple
  /** What answers look like on arrival: NAT changes it. */
  readonly reply: Tuple
  /** Place in the order of insertion. */
  serial = 0
  /** IPS_ bits. */
  status = 0
  /** Connection mark (`ct->mark`). */
  mark = 0
  /** Conntrack zone. */
  zone = 0
  /** When it expires, in nanoseconds of virtual time. */
  expires = 0
  /** UDP: from when on traffic counts as a stream, in nanoseconds. */
  streamAt = 0
  /** ifindex MASQUERADE bound it to, 0 = not masqueraded. */
  masqIndex = 0
  /** TCP state; null for other protocols. */
  tcp: TcpTrack | null = null

  constructor(original: Tuple, reply: Tuple) {
    this.original = original
    this.reply = reply
  }

  /** The tuple of a direction. */
  tuple(dir: number): Tuple {
    return dir === IP_CT_DIR_ORIGINAL ? this.original : this.reply
  }
}

/** Direction of a packet by its ctinfo (`CTINFO2DIR`). */
export function dirOf(ctinfo: number): number {
  return ctinfo >= IP_CT_ESTABLISHED_REPLY ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL
}

/**
 * An error or reset that this host makes about a packet belongs to that packet's connection, the other way round: it is not looked
 * up, and is RELATED.
 * @linux net/netfilter/nf_conntrack_core.c nf_conntrack_attach
 */
export function ctAttach(answer: PacketBuffer, about: PacketBuffer): void {
  if (about.ct === null) return
  answer.ct = about.ct
  answer.ctinfo = dirOf(about.ctinfo) === IP_CT_DIR_ORIGINAL ? IP_CT_RELATED_REPLY : IP_CT_RELATED
}
