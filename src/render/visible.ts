import type { Hop, Trace } from '../trace/index.ts'

/** Names of the namespaces that only stand for a piece of Ethernet. */
export function switchesOf(trace: Trace): ReadonlySet<string> {
  return new Set(trace.nodes.filter((node) => node.role === 'switch').map((node) => node.name))
}

/** Addresses somebody answered for: then it does not matter who else was asked. */
export function answeredTargets(trace: Trace): ReadonlySet<string> {
  return new Set(trace.hops.flatMap((hop) => (hop.kind === 'arp' && hop.answered ? [hop.target] : [])))
}

/** Targets that end or change a packet; marks and jumps only lead there. */
const DECIDING: ReadonlySet<string> = new Set([
  'ACCEPT',
  'DROP',
  'REJECT',
  'SNAT',
  'DNAT',
  'MASQUERADE',
  'REDIRECT',
  'NETMAP',
  'TPROXY',
  'TCPMSS',
])

/** Whether a hop decided nothing that a reader needs: passed checks, bookkeeping, steps the next one says better. */
export function isIdle(hop: Hop, answered: ReadonlySet<string>): boolean {
  switch (hop.kind) {
    case 'rp-filter':
      return hop.passed
    case 'neighbour':
      return !hop.queued && hop.lladdr === '' && hop.state !== 'FAILED'
    case 'rule':
      return hop.position === 0 ? hop.target === 'ACCEPT' : !DECIDING.has(hop.target)
    case 'hook':
      return hop.verdict === 'accept'
    case 'arp':
      return hop.answered || answered.has(hop.target)
    case 'drop':
      return hop.harmless
    case 'create':
    case 'clone':
    case 'learn':
    case 'neighbour-change':
      return true
    default:
      return false
  }
}
