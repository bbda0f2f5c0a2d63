// internal to the room
import { readU16 } from '../bytes.ts'
import { checksumWithout } from '../checksum.ts'
import { ICMPV6_TYPE, ICMPV6_UNREACH, Icmpv6View, icmpv6Fault } from '../icmpv6.ts'
import { keyToIpv6 } from '../ipv6-address.ts'
import { walkIpv6 } from '../ipv6-extension.ts'
import { bytesToMac } from '../mac.ts'
import { readMld2Records } from '../mld.ts'
import { NA_FLAG, ND_OPTION, ndOptionsOffset, readNdOptions, readRouterAdvertisement } from '../nd.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { type Around, cut, has, hex16, ipv6At, type Print } from './printer.ts'

/** An ICMPv6 message in `bytes[at..end)`. */
export function describeIcmpv6(print: Print, at: number, end: number, around: Around): string {
  if (end - at < 8) return `ICMP6${cut('icmp6')}`
  const view = new Icmpv6View(print.bytes, at)
  const sum = checksumText(print, view, end, around)
  const text = messageText(print, view, end, around)
  return text === undefined ? `${sum}ICMP6${cut('icmp6')}` : `${sum}ICMP6, ${text}`
}

function checksumText(print: Print, view: Icmpv6View, end: number, around: Around): string {
  if (!print.options.verbose || around.fragment || end !== around.end) return ''
  const pseudo = around.pseudo(IP_PROTOCOL.ICMPV6, end - view.at)
  if (icmpv6Fault(print.bytes, view.at, end, pseudo) === undefined) return '[icmp6 sum ok] '
  const right = checksumWithout(print.bytes, view.at, end, view.at + 2, pseudo)
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
      if (!has(print, view.payloadAt, 40, end)) return undefined
      return `destination unreachable, ${unreachableText(print, view, end)}${length}`
    case ICMPV6_TYPE.PACKET_TOO_BIG:
      return `packet too big, mtu ${view.mtu}${length}`
    case ICMPV6_TYPE.TIME_EXCEEDED:
      if (!has(print, view.payloadAt, 40, end)) return undefined
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
  const target = ipv6At(print, quote + 24)
  switch (view.code) {
    case ICMPV6_UNREACH.NO_ROUTE:
      return `unreachable route ${target}`
    case ICMPV6_UNREACH.ADMIN_PROHIBITED:
      return `unreachable prohibited ${target}`
    case ICMPV6_UNREACH.NOT_NEIGHBOUR:
      return `beyond scope ${target}, source address ${ipv6At(print, quote + 8)}`
    case ICMPV6_UNREACH.ADDRESS:
      return `unreachable address ${target}`
    case ICMPV6_UNREACH.PORT: {
      const chain = walkIpv6(print.bytes, quote, end)
      const port = has(print, chain.payloadAt, 4, end) ? readU16(print.bytes, chain.payloadAt + 2) : 0
      if (chain.protocol === IP_PROTOCOL.TCP) return `unreachable port, ${target} tcp port ${port}`
      if (chain.protocol === IP_PROTOCOL.UDP) return `unreachable port, ${target} udp port ${port}`
      return `unreachable port, ${target} protocol ${chain.protocol} port ${port}`
    }
    default:
      return `unknown unreach code (${view.code})`
  }
}

function timeText(print: Print, view: Icmpv6View): string {
  if (view.code === 0) return `in-transit for ${ipv6At(print, view.payloadAt + 24)}`
  return view.code === 1 ? 'in-reassembly' : `unknown code (${view.code})`
}

const PROBLEMS = ['errorneous', 'next header', 'option'] as const

function problemText(view: Icmpv6View): string {
  const problem = PROBLEMS[view.code]
  return problem === undefined ? `code ${view.code}` : `${problem} - octet ${view.pointer}`
}

function listenerText(print: Print, view: Icmpv6View, end: number, length: string): string | undefined {
  const { verbose } = print.options
  if (view.type === ICMPV6_TYPE.MLD2_REPORT) {
    const records = readMld2Records(print.bytes, view.at, end)
    const texts = records.map(
      (record) =>
        ` [gaddr ${keyToIpv6(record.group)} ${RECORD_NAMES[record.type - 1] ?? record.type}, ${record.sources} source(s)]`,
    )
    return `multicast listener report v2, ${view.sequence} group record(s)${verbose ? texts.join('') : ''}${length}`
  }
  if (!has(print, view.at, 24, end)) return undefined
  const group = ipv6At(print, view.at + 8)
  const word = LISTENER_WORDS[view.type]!
  if (view.type === ICMPV6_TYPE.MLD_QUERY) {
    const version = end - view.at > 24 ? ' v2' : ''
    const detail = verbose
      ? `${version === '' ? 'max resp delay: ' : '[max resp delay='}${view.identifier} addr: ${group}`
      : ''
    return `multicast listener query${version} ${detail}${length}`.replace(' ,', ',')
  }
  return `multicast listener ${word}max resp delay: ${view.identifier} addr: ${group}${length}`
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
  if (offset === undefined) return `type-#${view.type}${verbose ? '' : `, length ${size}`}`
  if (!has(print, view.at, offset, end)) return undefined
  const [word, detail] = neighborWords(print, view)
  if (!verbose) return `${word}${detail}, length ${size}`
  return `${word}, length ${size}${detail}${flagsText(view)}${optionsText(print, view.at + offset, end)}`
}

function neighborWords(print: Print, view: Icmpv6View): readonly [string, string] {
  switch (view.type) {
    case ICMPV6_TYPE.ROUTER_SOLICITATION:
      return ['router solicitation', '']
    case ICMPV6_TYPE.ROUTER_ADVERTISEMENT:
      return ['router advertisement', print.options.verbose ? routerText(print, view.at) : '']
    case ICMPV6_TYPE.NEIGHBOR_SOLICITATION:
      return ['neighbor solicitation', `, who has ${ipv6At(print, view.at + 8)}`]
    case ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT:
      return ['neighbor advertisement', `, tgt is ${ipv6At(print, view.at + 8)}`]
    default:
      return ['redirect', `, ${ipv6At(print, view.at + 24)} to ${ipv6At(print, view.at + 8)}`]
  }
}

function routerText(print: Print, at: number): string {
  const said = readRouterAdvertisement(print.bytes, at)
  const flags = [said.managed ? 'managed' : '', said.other ? 'other stateful' : ''].filter((flag) => flag !== '')
  const times = `router lifetime ${said.lifetime}s, reachable time ${said.reachableTime}ms, retrans timer ${said.retransTimer}ms`
  return `\n\thop limit ${said.hopLimit}, Flags [${flags.join(', ') || 'none'}], pref medium, ${times}`
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
      if (linkLayer) return head + bytesToMac(print.bytes, option.start + 2)
      return option.type === ND_OPTION.MTU ? ` ${head}${readU16(print.bytes, option.start + 6)}` : head.trimEnd()
    })
    .join('')
}
