import { InvariantError } from './assert.ts'

declare const brand: unique symbol

/** An IPv4 address as a dotted quad without leading zeros, e.g. `10.65.0.2`. Only {@link parseIpv4} and {@link numberToIpv4} make one. */
export type Ipv4 = string & {
  /** The brand; at run time there is no such property. */
  readonly [brand]: 'Ipv4'
}

/** Why a text is not an address (or prefix, or MAC), and where in it. */
export interface AddressFault {
  /** The place of the first wrong character, from 0; the length of the text when it ends too early. */
  readonly position: number
  /** What was expected there. */
  readonly message: string
}

const LEADING_ZERO = 'an octet must not have a leading zero'

/** Reads a dotted quad: the address as uint32, or the fault as `-1 - position`. */
function scanIpv4(text: string): number {
  let address = 0
  let octet = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0x30 && c <= 0x39) {
      if (digits > 0 && octet === 0) return -1 - i
      octet = octet * 10 + (c - 0x30)
      if (octet > 255) return -1 - i
      digits += 1
    } else if (c === 0x2e && digits > 0 && dots < 3) {
      address = (address << 8) | octet
      octet = 0
      digits = 0
      dots += 1
    } else return -1 - i
  }
  if (dots < 3 || digits === 0) return -1 - text.length
  return ((address << 8) | octet) >>> 0
}

/**
 * A text as IPv4 address, by the rules of `inet_pton`: four decimal octets, no leading zeros, nothing around them.
 * @returns undefined for everything else; {@link explainIpv4} says why
 */
export function parseIpv4(text: string): Ipv4 | undefined {
  return scanIpv4(text) < 0 ? undefined : (text as Ipv4)
}

/** Why {@link parseIpv4} refuses a text; undefined when it does not. */
export function explainIpv4(text: string): AddressFault | undefined {
  const scanned = scanIpv4(text)
  if (scanned >= 0) return undefined
  const position = -1 - scanned
  const c = text[position]
  if (c === undefined) return { position, message: 'the address ends early: expected four octets a.b.c.d' }
  if (c >= '0' && c <= '9') {
    const zero = text[position - 1] === '0' && !/[0-9]/.test(text[position - 2] ?? '')
    return { position, message: zero ? LEADING_ZERO : 'an octet is at most 255' }
  }
  if (c === '.') {
    const empty = !/[0-9]/.test(text[position - 1] ?? '')
    return {
      position,
      message: empty ? 'expected a decimal octet before the dot' : 'expected the end after four octets',
    }
  }
  return { position, message: `expected a digit or a dot, not ${JSON.stringify(c)}` }
}

/**
 * The address as uint32, `10.0.0.1` being 0x0a000001: the form of the engine's tables.
 * @throws InvariantError when the text was never an address (a forged brand)
 */
export function ipv4ToNumber(text: string): number {
  const address = scanIpv4(text)
  if (address < 0) throw new InvariantError(`not an IPv4 address: ${JSON.stringify(text)}`)
  return address
}

/** A uint32 as dotted quad. Negative int32 values are read as their unsigned twin. */
export function numberToIpv4(address: number): Ipv4 {
  return `${(address >>> 24) & 255}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}` as Ipv4
}

/** 255.255.255.255, the limited broadcast. @rfc 919 §7 */
export const INADDR_BROADCAST = 0xffff_ffff
/** 127.0.0.1 */
export const INADDR_LOOPBACK = 0x7f00_0001

/** Whether the address is in 224.0.0.0/4. @rfc 1112 §4 */
export function isIpv4Multicast(address: number): boolean {
  return address >>> 28 === 0xe
}

/** Whether the address is in 127.0.0.0/8. @rfc 1122 §3.2.1.3 */
export function isIpv4Loopback(address: number): boolean {
  return address >>> 24 === 127
}

/** Whether the address is in 169.254.0.0/16. @rfc 3927 */
export function isIpv4LinkLocal(address: number): boolean {
  return address >>> 16 === 0xa9fe
}
