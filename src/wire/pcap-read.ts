// The classic capture file, read: either byte order, stamps in micro- or nanoseconds. @see draft-ietf-opsawg-pcap

import type { PcapPacket } from './pcap.ts'

/** A classic capture file, as far as it could be read. */
export interface PcapFile {
  /** Link type of all its packets. */
  readonly linkType: number
  /** Packets, in the order of the file; where the capture kept less than the packet had, with the length it had. */
  readonly packets: readonly (PcapPacket & { readonly originalLength?: number })[]
  /** What is wrong behind the last of them; absent when the file ends well. */
  readonly fault?: string
}

const FILE_HEADER = 24
const RECORD_HEADER = 16

/** Longer packets than this are none: the file is damaged. libpcap takes no longer ones either. */
const MOST_BYTES = 262_144

/** Nanoseconds that a unit of the stamps is, by the magic. */
const UNITS: Readonly<Record<number, bigint>> = { 2712847316: 1000n, 2712812621: 1n }

/** Whether bytes begin as a classic capture file does. */
export function isPcap(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && orderOf(bytes) !== undefined
}

/** The byte order, and the unit of stamps. */
function orderOf(bytes: Uint8Array): { readonly little: boolean; readonly unit: bigint } | undefined {
  for (const little of [true, false]) {
    const unit = UNITS[word(bytes, 0, little)]
    if (unit !== undefined) return { little, unit }
  }
  return undefined
}

/** Reads a classic capture file; undefined for bytes that are none. Of one that is damaged or cut off, what stands before that. */
export function readPcap(bytes: Uint8Array): PcapFile | undefined {
  const order = bytes.length < 4 ? undefined : orderOf(bytes)
  if (order === undefined) return undefined
  const { little, unit } = order
  if (bytes.length < FILE_HEADER) return { linkType: 0, packets: [], fault: 'the header of the file is cut off' }
  const linkType = word(bytes, 20, little) & 0xffff
  const packets: (PcapPacket & { originalLength?: number })[] = []
  for (let at = FILE_HEADER; at < bytes.length; ) {
    const left = bytes.length - at
    if (left < RECORD_HEADER) return { linkType, packets, fault: `${left} bytes are left of the header of a packet` }
    const [seconds, rest, length, original] = [0, 4, 8, 12].map((offset) => word(bytes, at + offset, little))
    if (length! > MOST_BYTES) return { linkType, packets, fault: `a packet cannot be ${length} bytes long` }
    if (length! > left - RECORD_HEADER) {
      return { linkType, packets, fault: `a packet has ${length} bytes, ${left - RECORD_HEADER} are left` }
    }
    const start = at + RECORD_HEADER
    packets.push({
      timestamp: BigInt(seconds!) * 1_000_000_000n + BigInt(rest!) * unit,
      bytes: bytes.subarray(start, start + length!),
      ...(original === length ? {} : { originalLength: original! }),
    })
    at = start + length!
  }
  return { linkType, packets }
}

function word(bytes: Uint8Array, at: number, little: boolean): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, little)
}
