// What a pcapng file holds, and the numbers of its format. @see draft-ietf-opsawg-pcapng

/** Block types. */
export const PCAPNG_BLOCK = {
  /** Section header; starts a file and tells its byte order. */
  SECTION_HEADER: 0x0a0d0d0a,
  /** Interface description. */
  INTERFACE: 1,
  /** Simple packet: no time, always of interface 0. */
  SIMPLE_PACKET: 3,
  /** Enhanced packet. */
  ENHANCED_PACKET: 6,
} as const

/** Option codes; the first two mean the same in every block. */
export const PCAPNG_OPTION = {
  /** End of options. */
  END: 0,
  /** A comment, UTF-8. */
  COMMENT: 1,
  /** Section: the hardware. */
  SECTION_HARDWARE: 2,
  /** Section: the operating system. */
  SECTION_OS: 3,
  /** Section: the program that wrote the file. */
  SECTION_APPLICATION: 4,
  /** Interface: its name. */
  INTERFACE_NAME: 2,
  /** Interface: a description. */
  INTERFACE_DESCRIPTION: 3,
  /** Interface: resolution of time stamps, as a power of ten, or of two when the top bit is set. */
  INTERFACE_TSRESOL: 9,
  /** Interface: seconds to add to every time stamp. */
  INTERFACE_TSOFFSET: 14,
  /** Packet: flags; the lowest two bits are the direction. */
  PACKET_FLAGS: 2,
} as const

/** The byte-order magic of a section header, as its writer sees it. */
export const PCAPNG_MAGIC = 0x1a2b3c4d

/** Which way a packet crossed the interface it was seen on. */
export type PcapngDirection = 'inbound' | 'outbound'

/** An interface of a capture file. */
export interface PcapngInterface {
  /** Its name, e.g. `node01/eth0`. */
  readonly name?: string
  /** A description. */
  readonly description?: string
  /** Link type of its packets, see `LINK_TYPE`; a file may mix them. */
  readonly linkType: number
  /** The most bytes kept of a packet; 0 for all. */
  readonly snapLength?: number
  /** Comments. */
  readonly comments?: readonly string[]
}

/** A packet of a capture file. */
export interface PcapngPacket {
  /** Index of its interface in {@link PcapngFile.interfaces}. */
  readonly interface: number
  /** When it was seen, in nanoseconds; since 1970 in captures of real time. */
  readonly timestamp: bigint
  /** The bytes kept. */
  readonly bytes: Uint8Array
  /** Bytes it had on the wire, when more than were kept. */
  readonly originalLength?: number
  /** Which way it went; absent when not known. */
  readonly direction?: PcapngDirection
  /** Comments. */
  readonly comments?: readonly string[]
}

/** A capture file as data. Blocks of other kinds (name resolution, statistics, secrets) are not kept. */
export interface PcapngFile {
  /** The hardware it was captured on. */
  readonly hardware?: string
  /** The operating system it was captured on. */
  readonly os?: string
  /** The program that wrote it. */
  readonly application?: string
  /** Comments on the whole file. */
  readonly comments?: readonly string[]
  /** Interfaces, in the order packets refer to them. */
  readonly interfaces: readonly PcapngInterface[]
  /** Packets, in the order of the file. */
  readonly packets: readonly PcapngPacket[]
}

/** Bytes that are not a capture file this project can read. */
export class PcapngError extends Error {
  /** The name of the class. */
  override readonly name: string = 'PcapngError'
  /** Where in the file, in bytes. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(`${message}, at byte ${offset}`)
    this.offset = offset
  }
}
