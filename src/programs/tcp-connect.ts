import { type Addr, type NetNs, SECOND, TcpSock } from '../dataplane/index.ts'
import { lettered } from './lettered.ts'
import { Process, WAKEUP } from './process.ts'

/** What `tcp-connect` is asked to do. */
export interface TcpConnectOptions {
  /** Destination. */
  readonly daddr: Addr
  /** Destination port. */
  readonly dport: number
  /** Source port; 0 = any. */
  readonly sport: number
  /** Source address; absent = any. */
  readonly saddr?: Addr
  /** Bytes to send. */
  readonly request: number
  /** Bytes to wait for. */
  readonly reply: number
  /** TOS. */
  readonly tos?: number
  /** IP_TTL: of every segment of the client. */
  readonly ttl?: number
  /** IP_MTU_DISCOVER. */
  readonly pmtudisc?: TcpSock['pmtudisc']
  /** Seconds until it gives up. */
  readonly timeout?: number
}

/** The laboratory's TCP client: connects, sends a request, waits for the whole answer, shuts its side down. */
export class TcpConnect extends Process {
  private readonly options: TcpConnectOptions
  private sock: TcpSock | null = null
  private got = 0
  private connected = false
  private shut = false

  constructor(ns: NetNs, options: TcpConnectOptions) {
    super(ns)
    this.options = options
  }

  /** Connects. */
  start(): void {
    const { options } = this
    const v4 = typeof options.daddr === 'number'
    const sock = new TcpSock(this.ns, v4 ? 'inet' : 'inet6')
    this.sock = sock
    if (options.tos !== undefined) sock.tos = options.tos
    if (options.ttl !== undefined) sock.ttl = options.ttl
    if (options.pmtudisc !== undefined) sock.pmtudisc = options.pmtudisc
    sock.onConnect = () => this.after(WAKEUP, () => this.send())
    sock.onReadable = () => this.after(WAKEUP, () => this.read())
    sock.onFail = () => this.failed(sock.err ?? 'ECONNRESET')
    this.after((options.timeout ?? 0.8) * SECOND, () => this.giveUp())
    const error = sock.bind(options.saddr ?? (v4 ? 0 : ''), options.sport) ?? sock.connect(options.daddr, options.dport)
    if (error !== null) this.failed(error)
  }

  protected cleanup(): void {
    this.sock?.close()
  }

  private failed(error: string): void {
    this.refused = !this.connected
    this.outcome = this.connected ? `error: ${error}` : `connect error: ${error}`
    this.exit(1)
  }

  private send(): void {
    this.connected = true
    this.out('connected\n')
    this.sock?.send(lettered(this.options.request, 0))
    if (this.options.reply === 0) this.finishSending()
  }

  private read(): void {
    const { sock, options } = this
    if (sock === null) return
    this.got += sock.read().length
    if (!this.shut && this.got >= options.reply) {
      this.out(`client got ${this.got} bytes\n`)
      this.finishSending()
    }
    if (sock.finReceived) this.done()
  }

  private finishSending(): void {
    this.shut = true
    this.after(WAKEUP, () => this.sock?.shutdown())
  }

  private done(): void {
    this.outcome = `exchanged ${this.options.request}/${this.got} bytes`
    this.exit(0)
  }

  private giveUp(): void {
    this.outcome = this.connected ? 'connected' : 'timeout'
    this.exit(1)
  }
}
