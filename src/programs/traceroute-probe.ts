import {
  type Addr,
  type Errno,
  type InetSock,
  type NetDevice,
  type NetNs,
  type RawPacket,
  RawSock,
  routeMtu,
  type SockError,
  UdpSock,
} from '../dataplane/index.ts'
import {
  buildTcp,
  checksum,
  ICMP_TYPE,
  ICMPV6_TYPE,
  IP_PROTOCOL,
  pseudoHeaderSum,
  readU16,
  readU32,
  TCP_FLAG,
  tcpHeaderLength,
  writeU16,
} from '../wire/index.ts'

/** An answer to a probe. */
export interface ProbeAnswer {
  /** Who answered. */
  readonly from: Addr
  /** The destination was reached, or said no: no further hops. */
  readonly final: boolean
  /** `!H` and the like; '' for none. */
  readonly note: string
}

/** What the probes of one run share. */
export interface ProbeContext {
  /** Where it runs. */
  readonly ns: NetNs
  /** Destination. */
  readonly daddr: Addr
  /** Source asked for; 0 or '' = any. */
  readonly saddr: Addr
  /** Device asked for. */
  readonly dev: NetDevice | null
  /** Source port asked for, 0 = any. */
  readonly sport: number
  /** Destination port of the first probe. */
  readonly port: number
  /** TOS. */
  readonly tos: number
  /** Set DF. */
  readonly dontFragment: boolean
  /** Bytes behind the IP and transport header. */
  readonly dataLength: number
}

/** A way of probing. */
export interface Prober {
  /** Sends probe number `index` (from 0) with this TTL; `answered` is called at most once. */
  send(index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null
  /** Closes what is open. */
  close(): void
}

const NOTES: Readonly<Record<number, string>> = {
  0: '!N',
  1: '!H',
  2: '!P',
  3: '',
  5: '!S',
  13: '!X',
  14: '!V',
  15: '!C',
}
const NOTES6: Readonly<Record<number, string>> = { 0: '!N', 1: '!X', 2: '!S', 3: '!H', 4: '' }

/** What an ICMP error says about a probe. */
function answerOf(e: SockError): ProbeAnswer {
  const v6 = e.origin === 3
  const timeExceeded = v6 ? ICMPV6_TYPE.TIME_EXCEEDED : ICMP_TYPE.TIME_EXCEEDED
  if (e.type === timeExceeded) return { from: e.offender, final: false, note: '' }
  const tooBig = v6 ? e.type === ICMPV6_TYPE.PACKET_TOO_BIG : e.code === 4
  const note = tooBig ? `!F-${e.info}` : ((v6 ? NOTES6 : NOTES)[e.code] ?? `!<${e.code}>`)
  return { from: e.offender, final: true, note }
}

function tune(sock: InetSock, c: ProbeContext, ttl: number): void {
  sock.boundDev = c.dev
  sock.tos = c.tos
  sock.ttl = ttl
  sock.pmtudisc = c.dontFragment ? 'probe' : 'dont'
  sock.recvErr = true
}

const familyOf = (c: ProbeContext): 'inet' | 'inet6' => (typeof c.daddr === 'number' ? 'inet' : 'inet6')

/** One UDP socket a probe, to a port that nobody listens on; the port rises with every probe. */
export class UdpProber implements Prober {
  private readonly c: ProbeContext
  private readonly open = new Set<UdpSock>()

  constructor(c: ProbeContext) {
    this.c = c
  }

  /** @inheritDoc */
  send(index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null {
    const { c } = this
    const sock = new UdpSock(c.ns, familyOf(c))
    tune(sock, c, ttl)
    sock.reuse = true
    this.open.add(sock)
    const failed = sock.bind(c.saddr, c.sport) ?? sock.connect(c.daddr, c.port + index)
    if (failed !== null) return failed
    const done = (answer: ProbeAnswer): void => {
      this.open.delete(sock)
      sock.close()
      answered(answer)
    }
    sock.onReceive = (d) => done({ from: d.saddr, final: true, note: '' })
    sock.onError = () => {
      const e = sock.errorQueue.shift()
      if (e !== undefined) done(answerOf(e))
    }
    const data = Uint8Array.from({ length: c.dataLength }, (_, i) => 0x40 + (i & 0x3f))
    const error = sock.send(data)
    return error === 'EMSGSIZE' || error === 'EHOSTUNREACH' ? null : error
  }

  /** @inheritDoc */
  close(): void {
    for (const s of this.open) s.close()
  }
}

/** ICMP echo requests on one raw socket. */
export class IcmpProber implements Prober {
  private readonly c: ProbeContext
  private readonly sock: RawSock
  private readonly ident: number
  private readonly v4: boolean
  private readonly waiting = new Map<number, (answer: ProbeAnswer) => void>()

  constructor(c: ProbeContext) {
    this.c = c
    this.v4 = typeof c.daddr === 'number'
    this.sock = new RawSock(c.ns, familyOf(c), this.v4 ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6)
    this.ident = c.ns.sim.random() & 0xffff
    tune(this.sock, c, -1)
    this.sock.onReceive = (packet) => this.receive(packet)
    this.sock.onError = () => this.readErrors()
  }

