import { readU16, readU32 } from './bytes.ts'
import {
  PCAPNG_BLOCK,
  PCAPNG_MAGIC,
  PCAPNG_OPTION,
  type PcapngDirection,
  PcapngError,
  type PcapngFile,
  type PcapngInterface,
  type PcapngPacket,
} from './pcapng.ts'
import { decodeUtf8 } from './utf8.ts'

/** How the time stamps of an interface are turned into nanoseconds. */
interface Clock {
  readonly numerator: bigint
  readonly denominator: bigint
  readonly offset: bigint
}

/** What reading has come to. */
interface Reader {
  readonly bytes: Uint8Array
  little: boolean
  /** Index of the first interface of the current section. */
  base: number
  readonly interfaces: PcapngInterface[]
  readonly clocks: Clock[]
  readonly packets: PcapngPacket[]
  section: Omit<PcapngFile, 'interfaces' | 'packets'>
}

interface Option {
  readonly code: number
  readonly value: Uint8Array
}

const MICROSECONDS: Clock = { numerator: 1000n, denominator: 1n, offset: 0n }

/**
 * A capture file as data. Either byte order, several sections (their interfaces are joined), any resolution of time;
 * blocks of kinds other than section, interface and packet are passed over.
 * @throws PcapngError for everything that is not such a file
 */
export function readPcapng(bytes: Uint8Array): PcapngFile {
  if (bytes.length < 12 || readU32(bytes, 0) !== PCAPNG_BLOCK.SECTION_HEADER) {
    throw new PcapngError('not a pcapng file: it does not start with a section header', 0)
  }
  const { file, fault } = readPcapngSoFar(bytes)
  if (fault !== undefined) throw fault
  return file
}

/** What could be read of a file. */
export interface PcapngSoFar {
  /** What stands before the fault. */
  readonly file: PcapngFile
  /** What is wrong behind it; absent: nothing. */
  readonly fault?: PcapngError
}

/** As {@link readPcapng}, but of a file that is damaged or cut off what stands before the fault, with the fault. */
export function readPcapngSoFar(bytes: Uint8Array): PcapngSoFar {
  const reader: Reader = { bytes, little: true, base: 0, interfaces: [], clocks: [], packets: [], section: {} }
  const file = (): PcapngFile => ({ ...reader.section, interfaces: reader.interfaces, packets: reader.packets })
  let at = 0
  try {
    while (at < bytes.length) at = readBlock(reader, at)
  } catch (error) {
    if (error instanceof PcapngError) return { file: file(), fault: error }
    throw error
  }
  return { file: file() }
}

/** Reads the block at `at`; returns where the next one starts. */
function readBlock(reader: Reader, at: number): number {
  const left = reader.bytes.length - at
  if (left < 12) throw new PcapngError(`a block needs 12 bytes, ${left} are left`, at)
  const type = get32(reader, at)
  if (type === PCAPNG_BLOCK.SECTION_HEADER) readByteOrder(reader, at)
  const length = get32(reader, at + 4)
  if (length < 12 || length % 4 !== 0) throw new PcapngError(`a block cannot be ${length} bytes long`, at + 4)
  if (length > left) throw new PcapngError(`the block has ${length} bytes, ${left} are left`, at + 4)
  const end = at + length - 4
  if (get32(reader, end) !== length) throw new PcapngError('the two lengths of the block differ', end)
  if (type === PCAPNG_BLOCK.SECTION_HEADER) readSection(reader, at, end)
  else if (type === PCAPNG_BLOCK.INTERFACE) readInterface(reader, at, end)
  else if (type === PCAPNG_BLOCK.ENHANCED_PACKET) readEnhancedPacket(reader, at, end, get32(reader, at + 8))
  else if (type === PCAPNG_BLOCK.SIMPLE_PACKET) readSimplePacket(reader, at, end)
  // Its forerunner differs in the width of one field.
  else if (type === OBSOLETE_PACKET) readEnhancedPacket(reader, at, end, get16(reader, at + 8))
  return at + length
}

const OBSOLETE_PACKET = 2

function readByteOrder(reader: Reader, at: number): void {
  const magic = readU32(reader.bytes, at + 8)
  reader.little = magic !== PCAPNG_MAGIC
  if (get32(reader, at + 8) !== PCAPNG_MAGIC) throw new PcapngError('unknown byte-order magic', at + 8)
}

function readSection(reader: Reader, at: number, end: number): void {
  need(at + 24, end, 'section header')
  const major = get16(reader, at + 12)
  if (major !== 1) throw new PcapngError(`version ${major} of the format is not known`, at + 12)
  reader.base = reader.interfaces.length
  if (at > 0) return // what a later section says of itself is not kept
  const options = readOptions(reader, at + 24, end)
  reader.section = {
    ...textField('hardware', options, PCAPNG_OPTION.SECTION_HARDWARE),
    ...textField('os', options, PCAPNG_OPTION.SECTION_OS),
    ...textField('application', options, PCAPNG_OPTION.SECTION_APPLICATION),
    ...commentField(options),
  }
}

