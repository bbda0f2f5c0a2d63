import type { Arbitrary } from 'fast-check'
import {
  bytesToIpv6,
  type Ip,
  type Ipv4,
  type Ipv6,
  keyToMac,
  type Mac,
  numberToIpv4,
  type Prefix,
  prefixOf,
} from '../wire/index.ts'
import { fc } from './fast-check.ts'

/** Any IPv4 address, corners of the address space more often than chance would have it. */
export function ipv4(): Arbitrary<Ipv4> {
  return fc().integer({ min: 0, max: 0xffffffff }).map(numberToIpv4)
}

/** Any IPv6 address; runs of zeros, link-local and mapped addresses are frequent. */
export function ipv6(): Arbitrary<Ipv6> {
  const head = fc().constantFrom([], [0xfe, 0x80], [0xff, 0x02], [0xfd], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
  const rest = fc().array(fc().oneof(fc().constant(0), fc().integer({ min: 0, max: 255 })), {
    minLength: 16,
    maxLength: 16,
  })
  return fc()
    .tuple(head, rest)
    .map(([start, bytes]) => bytesToIpv6(Uint8Array.from([...start, ...bytes].slice(0, 16))))
}

/** A unicast hardware address, locally administered. */
export function mac(): Arbitrary<Mac> {
  return fc()
    .tuple(fc().integer({ min: 0, max: 63 }), fc().integer({ min: 0, max: 2 ** 40 - 1 }))
    .map(([first, rest]) => keyToMac((first * 4 + 2) * 2 ** 40 + rest))
}

/** Which prefixes {@link prefix} makes. */
export interface PrefixOptions {
  /** Family; absent = both. */
  readonly family?: 4 | 6
  /** Shortest prefix length; absent = 0. */
  readonly minLength?: number
  /** Longest prefix length; absent = 32 for IPv4 and 128 for IPv6. */
  readonly maxLength?: number
}

/** A prefix in strict form: its host bits are zero. */
export function prefix(options: PrefixOptions = {}): Arbitrary<Prefix> {
  const of = (addresses: Arbitrary<Ip>, bits: number): Arbitrary<Prefix> =>
    fc()
      .tuple(addresses, fc().integer({ min: options.minLength ?? 0, max: Math.min(options.maxLength ?? bits, bits) }))
      .map(([address, length]) => prefixOf(address, length))
  if (options.family === 4) return of(ipv4(), 32)
  if (options.family === 6) return of(ipv6(), 128)
  return fc().oneof(of(ipv4(), 32), of(ipv6(), 128))
}
