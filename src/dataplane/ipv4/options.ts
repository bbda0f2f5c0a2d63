import {
  IPV4_HEADER_LENGTH,
  IPV4_OPTION,
  IPV4_OPTION_DATA,
  IPV4_OPTION_LENGTH,
  IPV4_OPTION_OVERFLOW_FLAG,
  IPV4_OPTION_POINTER,
  readU16,
  readU32,
  writeU32,
} from '../../wire/index.ts'
import type { IpOptions } from '../kernel/ip-options.ts'
import type { NetNs } from '../kernel/netns.ts'
import { RTN } from '../kernel/rtn.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import type { World } from '../kernel/world.ts'
import { inetAddrTypeNumber } from './inet-addr.ts'
import { ipCurrentTimestamp } from './timestamp.ts'

/** Options without anything in them. */
function noOptions(): IpOptions {
  return {
    rr: 0,
    ts: 0,
    srr: 0,
    strict: false,
    routerAlert: 0,
    rrNeedsAddress: false,
    tsNeedsAddress: false,
    tsNeedsTime: false,
    changed: false,
  }
}

/** Options of an answer: as bytes, and where they are. */
export interface EchoedOptions {
  /** The bytes behind the header. */
  readonly raw: Uint8Array
  /** What is in them. */
  readonly opt: IpOptions
}

/** What compiling options needs to know of the host. */
export interface OptionsHost {
  /** Namespace. */
  readonly ns: NetNs
  /** Address this host writes into record route and timestamp; called only when one of them has room. */
  readonly address: () => number
  /** Received (slots are filled now) or given by a local program (filled when the header is built). */
  readonly received: boolean
}

/**
 * Reads the options of the header at `at` and fills what input fills.
 *
 * @linux net/ipv4/ip_options.c __ip_options_compile
 * @returns the options, or the position of the offending byte, from the start of the header
 */
export function ipOptionsCompile(bytes: Uint8Array, at: number, end: number, host: OptionsHost): IpOptions | number {
  const opt = noOptions()
  let o = at + IPV4_HEADER_LENGTH
  while (o < end) {
    const type = bytes[o]!
    if (type === IPV4_OPTION.END) {
      endOfOptions(bytes, o + 1, end, opt)
      break
    }
    if (type === IPV4_OPTION.NOP) {
      o++
      continue
    }
    const length = end - o < 2 ? 0 : bytes[o + IPV4_OPTION_LENGTH]!
    if (length < 2 || length > end - o) return o - at
    const fault = compileOne(bytes, at, o, length, opt, host)
    if (fault >= 0) return o + fault - at
    o += length
  }
  return opt
}

/** Everything behind the end option is made zero. */
function endOfOptions(bytes: Uint8Array, from: number, end: number, opt: IpOptions): void {
  for (let i = from; i < end; i++) {
    if (bytes[i] === IPV4_OPTION.END) continue
    bytes[i] = IPV4_OPTION.END
    opt.changed = true
  }
}

/** One option at `o`. Returns the place of a fault inside it, or -1. */
function compileOne(
  bytes: Uint8Array,
  at: number,
  o: number,
  length: number,
  opt: IpOptions,
  host: OptionsHost,
): number {
  switch (bytes[o]) {
    case IPV4_OPTION.LOOSE_SOURCE_ROUTE:
    case IPV4_OPTION.STRICT_SOURCE_ROUTE:
      if (length < 3) return 1
      if (bytes[o + IPV4_OPTION_POINTER]! < 4) return 2
      if (opt.srr !== 0) return 0
      opt.strict = bytes[o] === IPV4_OPTION.STRICT_SOURCE_ROUTE
      opt.srr = o - at
      return -1
    case IPV4_OPTION.RECORD_ROUTE:
      return compileRecordRoute(bytes, at, o, length, opt, host)
    case IPV4_OPTION.TIMESTAMP:
      return compileTimestamp(bytes, at, o, length, opt, host)
    case IPV4_OPTION.ROUTER_ALERT:
      if (length < 4) return 1
      if (readU16(bytes, o + IPV4_OPTION_DATA) === 0) opt.routerAlert = o - at
      return -1
    default:
      return -1
  }
}

function compileRecordRoute(
  bytes: Uint8Array,
  at: number,
  o: number,
  length: number,
  opt: IpOptions,
  host: OptionsHost,
): number {
  if (opt.rr !== 0) return 0
  if (length < 3) return 1
  const pointer = bytes[o + IPV4_OPTION_POINTER]!
  if (pointer < 4) return 2
  if (pointer <= length) {
    if (pointer + 3 > length) return 2
    if (host.received) {
      writeU32(bytes, o + pointer - 1, host.address())
      opt.changed = true
    }
    bytes[o + IPV4_OPTION_POINTER] = pointer + 4
    opt.rrNeedsAddress = true
  }
  opt.rr = o - at
  return -1
}

function compileTimestamp(
  bytes: Uint8Array,
  at: number,
  o: number,
  length: number,
  opt: IpOptions,
  host: OptionsHost,
): number {
  if (opt.ts !== 0) return 0
  if (length < 4) return 1
  const pointer = bytes[o + IPV4_OPTION_POINTER]!
  if (pointer < 5) return 2
  if (pointer <= length) {
    const fault = fillTimestamp(bytes, o, length, pointer, opt, host)
    if (fault >= 0) return fault
  } else if ((bytes[o + IPV4_OPTION_OVERFLOW_FLAG]! & 0xf) !== 3) {
    const overflow = bytes[o + IPV4_OPTION_OVERFLOW_FLAG]! >>> 4
    if (overflow === 15) return 3
    if (host.received) {
      bytes[o + IPV4_OPTION_OVERFLOW_FLAG] = (bytes[o + IPV4_OPTION_OVERFLOW_FLAG]! & 0xf) | ((overflow + 1) << 4)
      opt.changed = true
    }
  }
  opt.ts = o - at
  return -1
}

