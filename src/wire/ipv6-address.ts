import { InvariantError } from './assert.ts'
import { readU16, writeU16 } from './bytes.ts'
import { type AddressFault, explainIpv4, ipv4ToNumber, numberToIpv4 } from './ipv4-address.ts'

declare const brand: unique symbol

/** An IPv6 address in the canonical text of RFC 5952, e.g. `fe80::1`. */
export type Ipv6 = string & {
  /** The brand; at run time there is no such property. */
  readonly [brand]: 'Ipv6'
}

/** The engine's form of an IPv6 address: its 16 bytes as 16 characters U+0000 to U+00FF. Compares and hashes like a string. */
export type Ip6Key = string & {
  /** The brand; at run time there is no such property. */
  readonly [brand]: 'Ip6Key'
}

type Scan = { readonly groups: readonly number[] } | AddressFault

/** Reads the eight groups by the rules of `inet_pton`. */
function scanIpv6(text: string): Scan {
  const groups: number[] = []
  let gap = -1
  let at = 0
  if (text.startsWith('::')) {
    gap = 0
    at = 2
  } else if (text.startsWith(':')) return { position: 0, message: 'an address starts with a group or with "::"' }
  while (at < text.length) {
    const start = at
    while (at < text.length && isHexDigit(text.charCodeAt(at))) at += 1
    if (text[at] === '.') return scanEmbedded(text, start, groups, gap)
    if (at === start) return { position: at, message: `expected a hex digit, not ${JSON.stringify(text[at])}` }
    if (at - start > 4) return { position: start + 4, message: 'a group has at most four hex digits' }
    if (groups.length === 8) return { position: start, message: 'expected the end after eight groups' }
    groups.push(Number.parseInt(text.slice(start, at), 16))
    if (at === text.length) break
    if (text[at] !== ':') return { position: at, message: unexpected(text[at]!) }
    at += 1
    if (text[at] === ':') {
      if (gap >= 0) return { position: at, message: '"::" may stand only once' }
      gap = groups.length
      at += 1
    } else if (at === text.length) return { position: at, message: 'the address ends with a single colon' }
  }
  return fillGap(text, groups, gap)
}

function unexpected(character: string): string {
  if (character === '%') return 'a zone is not part of an address'
  if (character === '/') return 'expected an address without a prefix length'
  return `expected a hex digit or a colon, not ${JSON.stringify(character)}`
}

/** The last 32 bits written as a dotted quad. */
function scanEmbedded(text: string, start: number, groups: number[], gap: number): Scan {
  const quad = text.slice(start)
  const fault = explainIpv4(quad)
  if (fault !== undefined) return { position: start + fault.position, message: fault.message }
  if (groups.length > 6) return { position: start, message: 'no room for an embedded IPv4 address' }
  const address = ipv4ToNumber(quad)
  groups.push(address >>> 16, address & 0xffff)
  return fillGap(text, groups, gap)
}

function fillGap(text: string, groups: readonly number[], gap: number): Scan {
  if (gap < 0) {
    if (groups.length < 8)
      return { position: text.length, message: 'the address ends early: expected eight groups or "::"' }
    return { groups }
  }
  if (groups.length === 8) return { position: text.indexOf('::'), message: '"::" must stand for at least one group' }
  const zeros = new Array<number>(8 - groups.length).fill(0)
  return { groups: [...groups.slice(0, gap), ...zeros, ...groups.slice(gap)] }
}

function isHexDigit(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66)
}

/** Eight groups in the text of RFC 5952 §4: the first longest run of zeros shortened; v4-mapped addresses mixed (§5). */
function formatGroups(groups: readonly number[]): Ipv6 {
  let bestAt = -1
  let bestLength = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && groups[end] === 0) end += 1
    if (end - i > bestLength) {
      bestAt = i
      bestLength = end - i
    }
    if (end > i) i = end - 1
  }
  if (bestAt === 0 && bestLength === 5 && groups[5] === 0xffff) {
    return `::ffff:${numberToIpv4((groups[6]! << 16) | groups[7]!)}` as Ipv6
  }
  const hex = groups.map((group) => group.toString(16))
  if (bestAt < 0) return hex.join(':') as Ipv6
  return `${hex.slice(0, bestAt).join(':')}::${hex.slice(bestAt + bestLength).join(':')}` as Ipv6
}

