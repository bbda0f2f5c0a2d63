import type { NetNs } from '../netns.ts'

/** The sockets of one namespace, by kind and port. */
export class SocketTable {
  /** Namespace. */
  readonly ns: NetNs

  constructor(ns: NetNs) {
    this.ns = ns
  }
}
