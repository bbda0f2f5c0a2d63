import type { NetNs } from '../netns.ts'

/** Route exceptions (path MTU, redirects) and per-peer limits of a namespace. Volatile: kept over edits. */
export class RouteCache4 {
  /** Namespace. */
  readonly ns: NetNs
  constructor(ns: NetNs) {
    this.ns = ns
  }
}
