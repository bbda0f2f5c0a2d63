import { InvariantError } from './assert.ts'
import { explainIp, familyOf, type Ip, parseIp } from './ip.ts'
import { type AddressFault, type Ipv4, ipv4ToNumber, numberToIpv4 } from './ipv4-address.ts'
import { bytesToIpv6, ipv6ToBytes } from './ipv6-address.ts'

declare const brand: unique symbol

/** A network in canonical text, host bits zero, e.g. `10.65.0.0/26` or `fd00::/8`. */
export type Prefix = string & {
  /** The brand; at run time there is no such property. */
  readonly [brand]: 'Prefix'
}

/** An address with the length of its subnet, as an interface carries it: host bits are welcome. */
export interface Cidr {
  /** The address itself. */
  readonly address: Ip
  /** The length of the subnet, in bits. */
  readonly length: number
}

/** 0.0.0.0/0. */
export const DEFAULT_IPV4: Prefix = '0.0.0.0/0' as Prefix

/** ::/0. */
export const DEFAULT_IPV6: Prefix = '::/0' as Prefix

/** The bits of an address of this family: 32 or 128. */
export function addressBits(address: string): number {
  return familyOf(address) === 4 ? 32 : 128
}

function scanCidr(text: string): Cidr | AddressFault {
  const slash = text.indexOf('/')
  const addressText = slash < 0 ? text : text.slice(0, slash)
  const address = parseIp(addressText)
  if (address === undefined) return explainIp(addressText) ?? { position: 0, message: 'expected an address' }
  if (slash < 0) return { position: text.length, message: 'expected "/" and a prefix length' }
  const digits = text.slice(slash + 1)
  const bits = addressBits(address)
  if (!/^(0|[1-9][0-9]{0,2})$/.test(digits)) {
    return { position: slash + 1, message: `expected a prefix length from 0 to ${bits}, in decimal` }
  }
  const length = Number(digits)
  if (length > bits) return { position: slash + 1, message: `a prefix length is at most ${bits}` }
  return { address, length }
}

/** `address/length` of an interface; host bits may be set. Undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const scan = scanCidr(text)
  return 'address' in scan ? scan : undefined
}

/** Why {@link parseCidr} refuses a text; undefined when it does not. */
export function explainCidr(text: string): AddressFault | undefined {
  const scan = scanCidr(text)
  return 'address' in scan ? undefined : scan
}

/** `network/length` with all host bits zero. Undefined for everything else; {@link explainPrefix} says why. */
export function parsePrefix(text: string): Prefix | undefined {
  const scan = scanCidr(text)
  if (!('address' in scan)) return undefined
  const prefix = prefixOf(scan.address, scan.length)
  return prefix === `${scan.address}/${scan.length}` ? prefix : undefined
}

/** Why {@link parsePrefix} refuses a text; undefined when it does not. */
export function explainPrefix(text: string): AddressFault | undefined {
  const scan = scanCidr(text)
  if (!('address' in scan)) return scan
  const prefix = prefixOf(scan.address, scan.length)
  if (prefix === `${scan.address}/${scan.length}`) return undefined
  return { position: 0, message: `host bits are set: the network is ${prefix}` }
}

/** The network an address lies in, at this length: `prefixOf('10.1.2.3', 24)` is `10.1.2.0/24`. */
export function prefixOf(address: Ip, length: number): Prefix {
  if (familyOf(address) === 4) return `${numberToIpv4(ipv4ToNumber(address) & maskOf(length))}/${length}` as Prefix
  const bytes = ipv6ToBytes(address)
  clearHostBits(bytes, length)
  return `${bytesToIpv6(bytes)}/${length}` as Prefix
}

/** The prefix that holds this one address: /32 or /128. */
export function hostPrefix(address: Ip): Prefix {
  return `${address}/${addressBits(address)}` as Prefix
}

