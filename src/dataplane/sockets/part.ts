import type { PartKind } from '../kernel/part.ts'
import { SOCKETS_SLOT } from './slot.ts'
import { SocketTable } from './socket-table.ts'

/** Sockets. */
export const SOCKETS: PartKind<SocketTable> = {
  slot: SOCKETS_SLOT,
  make: (ns) => new SocketTable(ns),
}
