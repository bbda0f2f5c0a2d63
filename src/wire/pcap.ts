// The classic capture file: one link type a file, no names, no comments. @see draft-ietf-opsawg-pcap

import { concatBytes } from './bytes.ts'

/** The magic of a file whose stamps are in nanoseconds. */
const PCAP_MAGIC_NANO = 0xa1b2_3c4d

/** The most bytes a packet of ours may have: what tcpdump calls its default. */
const SNAP_LENGTH = 262_144

/** A packet of a classic capture file. */
export interface PcapPacket {
  /** When it was seen, in nanoseconds; since 1970 in captures of real time. */
  readonly timestamp: bigint
  /** Its bytes. */
  readonly bytes: Uint8Array
}

/** A classic capture file, in little-endian order and nanoseconds: tcpdump, Wireshark and all that use libpcap read it. */
export function writePcap(linkType: number, packets: readonly PcapPacket[]): Uint8Array {
  return concatBytes([words(PCAP_MAGIC_NANO, (4 << 16) | 2, 0, 0, SNAP_LENGTH, linkType), ...packets.flatMap(record)])
}

function record({ timestamp, bytes }: PcapPacket): Uint8Array[] {
  const [seconds, rest] = [Number(timestamp / 1_000_000_000n), Number(timestamp % 1_000_000_000n)]
  return [words(seconds, rest, bytes.length, bytes.length), bytes]
}

/** 32-bit numbers, the lowest byte first. */
function words(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value, value >>> 8, value >>> 16, value >>> 24]))
}
