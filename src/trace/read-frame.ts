import { describeFrame, type Layer, parseHex, toHex } from '../wire/index.ts'
import { type Flow, flowOf } from './flow.ts'
import { headersOf } from './layers.ts'
import { plainFlowOf } from './plain-flow.ts'

/** A frame, taken apart as far as somebody asks: most frames of a trace are only passed. */
export class ReadFrame {
  private readonly bytes: Uint8Array
  private readonly linkType: number
  private knownHeaders: readonly Layer[] | undefined = undefined
  private knownHex: string | undefined = undefined
  private knownLine: string | undefined = undefined
  /** It is known to be one of which {@link plainFlowOf} tells the flow. */
  private isPlain = false
  private knownFlow: Flow | 'none' | undefined = undefined

  /** @param bytes - of a log that may forget them; they are copied */
  constructor(bytes: Uint8Array, linkType: number) {
    this.bytes = bytes.slice()
    this.linkType = linkType
  }

  /** A frame from its hex digits; what are none is an empty frame. */
  static ofHex(hex: string, linkType: number): ReadFrame {
    return new ReadFrame(parseHex(hex) ?? new Uint8Array(0), linkType)
  }

  /** Its headers. */
  get headers(): readonly Layer[] {
    this.knownHeaders ??= headersOf(this.bytes, this.linkType)
    return this.knownHeaders
  }

  /** Who talks to whom in it; undefined where it is no IP. */
  get flow(): Flow | undefined {
    this.knownFlow ??= this.plainFlow() ?? flowOf(this.headers) ?? 'none'
    return this.knownFlow === 'none' ? undefined : this.knownFlow
  }

  private plainFlow(): Flow | undefined {
    const flow = plainFlowOf(this.bytes, this.linkType)
    this.isPlain = flow !== undefined
    return flow
  }

  /** Whether it is ARP. */
  get isArp(): boolean {
    return !this.isPlain && this.headers.some((layer) => layer.protocol === 'arp')
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
