import type { Hop, Trace } from '../trace/index.ts'

/** Names of the namespaces that only stand for a piece of Ethernet. */
export function switchesOf(trace: Trace): ReadonlySet<string> {
  return new Set(trace.nodes.filter((node) => node.role === 'switch').map((node) => node.name))
}

/** Stations that alone heard a question nobody answered: the other end of a wire, which should have. */
function silentOf(trace: Trace): readonly string[] {
  const answered = answeredTargets(trace)
  const heard = new Map<string, Set<string>>()
  for (const hop of trace.hops) {
    if (hop.kind !== 'arp' || answered.has(hop.target)) continue
    const key = `${hop.sender} ${hop.target}`
    heard.set(key, (heard.get(key) ?? new Set()).add(hop.netns))
  }
  return [...heard.values()].flatMap((names) => (names.size === 1 ? [...names] : []))
}

/** Namespaces a request, reply or error came through, or that answered an address resolution; the rest only overheard. */
export function involvedIn(trace: Trace): ReadonlySet<string> {
  const main = trace.packets.filter((packet) => packet.role !== 'resolution')
  const answering = trace.hops.filter((hop) => hop.kind === 'arp' && hop.answered).map((hop) => hop.netns)
  return new Set([...main.flatMap((packet) => packet.path), ...answering, ...silentOf(trace)])
}

/** What is left out of a short telling: switches, and stations that only overheard a broadcast somebody else answered. */
export function backgroundOf(trace: Trace): ReadonlySet<string> {
  const involved = involvedIn(trace)
  const overheard = involved.size === 0 ? [] : trace.nodes.filter((node) => !involved.has(node.name))
  return new Set([...switchesOf(trace), ...overheard.map((node) => node.name)])
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
    case 'conntrack':
      return hop.state !== 'INVALID'
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
