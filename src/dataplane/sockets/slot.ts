import type { NetNs } from '../kernel/netns.ts'
import type { Part } from '../kernel/part.ts'
import type { SocketTable } from './socket-table.ts'

/** Place of the sockets among the parts. */
export const SOCKETS_SLOT = 4

/** The sockets of a namespace. */
export function socketsOf(ns: NetNs): SocketTable {
  return (ns.parts[SOCKETS_SLOT] as Part & { readonly table: SocketTable }).table
}
