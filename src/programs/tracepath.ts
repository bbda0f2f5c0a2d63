import { type Addr, type NetNs, SECOND, type SockError, type Tap, type Timer, UdpSock } from '../dataplane/index.ts'
import { ICMP_TYPE, ICMPV6_TYPE, IP_PROTOCOL, Ipv4View, Ipv6View } from '../wire/index.ts'
import { addressText, familyOfAddress } from './address.ts'
import { Process } from './process.ts'

/** Options of `tracepath`. */
export interface TracepathOptions {
  /** Destination. */
  readonly daddr: Addr
  /** `-m`: hops at most; absent = 30. */
  readonly maxHops?: number
  /** `-l`: bytes of the first packet; absent = 65,535, and 128,000 of IPv6. */
  readonly length?: number
  /** `-p`: port of the first probe; absent = 44,444. */
  readonly port?: number
}

const TRIES = 3
/** So often a probe is given to the kernel. */
const SENDS = 10
const FIRST_PORT = 44_444
/** Headers of IP and UDP, and the first packet. */
const OF_FAMILY = { inet: { overhead: 28, length: 0xffff }, inet6: { overhead: 48, length: 128_000 } } as const
const PATIENCE = SECOND

/** `tracepath` of iputils: probes that never are fragmented, one after the other, of the largest size that still passes. */
export class Tracepath extends Process {
  private readonly options: TracepathOptions
  private readonly family: 'inet' | 'inet6'
  private readonly sock: UdpSock
  private readonly tap: Tap
  private mtu: number
  private ttl = 1
  private tries = 0
  private probes = 0
  private wait: Timer | null = null
  /** When each port was asked, and with which TTL. */
  private readonly history = new Map<number, { readonly at: number; readonly ttl: number }>()
  private heard = 0
  /** TTL, or hop limit, of the last ICMP packet that came. */
  private arrived: number | null = null

  constructor(ns: NetNs, options: TracepathOptions) {
    super(ns)
    this.options = options
    this.family = familyOfAddress(options.daddr)
    this.mtu = options.length ?? OF_FAMILY[this.family].length
    this.sock = new UdpSock(ns, this.family)
    this.tap = (dev, direction, bytes, start, end) => {
      if (dev.ns !== this.ns || direction !== 'in') return
      this.arrived = hopsLeft(this.family, bytes, start + dev.hardHeaderLen, end) ?? this.arrived
    }
  }

  /** Sends the first probe. */
  start(): void {
    const { sock } = this
    sock.pmtudisc = 'probe'
    sock.recvErr = true
    sock.onError = () => this.drain()
    this.sim.taps.push(this.tap)
    sock.bind(this.family === 'inet' ? 0 : '', 0)
    this.probe()
  }

  protected cleanup(): void {
    const { taps } = this.sim
    const at = taps.indexOf(this.tap)
    if (at !== -1) taps.splice(at, 1)
    this.sock.close()
  }

  private drain(): void {
    for (const error of this.sock.errorQueue.splice(0)) if (this.exitCode === null) this.hear(error)
  }

  private probe(): void {
    const { sock, ttl } = this
    if (ttl > (this.options.maxHops ?? 30)) {
      this.out('     Too many hops: pmtu '.concat(`${this.mtu}\n`))
      this.resume()
      return
    }
    const port = (this.options.port ?? FIRST_PORT) + this.probes
    this.probes += 1
    this.history.set(port, { at: this.sim.clock.now, ttl })
    sock.ttl = ttl
    this.cancel(this.wait)
    this.wait = this.after(PATIENCE, () => this.unanswered())
    for (let attempt = 0; attempt < SENDS; attempt++) {
      const heard = this.heard
      const failed = sock.sendTo(
        new Uint8Array(Math.max(0, this.mtu - OF_FAMILY[this.family].overhead)),
        this.options.daddr,
        port,
      )
      // What went wrong is in the queue of errors, or an earlier error is told once more.
      this.drain()
      if (failed === null || this.heard !== heard) return
    }
    this.cancel(this.wait)
    this.out(`${String(ttl).padStart(2)}:  send failed\n`)
    this.resume()
  }

