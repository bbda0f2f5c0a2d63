import { type NetNs, SECOND, sendFrame, type Tap } from '../dataplane/index.ts'
import {
  ARP_LENGTH,
  ARP_OPERATION,
  ArpView,
  BROADCAST_MAC_KEY,
  buildArp,
  buildEthernet,
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE,
  EthernetView,
  keyToMac,
  type MacKey,
  numberToIpv4,
} from '../wire/index.ts'
import { Process } from './process.ts'

/** Options of `arping`. */
export interface ArpingOptions {
  /** Whose link-layer address is asked for, as uint32. */
  readonly target: number
  /** Source address of the questions, as uint32; 0 = nobody has it yet. */
  readonly source: number
  /** Device. */
  readonly dev: string
  /** `-c`: questions. */
  readonly count?: number
  /** `-w`: seconds until it ends. */
  readonly deadline?: number
  /** `-i`: seconds between questions; absent = 1. */
  readonly interval?: number
  /** `-f`: the first answer is enough. */
  readonly once?: boolean
  /** `-b`: all questions go to everybody. */
  readonly broadcasts?: boolean
  /** `-D`: whether anybody has the address; an answer is bad news. */
  readonly isDuplicateCheck?: boolean
  /** `-q`. */
  readonly quiet?: boolean
  /** Whose words; absent = those of iputils. */
  readonly dialect?: 'busybox'
}

/** `arping`: asks for a link-layer address with frames of its own, past the neighbour table. */
export class Arping extends Process {
  private readonly options: ArpingOptions
  private readonly tap: Tap
  private sent = 0
  private broadcasts = 0
  private received = 0
  private lastSent = 0
  /** Who answered: asked alone from then on. */
  private answerer: MacKey | null = null

  constructor(ns: NetNs, options: ArpingOptions) {
    super(ns)
    this.options = options
    this.tap = (dev, direction, bytes, start, end) => {
      if (dev.ns === this.ns && dev.name === options.dev && direction === 'in') this.hear(bytes, start, end)
    }
  }

  /** Prints the head and asks. */
  start(): void {
    const { target, source, dev, deadline, quiet } = this.options
    if (quiet !== true) this.out(`ARPING ${numberToIpv4(target)} from ${numberToIpv4(source)} ${dev}\n`)
    this.sim.taps.push(this.tap)
    if (deadline !== undefined) this.after(deadline * SECOND, () => this.end())
    this.ask()
  }

  protected cleanup(): void {
    const { taps } = this.sim
    const at = taps.indexOf(this.tap)
    if (at !== -1) taps.splice(at, 1)
  }

  override interrupt(): void {
    this.end()
  }

  private ask(): void {
    const { count, interval = 1 } = this.options
    if (count !== undefined && this.sent >= count) {
      this.end()
      return
    }
    this.send()
    this.after(interval * SECOND, () => this.ask())
  }

  private send(): void {
    const dev = this.ns.byName.get(this.options.dev)
    if (dev === undefined) return
    const destination = this.answerer ?? BROADCAST_MAC_KEY
    const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + ARP_LENGTH)
    const at = buildEthernet(frame, 0, { destination, source: dev.mac as MacKey, type: ETHERTYPE.ARP })
    buildArp(frame, at, {
      operation: ARP_OPERATION.REQUEST,
      senderHardware: dev.mac as MacKey,
      senderProtocol: this.options.source,
      targetHardware: destination,
      targetProtocol: this.options.target,
    })
    this.sent += 1
    if (destination === BROADCAST_MAC_KEY) this.broadcasts += 1
    this.lastSent = this.sim.clock.now
    sendFrame(dev, frame)
  }

  private hear(bytes: Uint8Array, start: number, end: number): void {
    const { target, source, once, broadcasts, isDuplicateCheck, quiet, count, dialect } = this.options
    if (end - start < ETHERNET_HEADER_LENGTH) return
    const ethernet = new EthernetView(bytes, start)
    const arp = ArpView.checked(bytes, start + ETHERNET_HEADER_LENGTH, end)
    if (ethernet.type !== ETHERTYPE.ARP || !(arp instanceof ArpView)) return
    if (arp.operation !== ARP_OPERATION.REPLY || arp.senderProtocol !== target) return
    if (arp.targetProtocol !== source) return
    this.received += 1
    const us = Math.round((this.sim.clock.now - this.lastSent) / 1000)
    const mac = keyToMac(arp.senderHardware)
    const took = `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}ms`
    const words = dialect === 'busybox' ? `[${mac}] ${took}` : `[${mac.toUpperCase()}]  ${took}`
    if (quiet !== true) this.out(`Unicast reply from ${numberToIpv4(target)} ${words}\n`)
    if (broadcasts !== true) this.answerer = arp.senderHardware
    if (once === true || isDuplicateCheck === true || (count !== undefined && this.received >= count)) this.end()
  }

  private end(): void {
    if (this.exitCode !== null) return
    const { quiet, dialect, isDuplicateCheck } = this.options
    const { sent, broadcasts, received } = this
    this.outcome = `${received} of ${sent} answered`
    if (quiet !== true && dialect === 'busybox')
      this.out(
        `Sent ${sent} probe(s) (${broadcasts} broadcast(s))\nReceived ${received} response(s) (0 request(s), 0 broadcast(s))\n`,
      )
    else if (quiet !== true)
      this.out(`Sent ${sent} probes (${broadcasts} broadcast(s))\nReceived ${received} response(s)\n`)
    this.exit(received > 0 === (isDuplicateCheck === true) ? 1 : 0)
  }
}
