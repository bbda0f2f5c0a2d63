import { assertNever } from './assert.ts'
import { readU16, readU32, writeU16, writeU32 } from './bytes.ts'

/** Kinds of TCP options. @rfc 9293 §3.2, @rfc 7323, @rfc 2018 */
export const TCP_OPTION = {
  /** End of option list. */
  END: 0,
  /** No operation. */
  NOP: 1,
  /** Maximum segment size. */
  MSS: 2,
  /** Window scale. */
  WINDOW_SCALE: 3,
  /** SACK permitted. */
  SACK_PERMITTED: 4,
  /** SACK blocks. */
  SACK: 5,
  /** Timestamps. */
  TIMESTAMPS: 8,
} as const

/** Offset of an option's length, kind and length bytes counted; END and NOP have none. */
export const TCP_OPTION_LENGTH = 1
/** Offset of an option's data. */
export const TCP_OPTION_DATA = 2
/** Offset of the echoed value of a timestamps option. */
const TIMESTAMP_ECHO = 6
/** Bytes of a SACK block, and offset of its right edge. */
const SACK_BLOCK = 8
const SACK_RIGHT = 4

/** A run of bytes received out of order, as a SACK block reports it: [left, right), uint32 sequence numbers. */
export type SackBlock = readonly [left: number, right: number]

/** One TCP option as data. */
export type TcpOption =
  | {
      /** No operation: a filler byte. */
      readonly kind: 'nop'
    }
  | {
      /** End of the list. */
      readonly kind: 'end'
    }
  | {
      /** Maximum segment size; only in a SYN. */
      readonly kind: 'mss'
      /** The largest segment the sender takes, in bytes. */
      readonly value: number
    }
  | {
      /** Window scale; only in a SYN. */
      readonly kind: 'wscale'
      /** Shift count, 0 to 14. */
      readonly shift: number
    }
  | {
      /** Selective acknowledgments may be used; only in a SYN. */
      readonly kind: 'sackOk'
    }
  | {
      /** Selective acknowledgment. */
      readonly kind: 'sack'
      /** One to four blocks. */
      readonly blocks: readonly SackBlock[]
    }
  | {
      /** Timestamps. */
      readonly kind: 'timestamps'
      /** TSval, uint32. */
      readonly value: number
      /** TSecr, uint32. */
      readonly echo: number
    }
  | {
      /** An option this project does not read, or one with a wrong length. */
      readonly kind: 'unknown'
      /** Its kind number. */
      readonly number: number
      /** Its data, without kind and length bytes. */
      readonly data: Uint8Array
    }

/** Where an option lies. */
export interface TcpOptionPlace {
  /** The option. */
  readonly option: TcpOption
  /** Where it starts, in the buffer. */
  readonly start: number
  /** Its length with kind and length bytes. */
  readonly length: number
}

/** The options in `bytes[start..end)` in their order; reading stops at the end option or at a length that makes no sense. */
export function readTcpOptions(bytes: Uint8Array, start: number, end: number): TcpOption[] {
  return placeTcpOptions(bytes, start, end).map((place) => place.option)
}

/** As {@link readTcpOptions}, with the place of each. */
export function placeTcpOptions(bytes: Uint8Array, start: number, end: number): TcpOptionPlace[] {
  const places: TcpOptionPlace[] = []
  let at = start
  while (at < end) {
    const kind = bytes[at]!
    if (kind === TCP_OPTION.END) {
      places.push({ option: { kind: 'end' }, start: at, length: 1 })
      break
    }
    if (kind === TCP_OPTION.NOP) {
      places.push({ option: { kind: 'nop' }, start: at, length: 1 })
      at += 1
      continue
    }
    const length = at + 1 < end ? bytes[at + TCP_OPTION_LENGTH]! : 0
    if (length < 2 || at + length > end) break
    places.push({ option: readOption(bytes, at, kind, length), start: at, length })
    at += length
  }
  return places
}

