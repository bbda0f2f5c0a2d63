import { IPV4_OPTION, readU32 } from '../wire/index.ts'
import { addressText } from './address.ts'

const SLOTS = 9
const OPTION_LENGTH = 3 + 4 * SLOTS

/** The option `ping -R` sends: a filler byte, then record route with room for nine addresses. */
export function recordRouteOption(): Uint8Array {
  const option = new Uint8Array(1 + OPTION_LENGTH)
  option[0] = IPV4_OPTION.NOP
  option[1] = IPV4_OPTION.RECORD_ROUTE
  option[2] = OPTION_LENGTH
  option[3] = 4
  return option
}

/** The recorded route of a received packet as `ping -R` prints it; '' when there is none. */
export function recordRouteWords(packet: Uint8Array): string {
  const end = ((packet[0] ?? 0) & 15) * 4
  let at = 20
  while (at < end && packet[at] === IPV4_OPTION.NOP) at++
  if (at + 3 > end || packet[at] !== IPV4_OPTION.RECORD_ROUTE) return ''
  const used = Math.min((packet[at + 2] ?? 4) - 4, OPTION_LENGTH - 3)
  const hops: string[] = []
  for (let i = 0; i + 4 <= used; i += 4) hops.push(addressText(readU32(packet, at + 3 + i)))
  return `RR: ${hops.map((hop) => `\t${hop}\n`).join('')}\n`
}
