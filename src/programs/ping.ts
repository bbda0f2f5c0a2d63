import {
  type Addr,
  type Errno,
  type NetDevice,
  type NetNs,
  type RawPacket,
  RawSock,
  SECOND,
  type SockError,
  strerror,
  type Timer,
  UdpSock,
} from '../dataplane/index.ts'
import {
  addressKey,
  ICMP_HEADER_LENGTH,
  ICMP_TYPE,
  ICMPV6_TYPE,
  IcmpView,
  IP_PROTOCOL,
  IPV4_HEADER_LENGTH,
  Ipv4View,
} from '../wire/index.ts'
import { addressText } from './address.ts'
import { writeEchoRequest } from './echo.ts'
import { icmp6Words, icmpWords } from './icmp-words.ts'
import type { PingOptions } from './ping-options.ts'
import { PingStatistics } from './ping-statistics.ts'
import { BUSYBOX, IPUTILS, type PingDialect } from './ping-words.ts'
import { Process } from './process.ts'
import { recordRouteOption, recordRouteWords } from './record-route.ts'

const TIME_BYTES = 16
const PROBE_PORT = 1025
/** ICMPv4 types ping wants to see. */
const WANTED: ReadonlySet<number> = new Set([
  ICMP_TYPE.ECHO_REPLY,
  ICMP_TYPE.DEST_UNREACH,
  ICMP_TYPE.SOURCE_QUENCH,
  ICMP_TYPE.REDIRECT,
  ICMP_TYPE.TIME_EXCEEDED,
  ICMP_TYPE.PARAMETER_PROBLEM,
])
const ALL_TYPES: readonly number[] = Array.from({ length: 256 }, (_, i) => i)

/** `ping` as iputils and busybox have it: a raw ICMP socket, one request an interval, an account at the end. */
export class Ping extends Process {
  private readonly options: PingOptions
  private readonly words: PingDialect
  private readonly v4: boolean
  private daddr: Addr
  private readonly target: string
  private readonly ident: number
  private readonly interval: number
  private sock: RawSock | null = null
  private oif: NetDevice | null = null
  private readonly sent = new Map<number, number>()
  private readonly answered = new Set<number>()
  private readonly rtt = new PingStatistics()
  private transmitted = 0
  private received = 0
  private duplicates = 0
  private errors = 0
  private pipe = 0
  private startedAt = 0
  private lastSend = 0
  private lingering: Timer | null = null
  private firstError = ''
  private notes = ''

  constructor(ns: NetNs, options: PingOptions) {
    super(ns)
    this.options = options
    this.words = options.dialect === 'busybox' ? BUSYBOX : IPUTILS
    this.daddr = addressKey(options.destination)
    this.v4 = typeof this.daddr === 'number'
    this.target = options.destination + (options.scope === undefined ? '' : `%${options.scope}`)
    this.ident = options.ident ?? this.sim.random() & 0xffff
    this.interval = (options.interval ?? 1) * SECOND
  }

  /** Opens the socket, says hello and sends the first request. */
  start(): void {
    const source = this.chooseSource()
    if (source === null) return
    const sock = new RawSock(this.ns, this.v4 ? 'inet' : 'inet6', this.v4 ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6)
    this.sock = sock
    this.configure(sock)
    if (this.options.source !== undefined) {
      const failed = sock.bind(addressKey(this.options.source))
      if (failed !== null) {
        this.refuse(`bind: ${strerror(failed)}`)
        return
      }
    }
    sock.onReceive = (packet) => this.receive(packet)
    sock.onError = () => this.readErrors()
    const asked = this.options.source !== undefined || this.options.dev !== undefined
    if (!this.daddr) this.daddr = source // to 0.0.0.0 is to oneself
    const from = asked ? `from ${addressText(source)} ${this.options.dev ?? ''}: ` : ''
    this.out(this.words.banner(this.options, this.bannerAddress(), this.v4, sock.options?.length ?? 0, from))
    this.startedAt = this.sim.clock.now
    if (this.options.deadline !== undefined) this.after(this.options.deadline * SECOND, () => this.finish())
    this.sendNext()
  }

