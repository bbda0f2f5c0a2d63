import { type Addr, MILLISECOND, type NetNs, SECOND, strerror, type Timer } from '../dataplane/index.ts'
import { addressKey } from '../wire/index.ts'
import { addressText } from './address.ts'
import { Process } from './process.ts'
import type { TracerouteOptions } from './traceroute-options.ts'
import type { ProbeAnswer, ProbeContext, Prober } from './traceroute-probe.ts'
import { IcmpProber, TcpProber } from './traceroute-raw.ts'
import { UdpProber } from './traceroute-udp.ts'

const HERE_FACTOR = 3
const NEAR_FACTOR = 10
const FIRST_UDP_PORT = 33434
/** What the program itself takes between an answer and the next probe. */
const STEP = MILLISECOND

interface Probe {
  sentAt: number
  answeredAt: number
  done: boolean
  answer: ProbeAnswer | null
}

/** `traceroute` as Dmitry Butskoy wrote it: keeps up to N probes under way, prints them in order. */
export class Traceroute extends Process {
  private readonly options: TracerouteOptions
  private readonly daddr: Addr
  private readonly perHop: number
  private readonly probes: Probe[] = []
  private prober: Prober | null = null
  private next: number
  private end: number
  private wake: Timer | null = null
  private printedFrom = ''
  private readonly path: string[] = []

  constructor(ns: NetNs, options: TracerouteOptions) {
    super(ns)
    this.options = options
    this.daddr = addressKey(options.destination)
    this.perHop = options.probes ?? 3
    this.next = ((options.firstHop ?? 1) - 1) * this.perHop
    this.end = (options.maxHops ?? 30) * this.perHop
  }

  /** Prints the header and sends the first probes. */
  start(): void {
    const { options } = this
    const v4 = typeof this.daddr === 'number'
    const length = options.packetLength ?? (v4 ? 60 : 80)
    const method = options.method ?? 'udp'
    const port = options.port ?? (method === 'tcp' ? 80 : FIRST_UDP_PORT)
    const context: ProbeContext = {
      ns: this.ns,
      daddr: this.daddr,
      saddr: options.source === undefined ? (v4 ? 0 : '') : addressKey(options.source),
      dev: options.dev === undefined ? null : (this.ns.byName.get(options.dev) ?? null),
      sport: options.sport ?? 0,
      port,
      tos: options.tos ?? 0,
      dontFragment: options.dontFragment === true,
      dataLength: Math.max(0, length - (v4 ? 20 : 40) - 8),
    }
    this.prober = new { udp: UdpProber, icmp: IcmpProber, tcp: TcpProber }[method](context)
    const name = options.hostname ?? options.destination
    this.out(
      `traceroute to ${name} (${options.destination}), ${options.maxHops ?? 30} hops max, ${length} byte packets`,
    )
    this.step()
  }

  protected cleanup(): void {
    this.prober?.close()
  }

  private probeAt(n: number): Probe {
    let p = this.probes[n]
    if (p === undefined) {
      p = { sentAt: -1, answeredAt: -1, done: false, answer: null }
      this.probes[n] = p
    }
    return p
  }

  /** One round of the program's loop: expire, print what is complete, send what may be sent, sleep. */
  private step(): void {
    this.cancel(this.wake)
    this.wake = null
    let waitUntil = 0
    let underWay = 0
    const now = this.sim.clock.now
    for (let n = this.next; n < this.end; n++) {
      const p = this.probeAt(n)
      if (n === this.next && !p.done && p.sentAt >= 0 && now >= p.sentAt + this.timeout(n)) p.done = true
      if (p.done) {
        if (p.answer?.final === true) this.end = (Math.floor(n / this.perHop) + 1) * this.perHop
        if (n === this.next) this.print(n)
        continue
      }
      if (p.sentAt < 0 && !this.send(n, p)) return
      if (waitUntil === 0) waitUntil = p.sentAt + this.timeout(n)
      if (++underWay >= (this.options.simultaneous ?? 16)) break
    }
    if (this.next >= this.end) this.finish()
    else if (waitUntil > 0) this.wake = this.after(Math.max(0, waitUntil - now), () => this.step())
  }

  private send(n: number, p: Probe): boolean {
    p.sentAt = this.sim.clock.now
    const failed = this.prober?.send(n, Math.floor(n / this.perHop) + 1, (answer) => this.answered(p, answer)) ?? null
    if (failed === null) return true
    const call = failed === 'ENETUNREACH' || failed === 'EINVAL' || failed === 'EACCES' ? 'connect' : 'send'
    this.out('\n')
    this.fail(`${call}: ${strerror(failed)}\n`)
    this.outcome = `error: ${call}: ${strerror(failed)}`
    this.refused = true
    this.exit(1)
    return false
  }

  private answered(p: Probe, answer: ProbeAnswer): void {
    if (p.done) return
    p.done = true
    p.answer = answer
    p.answeredAt = this.sim.clock.now
    this.cancel(this.wake)
    this.wake = this.after(STEP, () => this.step())
  }

  /** How long probe n is waited for: a full wait, or less once others of this or a later hop have answered. */
  private timeout(n: number): number {
    const full = (this.options.wait ?? 5) * SECOND
    const hop = n - (n % this.perHop)
    for (let i = hop; i < hop + this.perHop; i++) {
      const p = this.probes[i]
      if (p !== undefined && p.answeredAt >= 0) return Math.min(full, (p.answeredAt - p.sentAt) * HERE_FACTOR + STEP)
    }
    for (let i = n + 1; i < this.probes.length; i++) {
      const p = this.probes[i]
      if (p !== undefined && p.answeredAt >= 0) return Math.min(full, (p.answeredAt - p.sentAt) * NEAR_FACTOR + STEP)
    }
    return full
  }

  private print(n: number): void {
    const p = this.probeAt(n)
    this.next = n + 1
    if (n % this.perHop === 0) {
      this.out(`\n${String(n / this.perHop + 1).padStart(2)} `)
      this.printedFrom = ''
      this.path.push('*')
    }
    if (p.answer === null) {
      this.out(' *')
      return
    }
    const from = addressText(p.answer.from)
    const hop = Math.floor(n / this.perHop) - ((this.options.firstHop ?? 1) - 1)
    if (this.path[hop] === '*') this.path[hop] = from
    if (from !== this.printedFrom) this.out(` ${from}`)
    this.printedFrom = from
    this.out(`  ${((p.answeredAt - p.sentAt) / MILLISECOND).toFixed(3)} ms`)
    if (p.answer.note !== '') this.out(` ${p.answer.note}`)
  }

  private finish(): void {
    this.out('\n')
    this.outcome = `path ${this.path.join(' ')}`
    this.exit(0)
  }
}
