// Frames as comparable text: what stays of a frame after the masks of the captures' README.md. The same rules as
// compare.py in test/fixtures/captures, which has the last word.
import { partialSum, readU16, readU32, toHex } from '../../src/wire/index.ts'

/** One frame of a capture file. */
export interface CapturedFrame {
  /** `namespace/interface`. */
  readonly dev: string
  /** Direction. */
  readonly way: 'in' | 'out' | '?'
  /** LINKTYPE_. */
  readonly link: number
  /** The bytes. */
  readonly bytes: Uint8Array
  /** Nanoseconds, of whatever clock. */
  readonly time: number
}

const EMPTY = new Uint8Array(0)
const hex2 = (n: number): string => n.toString(16).padStart(2, '0')
const dotted = (b: Uint8Array, at: number): string => `${b[at]}.${b[at + 1]}.${b[at + 2]}.${b[at + 3]}`
const macText = (b: Uint8Array, at: number): string => Array.from(b.subarray(at, at + 6), (x) => hex2(x)).join(':')

/** The folded one's complement sum: 0xffff when a checksum inside is right. */
function folded(...parts: Uint8Array[]): number {
  let sum = 0
  for (const p of parts) sum = partialSum(p, 0, p.length, sum)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return sum
}

interface Layer {
  readonly pseudo: Uint8Array
  readonly src: string
  readonly dst: string
  readonly off: number
  readonly more: boolean
  readonly lo: boolean
  readonly quote: boolean
}

/** Frames of one probe to text. Sequence numbers become relative to the first one seen of a flow. */
export class Canon {
  private readonly base = new Map<string, number>()
  private readonly kind: string
  private readonly ports: ReadonlySet<number>
  /** Datagrams that carry ciphertext: source, destination, id. */
  private readonly sealed = new Set<string>()
  private datagram = ''

  constructor(kind: string, ports: ReadonlySet<number>) {
    this.kind = kind
    this.ports = ports
  }

  /** The text of one frame. */
  frame(dev: string, link: number, b: Uint8Array): string {
    const lo = dev.endsWith('/lo')
    if (link === 101) return this.ip(b, lo, false)
    if (b.length < 14) return `short ${toHex(b)}`
    const type = readU16(b, 12)
    const head = `${macText(b, 6)}>${macText(b, 0)} ${type.toString(16).padStart(4, '0')} `
    const rest = b.subarray(14)
    return head + (type === 0x0800 || type === 0x86dd ? this.ip(rest, lo, false) : toHex(rest))
  }

  private port(n: number): string {
    return this.ports.has(n) || (n >= 33434 && n < 33534) || n < 1024 ? String(n) : '*'
  }

  private ip(b: Uint8Array, lo: boolean, quote: boolean): string {
    if (b.length === 0) return 'empty'
    const version = (b[0] as number) >> 4
    if (version === 4 && b.length >= 20) return this.ip4(b, lo, quote)
    if (version === 6 && b.length >= 40) return this.ip6(b, lo, quote)
    return `raw ${toHex(b)}`
  }

  private ip4(b: Uint8Array, lo: boolean, quote: boolean): string {
    const ihl = ((b[0] as number) & 15) * 4
    if (ihl < 20 || b.length < ihl) return `ip4bad ${toHex(b)}`
    const total = readU16(b, 2)
    const frag = readU16(b, 6)
    const p = b[9] as number
    const ok = folded(b.subarray(0, ihl)) === 0xffff ? 'ok' : 'bad'
    const end = Math.max(total, ihl)
    const body = b.subarray(ihl, end)
    const pad = b.subarray(end)
    const text =
      `ip4 tos=${hex2(b[1] as number)} len=${total} id=${readU16(b, 4) === 0 ? '0' : '*'} fl=${(frag >> 13).toString(16)} ` +
      `off=${frag & 0x1fff} ttl=${b[8]} p=${p} sum=${ok} ${dotted(b, 12)}>${dotted(b, 16)} opt=${toHex(b.subarray(20, ihl))}`
    const pseudo = new Uint8Array(12)
    pseudo.set(b.subarray(12, 20))
    pseudo[9] = p
    pseudo[10] = (body.length >> 8) & 0xff
    pseudo[11] = body.length & 0xff
    const src = dotted(b, 12)
    const dst = dotted(b, 16)
    this.datagram = `${src} ${dst} ${readU16(b, 4)}`
    const l4 = this.l4(p, body, { pseudo, src, dst, off: frag & 0x1fff, more: (frag & 0x2000) !== 0, lo, quote })
    return `${text} | ${l4}${pad.length > 0 ? ` pad=${toHex(pad)}` : ''}`
  }

