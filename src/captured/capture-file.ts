import { InputError } from '../model/index.ts'
import { isPcap, PCAPNG_BLOCK, readPcap, readPcapngSoFar, readU16, readU32 } from '../wire/index.ts'

/** A file somebody captured, as bytes. */
export interface CaptureInput {
  /** Its name, for messages. */
  readonly name: string
  /** Its bytes: pcap or pcapng. */
  readonly bytes: Uint8Array
  /** Where it was taken, `NAMESPACE/DEVICE`, where somebody says so. */
  readonly at?: string
}

/** One packet of a file. */
export interface RawPacket {
  /** Its number in the file, from 1, as Wireshark counts. */
  readonly number: number
  /** When, in nanoseconds since 1970. */
  readonly time: bigint
  /** Interface of the file, from 0. */
  readonly interface: number
  /** What its bytes begin with. */
  readonly linkType: number
  /** Its bytes, as far as they were kept. */
  readonly bytes: Uint8Array
  /** Bytes it had. */
  readonly length: number
  /** Which way it went, where the file says so. */
  readonly direction?: 'tx' | 'rx'
}

/** A capture as it was read. */
export interface Capture {
  /** Name of the file. */
  readonly name: string
  /** Names of its interfaces; '' where it says none. */
  readonly interfaces: readonly string[]
  /** Packets. */
  readonly packets: readonly RawPacket[]
  /** Who wrote it, where the file says so. */
  readonly application?: string
  /** What is wrong with the file, and behind which packet; absent when nothing is. */
  readonly fault?: string
}

/** The first two bytes of a gzip file. @rfc 1952 §2.3.1 */
const GZIP_MAGIC = 0x1f8b

/**
 * Reads a capture: pcap of either byte order, in micro- or nanoseconds, or pcapng. Of a file that is cut off, what is whole.
 * @throws InputError for what is no capture
 */
export function readCapture({ name, bytes }: CaptureInput): Capture {
  if (isPcap(bytes)) return ofPcap(name, bytes)
  if (bytes.length >= 12 && readU32(bytes, 0) === PCAPNG_BLOCK.SECTION_HEADER) return ofPcapng(name, bytes)
  const received =
    readU16(bytes, 0) === GZIP_MAGIC
      ? 'a gzip file: unpack it first'
      : bytes.length === 0
        ? 'an empty file'
        : 'other bytes'
  throw new InputError([
    { kind: 'invalid', file: name, path: [], expected: 'a capture file: pcap or pcapng', received },
  ])
}

function ofPcap(name: string, bytes: Uint8Array): Capture {
  const { linkType, packets, fault } = readPcap(bytes) ?? { linkType: 0, packets: [] }
  return {
    name,
    interfaces: [''],
    packets: packets.map(({ timestamp, bytes: kept, originalLength }, i) => ({
      number: i + 1,
      time: timestamp,
      interface: 0,
      linkType,
      bytes: kept,
      length: originalLength ?? kept.length,
    })),
    ...faultAfter(packets.length, fault),
  }
}

function ofPcapng(name: string, bytes: Uint8Array): Capture {
  const { file, fault } = readPcapngSoFar(bytes)
  const { interfaces, packets } = file
  return {
    name,
    interfaces: interfaces.map((one) => one.name ?? ''),
    ...(file.application === undefined ? {} : { application: file.application }),
    packets: packets.map((one, i) => ({
      number: i + 1,
      time: one.timestamp,
      interface: one.interface,
      linkType: interfaces[one.interface]?.linkType ?? 0,
      bytes: one.bytes,
      length: one.originalLength ?? one.bytes.length,
      ...(one.direction === undefined ? {} : { direction: one.direction === 'outbound' ? 'tx' : 'rx' }),
    })),
    ...faultAfter(packets.length, fault?.message),
  }
}

function faultAfter(packets: number, fault: string | undefined): { fault?: string } {
  return fault === undefined ? {} : { fault: `behind packet ${packets}: ${fault}` }
}
