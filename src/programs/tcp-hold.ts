import { type Addr, type NetNs, TcpListener, TcpSock } from '../dataplane/index.ts'
import { Process, WAKEUP } from './process.ts'

/** What `tcp-hold` is asked to do. */
export interface TcpHoldOptions {
  /** Destination. */
  readonly daddr: Addr
  /** Destination port. */
  readonly dport: number
  /** Source port; 0 = any. */
  readonly sport: number
}

/** Opens a connection and keeps it open: each beat sends a byte, which the other side sends back. */
export class TcpHold extends Process {
  /** Called with the number of beats that have come back. */
  onBeat: ((beats: number) => void) | null = null
  private readonly options: TcpHoldOptions
  private sock: TcpSock | null = null
  private connected = false
  private back = 0
  /** Beats that wait for the connection to stand. */
  private waiting = 0

  constructor(ns: NetNs, options: TcpHoldOptions) {
    super(ns)
    this.options = options
  }

  /** Whether the connection stands. */
  get isOpen(): boolean {
    return this.connected && this.exitCode === null
  }

  /** Connects. */
  start(): void {
    const { daddr, dport, sport } = this.options
    const v4 = typeof daddr === 'number'
    const sock = new TcpSock(this.ns, v4 ? 'inet' : 'inet6')
    this.sock = sock
    sock.onConnect = () => {
      this.connected = true
      for (; this.waiting > 0; this.waiting--) sock.send(BEAT)
    }
    sock.onReadable = () => this.read()
    sock.onFail = () => this.failed(sock.err ?? 'ECONNRESET')
    const error = sock.bind(v4 ? 0 : '', sport) ?? sock.connect(daddr, dport)
    if (error !== null) this.failed(error)
  }

  /** Sends a byte, as soon as the connection stands. */
  beat(): void {
    if (this.isOpen) this.sock?.send(BEAT)
    else if (this.exitCode === null) this.waiting++
  }

  protected cleanup(): void {
    this.sock?.close()
  }

  private read(): void {
    const { sock } = this
    if (sock === null) return
    this.back += sock.read().length
    this.onBeat?.(this.back)
    if (sock.finReceived) this.failed('closed by the other side')
  }

  private failed(why: string): void {
    this.outcome = this.connected ? `broken: ${why}` : `connect error: ${why}`
    this.exit(1)
  }
}

const BEAT = new Uint8Array([0x2e])

/** A TCP server that sends back what comes, on every connection, until the client closes. */
export class TcpEcho extends Process {
  private readonly family: 'inet' | 'inet6'
  private readonly port: number
  private listener: TcpListener | null = null
  private readonly open = new Set<TcpSock>()

  constructor(ns: NetNs, family: 'inet' | 'inet6', port: number) {
    super(ns)
    this.family = family
    this.port = port
  }

  /** Listens until ended. */
  start(): void {
    const listener = new TcpListener(this.ns, this.family)
    this.listener = listener
    const failed = listener.listen(this.family === 'inet' ? 0 : '', this.port)
    if (failed !== null) {
      this.fail(`bind: ${failed}\n`)
      this.exit(1)
      return
    }
    listener.onAccept = (connection) => this.serve(connection)
  }

  protected cleanup(): void {
    this.listener?.close()
    for (const connection of this.open) connection.close()
  }

  private serve(connection: TcpSock): void {
    this.open.add(connection)
    const look = (): void => {
      const came = connection.read()
      if (came.length > 0) connection.send(came)
      if (connection.finReceived && this.open.delete(connection)) connection.close()
    }
    connection.onReadable = () => void this.after(WAKEUP, look)
    connection.onFail = () => this.open.delete(connection)
    connection.onReadable()
  }
}
