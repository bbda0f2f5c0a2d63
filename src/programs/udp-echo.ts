import { type NetNs, UdpSock } from '../dataplane/index.ts'
import { endpointText } from './address.ts'
import { lettered, REPLY_LETTER } from './lettered.ts'
import { Process, WAKEUP } from './process.ts'

/** A UDP server that answers every datagram once, from an unconnected socket: the route chooses the source of the answer. */
export class UdpEchoServer extends Process {
  private readonly port: number
  private readonly family: 'inet' | 'inet6'
  private readonly replySize: number | null
  private sock: UdpSock | null = null

  /** @param replySize - bytes of a reply; null = what came, sent back */
  constructor(ns: NetNs, family: 'inet' | 'inet6', port: number, replySize: number | null = null) {
    super(ns)
    this.family = family
    this.port = port
    this.replySize = replySize
  }

  /** Binds and listens until ended. */
  start(): void {
    const sock = new UdpSock(this.ns, this.family)
    this.sock = sock
    const failed = sock.bind(this.family === 'inet' ? 0 : '', this.port)
    if (failed !== null) {
      this.fail(`bind: ${failed}\n`)
      this.exit(1)
      return
    }
    sock.onReceive = (d) => {
      this.out(`server ${this.ns.name} got ${d.payload.length} bytes from ${endpointText(d.saddr, d.sport)}\n`)
      const reply = this.replySize === null ? d.payload : lettered(this.replySize, REPLY_LETTER)
      this.after(WAKEUP, () => sock.sendTo(reply, d.saddr, d.sport))
    }
  }

  protected cleanup(): void {
    this.sock?.close()
  }
}
