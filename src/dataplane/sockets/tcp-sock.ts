import { IP_PROTOCOL } from '../../wire/index.ts'
import type { NetNs } from '../netns.ts'
import { InetSock } from './inet-sock.ts'
import { tcpKey } from './socket-table.ts'

/** A TCP connection. */
export class TcpSock extends InetSock {
  /** Kind. */
  readonly type = 'tcp' as const

  constructor(ns: NetNs, family: 'inet' | 'inet6') {
    super(ns, family, IP_PROTOCOL.TCP)
  }

  /** Key in the table of connections. */
  get key(): string {
    return tcpKey(this.rcvSaddr, this.sport, this.daddr, this.dport)
  }

  /** Ends it. */
  close(): void {
    this.ns.sockets.tcp.delete(this.key)
  }
}