  /** The address in the first line: with a scope as given; 0.0.0.0 as what it stands for. */
  private bannerAddress(): string {
    return this.v4 ? addressText(this.daddr) : this.target
  }

  /** Prints the account and ends. */
  override interrupt(): void {
    this.finish()
  }

  protected cleanup(): void {
    this.sock?.close()
  }

  private configure(sock: RawSock): void {
    const { options } = this
    sock.recvErr = true
    sock.boundDev = this.boundDev()
    sock.broadcast = options.broadcast === true
    if (options.ttl !== undefined) sock.ttl = options.ttl
    if (options.tos !== undefined) sock.tos = options.tos
    if (options.mark !== undefined) sock.mark = options.mark
    if (options.recordRoute === true) sock.options = recordRouteOption()
    const group = options.broadcast === true || (this.v4 && (this.daddr as number) >>> 28 === 14)
    const pmtudisc = options.pmtudisc ?? (group ? 'do' : undefined)
    if (pmtudisc !== undefined) sock.pmtudisc = pmtudisc
    const wanted = this.v4 ? WANTED : new Set<number>([ICMPV6_TYPE.ECHO_REPLY])
    sock.blocked = new Set(ALL_TYPES.filter((t) => !wanted.has(t)))
  }

  private boundDev(): NetDevice | null {
    return this.options.dev === undefined ? null : (this.ns.byName.get(this.options.dev) ?? null)
  }

  /** Connects a UDP socket to learn the source address; null when there is no way. */
  private chooseSource(): Addr | null {
    const { options } = this
    if (options.dev !== undefined && this.boundDev() === null) {
      this.refuse(`unknown iface: ${options.dev}`)
      return null
    }
    if (options.scope !== undefined) {
      this.oif = this.ns.byName.get(options.scope) ?? null
      if (this.oif === null) {
        this.refuse(`${this.target}: Name or service not known`)
        return null
      }
    }
    if (options.source !== undefined) return addressKey(options.source)
    const probe = new UdpSock(this.ns, this.v4 ? 'inet' : 'inet6')
    probe.boundDev = this.boundDev()
    if (options.tos !== undefined) probe.tos = options.tos
    if (options.mark !== undefined) probe.mark = options.mark
    let failed = probe.connect(this.daddr, PROBE_PORT, this.oif)
    if (failed === 'EACCES' && this.v4 && options.broadcast === true) {
      this.fail('WARNING: pinging broadcast address\n')
      probe.broadcast = true
      failed = probe.connect(this.daddr, PROBE_PORT, this.oif)
    }
    const { saddr } = probe
    probe.close()
    if (failed === null) return saddr
    this.refuseConnect(failed)
    return null
  }

  private refuseConnect(errno: Errno): void {
    if (this.words === BUSYBOX) {
      this.refuse(`sendto: ${strerror(errno)}`)
      return
    }
    if (errno !== 'EACCES' || !this.v4) {
      this.refuse(`connect: ${strerror(errno)}`)
      return
    }
    this.refuse('Do you want to ping broadcast? Then -b. If not, check your local firewall rules')
  }

  private refuse(text: string): void {
    if (this.words === BUSYBOX) this.out(this.words.banner(this.options, this.target, this.v4, 0, ''))
    this.fail(`ping: ${text}\n`)
    this.outcome = `local error: ${text}`
    this.refused = true
    this.exit(this.words === BUSYBOX ? 1 : 2)
  }

