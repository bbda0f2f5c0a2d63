/** Types of IPv4 options; the copied flag (0x80) is part of the number. @rfc 791 §3.1, @rfc 2113 */
export const IPV4_OPTION = {
  /** End of option list. */
  END: 0,
  /** No operation. */
  NOP: 1,
  /** Record route. */
  RECORD_ROUTE: 7,
  /** Internet timestamp. */
  TIMESTAMP: 68,
  /** Security. */
  SECURITY: 130,
  /** Loose source route. */
  LOOSE_SOURCE_ROUTE: 131,
  /** Strict source route. */
  STRICT_SOURCE_ROUTE: 137,
  /** Router alert. */
  ROUTER_ALERT: 148,
} as const

/** Offset of an option's length, its type and length bytes counted; END and NOP have none. */
export const IPV4_OPTION_LENGTH = 1
/** Offset of the pointer of a route or timestamp option: the place of the next entry, counted from 1. */
export const IPV4_OPTION_POINTER = 2
/** Offset of the value of a router alert. @rfc 2113 §2.1 */
export const IPV4_OPTION_DATA = 2
/** Offset of the overflow count (upper half) and the flag (lower half) of a timestamp option. */
export const IPV4_OPTION_OVERFLOW_FLAG = 3

/** An IPv4 option in place. */
export interface Ipv4Option {
  /** Option type with its copied flag. */
  readonly type: number
  /** Where the option starts, in the buffer. */
  readonly start: number
  /** Its length with type and length bytes. */
  readonly length: number
}

/** The options in `bytes[start..end)` in their order; reading stops at the end option or at a length that makes no sense. */
export function readIpv4Options(bytes: Uint8Array, start: number, end: number): Ipv4Option[] {
  const options: Ipv4Option[] = []
  let at = start
  while (at < end) {
    const type = bytes[at]!
    if (type === IPV4_OPTION.END || type === IPV4_OPTION.NOP) {
      options.push({ type, start: at, length: 1 })
      if (type === IPV4_OPTION.END) break
      at += 1
      continue
    }
    const length = at + 1 < end ? bytes[at + IPV4_OPTION_LENGTH]! : 0
    if (length < 2 || at + length > end) break
    options.push({ type, start: at, length })
    at += length
  }
  return options
}

/** Whether an option goes into every fragment of a packet. @rfc 791 §3.1 */
export function isCopiedOption(type: number): boolean {
  return (type & 0x80) !== 0
}