  private ip6(b: Uint8Array, lo: boolean, quote: boolean): string {
    const word = readU32(b, 0)
    const length = readU16(b, 4)
    let nh = b[6] as number
    const src = toHex(b.subarray(8, 24))
    const dst = toHex(b.subarray(24, 40))
    let text = `ip6 tc=${hex2((word >>> 20) & 0xff)} len=${length} hl=${b[7]} ${src}>${dst}`
    let body = b.subarray(40, 40 + length)
    let off = 0
    let more = false
    while (nh === 0 || nh === 43 || nh === 44 || nh === 60) {
      if (body.length < 8) return `${text} ext-short ${toHex(body)}`
      const n = nh === 44 ? 8 : ((body[1] as number) + 1) * 8
      if (nh === 44) {
        const f = readU16(body, 2)
        off = f >> 3
        more = (f & 1) !== 0
        this.datagram = `${src} ${dst} ${toHex(body.subarray(4, 8))}`
        text += ` frag off=${off} m=${more ? 1 : 0}`
      } else {
        text += ` ext${nh}=${toHex(body.subarray(0, n))}`
      }
      nh = body[0] as number
      body = body.subarray(n)
      if (off !== 0) break
    }
    const pseudo = new Uint8Array(40)
    pseudo.set(b.subarray(8, 40))
    pseudo[34] = (body.length >> 8) & 0xff
    pseudo[35] = body.length & 0xff
    pseudo[39] = nh
    return `${text} p=${nh} | ${this.l4(nh, body, { pseudo, src, dst, off, more, lo, quote })}`
  }

  private l4(p: number, b: Uint8Array, at: Layer): string {
    if (at.off !== 0) {
      return this.sealed.has(this.datagram) ? `fragment of ciphertext len=${b.length}` : `fragment ${toHex(b)}`
    }
    if (p === 4 || p === 41) return this.ip(b, at.lo, at.quote)
    if ((p === 1 || p === 58) && b.length >= 8) return this.icmp(p, b, at)
    if (p === 17 && b.length >= 8) return this.udp(b, at)
    if (p === 6 && b.length >= 8) return this.tcp(b, at)
    return toHex(b)
  }

  private sumState(b: Uint8Array, field: number, at: Layer): string {
    if (at.more || at.quote || at.lo || field + 2 > b.length) return '-'
    if (readU16(b, field) === 0) return 'none'
    return folded(at.pseudo, b) === 0xffff ? 'ok' : 'bad'
  }

  private icmp(p: number, b: Uint8Array, at: Layer): string {
    const type = b[0] as number
    const state = at.more || at.quote ? '-' : folded(p === 58 ? at.pseudo : EMPTY, b) === 0xffff ? 'ok' : 'bad'
    const text = `icmp ${p}.${type}.${b[1]} sum=${state} `
    if ((p === 1 && (type === 0 || type === 8)) || (p === 58 && (type === 128 || type === 129))) {
      const id = this.kind === 'traceroute-icmp' ? '*' : String(readU16(b, 4))
      const data = toHex(b.subarray(8))
      return `${text}id=${id} seq=${readU16(b, 6)} ${data.length >= 32 ? `${'2a'.repeat(16)}${data.slice(32)}` : data}`
    }
    const error = p === 1 ? [3, 4, 5, 11, 12].includes(type) : [1, 2, 3, 4].includes(type)
    if (error) return `${text}${toHex(b.subarray(4, 8))} [${this.ip(b.subarray(8), false, true)}]`
    return text + toHex(b.subarray(4))
  }

