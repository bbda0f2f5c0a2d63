import type { PacketBuffer } from './skb.ts'

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

/** A tracked connection, as everybody but conntrack sees it (`struct nf_conn`). */
export interface Connection {
  /** Connection mark (`ct->mark`). */
  mark: number
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
