import type { NetNs } from '../netns.ts'

/** Incomplete IPv4 datagrams of a namespace, all users. Volatile: kept over edits. */
export class FragQueues {
  /** Namespace. */
  readonly ns: NetNs
  constructor(ns: NetNs) {
    this.ns = ns
  }
}