function fillTimestamp(
  bytes: Uint8Array,
  o: number,
  length: number,
  pointer: number,
  opt: IpOptions,
  host: OptionsHost,
): number {
  if (pointer + 3 > length) return 2
  const flag = bytes[o + IPV4_OPTION_OVERFLOW_FLAG]! & 0xf
  let time = -1
  if (flag === 0) {
    time = o + pointer - 1
    bytes[o + IPV4_OPTION_POINTER] = pointer + 4
  } else if (flag === 1 || flag === 3) {
    if (pointer + 7 > length) return 2
    if (flag === 1) {
      if (host.received) writeU32(bytes, o + pointer - 1, host.address())
      opt.tsNeedsAddress = true
    } else if (inetAddrTypeNumber(host.ns, readU32(bytes, o + pointer - 1), null) === RTN.UNICAST) return -1
    time = o + pointer + 3
    bytes[o + IPV4_OPTION_POINTER] = pointer + 8
  } else return -1
  opt.tsNeedsTime = true
  if (host.received) {
    writeU32(bytes, time, ipCurrentTimestamp(host.ns.sim))
    opt.changed = true
  }
  return -1
}

/**
 * The options an answer carries: record route and timestamp go on, a source route is reversed.
 *
 * @linux net/ipv4/ip_options.c __ip_options_echo
 * @returns raw options for the answer with their state, or null when the packet had none
 */
export function ipOptionsEcho(skb: PacketBuffer, ns: NetNs): EchoedOptions | null {
  const { opt: from, bytes, network: at } = skb
  if (from === null || (from.rr === 0 && from.ts === 0 && from.srr === 0)) return null
  const raw = new Uint8Array(40)
  const opt = noOptions()
  let used = 0
  if (from.rr !== 0) used = echoRecordRoute(bytes, at, from, raw, opt)
  if (from.ts !== 0) used = echoTimestamp(bytes, at, from, raw, opt, used, ns)
  return { raw: raw.slice(0, (used + 3) & ~3), opt }
}

function echoRecordRoute(bytes: Uint8Array, at: number, from: IpOptions, raw: Uint8Array, opt: IpOptions): number {
  const length = bytes[at + from.rr + IPV4_OPTION_LENGTH]!
  const pointer = bytes[at + from.rr + IPV4_OPTION_POINTER]!
  raw.set(bytes.subarray(at + from.rr, at + from.rr + length), 0)
  opt.rr = IPV4_HEADER_LENGTH
  if (from.rrNeedsAddress && pointer + 3 <= length) {
    raw[2] = pointer + 4
    opt.rrNeedsAddress = true
  }
  return length
}

function echoTimestamp(
  bytes: Uint8Array,
  at: number,
  from: IpOptions,
  raw: Uint8Array,
  opt: IpOptions,
  used: number,
  ns: NetNs,
): number {
  const length = bytes[at + from.ts + IPV4_OPTION_LENGTH]!
  let pointer = bytes[at + from.ts + IPV4_OPTION_POINTER]!
  raw.set(bytes.subarray(at + from.ts, at + from.ts + length), used)
  opt.ts = IPV4_HEADER_LENGTH + used
  if (pointer <= length) {
    if (from.tsNeedsAddress) {
      opt.tsNeedsAddress = true
      pointer += 4
    }
    if (from.tsNeedsTime) {
      const prespecified = (raw[used + 3]! & 0xf) === 3
      if (!prespecified) {
        opt.tsNeedsTime = true
        pointer += 4
      } else if (
        pointer + 7 <= length &&
        inetAddrTypeNumber(ns, readU32(raw, used + pointer - 1), null) !== RTN.UNICAST
      ) {
        opt.tsNeedsTime = true
        pointer += 8
      }
    }
    raw[used + 2] = pointer
  }
  return used + length
}

/** Writes options behind the header at `at` and fills what the sender fills (`ip_options_build`). */
export function ipOptionsBuild(
  bytes: Uint8Array,
  at: number,
  raw: Uint8Array,
  opt: IpOptions,
  source: number,
  sim: World,
): void {
  bytes.set(raw, at + IPV4_HEADER_LENGTH)
  if (opt.rrNeedsAddress) writeU32(bytes, at + opt.rr + bytes[at + opt.rr + IPV4_OPTION_POINTER]! - 5, source)
  if (opt.tsNeedsAddress) writeU32(bytes, at + opt.ts + bytes[at + opt.ts + IPV4_OPTION_POINTER]! - 9, source)
  if (opt.tsNeedsTime)
    writeU32(bytes, at + opt.ts + bytes[at + opt.ts + IPV4_OPTION_POINTER]! - 5, ipCurrentTimestamp(sim))
}

/** Makes no-operations of the options that only the first fragment carries (`ip_options_fragment`). */
export function ipOptionsFragment(bytes: Uint8Array, at: number): void {
  const end = at + ((bytes[at]! & 0xf) << 2)
  let o = at + IPV4_HEADER_LENGTH
  while (o < end) {
    const type = bytes[o]!
    if (type === IPV4_OPTION.END) return
    if (type === IPV4_OPTION.NOP) {
      o++
      continue
    }
    const length = bytes[o + IPV4_OPTION_LENGTH]!
    if (length < 2 || o + length > end) return
    if ((type & 0x80) === 0) bytes.fill(IPV4_OPTION.NOP, o, o + length)
    o += length
  }
}
