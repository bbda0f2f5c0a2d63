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

/** A tracked connection (`struct nf_conn`). */
export interface Conn {
  /** Connection mark (`ct->mark`). */
  mark: number
}
