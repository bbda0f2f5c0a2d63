/** What the bytes of a captured packet start with, by the numbers of capture files. @see https://www.tcpdump.org/linktypes.html */
export const LINK_TYPE = {
  /** An Ethernet header. */
  ETHERNET: 1,
  /** An IPv4 or IPv6 header, told apart by the version field; devices without link layer, such as `tunl0` and WireGuard. */
  RAW: 101,
} as const

/** The link types this project reads and writes. */
export type LinkType = (typeof LINK_TYPE)[keyof typeof LINK_TYPE]
