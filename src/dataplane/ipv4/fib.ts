import type { NetNs } from '../netns.ts'

/** The compiled IPv4 routing tables and rules of a namespace. Immutable; compiled again when the model changes. */
export class Fib4 {
  /** Namespace it was compiled for. */
  readonly ns: NetNs
  constructor(ns: NetNs) {
    this.ns = ns
  }
}

/** Compiles the routing tables and rules of a namespace; its devices must be in place. */
export function compileFib4(ns: NetNs): Fib4 {
  return new Fib4(ns)
}