/** The network address of a prefix: what stands before the slash. */
export function prefixAddress(prefix: Prefix): Ip {
  return prefix.slice(0, prefix.indexOf('/')) as Ip
}

/** The length of a prefix in bits: what stands behind the slash. */
export function prefixLength(prefix: Prefix): number {
  return Number(prefix.slice(prefix.indexOf('/') + 1))
}

/** Whether a prefix holds exactly one address. */
export function isHostPrefix(prefix: Prefix): boolean {
  return prefixLength(prefix) === addressBits(prefix)
}

/** Whether an address lies in a prefix; never across families. */
export function contains(prefix: Prefix, address: Ip): boolean {
  if (familyOf(prefix) !== familyOf(address)) return false
  return commonBits(prefixAddress(prefix), address) >= prefixLength(prefix)
}

/** Whether every address of `inner` lies in `outer`; a prefix holds itself. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return prefixLength(outer) <= prefixLength(inner) && contains(outer, prefixAddress(inner))
}

/** Whether two prefixes share an address: then one holds the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return containsPrefix(a, b) || containsPrefix(b, a)
}

/** How many leading bits two addresses of one family share. */
function commonBits(a: Ip, b: Ip): number {
  if (familyOf(a) === 4) return Math.clz32(ipv4ToNumber(a) ^ ipv4ToNumber(b))
  const left = ipv6ToBytes(a)
  const right = ipv6ToBytes(b)
  let bits = 0
  for (let i = 0; i < 16; i++) {
    const difference = left[i]! ^ right[i]!
    if (difference !== 0) return bits + Math.clz32(difference) - 24
    bits += 8
  }
  return bits
}

/** The IPv4 mask of a length as uint32: `maskOf(24)` is 0xffffff00. */
export function maskOf(length: number): number {
  return length === 0 ? 0 : (-1 << (32 - length)) >>> 0
}

/** The length of an IPv4 mask; undefined when its ones are not in one run at the top. */
export function maskLength(mask: number): number | undefined {
  const length = Math.clz32(~mask)
  return maskOf(length) === mask >>> 0 ? length : undefined
}

/** The mask of an IPv4 length as `ifconfig` prints it, e.g. `255.255.255.0`. */
export function netmaskText(length: number): Ipv4 {
  return numberToIpv4(maskOf(length))
}

/** The last address of an IPv4 prefix: its broadcast address where it has one. */
export function broadcastOf(prefix: Prefix): Ipv4 {
  return numberToIpv4(ipv4ToNumber(prefixAddress(prefix)) | ~maskOf(prefixLength(prefix)))
}

/**
 * The address `offset` places behind the first one of a prefix.
 * @throws InvariantError when the prefix has no such place
 */
export function addressAt(prefix: Prefix, offset: number): Ip {
  const hostBits = addressBits(prefix) - prefixLength(prefix)
  if (offset < 0 || !Number.isSafeInteger(offset) || offset >= 2 ** hostBits) {
    throw new InvariantError(`${prefix} has no address number ${offset}`)
  }
  if (familyOf(prefix) === 4) return numberToIpv4(ipv4ToNumber(prefixAddress(prefix)) + offset)
  const bytes = ipv6ToBytes(prefixAddress(prefix))
  let rest = offset
  for (let i = 15; i >= 0 && rest > 0; i--) {
    bytes[i] = bytes[i]! | (rest % 256)
    rest = Math.floor(rest / 256)
  }
  return bytesToIpv6(bytes)
}

/** How many addresses a prefix holds; a double, exact up to 2^53. */
export function addressCount(prefix: Prefix): number {
  return 2 ** (addressBits(prefix) - prefixLength(prefix))
}

/** Zeroes all bits behind the first `length` ones of a 16-byte address. */
function clearHostBits(bytes: Uint8Array, length: number): void {
  for (let i = 0; i < 16; i++) {
    const keep = Math.min(8, Math.max(0, length - i * 8))
    bytes[i] = bytes[i]! & (0xff00 >> keep)
  }
}
