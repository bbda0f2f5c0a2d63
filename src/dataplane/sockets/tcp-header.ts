import {
  TCP_ACKNOWLEDGMENT,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_FLAG,
  TCP_FLAGS,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  TCP_TIMESTAMPS_ALONE,
  TCP_WINDOW,
  type TcpOption,
  tcpHeaderLength,
  writeTcpOptions,
  writeTimestampsAlone,
  writeU16,
  writeU32,
} from '../../wire/index.ts'
import { MILLISECOND } from '../kernel/clock.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { sackBlockCount } from './tcp-mss.ts'
import type { TcpSock } from './tcp-sock.ts'

/** What a connection says in the header of a segment. */
export interface TcpHeader {
  /** Sequence number. */
  readonly seq: number
  /** Control bits. */
  readonly flags: number
  /** Window field. */
  readonly window: number
  /** Options; null = those of every segment, timestamps where they are agreed on. */
  readonly options: readonly TcpOption[] | null
}

/** Timestamp clock: milliseconds from a start of each connection's own. */
function timestampNow(sock: TcpSock): number {
  return (Math.floor(sock.ns.sim.clock.now / MILLISECOND) + sock.tsOffset) >>> 0
}

/** Options of a SYN. */
export function synOptions(sock: TcpSock, o: { timestamps: boolean; sack: boolean; wscale: boolean }): TcpOption[] {
  const options: TcpOption[] = [{ kind: 'mss', value: sock.advmss }]
  if (o.timestamps) {
    if (o.sack) options.push({ kind: 'sackOk' })
    else options.push({ kind: 'nop' }, { kind: 'nop' })
    options.push({ kind: 'timestamps', value: timestampNow(sock), echo: sock.tsRecent })
  }
  if (o.wscale) options.push({ kind: 'nop' }, { kind: 'wscale', shift: sock.rcvWscale })
  if (o.sack && !o.timestamps) options.push({ kind: 'nop' }, { kind: 'nop' }, { kind: 'sackOk' })
  return options
}

/** Options of any other segment; a block received twice is told once. */
export function establishedOptions(sock: TcpSock): TcpOption[] | null {
  const count = sackBlockCount(sock)
  if (count === 0) return null
  const options: TcpOption[] = []
  if (sock.tsOk) {
    options.push({ kind: 'nop' }, { kind: 'nop' })
    options.push({ kind: 'timestamps', value: timestampNow(sock), echo: sock.tsRecent })
  }
  const blocks = [...(sock.dsack === null ? [] : [sock.dsack]), ...sock.sackBlocks].slice(0, count)
  options.push({ kind: 'nop' }, { kind: 'nop' }, { kind: 'sack', blocks })
  sock.dsack = null
  return options
}

/** A packet of a header and the data in `block[from, to)`, without addresses and checksum. */
export function segment(sock: TcpSock, o: TcpHeader, block: Uint8Array, from: number, to: number): PacketBuffer {
  const plain = TCP_HEADER_LENGTH + (sock.tsOk ? TCP_TIMESTAMPS_ALONE : 0)
  const length = o.options === null ? plain : tcpHeaderLength(o.options)
  const skb = sock.ns.sim.newSkb(length + to - from)
  const { bytes, data: at } = skb
  writeU16(bytes, at, sock.sport)
  writeU16(bytes, at + TCP_DESTINATION_PORT, sock.dport)
  writeU32(bytes, at + TCP_SEQUENCE, o.seq)
  if ((o.flags & TCP_FLAG.ACK) !== 0) writeU32(bytes, at + TCP_ACKNOWLEDGMENT, sock.rcvNxt)
  bytes[at + TCP_DATA_OFFSET] = (length >>> 2) << 4
  bytes[at + TCP_FLAGS] = o.flags
  writeU16(bytes, at + TCP_WINDOW, o.window)
  if (o.options !== null) writeTcpOptions(bytes, at + TCP_HEADER_LENGTH, o.options)
  else if (sock.tsOk) writeTimestampsAlone(bytes, at + TCP_HEADER_LENGTH, timestampNow(sock), sock.tsRecent)
  if (to > from) bytes.set(block.subarray(from, to), at + length)
  return skb
}