  private unanswered(): void {
    this.tries += 1
    if (this.tries >= TRIES) {
      this.out(`${String(this.ttl).padStart(2)}:  no reply\n`)
      this.ttl += 1
      this.tries = 0
    }
    this.probe()
  }

  private hear({ errno, origin, type, code, info, offender, dport }: SockError): void {
    this.heard += 1
    const sent = origin === 1 ? undefined : this.history.get(dport)
    // Only IPv6 says to which port it was that the own host refused. @linux net/ipv6/datagram.c ipv6_local_error
    const refused = origin === 1 && this.family === 'inet6' ? this.history.get(dport) : undefined
    const head =
      sent === undefined
        ? `${String(this.ttl).padStart(2)}?: ${'[LOCALHOST]'.padEnd(32)} ${refused === undefined ? '' : `${this.took(refused.at)} `}`
        : `${String(sent.ttl).padStart(2)}:  ${addressText(offender).padEnd(52)}${this.took(sent.at)} `
    const back = this.arrived === null ? undefined : hopsBack(this.arrived)
    const asymmetric = sent !== undefined && back !== undefined && back !== sent.ttl
    switch (errno) {
      case 'EMSGSIZE':
        this.out(`${head}pmtu ${info}\n`)
        this.mtu = info
        // What the own host refuses is sent again at once, and counts as no try.
        this.tries = origin === 1 ? -1 : 0
        this.next()
        return
      case 'ECONNREFUSED':
        this.out(`${head}reached\n`)
        this.resume(sent?.ttl ?? this.ttl, back)
        return
      case 'EHOSTUNREACH':
        if (isTooFar(origin, type, code)) {
          this.out(`${head}${asymmetric ? `asymm ${String(back).padStart(2)} ` : ''}\n`)
          this.ttl = (sent?.ttl ?? this.ttl) + 1
          this.tries = 0
          this.next()
          return
        }
        this.stop(`${head}!H`)
        return
      case 'ENETUNREACH':
        this.stop(`${head}!N`)
        return
      case 'EPROTO':
        this.stop(`${head}!P`)
        return
      case 'EACCES':
        this.stop(`${head}!A`)
        return
      default:
        this.stop(head.trimEnd())
    }
  }

  /** The next probe goes once whoever answered this one is done. */
  private next(): void {
    this.cancel(this.wait)
    this.wait = this.after(1, () => this.probe())
  }

  private took(at: number): string {
    const us = Math.round((this.sim.clock.now - at) / 1000)
    return `${String(Math.floor(us / 1000)).padStart(3)}.${String(us % 1000).padStart(3, '0')}ms`
  }

  private stop(line: string): void {
    this.out(`${line}\n`)
    this.resume()
  }

  private resume(hops?: number, back?: number): void {
    const words = [
      `pmtu ${this.mtu}`,
      ...(hops === undefined ? [] : [`hops ${hops}`]),
      ...(back === undefined ? [] : [`back ${back}`]),
    ]
    this.out(`     Resume: ${words.join(' ')} \n`)
    this.outcome = words.join(' ')
    this.exit(0)
  }
}

/** A router forwards it no further. */
function isTooFar(origin: SockError['origin'], type: number, code: number): boolean {
  const exceeded = origin === 2 ? ICMP_TYPE.TIME_EXCEEDED : origin === 3 ? ICMPV6_TYPE.TIME_EXCEEDED : undefined
  return type === exceeded && code === 0
}

/** The TTL or hop limit of a packet of ICMP; undefined of others. */
function hopsLeft(family: 'inet' | 'inet6', bytes: Uint8Array, at: number, end: number): number | undefined {
  if (family === 'inet') {
    const ip = Ipv4View.checked(bytes, at, end)
    return ip instanceof Ipv4View && ip.protocol === IP_PROTOCOL.ICMP ? ip.ttl : undefined
  }
  const ip = Ipv6View.checked(bytes, at, end)
  return ip instanceof Ipv6View && ip.nextHeader === IP_PROTOCOL.ICMPV6 ? ip.hopLimit : undefined
}

/** How far away a packet began, by the TTL it came with. */
function hopsBack(ttl: number): number {
  return ttl <= 64 ? 65 - ttl : ttl <= 128 ? 129 - ttl : 256 - ttl
}
