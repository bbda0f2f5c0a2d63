import type { NetNs } from '../netns.ts'

/** Netfilter of one namespace: compiled chains and, kept over edits, its connections. */
export interface Netfilter {
  /** Whether connections are tracked: some rule needs it. */
  readonly tracks: boolean
}

/** Compiles the rules of a namespace; null when no table is loaded. Connections of `previous` are kept. */
export function compileNetfilter(ns: NetNs, previous: Netfilter | null): Netfilter | null {
  if (!ns.model.iptables && !ns.model.ip6tables) return null
  return previous ?? { tracks: false }
}
