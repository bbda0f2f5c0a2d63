// internal to the room
import { readU16, readU32 } from '../bytes.ts'
import { pseudoHeaderSum6 } from '../checksum.ts'
import { hexNumber } from '../hex.ts'
import { IPV6_DESTINATION, IPV6_HEADER_LENGTH, IPV6_SOURCE, Ipv6View } from '../ipv6.ts'
import {
  IPV6_EXTENSION_LENGTH,
  IPV6_FRAGMENT_ID,
  IPV6_FRAGMENT_OFFSET,
  IPV6_OPTION,
  IPV6_OPTION_DATA,
  IPV6_ROUTING_TYPE,
  IPV6_SEGMENTS_LEFT,
  type Ipv6Extension,
  readIpv6Options,
  walkIpv6,
} from '../ipv6-extension.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { describeIcmpv6 } from './icmpv6.ts'
import { type Around, cut, hex16, inside, ipv6At, ipWord, type Print } from './printer.ts'
import { describeTcp } from './tcp.ts'
import { describeUdp } from './udp.ts'

const NEXT_HEADER_NAMES: Readonly<Record<number, string>> = {
  0: 'Options',
  1: 'ICMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  43: 'Routing',
  44: 'Fragment',
  58: 'ICMPv6',
}

/** An IPv6 packet in `bytes[at..end)`, with the word "IP6 " where tcpdump prints it. */
export function describeIpv6(print: Print, at: number, end: number): string {
  if (end - at < IPV6_HEADER_LENGTH) return cut('ip6')
  return ipWord(print, 'IP6 ') + describePacket(print, at, end)
}

function describePacket(print: Print, at: number, end: number): string {
  const view = new Ipv6View(print.bytes, at)
  if (view.version !== 6) return `version error: ${view.version} != 6`
  const missing = view.end - end
  let line = missing > 0 ? `truncated-ip6 - ${missing} bytes missing!` : ''
  if (print.options.verbose) line += verboseHeader(view)
  const stop = Math.min(end, view.end)
  const chain = walkIpv6(print.bytes, at, stop)
  const source = ipv6At(print, at + IPV6_SOURCE)
  const destination = ipv6At(print, at + IPV6_DESTINATION)
  let words = ''
  for (const extension of chain.extensions) words += extensionText(print, extension, view, stop)
  const head = `${source} > ${destination}: ${words}`
  if (chain.fault !== undefined) return `${line}${head}${cut('ip6')}`
  if (chain.fragmentOffset > 0) return line + head.trimEnd()
  const around: Around = {
    source,
    destination,
    fragment: chain.extensions.some((extension) => extension.type === IP_PROTOCOL.FRAGMENT),
    end: view.end,
    pseudo: (protocol, length) => pseudoHeaderSum6(print.bytes, at, protocol, length),
  }
  return line + describeUpper(print, chain.protocol, chain.payloadAt, stop, around, words)
}

function describeUpper(print: Print, protocol: number, at: number, end: number, around: Around, words: string): string {
  const head = `${around.source} > ${around.destination}: ${words}`
  switch (protocol) {
    case IP_PROTOCOL.ICMPV6:
      return head + describeIcmpv6(print, at, end, around)
    case IP_PROTOCOL.UDP:
      return (words === '' ? '' : head) + describeUdp(print, at, end, { ...around, bare: words !== '' })
    case IP_PROTOCOL.TCP:
      return (words === '' ? '' : head) + describeTcp(print, at, end, { ...around, bare: words !== '' })
    case IP_PROTOCOL.IPIP:
      return head + inside(print, 'ipv4', at, end)
    case IP_PROTOCOL.IPV6:
      return head + inside(print, 'ipv6', at, end)
    case IP_PROTOCOL.NONE:
      return `${head}no next header`
    default:
      return `${head} ip-proto-${protocol} ${around.end - at}`
  }
}

function verboseHeader(view: Ipv6View): string {
  const kind = view.trafficClass === 0 ? '' : `class 0x${hexNumber(view.trafficClass, 2)}, `
  const flow = view.flowLabel === 0 ? '' : `flowlabel 0x${hexNumber(view.flowLabel, 5)}, `
  const next = `next-header ${NEXT_HEADER_NAMES[view.nextHeader] ?? 'unknown'} (${view.nextHeader})`
  return `(${kind}${flow}hlim ${view.hopLimit}, ${next} payload length: ${view.payloadLength}) `
}

function extensionText(print: Print, extension: Ipv6Extension, view: Ipv6View, end: number): string {
  switch (extension.type) {
    case IP_PROTOCOL.HOP_BY_HOP:
      return `HBH ${optionsText(print, extension)}`
    case IP_PROTOCOL.DESTINATION_OPTIONS:
      return `DSTOPT ${optionsText(print, extension)}`
    case IP_PROTOCOL.FRAGMENT: {
      const word = readU16(print.bytes, extension.start + IPV6_FRAGMENT_OFFSET)
      const id = print.options.verbose ? `${fragmentId(print, extension)}:` : ''
      const length = Math.max(0, Math.max(end, view.end) - (extension.start + extension.length))
      return `frag (${id}${word & 0xfff8}|${length}) `
    }
    default: {
      const [length, type, left] = [IPV6_EXTENSION_LENGTH, IPV6_ROUTING_TYPE, IPV6_SEGMENTS_LEFT].map(
        (field) => print.bytes[extension.start + field],
      )
      return `RT6 (len=${length}, type=${type}, segleft=${left}) `
    }
  }
}

function fragmentId(print: Print, extension: Ipv6Extension): string {
  return `0x${hexNumber(readU32(print.bytes, extension.start + IPV6_FRAGMENT_ID), 8)}`
}

function optionsText(print: Print, extension: Ipv6Extension): string {
  if (!print.options.verbose) return ''
  const texts = readIpv6Options(print.bytes, extension).map((option) => {
    if (option.type === IPV6_OPTION.PAD1) return '(pad1)'
    if (option.type === IPV6_OPTION.PADN) return '(padn)'
    if (option.type === IPV6_OPTION.ROUTER_ALERT && option.length === 4) {
      return `(rtalert: ${hex16(readU16(print.bytes, option.start + IPV6_OPTION_DATA))}) `
    }
    return `(opt_type 0x${hexNumber(option.type, 2)}: len=${option.length - 2})`
  })
  return `${texts.join('').trimEnd()} `
}
