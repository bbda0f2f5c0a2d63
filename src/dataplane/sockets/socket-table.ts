import type { NetDevice } from '../kernel/net-device.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Addr, InetSock } from './inet-sock.ts'
import type { RawSock } from './raw-sock.ts'
import type { TcpListener } from './tcp-listener.ts'
import type { TcpSock } from './tcp-sock.ts'
import type { UdpSock } from './udp-sock.ts'

/** The sockets of one namespace. */
export class SocketTable {
  /** Namespace. */
  readonly ns: NetNs
  /** Raw sockets in order of creation. */
  raw: RawSock[] = []
  /** UDP sockets by local port. */
  readonly udp: Map<number, UdpSock[]> = new Map()
  /** Listening TCP sockets by port. */
  readonly listeners: Map<number, TcpListener[]> = new Map()
  /** TCP connections, by {@link tcpKey}. */
  readonly tcp: Map<string, TcpSock> = new Map()
  /** The connection found last; most segments are for the one of the last. */
  private last: TcpSock | null = null

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** Adds a connection, whose ends do not change from now on. */
  addConnection(sock: TcpSock): void {
    this.tcp.set(sock.key, sock)
    this.last = null
  }

  /** Removes a connection, unless another took its place. */
  removeConnection(sock: TcpSock): void {
    if (this.tcp.get(sock.key) === sock) this.tcp.delete(sock.key)
    this.last = null
  }

  /** Removes all connections. */
  clearConnections(): void {
    this.tcp.clear()
    this.last = null
  }

  /** The connection between two ends. */
  connection(laddr: Addr, lport: number, raddr: Addr, rport: number): TcpSock | undefined {
    const { last } = this
    if (
      last !== null &&
      last.sport === lport &&
      last.dport === rport &&
      last.rcvSaddr === laddr &&
      last.daddr === raddr
    )
      return last
    const found = this.tcp.get(tcpKey(laddr, lport, raddr, rport))
    if (found !== undefined) this.last = found
    return found
  }

  /** Adds a UDP socket under its port. */
  addUdp(sock: UdpSock): void {
    addTo(this.udp, sock.sport, sock)
  }

  /** Removes a UDP socket. */
  removeUdp(sock: UdpSock): void {
    removeFrom(this.udp, sock.sport, sock)
  }

  /** Adds a listener. */
  addListener(l: TcpListener): void {
    addTo(this.listeners, l.sport, l)
  }

  /** Removes a listener. */
  removeListener(l: TcpListener): void {
    removeFrom(this.listeners, l.sport, l)
  }

  /** A port nobody uses, picked at random from ip_local_port_range; 0 when there is none. */
  ephemeralPort(taken: (port: number) => boolean): number {
    const { low, high } = this.ns.ip.localPorts
    const n = high - low + 1
    const start = this.ns.sim.random() % n
    for (let i = 0; i < n; i++) {
      const port = low + ((start + i) % n)
      if (!taken(port)) return port
    }
    return 0
  }

  /**
   * The UDP socket a datagram is for: the best of those that match (`udp4_lib_lookup`, `compute_score`). Connected beats
   * bound to an address or device beats any.
   */
  lookupUdp(
    family: 'inet' | 'inet6',
    saddr: Addr,
    sport: number,
    daddr: Addr,
    dport: number,
    dev: NetDevice | null,
  ): UdpSock | null {
    let best: UdpSock | null = null
    let bestScore = -1
    for (const s of this.udp.get(dport) ?? []) {
      const score = scoreOf(s, family, saddr, sport, daddr, dev)
      if (score > bestScore) {
        best = s
        bestScore = score
      }
    }
    return best
  }

  /** The listener a SYN is for. */
  lookupListener(family: 'inet' | 'inet6', daddr: Addr, dport: number, dev: NetDevice | null): TcpListener | null {
    let best: TcpListener | null = null
    let bestScore = -1
    for (const l of this.listeners.get(dport) ?? []) {
      const score = scoreOf(l, family, family === 'inet' ? 0 : '', 0, daddr, dev)
      if (score > bestScore) {
        best = l
        bestScore = score
      }
    }
    return best
  }
}

function scoreOf(
  s: InetSock,
  family: 'inet' | 'inet6',
  saddr: Addr,
  sport: number,
  daddr: Addr,
  dev: NetDevice | null,
): number {
  if (s.family !== family) return -1
  let score = 0
  if (s.rcvSaddr) {
    if (s.rcvSaddr !== daddr) return -1
    score += 4
  }
  if (s.dport !== 0) {
    if (s.daddr !== saddr || s.dport !== sport) return -1
    score += 8
  }
  if (s.boundDev !== null) {
    if (s.boundDev !== dev) return -1
    score += 4
  }
  return score
}

function addTo<T>(map: Map<number, T[]>, port: number, sock: T): void {
  const list = map.get(port)
  if (list) list.push(sock)
  else map.set(port, [sock])
}

function removeFrom<T>(map: Map<number, T[]>, port: number, sock: T): void {
  const left = map.get(port)?.filter((s) => s !== sock) ?? []
  if (left.length > 0) map.set(port, left)
  else map.delete(port)
}

/** Key of a TCP connection: both ends. */
export function tcpKey(laddr: Addr, lport: number, raddr: Addr, rport: number): string {
  return `${lport} ${rport} ${laddr} ${raddr}`
}
