import { readU16, readU24, readU32, readU48 } from '../bytes.ts'
import type { HeaderFault } from '../header-fault.ts'
import { hexNumber } from '../hex.ts'
import { numberToIpv4 } from '../ipv4-address.ts'
import { bytesToIpv6 } from '../ipv6-address.ts'
import { keyToMac } from '../mac.ts'
import { protocolName } from '../protocols.ts'

/** One field of a header. */
export interface LayerField {
  /** Its name, as the view of the protocol names it. */
  readonly name: string
  /** Its value: a number, or the text of an address or of data. */
  readonly value: number | string
  /** Its value for people: addresses as text, numbers with what they stand for. */
  readonly text: string
  /** Where it starts, in the frame. A field of some bits starts at the byte that holds them. */
  readonly start: number
  /** The bytes it touches. */
  readonly length: number
  /** Of a field of some bits: which of those bytes' bits, counted from the first, the most significant one; absent: all of them. */
  readonly bits?: FieldBits
}

/** The bits of a field that is no whole number of bytes. */
export interface FieldBits {
  /** How many bits of its first byte lie before it. */
  readonly start: number
  /** How many it has. */
  readonly length: number
}

/** One header of a frame, or the data behind the last. */
export interface Layer {
  /** The protocol: the name of the room's file, e.g. `ipv4`; `data` for what nothing here dissects. */
  readonly protocol: string
  /** Where the layer starts, in the frame. */
  readonly start: number
  /** Its bytes, options included, what it carries not. */
  readonly length: number
  /** Its fields, in their order; those a cut frame does not hold are left out. */
  readonly fields: readonly LayerField[]
  /** A whole packet inside: what a tunnel carries or an ICMP error quotes. */
  readonly inner?: readonly Layer[]
  /** What is wrong with it; the layers behind are then missing or a guess. */
  readonly fault?: HeaderFault
}

/** How a field is read and shown. Room-internal. */
export interface FieldSpec {
  readonly name: string
  /** Offset in the header, in bytes. */
  readonly at: number
  readonly length: number
  readonly shift?: number
  readonly mask?: number
  readonly as?: 'mac' | 'ipv4' | 'ipv6' | 'hex'
  readonly show?: (value: number) => string
}

/** A field of whole bytes. */
export function field(name: string, at: number, length: number, show?: FieldSpec['show'] | FieldSpec['as']): FieldSpec {
  if (typeof show === 'string') return { name, at, length, as: show }
  return show === undefined ? { name, at, length } : { name, at, length, show }
}

/** A field of some bits: the bytes, shifted right, masked. */
export function bits(
  name: string,
  at: number,
  length: number,
  shift: number,
  mask: number,
  show?: FieldSpec['show'],
): FieldSpec {
  return { name, at, length, shift, mask, ...(show === undefined ? {} : { show }) }
}

/** Reads the fields of the header at `start` that end before `end`. */
export function readFields(bytes: Uint8Array, start: number, end: number, specs: readonly FieldSpec[]): LayerField[] {
  const stop = Math.min(end, bytes.length)
  const fields: LayerField[] = []
  for (const spec of specs) if (start + spec.at + spec.length <= stop) fields.push(readField(bytes, start, spec))
  return fields
}

function readField(bytes: Uint8Array, start: number, spec: FieldSpec): LayerField {
  const { name, length } = spec
  const at = start + spec.at
  if (spec.as === 'ipv6') {
    const text = bytesToIpv6(bytes, at)
    return { name, value: text, text, start: at, length }
  }
  let value = readNumber(bytes, at, length)
  if (spec.shift === undefined) return { name, value, text: showNumber(value, spec), start: at, length }
  value = (value >>> spec.shift) & (spec.mask ?? -1)
  return { name, value, text: showNumber(value, spec), start: at, length, bits: bitsOf(spec, spec.shift) }
}

/** A mask is a row of ones. */
function bitsOf({ length, mask = -1 }: FieldSpec, shift: number): FieldBits {
  const count = 32 - Math.clz32(mask)
  return { start: length * 8 - shift - count, length: count }
}

function showNumber(value: number, spec: FieldSpec): string {
  if (spec.show !== undefined) return spec.show(value)
  if (spec.as === 'mac') return keyToMac(value)
  if (spec.as === 'ipv4') return numberToIpv4(value)
  if (spec.as === 'hex') return `0x${hexNumber(value, spec.length * 2)}`
  return String(value)
}

function readNumber(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at]!
  if (length === 2) return readU16(bytes, at)
  if (length === 3) return readU24(bytes, at)
  return length === 4 ? readU32(bytes, at) : readU48(bytes, at)
}

/** What stands behind the last header that is understood: nothing, or one layer of data. */
export function dataLayer(bytes: Uint8Array, start: number, end: number): Layer[] {
  const stop = Math.min(end, bytes.length)
  if (start >= stop) return []
  const length = stop - start
  const text = `${length} ${length === 1 ? 'byte' : 'bytes'}`
  return [{ protocol: 'data', start, length, fields: [{ name: 'length', value: length, text, start, length }] }]
}

/** A value with the name it has in a table, e.g. `17 (UDP)`. */
export function named(names: Readonly<Record<number, string>>): (value: number) => string {
  return (value) => (names[value] === undefined ? String(value) : `${value} (${names[value]})`)
}

/** A checksum with the verdict on it. */
export function checksumText(right: boolean | undefined): (value: number) => string {
  const verdict = right === undefined ? '' : right ? ' (correct)' : ' (wrong)'
  return (value) => `0x${hexNumber(value, 4)}${verdict}`
}

/** The verdict on a checksum; undefined when it cannot be judged. */
export type Verdict = boolean | undefined

/** A table of fields for each verdict on the checksum in it, made once. */
export function perVerdict(make: (right: Verdict) => readonly FieldSpec[]): (right: Verdict) => readonly FieldSpec[] {
  const [right, wrong, open] = [make(true), make(false), make(undefined)]
  return (verdict) => (verdict === undefined ? open : verdict ? right : wrong)
}

/** A protocol number with its name. */
export function protocolText(protocol: number): string {
  const name = protocolName(protocol)
  return name === undefined ? String(protocol) : `${protocol} (${name})`
}
