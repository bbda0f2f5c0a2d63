import { ARP_LENGTH, ARP_OPERATION, ArpView, arpFault } from '../arp.ts'
import { readU16 } from '../bytes.ts'
import { ETHERNET_HEADER_LENGTH, EthernetView, VLAN_TAG_LENGTH, VLAN_TYPE } from '../ethernet.ts'
import { hexDump, hexNumber } from '../hex.ts'
import { numberToIpv4 } from '../ipv4-address.ts'
import { LINK_TYPE } from '../link-type.ts'
import { keyToMac } from '../mac.ts'
import { ETHERTYPE } from '../protocols.ts'
import { describeIpv4 } from './ipv4.ts'
import { describeIpv6 } from './ipv6.ts'
import { cut, type Print } from './printer.ts'
import type { TcpConnections } from './tcp-connections.ts'

/** How much {@link describeFrame} says; the flags of tcpdump. */
export interface DescribeOptions {
  /** `-e`: the link-layer header as well. */
  readonly link?: boolean
  /** `-v`: header fields, checksums, options, and the packets ICMP errors quote. */
  readonly verbose?: boolean
  /** The connections of this capture: TCP numbers are printed from where they began. Left out: absolute, as with `-S`. */
  readonly connections?: TcpConnections
}

/**
 * A frame as tcpdump 4.99 prints it with `-nn -t -S`: no names, no time, TCP numbers as they are unless the frame is one of
 * a capture (`connections`). One line, and a line more for every frame inside (VXLAN) and, with `verbose`, for every IP header. Cut or broken frames print as far as they
 * make sense; nothing is thrown.
 *
 * Protocols above UDP and TCP are named only (HTTP, VXLAN, OTV), and of DNS questions about addresses with their answers; DHCP, BGP, IKE and others that tcpdump reads print as
 * `UDP, length N` or as a bare segment, and so do GRE, ESP, IGMP, STP, by number and length.
 */
export function describeFrame(bytes: Uint8Array, linkType: number, options: DescribeOptions = {}): string {
  const print: Print = {
    bytes,
    options,
    depth: 0,
    quoted: false,
    frame: describeEthernet,
    ipv4: describeIpv4,
    ipv6: describeIpv6,
  }
  if (linkType === LINK_TYPE.ETHERNET) return describeEthernet(print, 0, bytes.length)
  if (linkType === LINK_TYPE.RAW) return describeRaw(print)
  return `unknown link type ${linkType}, length ${bytes.length}`
}

function describeRaw(print: Print): string {
  const version = print.bytes.length === 0 ? -1 : print.bytes[0]! >>> 4
  if (version === 4) return (print.options.link ? 'ip: ' : '') + describeIpv4(print, 0, print.bytes.length)
  if (version === 6) return (print.options.link ? 'ip6: ' : '') + describeIpv6(print, 0, print.bytes.length)
  return version < 0 ? cut('ip').trimStart() : `unknown ip ${version}`
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [ETHERTYPE.IPV4]: 'IPv4',
  [ETHERTYPE.ARP]: 'ARP',
  [ETHERTYPE.VLAN]: '802.1Q',
  [ETHERTYPE.IPV6]: 'IPv6',
}

function describeEthernet(print: Print, at: number, end: number): string {
  if (end - at < ETHERNET_HEADER_LENGTH) return cut('ether')
  const view = new EthernetView(print.bytes, at)
  const addresses = `${keyToMac(view.source)} > ${keyToMac(view.destination)}`
  let type = view.type
  let to = view.payloadAt
  let line = ''
  if (print.options.link) line = `${addresses}, ${typeText(type)}, length ${end - at}: `
  while (type === ETHERTYPE.VLAN && end - to >= VLAN_TAG_LENGTH) {
    const tag = readU16(print.bytes, to)
    type = readU16(print.bytes, to + VLAN_TYPE)
    to += VLAN_TAG_LENGTH
    if (print.options.link) line += `${tagText(tag)}, ${typeText(type)}, `
  }
  const payload = describePayload(print, type, to, end)
  if (payload !== undefined) return line + payload
  const head = print.options.link ? line : `${addresses}, ${typeText(type)}, length ${end - at}: `
  const dump = hexDump(print.bytes.subarray(to, end))
  return `${head}${dump === '' ? '' : `\n${dump}`}`
}

function tagText(tag: number): string {
  return `vlan ${tag & 0xfff}, p ${tag >>> 13}${(tag & 0x1000) === 0 ? '' : ', DEI'}`
}

function typeText(type: number): string {
  if (type < 0x600) return `802.3, length ${type}`
  return `ethertype ${TYPE_NAMES[type] ?? 'Unknown'} (0x${hexNumber(type, 4)})`
}

function describePayload(print: Print, type: number, at: number, end: number): string | undefined {
  if (type === ETHERTYPE.IPV4) return describeIpv4(print, at, end)
  if (type === ETHERTYPE.IPV6) return describeIpv6(print, at, end)
  if (type === ETHERTYPE.ARP) return describeArp(print, at, end)
  return undefined
}

function describeArp(print: Print, at: number, end: number): string {
  const length = end - at
  const fault = arpFault(print.bytes, at, end)
  const word = print.options.link ? '' : 'ARP, '
  if (fault === 'truncated' || fault === 'bad_length') return cut('arp')
  if (fault !== undefined) return `${word}unknown hardware or protocol, length ${length}`
  const view = new ArpView(print.bytes, at)
  const head = print.options.verbose ? 'Ethernet (len 6), IPv4 (len 4), ' : ''
  const text = arpText(view)
  if (text === undefined)
    return `${word}${head}${unknownArp(view.operation)} \n${hexDump(print.bytes.subarray(at, end))}`
  return `${word}${head}${text}, length ${Math.max(length, ARP_LENGTH)}`
}

function unknownArp(operation: number): string {
  return operation === ARP_NACK ? 'NACK Reply' : `Unknown (${operation})`
}

function arpText(view: ArpView): string | undefined {
  const sender = numberToIpv4(view.senderProtocol)
  const target = numberToIpv4(view.targetProtocol)
  switch (view.operation) {
    case ARP_OPERATION.REQUEST: {
      const known = view.targetHardware === 0 ? '' : ` (${keyToMac(view.targetHardware)})`
      return `Request who-has ${target}${known} tell ${sender}`
    }
    case ARP_OPERATION.REPLY:
      return `Reply ${sender} is-at ${keyToMac(view.senderHardware)}`
    case ARP_REVERSE_REQUEST:
      return `Reverse Request who-is ${keyToMac(view.targetHardware)} tell ${keyToMac(view.senderHardware)}`
    case ARP_REVERSE_REPLY:
      return `Reverse Reply ${keyToMac(view.targetHardware)} at ${target}`
    case ARP_INVERSE_REQUEST:
      return `Inverse Request who-is ${keyToMac(view.targetHardware)} tell ${keyToMac(view.senderHardware)}`
    case ARP_INVERSE_REPLY:
      return `Inverse Reply ${keyToMac(view.senderHardware)} at ${sender}`
    default:
      return undefined
  }
}

const ARP_REVERSE_REQUEST = 3
const ARP_REVERSE_REPLY = 4
const ARP_INVERSE_REQUEST = 8
const ARP_INVERSE_REPLY = 9
const ARP_NACK = 10
