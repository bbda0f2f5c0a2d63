// internal to the room

import { readU16, readU32 } from '../bytes.ts'
import { checksum, checksumWithout } from '../checksum.ts'
import { hexNumber } from '../hex.ts'
import {
  ICMP_CHECKSUM,
  ICMP_HEADER_LENGTH,
  ICMP_REST,
  ICMP_TYPE,
  ICMP_UNREACH,
  IcmpView,
  isIcmpError,
} from '../icmp.ts'
import { IPV4_DESTINATION, IPV4_HEADER_LENGTH, IPV4_PROTOCOL, Ipv4View } from '../ipv4.ts'
import { IP_PROTOCOL } from '../protocols.ts'
import { UDP_DESTINATION_PORT } from '../udp.ts'
import { type Around, cut, has, inside, ipv4At, type Print } from './printer.ts'

const INFORMATION_REQUEST = 15
const INFORMATION_REPLY = 16
const ADDRESS_MASK_REQUEST = 17
const ADDRESS_MASK_REPLY = 18

/** An ICMP message in `bytes[at..end)`. */
export function describeIcmp(print: Print, at: number, end: number, around: Around): string {
  if (end - at < ICMP_HEADER_LENGTH) return cut('icmp')
  const view = new IcmpView(print.bytes, at)
  const text = messageText(print, view, end)
  if (text === undefined) return cut('icmp')
  let line = `ICMP ${text}, length ${around.end - at}`
  if (!print.options.verbose) return line
  if (!around.fragment && end === around.end && checksum(print.bytes, at, end) !== 0) {
    const right = checksumWithout(print.bytes, at, end, at + ICMP_CHECKSUM)
    line += ` (wrong icmp cksum ${hexNumber(view.checksum)} (->${hexNumber(right)})!)`
  }
  if (isIcmpError(view.type) && end > view.payloadAt)
    line += `\n\t${inside({ ...print, quoted: true }, 'ipv4', view.payloadAt, end)}`
  return line
}

function messageText(print: Print, view: IcmpView, end: number): string | undefined {
  const quote = view.payloadAt
  switch (view.type) {
    case ICMP_TYPE.ECHO:
    case ICMP_TYPE.ECHO_REPLY:
      return `echo ${view.type === ICMP_TYPE.ECHO ? 'request' : 'reply'}, id ${view.identifier}, seq ${view.sequence}`
    case ICMP_TYPE.DEST_UNREACH:
      return has(print, quote, IPV4_HEADER_LENGTH, end) ? unreachableText(print, view, end) : undefined
    case ICMP_TYPE.SOURCE_QUENCH:
      return 'source quench'
    case ICMP_TYPE.REDIRECT:
      return has(print, quote, IPV4_HEADER_LENGTH, end) ? redirectText(print, view) : undefined
    case ICMP_TYPE.ROUTER_SOLICITATION:
      return 'router solicitation'
    case ICMP_TYPE.TIME_EXCEEDED:
      if (view.code === 0) return 'time exceeded in-transit'
      return view.code === 1 ? 'ip reassembly time exceeded' : `time exceeded-#${view.code}`
    case ICMP_TYPE.PARAMETER_PROBLEM:
      return view.code === 0 ? `parameter problem - octet ${view.pointer}` : `parameter problem - code ${view.code}`
    case ICMP_TYPE.TIMESTAMP:
      return `time stamp query id ${view.identifier} seq ${view.sequence}`
    case ICMP_TYPE.TIMESTAMP_REPLY:
      return has(print, quote, 12, end) ? timestampText(print, view) : undefined
    case INFORMATION_REQUEST:
      return 'information request'
    case INFORMATION_REPLY:
      return 'information reply'
    case ADDRESS_MASK_REQUEST:
      return 'address mask request'
    case ADDRESS_MASK_REPLY:
      return has(print, quote, 4, end) ? `address mask is 0x${hexNumber(readU32(print.bytes, quote), 8)}` : undefined
    default:
      return `type-#${view.type}`
  }
}

