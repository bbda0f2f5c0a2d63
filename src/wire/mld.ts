// Multicast listener discovery, as far as Linux hosts send it when an address appears. @rfc 2710, @rfc 3810

import { readU16, writeU16 } from './bytes.ts'
import { buildIcmpv6, ICMPV6_HEADER_LENGTH, ICMPV6_TYPE } from './icmpv6.ts'
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

/** Offset of the group of a version 1 message or of a query, from its ICMPv6 header. @rfc 2710 §3 */
export const MLD_GROUP = 8
/** Bytes of a version 1 message or query. */
export const MLD_LENGTH = 24

/** Offsets of what a version 2 query has behind the group, from its ICMPv6 header. @rfc 3810 §5.1 */
export const MLD2_QUERY = {
  /** The S flag and the querier's robustness. */
  FLAGS: 24,
  /** The querier's query interval code. */
  INTERVAL: 25,
  /** How many sources follow. */
  SOURCES: 26,
} as const
/** Bytes of a version 2 query without sources. */
export const MLD2_QUERY_LENGTH = 28

/** Offset of the number of records of a version 2 report, from its ICMPv6 header. @rfc 3810 §5.2 */
export const MLD2_REPORT_RECORDS = 6

/** Offsets of a record, whose type is at 0. @rfc 3810 §5.2 */
const RECORD = { AUX_LENGTH: 1, SOURCES: 2, GROUP: 4 } as const
const RECORD_LENGTH = 20
const SOURCE_LENGTH = 16

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
  if (at + ICMPV6_HEADER_LENGTH > end) return records
  let left = readU16(bytes, at + MLD2_REPORT_RECORDS)
  let to = at + ICMPV6_HEADER_LENGTH
  while (left > 0 && to + RECORD_LENGTH <= end) {
    const sources = readU16(bytes, to + RECORD.SOURCES)
    const length = RECORD_LENGTH + sources * SOURCE_LENGTH + bytes[to + RECORD.AUX_LENGTH]! * 4
    records.push({ type: bytes[to]!, group: readIp6Key(bytes, to + RECORD.GROUP), sources, start: to, length })
    to += length
    left -= 1
  }
  return records
}

/** Bytes of the report {@link buildMld2Report} writes. */
export function mld2ReportLength(records: number): number {
  return ICMPV6_HEADER_LENGTH + records * RECORD_LENGTH
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
  let to = at + ICMPV6_HEADER_LENGTH
  for (const record of records) {
    bytes[to] = record.type
    bytes[to + RECORD.AUX_LENGTH] = 0
    writeU16(bytes, to + RECORD.SOURCES, 0)
    writeIp6Key(bytes, to + RECORD.GROUP, record.group)
    to += RECORD_LENGTH
  }
  buildIcmpv6(bytes, at, to, { type: ICMPV6_TYPE.MLD2_REPORT, code: 0, restOfHeader: records.length, pseudo })
  return to
}