function readInterface(reader: Reader, at: number, end: number): void {
  need(at + 16, end, 'interface description')
  const options = readOptions(reader, at + 16, end)
  const snapLength = get32(reader, at + 12)
  reader.interfaces.push({
    linkType: get16(reader, at + 8),
    ...(snapLength === 0 ? {} : { snapLength }),
    ...textField('name', options, PCAPNG_OPTION.INTERFACE_NAME),
    ...textField('description', options, PCAPNG_OPTION.INTERFACE_DESCRIPTION),
    ...commentField(options),
  })
  reader.clocks.push(readClock(reader, options))
}

function readClock(reader: Reader, options: readonly Option[]): Clock {
  const resolution = options.find((option) => option.code === PCAPNG_OPTION.INTERFACE_TSRESOL)?.value[0]
  const offset = options.find((option) => option.code === PCAPNG_OPTION.INTERFACE_TSOFFSET)?.value
  const clock = resolution === undefined ? MICROSECONDS : clockOf(resolution)
  return offset?.length === 8 ? { ...clock, offset: BigInt.asIntN(64, read64(offset, reader.little)) } : clock
}

function clockOf(resolution: number): Clock {
  const exponent = BigInt(resolution & 0x7f)
  const ticks = (resolution & 0x80) === 0 ? 10n ** exponent : 1n << exponent
  return { numerator: 1_000_000_000n, denominator: ticks, offset: 0n }
}

function readEnhancedPacket(reader: Reader, at: number, end: number, nth: number): void {
  need(at + 28, end, 'packet')
  const index = reader.base + nth
  const clock = reader.clocks[index]
  if (clock === undefined) throw new PcapngError(`no interface ${index - reader.base} in this section`, at + 8)
  const ticks = (BigInt(get32(reader, at + 12)) << 32n) | BigInt(get32(reader, at + 16))
  const captured = get32(reader, at + 20)
  const originalLength = get32(reader, at + 24)
  if (captured > end - (at + 28)) throw new PcapngError(`the packet's ${captured} bytes do not fit its block`, at + 20)
  const dataEnd = at + 28 + captured
  const options = readOptions(reader, at + 28 + ((captured + 3) & ~3), end)
  reader.packets.push({
    interface: index,
    timestamp: (ticks * clock.numerator) / clock.denominator + clock.offset * 1_000_000_000n,
    bytes: reader.bytes.slice(at + 28, dataEnd),
    ...(originalLength === captured ? {} : { originalLength }),
    ...directionField(reader, options),
    ...commentField(options),
  })
}

function readSimplePacket(reader: Reader, at: number, end: number): void {
  need(at + 12, end, 'packet')
  const one = reader.interfaces[reader.base]
  if (one === undefined) throw new PcapngError('a simple packet needs an interface before it', at)
  const originalLength = get32(reader, at + 8)
  const snapLength = one.snapLength ?? originalLength
  const captured = Math.min(originalLength, snapLength)
  if (captured > end - (at + 12)) throw new PcapngError(`the packet's ${captured} bytes do not fit its block`, at + 8)
  reader.packets.push({
    interface: reader.base,
    timestamp: 0n,
    bytes: reader.bytes.slice(at + 12, at + 12 + captured),
    ...(originalLength === captured ? {} : { originalLength }),
  })
}

/** The options from `at` to their end mark, or to the end of the block when there is none. */
function readOptions(reader: Reader, at: number, end: number): Option[] {
  const options: Option[] = []
  let to = at
  while (to + 4 <= end) {
    const code = get16(reader, to)
    const length = get16(reader, to + 2)
    if (code === PCAPNG_OPTION.END) break
    if (to + 4 + length > end) throw new PcapngError(`an option's ${length} bytes do not fit its block`, to + 2)
    options.push({ code, value: reader.bytes.subarray(to + 4, to + 4 + length) })
    to += 4 + ((length + 3) & ~3)
  }
  return options
}

function textField<K extends string>(key: K, options: readonly Option[], code: number): { [P in K]?: string } {
  const found = options.find((option) => option.code === code)
  return found === undefined ? {} : ({ [key]: decodeUtf8(found.value) } as { [P in K]: string })
}

function commentField(options: readonly Option[]): { comments?: readonly string[] } {
  const comments = options.filter((option) => option.code === PCAPNG_OPTION.COMMENT)
  return comments.length === 0 ? {} : { comments: comments.map((option) => decodeUtf8(option.value)) }
}

function directionField(reader: Reader, options: readonly Option[]): { direction?: PcapngDirection } {
  const flags = options.find((option) => option.code === PCAPNG_OPTION.PACKET_FLAGS)?.value
  if (flags === undefined || flags.length !== 4) return {}
  const bits = flags[reader.little ? 0 : 3]! & 3
  return bits === 1 ? { direction: 'inbound' } : bits === 2 ? { direction: 'outbound' } : {}
}

function need(upTo: number, end: number, what: string): void {
  if (upTo > end) throw new PcapngError(`the ${what} block is too short`, end)
}

function get16(reader: Reader, at: number): number {
  const value = readU16(reader.bytes, at)
  return reader.little ? ((value & 0xff) << 8) | (value >>> 8) : value
}

function get32(reader: Reader, at: number): number {
  if (!reader.little) return readU32(reader.bytes, at)
  return (get16(reader, at) | (get16(reader, at + 2) << 16)) >>> 0
}

function read64(value: Uint8Array, little: boolean): bigint {
  let number = 0n
  for (let i = 0; i < 8; i++) number = (number << 8n) | BigInt(value[little ? 7 - i : i]!)
  return number
}