  /** @inheritDoc */
  send(index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null {
    const { c, sock } = this
    if (index === 0) {
      const failed = sock.bind(c.saddr) ?? sock.connect(c.daddr)
      if (failed !== null) return failed
    }
    sock.ttl = ttl
    this.waiting.set(index + 1, answered)
    const message = new Uint8Array(8 + c.dataLength)
    for (let i = 8; i < message.length; i++) message[i] = 0x40 + (i & 0x3f)
    message[0] = this.v4 ? ICMP_TYPE.ECHO : ICMPV6_TYPE.ECHO_REQUEST
    writeU16(message, 4, this.ident)
    writeU16(message, 6, index + 1)
    if (this.v4) writeU16(message, 2, checksum(message, 0, message.length))
    const error = sock.sendTo(message, c.daddr)
    return error === 'EMSGSIZE' || error === 'EHOSTUNREACH' ? null : error
  }

  private receive(p: RawPacket): void {
    const reply = this.v4 ? ICMP_TYPE.ECHO_REPLY : ICMPV6_TYPE.ECHO_REPLY
    if (p.bytes[p.transport] !== reply || readU16(p.bytes, p.transport + 4) !== this.ident) return
    this.answer(readU16(p.bytes, p.transport + 6), { from: p.saddr, final: true, note: '' })
  }

  private readErrors(): void {
    this.sock.takeError()
    for (const e of this.sock.errorQueue.splice(0)) {
      if (e.payload.length >= 8 && readU16(e.payload, 4) === this.ident) this.answer(readU16(e.payload, 6), answerOf(e))
    }
  }

  private answer(sequence: number, answer: ProbeAnswer): void {
    const answered = this.waiting.get(sequence)
    this.waiting.delete(sequence)
    answered?.(answer)
  }

  /** @inheritDoc */
  close(): void {
    this.sock.close()
  }
}

/** TCP SYNs on a raw socket, each from a port of its own. */
export class TcpProber implements Prober {
  private readonly c: ProbeContext
  private readonly sock: RawSock
  private readonly timestamp: number
  private readonly waiting = new Map<number, (answer: ProbeAnswer) => void>()

  constructor(c: ProbeContext) {
    this.c = c
    this.sock = new RawSock(c.ns, familyOf(c), IP_PROTOCOL.TCP)
    this.sock.checksumAt = 16
    this.timestamp = c.ns.sim.random()
    tune(this.sock, c, -1)
    this.sock.onReceive = (packet) => this.receive(packet)
    this.sock.onError = () => this.readErrors()
  }

  /** @inheritDoc */
  send(index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null {
    const { c, sock } = this
    if (index === 0) {
      const failed = sock.bind(c.saddr) ?? sock.connect(c.daddr)
      if (failed !== null) return failed
    }
    sock.ttl = ttl
    const sport = c.sport || c.ns.sockets.ephemeralPort((p) => this.waiting.has(p))
    this.waiting.set(sport, answered)
    const error = sock.sendTo(this.syn(sport), c.daddr)
    return error === 'EMSGSIZE' || error === 'EHOSTUNREACH' ? null : error
  }

  private syn(sport: number): Uint8Array {
    const { c, sock } = this
    const mss = routeMtu(sock) - (sock.family === 'inet' ? 40 : 60)
    const options = [
      { kind: 'mss', value: mss },
      { kind: 'sackOk' },
      { kind: 'timestamps', value: this.timestamp, echo: 0 },
      { kind: 'nop' },
      { kind: 'wscale', shift: 2 },
    ] as const
    const segment = new Uint8Array(tcpHeaderLength(options))
    buildTcp(segment, 0, segment.length, {
      sourcePort: sport,
      destinationPort: c.port,
      sequence: c.ns.sim.random(),
      flags: TCP_FLAG.SYN,
      window: Math.min(4 * mss, 0xffff),
      options,
      pseudo: this.pseudo(segment.length),
    })
    return segment
  }

  /** IPv4: the program's; over IPv6 the socket computes the checksum. */
  private pseudo(length: number): number {
    const { saddr, daddr } = this.sock
    if (typeof saddr === 'string' || typeof daddr === 'string') return 0
    return pseudoHeaderSum(saddr, daddr, IP_PROTOCOL.TCP, length)
  }

  private receive(p: RawPacket): void {
    if (p.saddr !== this.c.daddr || p.bytes.length < p.transport + 20) return
    if (readU16(p.bytes, p.transport) !== this.c.port || readU32(p.bytes, p.transport + 8) === 0) return
    this.answer(readU16(p.bytes, p.transport + 2), { from: p.saddr, final: true, note: '' })
  }

  private readErrors(): void {
    this.sock.takeError()
    for (const e of this.sock.errorQueue.splice(0)) {
      if (e.payload.length >= 4) this.answer(readU16(e.payload, 0), answerOf(e))
    }
  }

  private answer(sport: number, answer: ProbeAnswer): void {
    const answered = this.waiting.get(sport)
    this.waiting.delete(sport)
    answered?.(answer)
  }

  /** @inheritDoc */
  close(): void {
    this.sock.close()
  }
}
