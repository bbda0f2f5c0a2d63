import type { Dst } from '../kernel/dst.ts'
import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { PmtuDisc, Sock } from '../kernel/sock.ts'
import type { Errno } from './errno.ts'

/** An address in engine form: IPv4 a uint32, IPv6 a 16-char key; 0 and '' mean "any" or "choose". */
export type Addr = number | string

/** An entry of a socket's error queue (`struct sock_extended_err`). */
export interface SockError {
  /** The error. */
  readonly errno: Errno
  /** 1 local, 2 ICMP, 3 ICMPv6. */
  readonly origin: 1 | 2 | 3
  /** ICMP type, 0 for local errors. */
  readonly type: number
  /** ICMP code. */
  readonly code: number
  /** MTU or other information of the error. */
  readonly info: number
  /** Who sent the ICMP error; 0 or '' for local errors. */
  readonly offender: Addr
  /** Where the packet that caused it was sent to. */
  readonly daddr: Addr
  /** Port it was sent to. */
  readonly dport: number
  /** The quoted packet from its transport header on (from its IP header for IP_HDRINCL). */
  readonly payload: Uint8Array
}

/** What all sockets of the two internet families share (`struct inet_sock`). */
export abstract class InetSock implements Sock {
  /** Kind. */
  abstract readonly type: 'raw' | 'udp' | 'tcp'
  /** Namespace. */
  readonly ns: NetNs
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** IP protocol. */
  readonly protocol: number
  /** SO_BINDTODEVICE. */
  boundDev: NetDevice | null = null
  /** SO_MARK. */
  mark = 0
  /** IP_TOS / IPV6_TCLASS. */
  tos = 0
  /** IP_TTL / IPV6_UNICAST_HOPS; -1 = default. */
  ttl = -1
  /** IP_MTU_DISCOVER. */
  pmtudisc: PmtuDisc
  /** SO_BROADCAST. */
  broadcast = false
  /** IP_RECVERR. */
  recvErr = false
  /** Local address packets are accepted for; any when 0 or ''. */
  rcvSaddr: Addr
  /** Source of what is sent; the route's when 0 or ''. */
  saddr: Addr
  /** Peer address when connected. */
  daddr: Addr
  /** Local port (raw: 0). */
  sport = 0
  /** Peer port when connected. */
  dport = 0
  /** A pending error (`sk_err`): the next call returns it. */
  err: Errno | null = null
  /** Errors with their details, when {@link InetSock.recvErr}; call to look at them. */
  readonly errorQueue: SockError[] = []
  /** Called when something was put on the error queue or `err` was set. */
  onError: (() => void) | null = null

  constructor(ns: NetNs, family: 'inet' | 'inet6', protocol: number) {
    this.ns = ns
    this.family = family
    this.protocol = protocol
    this.rcvSaddr = this.saddr = this.daddr = family === 'inet' ? 0 : ''
    this.pmtudisc = ns.ip.noPmtuDisc > 0 ? 'dont' : 'want'
  }

  /** Returns the pending error and forgets it (`sock_error`). */
  takeError(): Errno | null {
    const e = this.err
    this.err = null
    return e
  }

  /** A packet larger than the path may be fragmented here (`ip_sk_ignore_df`). */
  get ignoreDf(): boolean {
    return this.pmtudisc === 'dont' || this.pmtudisc === 'want' || this.pmtudisc === 'omit'
  }

  /** The route's MTU counts, not only the device's (`ip_sk_use_pmtu`). */
  get usePmtu(): boolean {
    return this.pmtudisc === 'dont' || this.pmtudisc === 'want' || this.pmtudisc === 'do'
  }

  /** Learned path MTUs are believed (`ip_sk_accept_pmtu`). */
  get acceptPmtu(): boolean {
    return this.pmtudisc !== 'interface' && this.pmtudisc !== 'omit'
  }

  /** Whether a small enough packet carries DF (`ip_dont_fragment`). */
  dontFragment(dst: Dst): boolean {
    return this.pmtudisc === 'do' || (this.pmtudisc === 'want' && !dst.mtuLocked)
  }

  /** Puts an error on the queue; does nothing unless IP_RECVERR is on. */
  queueError(e: SockError): void {
    if (!this.recvErr) return
    this.errorQueue.push(e)
  }

  /** Ends the socket. */
  abstract close(): void
}
