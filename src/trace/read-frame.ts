import { type Carried, carried } from '../model/index.ts'
import { describeFrame, type Layer, parseHex, toHex } from '../wire/index.ts'
import type { FrameHop } from './hop.ts'
import { headersOf } from './layers.ts'

/** A frame, taken apart as far as somebody asks: most frames of a trace are only passed. */
export class ReadFrame {
  private readonly bytes: Uint8Array
  private readonly linkType: number
  private knownHeaders: readonly Layer[] | undefined = undefined
  private knownHex: string | undefined = undefined
  private knownLine: string | undefined = undefined

  /** @param bytes - of a log that may forget them; they are copied */
  constructor(bytes: Uint8Array, linkType: number) {
    this.bytes = bytes.slice()
    this.linkType = linkType
  }

  /** Its headers. */
  get headers(): readonly Layer[] {
    this.knownHeaders ??= headersOf(this.bytes, this.linkType)
    return this.knownHeaders
  }

  /** Its bytes. */
  get hex(): string {
    this.knownHex ??= toHex(this.bytes)
    return this.knownHex
  }

  /** As tcpdump prints it, in one line. */
  get line(): string {
    this.knownLine ??= oneLine(describeFrame(this.bytes, this.linkType))
    return this.knownLine
  }

  /** Whether it is a frame of these bytes. */
  has(bytes: Uint8Array, linkType: number): boolean {
    return this.linkType === linkType && sameBytes(this.bytes, bytes)
  }
}

/** The frame a hop was made of. */
export const framesOfHops: Carried<ReadFrame> = carried<ReadFrame>()

/** The headers of a frame's hop, outermost first, what a tunnel carries behind its outer headers. */
export function headersOfHop(hop: FrameHop): readonly Layer[] {
  const known = framesOfHops.of(hop)
  if (known !== undefined) return known.headers
  const read = new ReadFrame(parseHex(hop.bytes) ?? new Uint8Array(0), hop.linkType)
  if (Object.isExtensible(hop)) framesOfHops.give(hop, read)
  return read.headers
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
}
