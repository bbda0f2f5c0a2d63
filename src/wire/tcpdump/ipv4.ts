// internal to the room
import { readU16, readU32 } from '../bytes.ts'
import { checksumWithout, pseudoHeaderSum } from '../checksum.ts'
import { hexNumber } from '../hex.ts'
import { IPV4_CHECKSUM, IPV4_FLAG, IPV4_HEADER_LENGTH, Ipv4View } from '../ipv4.ts'
import { numberToIpv4 } from '../ipv4-address.ts'
import {
  IPV4_OPTION,
  IPV4_OPTION_DATA,
  IPV4_OPTION_LENGTH,
  IPV4_OPTION_OVERFLOW_FLAG,
  IPV4_OPTION_POINTER,
  type Ipv4Option,
  readIpv4Options,
} from '../ipv4-options.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { describeIcmp } from './icmp.ts'
import { type Around, cut, inside, ipWord, type Print } from './printer.ts'
import { describeTcp } from './tcp.ts'
import { describeUdp } from './udp.ts'

/** An IPv4 packet in `bytes[at..end)`, with the word "IP " where tcpdump prints it. */
export function describeIpv4(print: Print, at: number, end: number): string {
  const version = at < end ? print.bytes[at]! >>> 4 : 4
  if (at >= end) return cut('ip')
  if (version === 6) return 'IP6, wrong link-layer encapsulation (invalid)'
  if (version !== 4) return `IP${version} (invalid)`
  return ipWord(print, 'IP ') + describePacket(print, at, end)
}

function describePacket(print: Print, at: number, end: number): string {
  const { bytes } = print
  const view = new Ipv4View(bytes, at)
  if (end - at < IPV4_HEADER_LENGTH) return cut('ip')
  if (view.headerLength < IPV4_HEADER_LENGTH) return `bad-hlen ${view.headerLength}`
  const length = view.totalLength
  let line = end - at < length && !print.quoted ? `truncated-ip - ${length - (end - at)} bytes missing! ` : ''
  if (length < view.headerLength) {
    if (length !== 0) return `${line}bad-len ${length}`
    return `${line}bad-len 0`
  }
  if (view.payloadAt > end) return line + cut('ip')
  if (print.options.verbose) line += verboseHeader(view)
  const stop = Math.min(end, at + length)
  const source = numberToIpv4(view.source)
  const destination = numberToIpv4(view.destination)
  if (view.fragmentOffset > 0) return `${line}${source} > ${destination}: ip-proto-${view.protocol}`
  const around: Around = {
    source,
    destination,
    fragment: view.mf,
    end: at + length,
    pseudo: (protocol, size) => pseudoHeaderSum(view.source, view.destination, protocol, size),
  }
  return line + describeUpper(print, view.protocol, view.payloadAt, stop, around)
}

function describeUpper(print: Print, protocol: number, at: number, end: number, around: Around): string {
  const head = `${around.source} > ${around.destination}: `
  switch (protocol) {
    case IP_PROTOCOL.ICMP:
      return head + describeIcmp(print, at, end, around)
    case IP_PROTOCOL.UDP:
      return describeUdp(print, at, end, around)
    case IP_PROTOCOL.TCP:
      return describeTcp(print, at, end, around)
    case IP_PROTOCOL.IPIP:
      return head + inside(print, 'ipv4', at, end)
    case IP_PROTOCOL.IPV6:
      return head + inside(print, 'ipv6', at, end)
    case IP_PROTOCOL.ICMPV6:
      return `${head}[ICMPv6 requires IPv6] (invalid)`
    case IP_PROTOCOL.NONE:
      return `${head}no next header`
    default:
      return `${head} ip-proto-${protocol} ${around.end - at}`
  }
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  0: 'Options',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  89: 'OSPF',
  132: 'SCTP',
}

/** The name `-v` gives a protocol. */
function verboseProtocol(protocol: number): string {
  return `${PROTOCOL_NAMES[protocol] ?? 'unknown'} (${protocol})`
}

const ECN = ['', ',ECT(1)', ',ECT(0)', ',CE'] as const

