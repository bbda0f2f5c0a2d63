import { InvariantError } from './assert.ts'
import { concatBytes } from './bytes.ts'
import {
  PCAPNG_BLOCK,
  PCAPNG_MAGIC,
  PCAPNG_OPTION,
  type PcapngDirection,
  type PcapngFile,
  type PcapngInterface,
  type PcapngPacket,
} from './pcapng.ts'
import { encodeUtf8 } from './utf8.ts'

// Blocks are written in little-endian order, time stamps in nanoseconds.

const NANOSECONDS = 9
const NO_BYTES: Uint8Array = new Uint8Array(0)

/** A whole capture file; Wireshark opens it without complaint. */
export function writePcapng(file: PcapngFile): Uint8Array {
  const blocks = [writePcapngSection(file)]
  for (const one of file.interfaces) blocks.push(writePcapngInterface(one))
  for (const packet of file.packets) {
    if (packet.interface >= file.interfaces.length) throw new InvariantError(`no interface ${packet.interface}`)
    blocks.push(writePcapngPacket(packet))
  }
  return concatBytes(blocks)
}

/** The section header block a file starts with; for writers that go packet by packet. */
export function writePcapngSection(file: Omit<PcapngFile, 'interfaces' | 'packets'>): Uint8Array {
  const body = new Uint8Array(16)
  put32(body, 0, PCAPNG_MAGIC)
  put16(body, 4, 1)
  put16(body, 6, 0)
  body.fill(0xff, 8) // section length: not said
  const options = [
    ...commentOptions(file.comments),
    ...textOption(PCAPNG_OPTION.SECTION_HARDWARE, file.hardware),
    ...textOption(PCAPNG_OPTION.SECTION_OS, file.os),
    ...textOption(PCAPNG_OPTION.SECTION_APPLICATION, file.application),
  ]
  return block(PCAPNG_BLOCK.SECTION_HEADER, body, NO_BYTES, options)
}

/** An interface description block; the n-th of a section is interface n. */
export function writePcapngInterface(one: PcapngInterface): Uint8Array {
  const body = new Uint8Array(8)
  put16(body, 0, one.linkType)
  put32(body, 4, one.snapLength ?? 0)
  const options = [
    ...commentOptions(one.comments),
    ...textOption(PCAPNG_OPTION.INTERFACE_NAME, one.name),
    ...textOption(PCAPNG_OPTION.INTERFACE_DESCRIPTION, one.description),
    option(PCAPNG_OPTION.INTERFACE_TSRESOL, Uint8Array.of(NANOSECONDS)),
  ]
  return block(PCAPNG_BLOCK.INTERFACE, body, NO_BYTES, options)
}

/** An enhanced packet block. */
export function writePcapngPacket(packet: PcapngPacket): Uint8Array {
  const body = new Uint8Array(20)
  put32(body, 0, packet.interface)
  put32(body, 4, Number((packet.timestamp >> 32n) & 0xffff_ffffn))
  put32(body, 8, Number(packet.timestamp & 0xffff_ffffn))
  put32(body, 12, packet.bytes.length)
  put32(body, 16, packet.originalLength ?? packet.bytes.length)
  const options = commentOptions(packet.comments)
  if (packet.direction !== undefined) {
    const flags = new Uint8Array(4)
    put32(flags, 0, directionBits(packet.direction))
    options.push(option(PCAPNG_OPTION.PACKET_FLAGS, flags))
  }
  return block(PCAPNG_BLOCK.ENHANCED_PACKET, body, packet.bytes, options)
}

function directionBits(direction: PcapngDirection): number {
  return direction === 'inbound' ? 1 : 2
}

/** A block: type, length, fixed fields, data padded to four bytes, options with their end mark, length again. */
function block(type: number, body: Uint8Array, data: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const dataEnd = 8 + body.length + padded(data.length)
  let length = dataEnd + 4
  for (const one of options) length += one.length
  if (options.length > 0) length += 4
  const bytes = new Uint8Array(length)
  put32(bytes, 0, type)
  put32(bytes, 4, length)
  bytes.set(body, 8)
  bytes.set(data, 8 + body.length)
  let at = dataEnd
  for (const one of options) {
    bytes.set(one, at)
    at += one.length
  }
  put32(bytes, length - 4, length)
  return bytes
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + padded(value.length))
  put16(bytes, 0, code)
  put16(bytes, 2, value.length)
  bytes.set(value, 4)
  return bytes
}

function textOption(code: number, text: string | undefined): Uint8Array[] {
  return text === undefined ? [] : [option(code, optionText(text))]
}

function commentOptions(comments: readonly string[] | undefined): Uint8Array[] {
  return (comments ?? []).map((comment) => option(PCAPNG_OPTION.COMMENT, optionText(comment)))
}

const MAX_OPTION = 65535

/** UTF-8 of a text, cut at a character when it is longer than an option can be. */
function optionText(text: string): Uint8Array {
  const bytes = encodeUtf8(text)
  if (bytes.length <= MAX_OPTION) return bytes
  let end = MAX_OPTION
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1
  return bytes.subarray(0, end)
}

function padded(length: number): number {
  return (length + 3) & ~3
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value)
  put16(bytes, at + 2, value >>> 16)
}
