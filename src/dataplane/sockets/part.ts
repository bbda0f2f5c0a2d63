import type { NetNs } from '../kernel/netns.ts'
import type { Part, PartKind } from '../kernel/part.ts'
import type { InetSock } from './inet-sock.ts'
import type { RawSock } from './raw-sock.ts'
import { SOCKETS_SLOT } from './slot.ts'
import { SocketTable } from './socket-table.ts'
import { freeEarly } from './tcp-close.ts'
import type { TcpListener } from './tcp-listener.ts'
import { loadTcp, type SavedTcp, saveTcp } from './tcp-save.ts'
import type { UdpSock } from './udp-sock.ts'

/** A socket at a moment. */
interface SavedSock<T> {
  readonly sock: T
  readonly fields: object
  readonly errors: InetSock['errorQueue']
}

function saveSock<T extends InetSock>(sock: T): SavedSock<T> {
  return { sock, fields: { ...sock }, errors: [...sock.errorQueue] }
}

function loadSock<T extends InetSock>({ sock, fields, errors }: SavedSock<T>): T {
  return Object.assign(sock, fields, { errorQueue: [...errors] })
}

/** Sockets open at a moment; see {@link SocketsPart.save}. */
export interface SavedSockets {
  /** Raw sockets. */
  readonly raw: readonly SavedSock<RawSock>[]
  /** UDP sockets. */
  readonly udp: readonly SavedSock<UdpSock>[]
  /** Listening TCP sockets. */
  readonly listeners: readonly SavedSock<TcpListener>[]
  /** TCP connections. */
  readonly tcp: readonly SavedTcp[]
}

/** The sockets in a namespace; they are no part of the model. */
export class SocketsPart implements Part<SavedSockets> {
  /** Sockets by port and kind. */
  readonly table: SocketTable

  constructor(ns: NetNs) {
    this.table = new SocketTable(ns)
  }

  update(): void {}

  end(): void {
    for (const sock of this.table.tcp.values()) freeEarly(sock)
  }

  save(): SavedSockets {
    const { raw, udp, listeners, tcp } = this.table
    return {
      raw: raw.map(saveSock),
      udp: [...udp.values()].flat().map(saveSock),
      listeners: [...listeners.values()].flat().map(saveSock),
      tcp: [...tcp.values()].map(saveTcp),
    }
  }

  load(saved: SavedSockets): void {
    const { table } = this
    table.raw = saved.raw.map(loadSock)
    table.udp.clear()
    for (const s of saved.udp) table.addUdp(loadSock(s))
    table.listeners.clear()
    for (const l of saved.listeners) table.addListener(loadSock(l))
    table.clearConnections()
    for (const one of saved.tcp) table.addConnection(loadTcp(one))
  }
}

/** Sockets. */
export const SOCKETS: Readonly<PartKind<SocketsPart>> = {
  slot: SOCKETS_SLOT,
  make: (ns) => new SocketsPart(ns),
}