function verboseHeader(view: Ipv4View): string {
  const tos = `tos 0x${hexNumber(view.tos)}${ECN[view.ecn]!}, `
  const ttl = view.ttl >= 1 ? `ttl ${view.ttl}, ` : ''
  const flags = [
    view.mf ? '+' : '',
    view.df ? 'DF' : '',
    (view.flagsAndOffset & IPV4_FLAG.RESERVED) === 0 ? '' : 'rsvd',
  ]
  const flagText = flags.filter((flag) => flag !== '').join(', ') || 'none'
  const id = `id ${view.identification}, offset ${view.fragmentOffset}, flags [${flagText}], `
  const options = view.headerLength > IPV4_HEADER_LENGTH ? `, options (${optionsText(view)})` : ''
  const right = checksumWithout(view.bytes, view.at, view.payloadAt, view.at + IPV4_CHECKSUM)
  const sum =
    view.headerChecksum === right || view.checksumHolds()
      ? ''
      : `, bad cksum ${hexNumber(view.headerChecksum)} (->${hexNumber(right)})!`
  return `(${tos}${ttl}${id}proto ${verboseProtocol(view.protocol)}, length ${view.totalLength}${options}${sum})\n    `
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  [IPV4_OPTION.END]: 'EOL',
  [IPV4_OPTION.NOP]: 'NOP',
  [IPV4_OPTION.RECORD_ROUTE]: 'RR',
  [IPV4_OPTION.TIMESTAMP]: 'timestamp',
  [IPV4_OPTION.SECURITY]: 'security',
  [IPV4_OPTION.LOOSE_SOURCE_ROUTE]: 'LSRR',
  [IPV4_OPTION.STRICT_SOURCE_ROUTE]: 'SSRR',
  [IPV4_OPTION.ROUTER_ALERT]: 'RA',
}

function optionsText(view: Ipv4View): string {
  const start = view.at + IPV4_HEADER_LENGTH
  const options = readIpv4Options(view.bytes, start, view.payloadAt)
  const last = options.at(-1)
  const read = last === undefined ? start : last.start + last.length
  const texts = options.map((option) => optionText(view.bytes, option))
  if (last?.type !== IPV4_OPTION.END && read < view.payloadAt) {
    texts.push(
      `${OPTION_NAMES[view.bytes[read]!] ?? `unknown ${view.bytes[read]!}`} [bad length ${view.bytes[read + IPV4_OPTION_LENGTH] ?? 0}]`,
    )
  }
  return texts.join(',')
}

function optionText(bytes: Uint8Array, option: Ipv4Option): string {
  const name = OPTION_NAMES[option.type] ?? `unknown ${option.type}`
  switch (option.type) {
    case IPV4_OPTION.RECORD_ROUTE:
    case IPV4_OPTION.LOOSE_SOURCE_ROUTE:
    case IPV4_OPTION.STRICT_SOURCE_ROUTE:
      return name + routeText(bytes, option)
    case IPV4_OPTION.TIMESTAMP:
      return name + timestampText(bytes, option)
    case IPV4_OPTION.ROUTER_ALERT: {
      const value = option.length === 4 ? readU16(bytes, option.start + IPV4_OPTION_DATA) : 0
      return value === 0 ? name : `${name} value ${value}`
    }
    default:
      return name
  }
}

/** Addresses of a route option; a comma follows those in front of the pointer. */
function routeText(bytes: Uint8Array, option: Ipv4Option): string {
  if (option.length < 3 || (option.length + 1) % 4 !== 0) return ` [bad length ${option.length}]`
  const pointer = bytes[option.start + IPV4_OPTION_POINTER]! - 1
  let text = ''
  for (let at = 3; at < option.length; at += 4) {
    text += ` ${numberToIpv4(readU32(bytes, option.start + at))}${pointer > at ? ',' : ''}`
  }
  return text
}

const TIMESTAMP_KINDS: Readonly<Record<number, string>> = { 0: 'TSONLY', 1: 'TS+ADDR', 3: 'PRESPEC' }

function timestampText(bytes: Uint8Array, option: Ipv4Option): string {
  const { start, length } = option
  if (length < 4) return `[bad length ${length}]`
  const kind = bytes[start + IPV4_OPTION_OVERFLOW_FLAG]! & 0x0f
  const step = kind === 0 ? 4 : 8
  const pointer = bytes[start + IPV4_OPTION_POINTER]! - 1
  let text = ` TS{${TIMESTAMP_KINDS[kind] ?? `[bad ts type ${kind}]`}`
  for (let at = 4; at + step <= length; at += step) {
    if (pointer === at) text += ' ^ '
    const stamp = readU32(bytes, start + at + step - 4)
    text += `${pointer === at ? '' : ' '}${stamp}@${step === 8 ? numberToIpv4(readU32(bytes, start + at)) : ''}`
  }
  if (pointer >= length) text += ' ^ '
  const missed = bytes[start + IPV4_OPTION_OVERFLOW_FLAG]! >>> 4
  return missed > 0 ? `${text} [${missed} hops not recorded]} ` : `${text}}`
}