  private sendNext(): void {
    const { count } = this.options
    const sequence = (this.transmitted + this.words.firstSequence) & 0xffff
    const failed = this.sock?.sendTo(this.request(sequence), this.daddr, this.oif) ?? null
    this.transmitted++
    this.lastSend = this.sim.clock.now
    this.sent.set(sequence, this.lastSend)
    this.answered.delete(sequence)
    if (failed !== null) this.sendFailed(failed)
    if (count !== undefined && this.transmitted >= count && this.options.deadline === undefined) this.armLinger()
    if (count === undefined || this.transmitted < count) this.after(this.interval, () => this.nextRound())
    else if (failed !== null) this.after(this.interval, () => this.checkDone())
  }

  private nextRound(): void {
    if (!this.checkDone()) this.sendNext()
  }

  private request(sequence: number): Uint8Array {
    const size = this.options.size ?? 56
    const message = new Uint8Array(ICMP_HEADER_LENGTH + size)
    for (let i = 0; i < size; i++) message[ICMP_HEADER_LENGTH + i] = i
    if (size >= TIME_BYTES) this.stamp(message)
    writeEchoRequest(message, this.v4, this.ident, sequence)
    return message
  }

  /** The time of sending as ping writes it: seconds and microseconds, 64 bits each, little-endian. */
  private stamp(message: Uint8Array): void {
    const us = Math.floor(this.sim.clock.now / 1000)
    const words = [Math.floor(us / 1_000_000), 0, us % 1_000_000, 0]
    words.forEach((word, i) => {
      for (let b = 0; b < 4; b++) message[ICMP_HEADER_LENGTH + i * 4 + b] = (word >>> (8 * b)) & 0xff
    })
  }

  private sendFailed(errno: Errno): void {
    const before = this.errors
    this.readErrors()
    if (this.errors !== before) return
    const text = this.words === BUSYBOX ? `sendto: ${strerror(errno)}` : `sendmsg: ${strerror(errno)}`
    this.fail(`ping: ${text}\n`)
    this.noteRefusal(text)
    if (this.words === BUSYBOX) this.exit(1)
  }

  private receive(packet: RawPacket): void {
    const at = packet.transport
    const { bytes } = packet
    const type = bytes[at] as number
    if (type !== (this.v4 ? ICMP_TYPE.ECHO_REPLY : ICMPV6_TYPE.ECHO_REPLY)) {
      this.receiveOther(packet)
      return
    }
    const { identifier, sequence } = new IcmpView(bytes, at)
    if (identifier !== this.ident) return
    const duplicate = this.answered.has(sequence)
    const sentAt = this.sent.get(sequence)
    const length = bytes.length - at
    const timed = length >= ICMP_HEADER_LENGTH + TIME_BYTES && sentAt !== undefined
    const rtt = timed ? this.sim.clock.now - sentAt : null
    if (rtt !== null) this.rtt.add(rtt)
    this.acknowledge(sequence)
    if (duplicate) this.duplicates++
    else this.received++
    this.answered.add(sequence)
    if (this.options.quiet !== true) {
      const scope = typeof packet.saddr === 'string' && isLinkLocal(packet.saddr) ? `%${packet.dev?.name ?? ''}` : ''
      const from = addressText(packet.saddr) + scope
      this.out(this.words.reply({ bytes: length, from, sequence, ttl: packet.ttl, rtt, duplicate }))
      if (this.options.recordRoute === true) this.out(recordRouteWords(bytes))
    }
    if (this.options.deadline === undefined || this.options.count !== undefined) this.checkDone()
  }

  /** ICMP errors that came to the raw socket itself: only redirects are printed, the others are on the error queue. */
  private receiveOther(packet: RawPacket): void {
    const { bytes, transport } = packet
    if (!this.v4 || bytes[transport] !== ICMP_TYPE.REDIRECT) return
    const quoted = transport + ICMP_HEADER_LENGTH
    if (quoted + IPV4_HEADER_LENGTH > bytes.length) return
    const about = new Ipv4View(bytes, quoted)
    if (about.payloadAt + ICMP_HEADER_LENGTH > bytes.length || about.destination !== this.daddr) return
    const echo = new IcmpView(bytes, about.payloadAt)
    if (echo.type !== ICMP_TYPE.ECHO || echo.identifier !== this.ident) return
    const { gateway, code } = new IcmpView(bytes, transport)
    const words = icmpWords(ICMP_TYPE.REDIRECT, code, 0, addressText(gateway))
    this.notes ||= `; also from ${addressText(packet.saddr)}: ${words}`
    if (this.words === BUSYBOX || this.options.quiet === true) return
    this.out(`From ${addressText(packet.saddr)}: icmp_seq=${echo.sequence} ${words}\n`)
  }