function redirectText(print: Print, view: IcmpView): string {
  const target = ipv4At(print, view.payloadAt + IPV4_DESTINATION)
  const gateway = ipv4At(print, view.at + ICMP_REST)
  const word = view.code >= 2 ? 'redirect-tos' : 'redirect'
  if (view.code > 3) return `redirect-#${view.code} ${target} to ${gateway}`
  return `${word} ${target} to ${view.code % 2 === 0 ? 'net' : 'host'} ${gateway}`
}

function timestampText(print: Print, view: IcmpView): string {
  const [org, recv, xmit] = [0, 4, 8].map((offset) => timeOfDay(readU32(print.bytes, view.payloadAt + offset)))
  return `time stamp reply id ${view.identifier} seq ${view.sequence}: org ${org}, recv ${recv}, xmit ${xmit}`
}

/** Milliseconds since midnight as hh:mm:ss.mmm. */
function timeOfDay(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${String(milliseconds % 1000).padStart(3, '0')}`
}

function unreachableText(print: Print, view: IcmpView, end: number): string {
  const target = ipv4At(print, view.payloadAt + IPV4_DESTINATION)
  switch (view.code) {
    case ICMP_UNREACH.NET:
      return `net ${target} unreachable`
    case ICMP_UNREACH.HOST:
      return `host ${target} unreachable`
    case ICMP_UNREACH.PROTOCOL:
      return `${target} protocol ${print.bytes[view.payloadAt + IPV4_PROTOCOL]!} unreachable`
    case ICMP_UNREACH.PORT:
      return portText(print, view.payloadAt, end, target)
    case ICMP_UNREACH.FRAG_NEEDED:
      return `${target} unreachable - need to frag${view.mtu === 0 ? '' : ` (mtu ${view.mtu})`}`
    default:
      return UNREACHABLE[view.code]?.replace('@', target) ?? `${target} unreachable - #${view.code}`
  }
}

/** What tcpdump prints for the other codes; `@` stands for the destination of the quoted packet. */
const UNREACHABLE: Readonly<Record<number, string>> = {
  [ICMP_UNREACH.SOURCE_ROUTE_FAILED]: '@ unreachable - source route failed',
  [ICMP_UNREACH.NET_UNKNOWN]: 'net @ unreachable - unknown',
  [ICMP_UNREACH.HOST_UNKNOWN]: 'host @ unreachable - unknown',
  [ICMP_UNREACH.HOST_ISOLATED]: '@ unreachable - source host isolated',
  [ICMP_UNREACH.NET_PROHIBITED]: 'net @ unreachable - admin prohibited',
  [ICMP_UNREACH.HOST_PROHIBITED]: 'host @ unreachable - admin prohibited',
  [ICMP_UNREACH.NET_TOS]: 'net @ unreachable - tos prohibited',
  [ICMP_UNREACH.HOST_TOS]: 'host @ unreachable - tos prohibited',
  [ICMP_UNREACH.ADMIN_PROHIBITED]: 'host @ unreachable - admin prohibited filter',
  14: 'host @ unreachable - host precedence violation',
  15: 'host @ unreachable - precedence cutoff',
}

function portText(print: Print, quote: number, end: number, target: string): string {
  const protocol = print.bytes[quote + IPV4_PROTOCOL]!
  const ports = new Ipv4View(print.bytes, quote).payloadAt
  const port = has(print, ports, 4, end) ? readU16(print.bytes, ports + UDP_DESTINATION_PORT) : 0
  if (protocol === IP_PROTOCOL.TCP) return `${target} tcp port ${port} unreachable`
  if (protocol === IP_PROTOCOL.UDP) return `${target} udp port ${port} unreachable`
  return `${target} protocol ${protocol} port ${port} unreachable`
}
