import { type Addr, type NetNs, RawSock, SECOND, type SockError } from '../dataplane/index.ts'
import { addressText } from './address.ts'
import { lettered } from './lettered.ts'
import { Process } from './process.ts'

/** What one packet of a bare protocol is made of. */
export interface RawSendOptions {
  /** Destination. */
  readonly daddr: Addr
  /** Source address; absent = any. */
  readonly saddr?: Addr
  /** Number of the protocol behind the IP header. */
  readonly protocol: number
  /** Bytes behind the IP header: letters. */
  readonly size: number
  /** TTL. */
  readonly ttl?: number
  /** IP_MTU_DISCOVER. */
  readonly pmtudisc?: RawSock['pmtudisc']
  /** Seconds to wait for an error. */
  readonly timeout?: number
}

/** Sends one IP packet of a protocol by its number; nothing answers such a packet but errors. */
export class RawSend extends Process {
  private readonly options: RawSendOptions
  private sock: RawSock | null = null

  constructor(ns: NetNs, options: RawSendOptions) {
    super(ns)
    this.options = options
  }

  /** Sends it. */
  start(): void {
    const { daddr, saddr, protocol, size, ttl, pmtudisc, timeout = 0.8 } = this.options
    const family = typeof daddr === 'number' ? 'inet' : 'inet6'
    const sock = new RawSock(this.ns, family, protocol)
    this.sock = sock
    sock.recvErr = true
    if (ttl !== undefined) sock.ttl = ttl
    if (pmtudisc !== undefined) sock.pmtudisc = pmtudisc
    sock.onError = () => {
      for (const error of sock.errorQueue.splice(0)) this.report(error)
    }
    const failed =
      sock.bind(saddr ?? (family === 'inet' ? 0 : '')) ?? sock.connect(daddr) ?? sock.sendTo(lettered(size, 0), daddr)
    if (failed !== null) {
      this.refused = true
      this.outcome = `send error: ${failed}`
      this.exit(1)
      return
    }
    this.after(timeout * SECOND, () => {
      this.outcome = 'sent'
      this.exit(0)
    })
  }

  protected cleanup(): void {
    this.sock?.close()
  }

  private report({ errno, type, code, offender }: SockError): void {
    this.outcome = `error ${errno} icmp type=${type} code=${code} from ${offender ? addressText(offender) : 'none'}`
    this.out(`${this.outcome}\n`)
    this.exit(1)
  }
}

/** Takes in packets of a protocol, as a program with a raw socket does: the kernel refuses none of them then. */
export class RawServer extends Process {
  private readonly family: 'inet' | 'inet6'
  private readonly protocol: number
  private sock: RawSock | null = null

  constructor(ns: NetNs, family: 'inet' | 'inet6', protocol: number) {
    super(ns)
    this.family = family
    this.protocol = protocol
  }

  /** Listens until ended. */
  start(): void {
    this.sock = new RawSock(this.ns, this.family, this.protocol)
    this.sock.onReceive = ({ bytes, transport, saddr }) =>
      this.out(`server ${this.ns.name} got ${bytes.length - transport} bytes from ${addressText(saddr)}\n`)
  }

  protected cleanup(): void {
    this.sock?.close()
  }
}
