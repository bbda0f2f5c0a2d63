import {
  IPV4_HEADER_LENGTH,
  IPV4_OPTION,
  IPV4_OPTION_LENGTH,
  IPV4_OPTION_POINTER,
  Ipv4View,
  readU32,
} from '../wire/index.ts'
import { addressText } from './address.ts'

const SLOTS = 9
/** Where the first address stands in the option; the pointer counts from 1. */
const FIRST = IPV4_OPTION_POINTER + 1
const OPTION_LENGTH = FIRST + 4 * SLOTS

/** The option `ping -R` sends: a filler byte, then record route with room for nine addresses. */
export function recordRouteOption(): Uint8Array {
  const option = new Uint8Array(1 + OPTION_LENGTH)
  option[0] = IPV4_OPTION.NOP
  const at = 1
  option[at] = IPV4_OPTION.RECORD_ROUTE
  option[at + IPV4_OPTION_LENGTH] = OPTION_LENGTH
  option[at + IPV4_OPTION_POINTER] = FIRST + 1
  return option
}

/** The recorded route of a received packet as `ping -R` prints it; '' when there is none. */
export function recordRouteWords(packet: Uint8Array): string {
  const end = new Ipv4View(packet).payloadAt
  let at = IPV4_HEADER_LENGTH
  while (at < end && packet[at] === IPV4_OPTION.NOP) at++
  if (at + FIRST > end || packet[at] !== IPV4_OPTION.RECORD_ROUTE) return ''
  const used = Math.min((packet[at + IPV4_OPTION_POINTER] ?? 0) - (FIRST + 1), OPTION_LENGTH - FIRST)
  const hops: string[] = []
  for (let i = 0; i + 4 <= used; i += 4) hops.push(addressText(readU32(packet, at + FIRST + i)))
  return `RR: ${hops.map((hop) => `\t${hop}\n`).join('')}\n`
}
