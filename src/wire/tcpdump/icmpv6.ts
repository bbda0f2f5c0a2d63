// internal to the room

import { readU16, readU32 } from '../bytes.ts'
import { checksumWithout } from '../checksum.ts'
import { hexDump } from '../hex.ts'
import {
  ICMPV6_CHECKSUM,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_TYPE,
  ICMPV6_UNREACH,
  Icmpv6View,
  icmpv6Fault,
} from '../icmpv6.ts'
import { IPV6_DESTINATION, IPV6_HEADER_LENGTH, IPV6_SOURCE } from '../ipv6.ts'
import { keyToIpv6 } from '../ipv6-address.ts'
import { walkIpv6 } from '../ipv6-extension.ts'
import { bytesToMac } from '../mac.ts'
import { MLD_GROUP, MLD_LENGTH, MLD2_QUERY, MLD2_QUERY_LENGTH, readMld2Records } from '../mld.ts'
import {
  NA_FLAG,
  ND_OPTION,
  ND_OPTION_DATA,
  ND_OPTION_MTU,
  ND_PREFIX,
  ND_RA,
  ND_REDIRECT_DESTINATION,
  ND_TARGET,
  ndOptionsOffset,
  readNdOptions,
  readRouterAdvertisement,
} from '../nd.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { UDP_DESTINATION_PORT } from '../udp.ts'
import { type Around, cut, has, hex16, ipv6At, type Print } from './printer.ts'

/** An ICMPv6 message in `bytes[at..end)`. */
export function describeIcmpv6(print: Print, at: number, end: number, around: Around): string {
  if (end - at < ICMPV6_HEADER_LENGTH) return cut('icmp6')
  const view = new Icmpv6View(print.bytes, at)
  const sum = checksumText(print, view, end, around)
  const text = messageText(print, view, end, around)
  return text === undefined ? `${sum}ICMP6${cut('icmp6')}` : `${sum}ICMP6, ${text}`
}

function checksumText(print: Print, view: Icmpv6View, end: number, around: Around): string {
  if (!print.options.verbose || around.fragment || end !== around.end) return ''
  const pseudo = around.pseudo(IP_PROTOCOL.ICMPV6, end - view.at)
  if (icmpv6Fault(print.bytes, view.at, end, pseudo) === undefined) return '[icmp6 sum ok] '
  const right = checksumWithout(print.bytes, view.at, end, view.at + ICMPV6_CHECKSUM, pseudo)
  return `[bad icmp6 cksum ${hex16(view.checksum)} -> ${hex16(right)}!] `
}

function messageText(print: Print, view: Icmpv6View, end: number, around: Around): string | undefined {
  const size = around.end - view.at
  const length = print.options.verbose ? '' : `, length ${size}`
  switch (view.type) {
    case ICMPV6_TYPE.ECHO_REQUEST:
    case ICMPV6_TYPE.ECHO_REPLY: {
      const word = view.type === ICMPV6_TYPE.ECHO_REQUEST ? 'request' : 'reply'
      return `echo ${word}, id ${view.identifier}, seq ${view.sequence}${length}`
    }
    case ICMPV6_TYPE.DEST_UNREACH:
      if (!has(print, view.payloadAt, IPV6_HEADER_LENGTH, end)) return undefined
      return `destination unreachable, ${unreachableText(print, view, end)}${length}`
    case ICMPV6_TYPE.PACKET_TOO_BIG:
      return `packet too big, mtu ${view.mtu}${length}`
    case ICMPV6_TYPE.TIME_EXCEEDED:
      if (!has(print, view.payloadAt, IPV6_HEADER_LENGTH, end)) return undefined
      return `time exceeded ${timeText(print, view)}${length}`
    case ICMPV6_TYPE.PARAMETER_PROBLEM:
      return `parameter problem, ${problemText(view)}${length}`
    case ICMPV6_TYPE.MLD_QUERY:
    case ICMPV6_TYPE.MLD_REPORT:
    case ICMPV6_TYPE.MLD_DONE:
    case ICMPV6_TYPE.MLD2_REPORT:
      return listenerText(print, view, end, length)
    default:
      return neighborText(print, view, end, size)
  }
}