/**
 * A text as IPv6 address, by the rules of `inet_pton` (embedded dotted quad allowed, zone refused).
 * @returns the address in canonical text, whatever form it was written in; undefined when it is none
 */
export function parseIpv6(text: string): Ipv6 | undefined {
  const scan = scanIpv6(text)
  return 'groups' in scan ? formatGroups(scan.groups) : undefined
}

/** Why {@link parseIpv6} refuses a text; undefined when it does not. */
export function explainIpv6(text: string): AddressFault | undefined {
  const scan = scanIpv6(text)
  return 'groups' in scan ? undefined : scan
}

/**
 * The 16 bytes of an address, in network order.
 * @throws InvariantError when the text was never an address
 */
export function ipv6ToBytes(address: string): Uint8Array {
  const scan = scanIpv6(address)
  if (!('groups' in scan)) throw new InvariantError(`not an IPv6 address: ${JSON.stringify(address)}`)
  const bytes = new Uint8Array(16)
  for (let i = 0; i < 8; i++) writeU16(bytes, i * 2, scan.groups[i]!)
  return bytes
}

/** 16 bytes at `at` as address in canonical text. */
export function bytesToIpv6(bytes: Uint8Array, at = 0): Ipv6 {
  const groups: number[] = []
  for (let i = 0; i < 8; i++) groups.push(readU16(bytes, at + i * 2))
  return formatGroups(groups)
}

/** The engine's form of an address. */
export function ipv6ToKey(address: string): Ip6Key {
  return readIp6Key(ipv6ToBytes(address), 0)
}

/** The leading `length` bits of an engine key, as a map key: whole bytes, then the last one masked. */
export function prefixKey(key: string, length: number): string {
  const whole = length >> 3
  const rest = length & 7
  if (rest === 0) return key.slice(0, whole)
  return key.slice(0, whole) + String.fromCharCode(key.charCodeAt(whole) & (0xff00 >> rest))
}

/** The address behind an engine key. */
export function keyToIpv6(key: Ip6Key): Ipv6 {
  const bytes = new Uint8Array(16)
  writeIp6Key(bytes, 0, key)
  return bytesToIpv6(bytes)
}

/** The 16 bytes at `at` as engine key. */
export function readIp6Key(bytes: Uint8Array, at: number): Ip6Key {
  return String.fromCharCode(
    bytes[at]!,
    bytes[at + 1]!,
    bytes[at + 2]!,
    bytes[at + 3]!,
    bytes[at + 4]!,
    bytes[at + 5]!,
    bytes[at + 6]!,
    bytes[at + 7]!,
    bytes[at + 8]!,
    bytes[at + 9]!,
    bytes[at + 10]!,
    bytes[at + 11]!,
    bytes[at + 12]!,
    bytes[at + 13]!,
    bytes[at + 14]!,
    bytes[at + 15]!,
  ) as Ip6Key
}

/** Writes the 16 bytes of an engine key at `at`. */
export function writeIp6Key(bytes: Uint8Array, at: number, key: Ip6Key): void {
  for (let i = 0; i < 16; i++) bytes[at + i] = key.charCodeAt(i)
}

/** Whether the address is in ff00::/8. @rfc 4291 §2.7 */
export function isIpv6Multicast(key: Ip6Key): boolean {
  return key.charCodeAt(0) === 0xff
}

/** Whether the address is in fe80::/10. @rfc 4291 §2.5.6 */
export function isIpv6LinkLocal(key: Ip6Key): boolean {
  return key.charCodeAt(0) === 0xfe && (key.charCodeAt(1) & 0xc0) === 0x80
}

/** The solicited-node multicast address of an address: ff02::1:ff00:0/104 with its low 24 bits. @rfc 4291 §2.7.1 */
export function solicitedNode(key: Ip6Key): Ip6Key {
  return `\xff\x02\0\0\0\0\0\0\0\0\0\x01\xff${key.slice(13)}` as Ip6Key
}
