// internal to the room: what the describers of all protocols share

import { readU32 } from '../bytes.ts'
import { hexNumber } from '../hex.ts'
import { numberToIpv4 } from '../ipv4-address.ts'
import { bytesToIpv6 } from '../ipv6-address.ts'
import type { DescribeOptions } from './frame.ts'

/** What is being printed: the buffer, how, and the describer of frames, which protocols that carry frames call back. */
export interface Print {
  readonly bytes: Uint8Array
  readonly options: DescribeOptions
  /** How many packets this one lies in. */
  readonly depth: number
  /** Inside the quote of an ICMP error: it is expected to be cut. */
  readonly quoted: boolean
  /** Describes an Ethernet frame in `bytes[at..end)`. */
  readonly frame: (print: Print, at: number, end: number) => string
  /** Describes an IPv4 packet. */
  readonly ipv4: (print: Print, at: number, end: number) => string
  /** Describes an IPv6 packet. */
  readonly ipv6: (print: Print, at: number, end: number) => string
}

/** The IP packet an upper layer lies in. */
export interface Around {
  /** Source address as text. */
  readonly source: string
  /** Destination address as text. */
  readonly destination: string
  /** Whether UDP and TCP print their ports without the addresses, as behind IPv6 extension headers. */
  readonly bare?: boolean
  /** Whether the packet is one piece of a larger one: then no checksum can be judged. */
  readonly fragment: boolean
  /** Where the packet ends by its own length; beyond the bytes kept when it is cut. */
  readonly end: number
  /** The partial sum of the pseudo header. */
  readonly pseudo: (protocol: number, length: number) => number
}

/** What UDP and TCP start their line with. */
export function portsText(around: Around, source: number, destination: number): string {
  if (around.bare) return `${source} > ${destination}: `
  return `${around.source}.${source} > ${around.destination}.${destination}: `
}

/** tcpdump's mark for "the bytes end inside this header". */
export function cut(protocol: string): string {
  return ` [|${protocol}]`
}

/** The IPv4 address at `at`. */
export function ipv4At(print: Print, at: number): string {
  return numberToIpv4(readU32(print.bytes, at))
}

/** The IPv6 address at `at`. */
export function ipv6At(print: Print, at: number): string {
  return bytesToIpv6(print.bytes, at)
}

/** `0x` and four hex digits. */
export function hex16(value: number): string {
  return `0x${hexNumber(value, 4)}`
}

/** Whether `bytes[at..at+length)` was kept, within the packet that ends at `end`. */
export function has(print: Print, at: number, length: number, end: number): boolean {
  return at + length <= Math.min(end, print.bytes.length)
}

/** The word in front of an IP packet; with `-e` the EtherType says it already. */
export function ipWord(print: Print, word: string): string {
  return print.options.link ? '' : word
}

/** A packet inside a packet, this many deep, is not looked into any more: it was made to exhaust who reads it. */
export const MAX_DEPTH = 32

/** Describes a packet inside the one being printed. */
export function inside(print: Print, kind: 'frame' | 'ipv4' | 'ipv6', at: number, end: number): string {
  if (print.depth >= MAX_DEPTH) return '[nested too deep]'
  return print[kind]({ ...print, depth: print.depth + 1 }, at, end)
}
