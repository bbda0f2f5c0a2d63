// Multicast listener discovery, as far as Linux hosts send it when an address appears. @rfc 2710, @rfc 3810

import { readU16, writeU16 } from './bytes.ts'
import { buildIcmpv6, ICMPV6_TYPE } from './icmpv6.ts'
import { type Ip6Key, readIp6Key, writeIp6Key } from './ipv6-address.ts'

/** Types of records in a version 2 report. @rfc 3810 §5.2.5 */
export const MLD2_RECORD = {
  /** Current filter mode: include. */
  MODE_IS_INCLUDE: 1,
  /** Current filter mode: exclude. */
  MODE_IS_EXCLUDE: 2,
  /** The filter mode changed to include. */
  CHANGE_TO_INCLUDE: 3,
  /** The filter mode changed to exclude; with no sources this joins a group. */
  CHANGE_TO_EXCLUDE: 4,
  /** Sources were added. */
  ALLOW_NEW_SOURCES: 5,
  /** Sources were removed. */
  BLOCK_OLD_SOURCES: 6,
} as const

/** A record of a version 2 report in place. */
export interface Mld2Record {
  /** Record type, see `MLD2_RECORD`. */
  readonly type: number
  /** The multicast group. */
  readonly group: Ip6Key
  /** How many source addresses follow. */
  readonly sources: number
  /** Where the record starts, in the buffer. */
  readonly start: number
  /** Its length in bytes. */
  readonly length: number
}

/** The records of the version 2 report whose ICMPv6 header starts at `at`; stops where the bytes end. */
export function readMld2Records(bytes: Uint8Array, at: number, end: number): Mld2Record[] {
  const records: Mld2Record[] = []
  if (at + 8 > end) return records
  let left = readU16(bytes, at + 6)
  let to = at + 8
  while (left > 0 && to + 20 <= end) {
    const sources = readU16(bytes, to + 2)
    const length = 20 + sources * 16 + bytes[to + 1]! * 4
    records.push({ type: bytes[to]!, group: readIp6Key(bytes, to + 4), sources, start: to, length })
    to += length
    left -= 1
  }
  return records
}

/** Bytes of the report {@link buildMld2Report} writes. */
export function mld2ReportLength(records: number): number {
  return 8 + records * 20
}

/**
 * Writes a version 2 report of records without sources at `at`; returns where it ends.
 * @param pseudo - the partial sum of the pseudo header
 */
export function buildMld2Report(
  bytes: Uint8Array,
  at: number,
  records: readonly Pick<Mld2Record, 'type' | 'group'>[],
  pseudo: number,
): number {
  let to = at + 8
  for (const record of records) {
    bytes[to] = record.type
    bytes[to + 1] = 0
    writeU16(bytes, to + 2, 0)
    writeIp6Key(bytes, to + 4, record.group)
    to += 20
  }
  buildIcmpv6(bytes, at, to, { type: ICMPV6_TYPE.MLD2_REPORT, code: 0, restOfHeader: records.length, pseudo })
  return to
}