function unreachableText(print: Print, view: Icmpv6View, end: number): string {
  const quote = view.payloadAt
  const target = ipv6At(print, quote + IPV6_DESTINATION)
  switch (view.code) {
    case ICMPV6_UNREACH.NO_ROUTE:
      return `unreachable route ${target}`
    case ICMPV6_UNREACH.ADMIN_PROHIBITED:
      return ` unreachable prohibited ${target}`
    case ICMPV6_UNREACH.NOT_NEIGHBOUR:
      return `beyond scope ${target}, source address ${ipv6At(print, quote + IPV6_SOURCE)}`
    case ICMPV6_UNREACH.ADDRESS:
      return `unreachable address ${target}`
    case ICMPV6_UNREACH.PORT: {
      const chain = walkIpv6(print.bytes, quote, end)
      const port = has(print, chain.payloadAt, 4, end)
        ? readU16(print.bytes, chain.payloadAt + UDP_DESTINATION_PORT)
        : 0
      if (chain.protocol === IP_PROTOCOL.TCP) return `unreachable port, ${target} tcp port ${port}`
      if (chain.protocol === IP_PROTOCOL.UDP) return `unreachable port, ${target} udp port ${port}`
      return `unreachable port, ${target} protocol ${chain.protocol} port ${port}`
    }
    default:
      return `unknown unreach code (${view.code})`
  }
}

function timeText(print: Print, view: Icmpv6View): string {
  if (view.code === 0) return `in-transit for ${ipv6At(print, view.payloadAt + IPV6_DESTINATION)}`
  return view.code === 1 ? 'in-transit (reassembly)' : `in-transit, unknown code (${view.code})`
}

const PROBLEMS = ['erroneous', 'next header', 'option', 'incomplete header chain'] as const

function problemText(view: Icmpv6View): string {
  const problem = PROBLEMS[view.code]
  return problem === undefined ? `code ${view.code}` : `${problem} - octet ${view.pointer}`
}

function listenerText(print: Print, view: Icmpv6View, end: number, length: string): string | undefined {
  if (view.type === ICMPV6_TYPE.MLD2_REPORT) return reportText(print, view, end) + length
  if (!has(print, view.at, MLD_LENGTH, end)) return undefined
  const version2 = view.type === ICMPV6_TYPE.MLD_QUERY && has(print, view.at, MLD2_QUERY_LENGTH, end)
  const group = ipv6At(print, view.at + MLD_GROUP)
  if (version2) return queryText(print, view, group) + length
  const word = LISTENER_WORDS[view.type]!
  return `multicast listener ${word}max resp delay: ${view.identifier} addr: ${group}${length}`
}

function reportText(print: Print, view: Icmpv6View, end: number): string {
  const head = `multicast listener report v2, ${view.sequence} group record(s)`
  if (!print.options.verbose) return head
  const texts = readMld2Records(print.bytes, view.at, end).map((record) => {
    const sources = `${record.sources} source(s)`
    return ` [gaddr ${keyToIpv6(record.group)} ${RECORD_NAMES[record.type - 1] ?? record.type}, ${sources}]`
  })
  return head + texts.join('')
}

function queryText(print: Print, view: Icmpv6View, group: string): string {
  const flags = print.bytes[view.at + MLD2_QUERY.FLAGS]!
  const sources = readU16(print.bytes, view.at + MLD2_QUERY.SOURCES)
  const robustness = ` robustness=${flags & 7} qqi=${print.bytes[view.at + MLD2_QUERY.INTERVAL]!}`
  const detail = print.options.verbose ? `${(flags & 8) === 0 ? '' : ' sflag'}${robustness}` : ''
  const delay = print.options.verbose ? ` [max resp delay=${view.identifier}]` : ''
  const count = sources === 0 ? '' : `, ${sources} source(s)`
  return `multicast listener query v2${delay} [gaddr ${group}${detail}${count}]`
}

const LISTENER_WORDS: Readonly<Record<number, string>> = {
  [ICMPV6_TYPE.MLD_QUERY]: 'query',
  [ICMPV6_TYPE.MLD_REPORT]: 'report',
  [ICMPV6_TYPE.MLD_DONE]: 'done',
}

const RECORD_NAMES = ['is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block'] as const

function neighborText(print: Print, view: Icmpv6View, end: number, size: number): string | undefined {
  const { verbose } = print.options
  const offset = ndOptionsOffset(view.type)
  if (offset === undefined) {
    return `unknown icmp6 type (${view.type}), length ${size}\n${hexDump(print.bytes.subarray(view.at, end), false)}`
  }
  const word = NEIGHBOR_NAMES[view.type]!
  if (!has(print, view.at, offset, end)) return word + cut('icmp6')
  const detail = neighborDetail(print, view)
  if (!verbose) return `${word}${detail}, length ${size}`
  return `${word}, length ${size}${detail}${flagsText(view)}${optionsText(print, view.at + offset, end)}`
}

