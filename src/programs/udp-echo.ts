import { type Addr, type NetNs, UdpSock } from '../dataplane/index.ts'
import { endpointText } from './address.ts'
import { Process, WAKEUP } from './process.ts'

/** What a UDP server does besides. */
export interface UdpEchoOptions {
  /** The address it is bound to; left out: any, and the route chooses the source of an answer. */
  readonly address?: Addr
  /** What a datagram is answered with; left out: what came, sent back. */
  readonly answer?: (request: Uint8Array) => Uint8Array
}

/** A UDP server that answers every datagram once, from an unconnected socket. */
export class UdpEchoServer extends Process {
  private readonly port: number
  private readonly family: 'inet' | 'inet6'
  private readonly options: UdpEchoOptions
  private sock: UdpSock | null = null

  constructor(ns: NetNs, family: 'inet' | 'inet6', port: number, options: UdpEchoOptions = {}) {
    super(ns)
    this.family = family
    this.port = port
    this.options = options
  }

  /** Binds and listens until ended. */
  start(): void {
    const sock = new UdpSock(this.ns, this.family)
    this.sock = sock
    const { address = this.family === 'inet' ? 0 : '', answer = (request: Uint8Array) => request } = this.options
    const failed = sock.bind(address, this.port)
    if (failed !== null) {
      this.fail(`bind: ${failed}\n`)
      this.exit(1)
      return
    }
    sock.onReceive = (d) => {
      this.out(`server ${this.ns.name} got ${d.payload.length} bytes from ${endpointText(d.saddr, d.sport)}\n`)
      this.after(WAKEUP, () => sock.sendTo(answer(d.payload), d.saddr, d.sport))
    }
  }

  protected cleanup(): void {
    this.sock?.close()
  }
}
