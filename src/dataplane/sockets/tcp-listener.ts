import { IP_PROTOCOL } from '../../wire/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Errno } from './errno.ts'
import { type Addr, InetSock } from './inet-sock.ts'
import { bindError } from './raw-sock.ts'
import { socketsOf } from './slot.ts'
import { TcpSock } from './tcp-sock.ts'

/** A listening TCP socket. */
export class TcpListener extends InetSock {
  /** Kind. */
  readonly type = 'tcp' as const
  /** Whether it listens. */
  listening = false
  /** Called with every connection whose handshake is complete (`accept`). */
  onAccept: ((connection: TcpSock) => void) | null = null

  constructor(ns: NetNs, family: 'inet' | 'inet6') {
    super(ns, family, IP_PROTOCOL.TCP)
  }

  /** Binds and listens. */
  listen(addr: Addr, port: number): Errno | null {
    const failed = bindError(this, addr)
    if (failed !== null) return failed
    const others = socketsOf(this.ns).listeners.get(port) ?? []
    if (others.some((o) => o.family === this.family && (!o.rcvSaddr || !addr || o.rcvSaddr === addr)))
      return 'EADDRINUSE'
    this.rcvSaddr = this.saddr = addr
    this.sport = port
    this.listening = true
    socketsOf(this.ns).addListener(this)
    return null
  }

  /** A connection in the making, with the listener's settings. */
  spawn(): TcpSock {
    const sock = new TcpSock(this.ns, this.family)
    sock.listener = this
    sock.boundDev = this.boundDev
    sock.mark = this.mark
    sock.tos = this.tos
    sock.ttl = this.ttl
    sock.pmtudisc = this.pmtudisc
    return sock
  }

  /** Stops listening; connections live on. */
  close(): void {
    this.listening = false
    socketsOf(this.ns).removeListener(this)
    this.onAccept = null
  }
}