  private udp(b: Uint8Array, at: Layer): string {
    const sport = readU16(b, 0)
    const dport = readU16(b, 2)
    const n = readU16(b, 4)
    const body = b.subarray(8)
    if (body.length >= 22 && (dport === 4789 || isVxlan(body))) {
      const inner = this.frame('', 1, body.subarray(8))
      const port = dport === 4789 ? '' : ` port=${dport}`
      return `vxlan sp=*${port} len=${n} flags=${toHex(body.subarray(0, 4))} vni=${toHex(body.subarray(4, 8))} | ${inner}`
    }
    const wireguard = [51820, 51821]
    if ((wireguard.includes(dport) || wireguard.includes(sport)) && body.length >= 4) {
      this.sealed.add(this.datagram)
      return `wireguard ${sport}>${dport} len=${n} type=${body[0]}`
    }
    return `udp ${this.port(sport)}>${this.port(dport)} len=${n} sum=${this.sumState(b, 6, at)} ${toHex(body)}`
  }

  private tcp(b: Uint8Array, at: Layer): string {
    const sport = readU16(b, 0)
    const dport = readU16(b, 2)
    const seq = readU32(b, 4)
    const way = `${at.src} ${sport} ${at.dst} ${dport}`
    const back = `${at.dst} ${dport} ${at.src} ${sport}`
    const ports = `${this.port(sport)}>${this.port(dport)}`
    if (!this.base.has(way)) this.base.set(way, seq)
    const relative = (n: number, of: string): number => (n - (this.base.get(of) ?? n)) >>> 0
    if (b.length < 20) return `tcp ${ports} seq=+${relative(seq, way)} cut ${toHex(b.subarray(8))}`
    const flags = readU16(b, 12)
    const header = (flags >> 12) * 4
    const ack = (flags & 0x10) === 0 ? '-' : this.base.has(back) ? `+${relative(readU32(b, 8), back)}` : '*'
    const window = (flags & 2) !== 0 ? String(readU16(b, 14)) : '*'
    const options = tcpOptions(b.subarray(20, header), (edge) => relative(edge, back))
    return (
      `tcp ${ports} seq=+${relative(seq, way)} ack=${ack} fl=${(flags & 0x7f7).toString(16).padStart(3, '0')} win=${window} ` +
      `urg=${readU16(b, 18)} opt=[${options.join(' ')}] sum=${this.sumState(b, 16, at)} ${toHex(b.subarray(header))}`
    )
  }
}

/** VXLAN on another port: the I flag alone, reserved bytes zero, and a frame of a known type behind it. */
function isVxlan(b: Uint8Array): boolean {
  return readU32(b, 0) === 0x08000000 && b[7] === 0 && [0x0800, 0x0806, 0x86dd].includes(readU16(b, 20))
}

function tcpOptions(o: Uint8Array, relative: (edge: number) => number): string[] {
  const out: string[] = []
  for (let i = 0; i < o.length; ) {
    const kind = o[i] as number
    if (kind <= 1) {
      out.push(String(kind))
      i++
      continue
    }
    const said = o[i + 1] ?? 0
    const n = said >= 2 ? said : o.length - i
    if (kind === 5) {
      const edges: string[] = []
      for (let at = i + 2; at + 4 <= i + n && at + 4 <= o.length; at += 4) edges.push(`+${relative(readU32(o, at))}`)
      out.push(`sack ${edges.join(' ')}`)
    } else {
      out.push(kind === 8 ? '8' : toHex(o.subarray(i, i + n)))
    }
    i += n
  }
  return out
}