function readOption(bytes: Uint8Array, at: number, kind: number, length: number): TcpOption {
  if (kind === TCP_OPTION.MSS && length === 4) return { kind: 'mss', value: readU16(bytes, at + TCP_OPTION_DATA) }
  if (kind === TCP_OPTION.WINDOW_SCALE && length === 3) return { kind: 'wscale', shift: bytes[at + TCP_OPTION_DATA]! }
  if (kind === TCP_OPTION.SACK_PERMITTED && length === 2) return { kind: 'sackOk' }
  if (kind === TCP_OPTION.TIMESTAMPS && length === 10) {
    return {
      kind: 'timestamps',
      value: readU32(bytes, at + TCP_OPTION_DATA),
      echo: readU32(bytes, at + TIMESTAMP_ECHO),
    }
  }
  if (kind === TCP_OPTION.SACK && length > 2 && (length - 2) % 8 === 0) {
    const blocks: SackBlock[] = []
    for (let i = at + TCP_OPTION_DATA; i < at + length; i += SACK_BLOCK)
      blocks.push([readU32(bytes, i), readU32(bytes, i + SACK_RIGHT)])
    return { kind: 'sack', blocks }
  }
  return { kind: 'unknown', number: kind, data: bytes.slice(at + TCP_OPTION_DATA, at + length) }
}

function optionLength(option: TcpOption): number {
  switch (option.kind) {
    case 'end':
    case 'nop':
      return 1
    case 'mss':
      return 4
    case 'wscale':
      return 3
    case 'sackOk':
      return 2
    case 'sack':
      return 2 + option.blocks.length * 8
    case 'timestamps':
      return 10
    case 'unknown':
      return 2 + option.data.length
    default:
      return assertNever(option)
  }
}

/** Bytes the options take, before padding. */
export function tcpOptionsLength(options: readonly TcpOption[]): number {
  return options.reduce((sum, option) => sum + optionLength(option), 0)
}

/** Writes the options at `at`; returns where they end. */
export function writeTcpOptions(bytes: Uint8Array, at: number, options: readonly TcpOption[]): number {
  let to = at
  for (const option of options) {
    writeOption(bytes, to, option)
    to += optionLength(option)
  }
  return to
}

function writeOption(bytes: Uint8Array, at: number, option: TcpOption): void {
  if (option.kind !== 'end' && option.kind !== 'nop') bytes[at + TCP_OPTION_LENGTH] = optionLength(option)
  switch (option.kind) {
    case 'end':
      bytes[at] = TCP_OPTION.END
      return
    case 'nop':
      bytes[at] = TCP_OPTION.NOP
      return
    case 'mss':
      bytes[at] = TCP_OPTION.MSS
      writeU16(bytes, at + TCP_OPTION_DATA, option.value)
      return
    case 'wscale':
      bytes[at] = TCP_OPTION.WINDOW_SCALE
      bytes[at + TCP_OPTION_DATA] = option.shift
      return
    case 'sackOk':
      bytes[at] = TCP_OPTION.SACK_PERMITTED
      return
    case 'sack':
      bytes[at] = TCP_OPTION.SACK
      for (const [i, [left, right]] of option.blocks.entries()) {
        const block = at + TCP_OPTION_DATA + i * SACK_BLOCK
        writeU32(bytes, block, left)
        writeU32(bytes, block + SACK_RIGHT, right)
      }
      return
    case 'timestamps':
      bytes[at] = TCP_OPTION.TIMESTAMPS
      writeU32(bytes, at + TCP_OPTION_DATA, option.value)
      writeU32(bytes, at + TIMESTAMP_ECHO, option.echo)
      return
    case 'unknown':
      bytes[at] = option.number
      bytes.set(option.data, at + TCP_OPTION_DATA)
      return
    default:
      assertNever(option)
  }
}

/** Two NOPs, and the kind and length of a timestamps option: how nearly every segment's options begin. @rfc 7323 appendix A */
const NOPS_AND_TIMESTAMPS = 0x0101080a
/** Length of timestamps behind two NOPs. */
export const TCP_TIMESTAMPS_ALONE = 12
const TIMESTAMP_VALUE_ALONE = 4
const TIMESTAMP_ECHO_ALONE = 8

/** Writes timestamps and nothing else, behind two NOPs. @param at - where options begin */
export function writeTimestampsAlone(bytes: Uint8Array, at: number, value: number, echo: number): void {
  writeU32(bytes, at, NOPS_AND_TIMESTAMPS)
  writeU32(bytes, at + TIMESTAMP_VALUE_ALONE, value)
  writeU32(bytes, at + TIMESTAMP_ECHO_ALONE, echo)
}

/**
 * The value of timestamps behind two NOPs, where a header has nothing else; undefined where its options are others.
 *
 * @param at - where options begin
 * @param end - where data begins
 */
export function readTimestampAlone(bytes: Uint8Array, at: number, end: number): number | undefined {
  if (end - at !== TCP_TIMESTAMPS_ALONE || readU32(bytes, at) !== NOPS_AND_TIMESTAMPS) return undefined
  return readU32(bytes, at + TIMESTAMP_VALUE_ALONE)
}
