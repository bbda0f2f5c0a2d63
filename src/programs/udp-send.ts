import { type Addr, MILLISECOND, type NetNs, SECOND, type SockError, strerror, UdpSock } from '../dataplane/index.ts'
import { UDP_HEADER_LENGTH } from '../wire/index.ts'
import { addressText, endpointText } from './address.ts'
import { lettered } from './lettered.ts'
import { Process } from './process.ts'

/** What `udp-send` is asked to do. */
export interface UdpSendOptions {
  /** Destination. */
  readonly daddr: Addr
  /** Destination port. */
  readonly dport: number
  /** Source port. */
  readonly sport: number
  /** Source address; absent = any. */
  readonly saddr?: Addr
  /** Bytes of data: letters. */
  readonly size: number
  /** What is sent instead of `size` letters. */
  readonly data?: Uint8Array
  /** Datagrams, back to back. */
  readonly count: number
  /** TTL. */
  readonly ttl?: number
  /** TOS. */
  readonly tos?: number
  /** IP_MTU_DISCOVER. */
  readonly pmtudisc?: UdpSock['pmtudisc']
  /** Words of the tool for several servers: what an error says. */
  readonly terse?: boolean
  /** Seconds to wait for answers. */
  readonly timeout?: number
}

/** Time between two sends of a loop: what the first did is over before the second. */
const GAP = 0.7 * MILLISECOND

/** The laboratory's UDP client: an unconnected socket that sends datagrams and reports replies and errors. */
export class UdpSend extends Process {
  private readonly options: UdpSendOptions
  private sock: UdpSock | null = null
  private handled = 0
  private reply = ''
  private sendError = ''
  private error = ''
  private hasSent = false

  constructor(ns: NetNs, options: UdpSendOptions) {
    super(ns)
    this.options = options
  }

  override get refusal(): string {
    const { tooLong } = this
    return tooLong === null ? super.refusal : `local error: message too long, mtu=${tooLong.mtu}`
  }

  /** Binds and sends. */
  start(): void {
    const { options } = this
    const v4 = typeof options.daddr === 'number'
    const sock = new UdpSock(this.ns, v4 ? 'inet' : 'inet6')
    this.sock = sock
    sock.recvErr = true
    sock.broadcast = true
    if (options.ttl !== undefined) sock.ttl = options.ttl
    if (options.tos !== undefined) sock.tos = options.tos
    if (options.pmtudisc !== undefined) sock.pmtudisc = options.pmtudisc
    const failed = sock.bind(options.saddr ?? (v4 ? 0 : ''), options.sport)
    if (failed !== null) {
      this.outcome = `bind error: ${failed}`
      this.refused = true
      this.exit(1)
      return
    }
    sock.onReceive = (d) => {
      const from = endpointText(d.saddr, d.sport)
      this.out(`reply ${d.payload.length} bytes from ${from}\n`)
      this.reply ||= `reply from ${from}`
      this.handle()
    }
    sock.onError = () => {
      for (const e of sock.errorQueue.splice(0)) this.report(e)
    }
    this.after((options.timeout ?? 0.8) * SECOND, () => this.finish())
    this.sendOne(0)
  }

  protected cleanup(): void {
    this.sock?.close()
  }

  private sendOne(n: number): void {
    const { options, sock } = this
    if (n >= options.count || sock === null) return
    const failed = sock.sendTo(options.data ?? lettered(options.size, n), options.daddr, options.dport)
    if (failed === null) this.hasSent = true
    else {
      this.out(`send ${n}: ${strerror(failed)}\n`)
      this.sendError ||= `send error: ${failed}`
    }
    for (const e of sock.errorQueue.splice(0)) this.report(e)
    if (n + 1 < options.count) this.after(GAP, () => this.sendOne(n + 1))
  }

  private report(e: SockError): void {
    if (e.origin === 1 && e.errno === 'EMSGSIZE') this.noteTooLong(e.info)
    const from = e.offender ? addressText(e.offender) : 'none'
    const { options } = this
    const text =
      options.terse === true
        ? `error ${e.errno} icmp type=${e.type} code=${e.code} from ${from} (sent to ${endpointText(options.daddr, options.dport)})`
        : `error ${e.errno} origin=${e.origin} icmp type=${e.type} code=${e.code} info=${e.info} from ${from}`
    this.out(`${text}\n`)
    this.error ||= text
    this.handle()
  }

  private noteTooLong(mtu: number): void {
    const { daddr, data, size } = this.options
    const headers = UDP_HEADER_LENGTH + (typeof daddr === 'number' ? 20 : 40)
    const length = headers + (data?.length ?? size)
    this.tooLong = { destination: addressText(daddr), length, headers, mtu }
  }

  private handle(): void {
    if (++this.handled >= this.options.count) this.after(MILLISECOND, () => this.finish())
  }

  private finish(): void {
    this.refused = this.reply === '' && !this.hasSent
    this.outcome = this.reply || this.error || this.sendError || 'timeout'
    this.exit(this.reply === '' ? 1 : 0)
  }
}
