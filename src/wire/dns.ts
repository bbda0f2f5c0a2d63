// Domain names: one question, and answers that are addresses. @rfc 1035 §4

import { concatBytes, readU16, readU32, writeU16, writeU32 } from './bytes.ts'
import { type Ip, isIpv4 } from './ip.ts'
import { ipv4ToNumber, numberToIpv4 } from './ipv4-address.ts'
import { bytesToIpv6, ipv6ToBytes } from './ipv6-address.ts'
import { encodeUtf8 } from './utf8.ts'

/** The port of name servers. */
export const DNS_PORT = 53

/** Bytes of the header. */
const DNS_HEADER_LENGTH = 12

/** Offset of the flags; the id is at 0. */
export const DNS_FLAGS = 2
/** Offset of the number of questions. */
const DNS_QUESTIONS = 4
/** Offset of the number of answers. */
export const DNS_ANSWERS = 6
/** Offset of the number of authority records. */
export const DNS_AUTHORITIES = 8
/** Offset of the number of additional records. */
export const DNS_ADDITIONALS = 10

/** Bits of the flags. */
export const DNS_FLAG = {
  /** An answer. */
  QR: 0x8000,
  /** What is asked for: 0 is a question. */
  OPCODE: 0x7800,
  /** The server has authority over the name. */
  AA: 0x0400,
  /** Cut short. */
  TC: 0x0200,
  /** Recursion is wanted. */
  RD: 0x0100,
  /** Recursion is there. */
  RA: 0x0080,
  /** The data is authentic. @rfc 4035 */
  AD: 0x0020,
  /** The result: 0 is no error. */
  RCODE: 0x000f,
} as const

/** Result: there is no such name. */
export const DNS_NXDOMAIN = 3

/** Types of records. @rfc 1035 §3.2.2, 3596 */
export const DNS_TYPE = {
  /** IPv4 address. */
  A: 1,
  /** IPv6 address. */
  AAAA: 28,
} as const

const CLASS_IN = 1

/** The mark of a name that stands elsewhere in the message; its low bits are where. @rfc 1035 §4.1.4 */
const POINTER = 0xc0

// Offsets in a record whose name is a pointer.
const RECORD_TYPE = 2
const RECORD_CLASS = 4
const RECORD_TTL = 6
const RECORD_LENGTH = 10
const RECORD_DATA = 12

/** A question. */
export interface DnsQuestion {
  /** The name, without the last dot. */
  readonly name: string
  /** Type of record, see `DNS_TYPE`. */
  readonly type: number
}

/** A question as a message; recursion is wanted. */
export function buildDnsQuery(id: number, { name, type }: DnsQuestion): Uint8Array {
  const header = new Uint8Array(DNS_HEADER_LENGTH)
  writeU16(header, 0, id)
  writeU16(header, DNS_FLAGS, DNS_FLAG.RD)
  writeU16(header, DNS_QUESTIONS, 1)
  const labels = name.split('.').map((label) => encodeUtf8(label))
  const question = new Uint8Array(QUESTION_LENGTH)
  writeU16(question, QUESTION_TYPE, type)
  writeU16(question, QUESTION_CLASS, CLASS_IN)
  return concatBytes([header, ...labels.flatMap((label) => [Uint8Array.of(label.length), label]), question])
}

// Offsets in a question behind its labels, from the zero that ends them.
const QUESTION_TYPE = 1
const QUESTION_CLASS = 3
const QUESTION_LENGTH = 5

/**
 * The answer to a question: an address, or that there is no such name.
 * @param ttl - how long it holds, in seconds
 * @returns undefined when the message is no question
 */
export function buildDnsAnswer(query: Uint8Array, address: Ip | undefined, ttl: number): Uint8Array | undefined {
  const asked = readDnsQuestion(query)
  if (asked === undefined || (readU16(query, DNS_FLAGS) & (DNS_FLAG.QR | DNS_FLAG.OPCODE)) !== 0) return undefined
  const question = query.slice(0, asked.end)
  const wanted = readU16(query, DNS_FLAGS) & DNS_FLAG.RD
  const isKnown = address !== undefined
  const fits = isKnown && (isIpv4(address) ? DNS_TYPE.A : DNS_TYPE.AAAA) === asked.type
  writeU16(question, DNS_FLAGS, DNS_FLAG.QR | wanted | DNS_FLAG.RA | (isKnown ? DNS_FLAG.AA : DNS_NXDOMAIN))
  writeU16(question, DNS_ANSWERS, fits ? 1 : 0)
  writeU16(question, DNS_AUTHORITIES, 0)
  writeU16(question, DNS_ADDITIONALS, 0)
  return fits ? concatBytes([question, record(asked.type, address, ttl)]) : question
}

/** A record whose name is the one asked for. */
function record(type: number, address: Ip, ttl: number): Uint8Array {
  const data = isIpv4(address) ? new Uint8Array(4) : ipv6ToBytes(address)
  if (isIpv4(address)) writeU32(data, 0, ipv4ToNumber(address))
  const head = new Uint8Array(RECORD_DATA)
  writeU16(head, 0, (POINTER << 8) | DNS_HEADER_LENGTH)
  writeU16(head, RECORD_TYPE, type)
  writeU16(head, RECORD_CLASS, CLASS_IN)
  writeU32(head, RECORD_TTL, ttl)
  writeU16(head, RECORD_LENGTH, data.length)
  return concatBytes([head, data])
}

/** A question in a message. */
export interface DnsQuestionPlace extends DnsQuestion {
  /** Where it ends, in the message. */
  readonly end: number
}

/** The one question of a message; undefined when there is none, or more. */
export function readDnsQuestion(bytes: Uint8Array): DnsQuestionPlace | undefined {
  if (bytes.length < DNS_HEADER_LENGTH || readU16(bytes, DNS_QUESTIONS) !== 1) return undefined
  const labels: string[] = []
  let at = DNS_HEADER_LENGTH
  for (let length = bytes[at] ?? 0; length !== 0; length = bytes[at] ?? 0) {
    if (length >= POINTER || at + 1 + length >= bytes.length) return undefined
    labels.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length)))
    at += 1 + length
  }
  const end = at + QUESTION_LENGTH
  return end > bytes.length ? undefined : { name: labels.join('.'), type: readU16(bytes, at + QUESTION_TYPE), end }
}

/** A record of an answer that is an address. */
export interface DnsRecord {
  /** Type, see `DNS_TYPE`. */
  readonly type: number
  /** How long it holds, in seconds. */
  readonly ttl: number
  /** The address. */
  readonly address: string
}

/** The records in `bytes[at..)`, named by pointers; undefined when one is anything but an address. */
export function readDnsRecords(bytes: Uint8Array, at: number, count: number): DnsRecord[] | undefined {
  const records: DnsRecord[] = []
  for (let start = at; records.length < count; ) {
    const data = start + RECORD_DATA
    if (data > bytes.length || ((bytes[start] as number) & POINTER) !== POINTER) return undefined
    const [type, length] = [readU16(bytes, start + RECORD_TYPE), readU16(bytes, start + RECORD_LENGTH)]
    const isAddress = (type === DNS_TYPE.A && length === 4) || (type === DNS_TYPE.AAAA && length === 16)
    if (!isAddress || data + length > bytes.length) return undefined
    const address = type === DNS_TYPE.A ? numberToIpv4(readU32(bytes, data)) : bytesToIpv6(bytes, data)
    records.push({ type, ttl: readU32(bytes, start + RECORD_TTL), address })
    start = data + length
  }
  return records
}