  private readErrors(): void {
    const { sock } = this
    if (sock === null) return
    for (const e of sock.errorQueue.splice(0)) this.readError(e)
    sock.takeError()
    if (this.transmitted > 0) this.checkDone()
  }

  private noteRefusal(text: string): void {
    this.refused ||= this.firstError === ''
    this.firstError ||= `local error: ${text}`
  }

  private readError(e: SockError): void {
    if (e.origin === 1) {
      this.errors++
      const headers = ICMP_HEADER_LENGTH + (this.v4 ? 20 : 40)
      const length = headers + (this.options.size ?? 56)
      this.tooLong = { destination: this.options.destination, length, headers, mtu: e.info }
      const mtu = this.v4 ? `mtu=${e.info}` : `mtu: ${e.info}`
      const text = this.words === BUSYBOX ? `sendto: ${strerror(e.errno)}` : `local error: message too long, ${mtu}`
      this.fail(`ping: ${text}\n`)
      this.noteRefusal(text)
      return
    }
    const request = this.v4 ? ICMP_TYPE.ECHO : ICMPV6_TYPE.ECHO_REQUEST
    if (e.payload.length < ICMP_HEADER_LENGTH || e.daddr !== this.daddr || e.payload[0] !== request) return
    const { identifier, sequence } = new IcmpView(e.payload, 0)
    if (identifier !== this.ident) return
    this.acknowledge(sequence)
    this.errors++
    const words = this.v4 ? icmpWords(e.type, e.code, e.info) : icmp6Words(e.type, e.code, e.info)
    this.firstError ||= `${words} from ${addressText(e.offender)}`
    if (this.words === BUSYBOX || this.options.quiet === true) return
    this.out(`From ${addressText(e.offender)} icmp_seq=${sequence} ${words}\n`)
  }

  private acknowledge(sequence: number): void {
    const behind = (this.transmitted - sequence + this.words.firstSequence - 1) & 0xffff
    if (behind > 0x7fff) return
    this.pipe = Math.max(this.pipe, behind + 1)
  }

  /** Ends when everything asked for came, or an error in its place. */
  private checkDone(): boolean {
    if (this.exitCode !== null) return true
    const { count, deadline } = this.options
    const errors = this.words === BUSYBOX ? 0 : this.errors
    const done = count !== undefined && this.received + errors >= count
    if (!done && !(deadline !== undefined && errors > 0)) return false
    this.finish()
    return true
  }

  /** After the last request: how long answers are waited for. */
  private armLinger(): void {
    if (this.lingering !== null) return
    const wait = this.received > 0 ? Math.max(2 * this.rtt.max, this.interval) : (this.options.linger ?? 10) * SECOND
    this.lingering = this.after(wait, () => this.finish())
  }

  private finish(): void {
    if (this.exitCode !== null) return
    const counters = {
      transmitted: this.transmitted,
      received: this.received,
      duplicates: this.duplicates,
      errors: this.errors,
      elapsed: this.lastSend - this.startedAt,
      pipe: this.pipe,
    }
    this.out(this.words.summary(this.target, counters, this.rtt))
    if (this.received > 0) this.refused = false
    this.outcome = this.received > 0 ? `reply${this.notes}` : this.firstError || 'timeout'
    this.exit(this.received > 0 ? 0 : 1)
  }
}

function isLinkLocal(key: string): boolean {
  return key.charCodeAt(0) === 0xfe && (key.charCodeAt(1) & 0xc0) === 0x80
}
