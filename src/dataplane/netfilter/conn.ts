import type { ConnectionPicture } from '../../model/index.ts'
import {
  type Connection,
  IP_CT_DIR_ORIGINAL,
  IP_CT_ESTABLISHED,
  IP_CT_ESTABLISHED_REPLY,
  IP_CT_NEW,
} from '../kernel/conntrack.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { TcpTrack } from './tcp-track.ts'
import type { Tuple } from './tuple.ts'

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

/** How packets of a connection pass a hook, where nothing but rules looks at them and all of that is known (`passage.ts`). */
export interface KnownPassage {
  /** Whether a packet of the connection passes as the last one did. */
  isThatOfConnection(skb: PacketBuffer, indev: NetDevice | null, outdev: NetDevice | null): boolean
  /** Lets it pass. @returns NF_ACCEPT */
  passAgain(skb: PacketBuffer, ns: NetNs, hook: number, dev: NetDevice | null): number
}

/** A connection at a moment: the object, and a copy of what it was. */
export interface SavedConn {
  /** The connection itself: waiting packets refer to it. */
  readonly conn: Conn
  /** As it was. */
  readonly copy: Conn
}

/** A tracked connection (`struct nf_conn`). */
export class Conn implements Connection {
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
  /** What records say of it once it is in the table, by the IP_CT_ constant of the packet; null = nobody has recorded it. */
  refs: (ConnectionPicture | undefined)[] | null = null
  /** How its packets pass hooks, by hook and direction, where nothing but rules looks at them; null = none is known. */
  passages: (KnownPassage | undefined)[] | null = null

  /** What was saved of it last; null = nothing. */
  saved: SavedConn | null = null

  constructor(original: Tuple, reply: Tuple) {
    this.original = original
    this.reply = reply
  }

  /** The tuple of a direction. */
  tuple(dir: number): Tuple {
    return dir === IP_CT_DIR_ORIGINAL ? this.original : this.reply
  }
}

/**
 * Whether a packet's connection is in the table, answered or all decided that NAT decides, and not translated: NAT and confirmation leave the
 * packet alone.
 */
export function isSettled({ ct, ctinfo }: PacketBuffer): boolean {
  if (ct === null) return false
  const { status, masqIndex } = ct as Conn
  if ((status & (IPS_NAT_MASK | IPS_CONFIRMED)) !== IPS_CONFIRMED || masqIndex !== 0) return false
  return isAnswered(ctinfo) || (ctinfo === IP_CT_NEW && (status & IPS_NAT_DONE_MASK) === IPS_NAT_DONE_MASK)
}

/** Whether packets of a connection, one of which is this, were seen both ways. */
export function isAnswered(ctinfo: number): boolean {
  return ctinfo === IP_CT_ESTABLISHED || ctinfo === IP_CT_ESTABLISHED_REPLY
}