const NEIGHBOR_NAMES: Readonly<Record<number, string>> = {
  [ICMPV6_TYPE.ROUTER_SOLICITATION]: 'router solicitation',
  [ICMPV6_TYPE.ROUTER_ADVERTISEMENT]: 'router advertisement',
  [ICMPV6_TYPE.NEIGHBOR_SOLICITATION]: 'neighbor solicitation',
  [ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT]: 'neighbor advertisement',
  [ICMPV6_TYPE.REDIRECT]: 'redirect',
}

/** What a message is about. */
function neighborDetail(print: Print, view: Icmpv6View): string {
  switch (view.type) {
    case ICMPV6_TYPE.ROUTER_ADVERTISEMENT:
      return print.options.verbose ? routerText(print, view.at) : ''
    case ICMPV6_TYPE.NEIGHBOR_SOLICITATION:
      return `, who has ${ipv6At(print, view.at + ND_TARGET)}`
    case ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT:
      return `, tgt is ${ipv6At(print, view.at + ND_TARGET)}`
    case ICMPV6_TYPE.REDIRECT:
      return `, ${ipv6At(print, view.at + ND_REDIRECT_DESTINATION)} to ${ipv6At(print, view.at + ND_TARGET)}`
    default:
      return ''
  }
}

/** Router preference. @rfc 4191 §2.1 */
const PREFERENCES = ['medium', 'high', 'reserved', 'low'] as const

function routerText(print: Print, at: number): string {
  const said = readRouterAdvertisement(print.bytes, at)
  const byte = print.bytes[at + ND_RA.FLAGS]!
  const home = (byte & 0x20) !== 0
  const flags = [said.managed ? 'managed' : '', said.other ? 'other stateful' : '', home ? 'home agent' : ''].filter(
    (flag) => flag !== '',
  )
  const times = `router lifetime ${said.lifetime}s, reachable time ${said.reachableTime}ms, retrans timer ${said.retransTimer}ms`
  return `\n\thop limit ${said.hopLimit}, Flags [${flags.join(', ') || 'none'}], pref ${PREFERENCES[(byte >>> 3) & 3]!}, ${times}`
}

function flagsText(view: Icmpv6View): string {
  if (view.type !== ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT) return ''
  const word = view.restOfHeader
  const names = [
    (word & NA_FLAG.ROUTER) === 0 ? '' : 'router',
    (word & NA_FLAG.SOLICITED) === 0 ? '' : 'solicited',
    (word & NA_FLAG.OVERRIDE) === 0 ? '' : 'override',
  ]
  return `, Flags [${names.filter((name) => name !== '').join(', ') || 'none'}]`
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  [ND_OPTION.SOURCE_LINK_LAYER]: 'source link-address',
  [ND_OPTION.TARGET_LINK_LAYER]: 'destination link-address',
  [ND_OPTION.PREFIX_INFORMATION]: 'prefix info',
  [ND_OPTION.REDIRECTED_HEADER]: 'redirected header',
  [ND_OPTION.MTU]: 'mtu',
}

function optionsText(print: Print, start: number, end: number): string {
  return readNdOptions(print.bytes, start, end)
    .map((option) => {
      const head = `\n\t  ${OPTION_NAMES[option.type] ?? 'unknown'} option (${option.type}), length ${option.length} (${option.length / 8}): `
      const linkLayer = option.type === ND_OPTION.SOURCE_LINK_LAYER || option.type === ND_OPTION.TARGET_LINK_LAYER
      if (linkLayer) return head + bytesToMac(print.bytes, option.start + ND_OPTION_DATA)
      if (option.type === ND_OPTION.MTU) return `${head} ${readU32(print.bytes, option.start + ND_OPTION_MTU)}`
      return option.type === ND_OPTION.PREFIX_INFORMATION ? head + prefixText(print, option.start) : head
    })
    .join('')
}

/** Lifetimes in seconds; all ones is for ever. */
function lifetime(seconds: number): string {
  return seconds === 0xffff_ffff ? 'infinity' : `${seconds}s`
}

function prefixText(print: Print, at: number): string {
  const flags = print.bytes[at + ND_PREFIX.FLAGS]!
  const names = [(flags & 0x80) === 0 ? '' : 'onlink', (flags & 0x40) === 0 ? '' : 'auto'].filter((name) => name !== '')
  const [valid, preferred] = [ND_PREFIX.VALID, ND_PREFIX.PREFERRED].map((field) =>
    lifetime(readU32(print.bytes, at + field)),
  )
  const prefix = `${ipv6At(print, at + ND_PREFIX.PREFIX)}/${print.bytes[at + ND_PREFIX.LENGTH]!}`
  return `${prefix}, Flags [${names.join(', ') || 'none'}], valid time ${valid}, pref. time ${preferred}`
}
