import { InvariantError } from './assert.ts'
import { readU48, writeU48 } from './bytes.ts'
import { hexDigit, hexPair } from './hex.ts'
import type { AddressFault } from './ipv4-address.ts'
import type { Ipv6 } from './ipv6-address.ts'

declare const brand: unique symbol

/** A 48-bit hardware address as six lower-case pairs, e.g. `ee:ee:ee:ee:ee:ee`. */
export type Mac = string & {
  /** The brand; at run time there is no such property. */
  readonly [brand]: 'Mac'
}

/** The engine's form of a hardware address: its 48 bits as one number, first byte most significant. */
export type MacKey = number

/** ff:ff:ff:ff:ff:ff as engine number. */
export const BROADCAST_MAC_KEY = 0xffff_ffff_ffff

/** The address every station listens to. */
export const BROADCAST_MAC: Mac = 'ff:ff:ff:ff:ff:ff' as Mac

/** What a device without hardware address shows, and what an ARP request asks for. */
export const ZERO_MAC: Mac = '00:00:00:00:00:00' as Mac

/** A text of six pairs of hex digits with colons as hardware address, in lower case. Undefined when it is none. */
export function parseMac(text: string): Mac | undefined {
  return scanMac(text) < 0 ? undefined : (text.toLowerCase() as Mac)
}

/** Why {@link parseMac} refuses a text; undefined when it does not. */
export function explainMac(text: string): AddressFault | undefined {
  for (let i = 0; i < 17; i++) {
    const c = text[i]
    if (c === undefined)
      return { position: i, message: 'the hardware address ends early: expected six pairs aa:bb:cc:dd:ee:ff' }
    if (i % 3 === 2) {
      if (c !== ':') return { position: i, message: `expected a colon, not ${JSON.stringify(c)}` }
    } else if (!/[0-9a-fA-F]/.test(c)) return { position: i, message: `expected a hex digit, not ${JSON.stringify(c)}` }
  }
  return text.length > 17 ? { position: 17, message: 'expected the end after six pairs' } : undefined
}

/**
 * The engine's number of a hardware address.
 * @throws InvariantError when the text was never one
 */
export function macToKey(mac: string): MacKey {
  const key = scanMac(mac)
  if (key < 0) throw new InvariantError(`not a hardware address: ${JSON.stringify(mac)}`)
  return key
}

const COLON = 0x3a

/** The number that a text of six pairs says; -1 when it is none. */
function scanMac(text: string): number {
  if (text.length !== 17) return -1
  let key = 0
  for (let i = 0; i < 17; i++) {
    const code = text.charCodeAt(i)
    if (i % 3 !== 2) {
      const value = hexDigit(code)
      if (value < 0) return -1
      key = key * 16 + value
    } else if (code !== COLON) return -1
  }
  return key
}

/** The text of an engine number. */
export function keyToMac(key: MacKey): Mac {
  const [high, low] = [Math.floor(key / 0x1000000), key % 0x1000000]
  const left = `${hexPair(high >>> 16)}:${hexPair((high >>> 8) & 0xff)}:${hexPair(high & 0xff)}`
  return `${left}:${hexPair(low >>> 16)}:${hexPair((low >>> 8) & 0xff)}:${hexPair(low & 0xff)}` as Mac
}

/** The 48 bits at `at`. */
export function readMac(bytes: Uint8Array, at: number): MacKey {
  return readU48(bytes, at)
}

/** Writes 48 bits at `at`. */
export function writeMac(bytes: Uint8Array, at: number, mac: MacKey): void {
  writeU48(bytes, at, mac)
}

/** The six bytes of a hardware address. */
export function macToBytes(mac: string): Uint8Array {
  const bytes = new Uint8Array(6)
  writeU48(bytes, 0, macToKey(mac))
  return bytes
}

/** Six bytes at `at` as text. */
export function bytesToMac(bytes: Uint8Array, at = 0): Mac {
  return keyToMac(readU48(bytes, at))
}

/** Whether the group bit is set: multicast, and broadcast with it. @ieee 802.3 §3.2.3 */
export function isMulticastMac(mac: MacKey): boolean {
  return (Math.floor(mac / 0x100_0000_0000) & 1) === 1
}

/** Whether it is ff:ff:ff:ff:ff:ff. */
export function isBroadcastMac(mac: MacKey): boolean {
  return mac === BROADCAST_MAC_KEY
}

/** The hardware address an IPv4 multicast group is sent to: 01:00:5e and the low 23 bits. @rfc 1112 §6.4 */
export function ipv4MulticastMac(group: number): MacKey {
  return 0x0100_5e00_0000 + (group & 0x7f_ffff)
}

/** The link-local address Linux gives a device by default: fe80::/64 with the modified EUI-64 of its MAC. @rfc 4291 App. A */
export function eui64LinkLocal(mac: string): Ipv6 {
  const key = macToKey(mac)
  const high = Math.floor(key / 2 ** 24)
  const low = key % 2 ** 24
  // The first of the four groups may be zero: it is part of the run of zeros then. The two in the middle are never.
  const first = (high >>> 8) ^ 0x0200
  const rest = [((high & 0xff) << 8) | 0xff, 0xfe00 | (low >>> 16), low & 0xffff]
  const groups = (first === 0 ? rest : [first, ...rest]).map((group) => group.toString(16))
  return `fe80::${groups.join(':')}` as Ipv6
}
