import { type Errno, type RawPacket, RawSock, routeMtu } from '../dataplane/index.ts'
import {
  buildTcp,
  ICMP_HEADER_LENGTH,
  ICMP_TYPE,
  ICMPV6_TYPE,
  IcmpView,
  IP_PROTOCOL,
  IPV4_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  pseudoHeaderSum,
  readU16,
  TCP_CHECKSUM,
  TCP_FLAG,
  TCP_HEADER_LENGTH,
  TCP_SOURCE_PORT,
  TcpView,
  tcpHeaderLength,
} from '../wire/index.ts'
import { writeEchoRequest } from './echo.ts'
import {
  answerOf,
  familyOf,
  type ProbeAnswer,
  type ProbeContext,
  type Prober,
  probeMessage,
  tune,
  unlessReported,
} from './traceroute-probe.ts'

/** Bytes of the two ports a quote must have. */
const PORTS_LENGTH = 4

/** How a probe is told from others by its answers: the sequence of an echo, the source port of a SYN. */
interface ProbeKey {
  /** From a packet that came to the socket; undefined when it answers none. */
  readonly ofReply: (packet: RawPacket) => number | undefined
  /** From the quote of an ICMP error; undefined when it is of none. */
  readonly ofQuote: (quote: Uint8Array) => number | undefined
}

/** Probes that are sent by one raw socket. */
class RawProbes {
  readonly sock: RawSock
  private readonly c: ProbeContext
  private readonly waiting = new Map<number, (answer: ProbeAnswer) => void>()
  private isConnected = false

  constructor(c: ProbeContext, protocol: number, key: ProbeKey) {
    this.c = c
    this.sock = new RawSock(c.ns, familyOf(c), protocol)
    tune(this.sock, c, -1)
    this.sock.onReceive = (packet) => this.answer(key.ofReply(packet), { from: packet.saddr, final: true, note: '' })
    this.sock.onError = () => {
      this.sock.takeError()
      for (const e of this.sock.errorQueue.splice(0)) this.answer(key.ofQuote(e.payload), answerOf(e))
    }
  }

  /** Whether a probe with this key waits for its answer. */
  waits(key: number): boolean {
    return this.waiting.has(key)
  }

  /** Makes the socket's addresses known; the first probe needs them. */
  connect(): Errno | null {
    if (this.isConnected) return null
    this.isConnected = true
    return this.sock.bind(this.c.saddr) ?? this.sock.connect(this.c.daddr)
  }

  send(key: number, ttl: number, message: Uint8Array, answered: (answer: ProbeAnswer) => void): Errno | null {
    this.sock.ttl = ttl
    this.waiting.set(key, answered)
    return unlessReported(this.sock.sendTo(message, this.c.daddr))
  }

  private answer(key: number | undefined, answer: ProbeAnswer): void {
    if (key === undefined) return
    const answered = this.waiting.get(key)
    this.waiting.delete(key)
    answered?.(answer)
  }
}

/** ICMP echo requests on one raw socket. */
export class IcmpProber implements Prober {
  private readonly c: ProbeContext
  private readonly probes: RawProbes
  private readonly ident: number
  private readonly v4: boolean

  constructor(c: ProbeContext) {
    this.c = c
    this.v4 = typeof c.daddr === 'number'
    const reply = this.v4 ? ICMP_TYPE.ECHO_REPLY : ICMPV6_TYPE.ECHO_REPLY
    this.probes = new RawProbes(c, this.v4 ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6, {
      ofReply: ({ bytes, transport }) => (bytes[transport] === reply ? this.sequenceOf(bytes, transport) : undefined),
      ofQuote: (quote) => this.sequenceOf(quote, 0),
    })
    this.ident = c.ns.sim.random() & 0xffff
  }

  /** @inheritDoc */
  send(index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null {
    const failed = this.probes.connect()
    if (failed !== null) return failed
    const message = probeMessage(ICMP_HEADER_LENGTH + this.c.dataLength)
    writeEchoRequest(message, this.v4, this.ident, index + 1)
    return this.probes.send(index + 1, ttl, message, answered)
  }

  /** The sequence number of an echo of this run. */
  private sequenceOf(bytes: Uint8Array, at: number): number | undefined {
    if (at + ICMP_HEADER_LENGTH > bytes.length) return undefined
    const echo = new IcmpView(bytes, at)
    return echo.identifier === this.ident ? echo.sequence : undefined
  }

  /** @inheritDoc */
  close(): void {
    this.probes.sock.close()
  }
}

/** TCP SYNs on a raw socket, each from a port of its own. */
export class TcpProber implements Prober {
  private readonly c: ProbeContext
  private readonly probes: RawProbes
  private readonly timestamp: number

  constructor(c: ProbeContext) {
    this.c = c
    this.probes = new RawProbes(c, IP_PROTOCOL.TCP, {
      ofReply: (packet) => this.portOf(packet),
      ofQuote: (quote) => (quote.length < PORTS_LENGTH ? undefined : readU16(quote, TCP_SOURCE_PORT)),
    })
    this.probes.sock.checksumAt = TCP_CHECKSUM
    this.timestamp = c.ns.sim.random()
  }

  /** @inheritDoc */
  send(_index: number, ttl: number, answered: (answer: ProbeAnswer) => void): Errno | null {
    const { c, probes } = this
    const failed = probes.connect()
    if (failed !== null) return failed
    const sport = c.sport || c.ns.sockets.ephemeralPort((p) => probes.waits(p))
    return probes.send(sport, ttl, this.syn(sport), answered)
  }

  private syn(sport: number): Uint8Array {
    const { c } = this
    const { sock } = this.probes
    const mss = routeMtu(sock) - (sock.family === 'inet' ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH) - TCP_HEADER_LENGTH
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
    const { saddr, daddr } = this.probes.sock
    if (typeof saddr === 'string' || typeof daddr === 'string') return 0
    return pseudoHeaderSum(saddr, daddr, IP_PROTOCOL.TCP, length)
  }

  /** The port whose SYN a segment answers. */
  private portOf({ saddr, bytes, transport }: RawPacket): number | undefined {
    if (saddr !== this.c.daddr || bytes.length < transport + TCP_HEADER_LENGTH) return undefined
    const segment = new TcpView(bytes, transport)
    const answers = segment.sourcePort === this.c.port && segment.acknowledgment !== 0
    return answers ? segment.destinationPort : undefined
  }

  /** @inheritDoc */
  close(): void {
    this.probes.sock.close()
  }
}
