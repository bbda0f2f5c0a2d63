import type { LoadedDump } from '../dumps/index.ts'
import { cablePeer, DROPS, type DropCause } from '../model/index.ts'
import type { Disposition, DropHop, Hop, Trace } from '../trace/index.ts'

/** Files without which a machine may drop what it would forward in truth; rules that are missing only let more through. */
const DECIDING: ReadonlySet<string> = new Set([
  'link.json',
  'addr.json',
  'route.json',
  'route6.json',
  'rule.json',
  'rule6.json',
  'sysctl.txt',
  'wg.txt',
  'ipset.txt',
])

/** Those that only matter when nobody told the link-layer address or the remote end of a tunnel. */
const LINK_LAYER: ReadonlySet<string> = new Set(['neigh.json', 'fdb.json'])

function decides(file: string, cause: DropCause): boolean {
  return DECIDING.has(file) || (LINK_LAYER.has(file) && /^(neighbour|vxlan)/.test(cause))
}

/**
 * Where a trace that failed ran into something the dumps do not say, a sentence each; empty when it succeeded or when
 * everything that decided was dumped. A failure with such a sentence is no answer: the real network may do otherwise.
 */
export function beyondDump(trace: Trace, dump: LoadedDump): string[] {
  if (trace.ok) return []
  const found = trace.hops.flatMap((hop) => beyondAt(hop, dump))
  return [...new Set([...found, ...beyondEnd(trace.disposition, trace, dump)])]
}

/** Namespaces nobody dumped that requests and answers of a trace came through. */
export function assumedOnTheWay(trace: Trace, dump: LoadedDump): string[] {
  const packets = trace.packets.filter((packet) => packet.role === 'request' || packet.role === 'reply')
  const names = new Set(packets.flatMap((packet) => packet.path))
  return [...names].filter((name) => dump.assumedNamespaces.has(name))
}

function beyondAt(hop: Hop, dump: LoadedDump): string[] {
  if (hop.kind === 'tx' && dump.unplugged.has(`${hop.netns}/${hop.dev}`)) {
    return [`no dump says where ${hop.netns}/${hop.dev} leads`]
  }
  return hop.kind === 'drop' && !hop.harmless ? beyondDrop(hop, dump) : []
}

function beyondDrop(hop: DropHop, dump: LoadedDump): string[] {
  if (dump.assumedNamespaces.has(hop.netns)) return [`${hop.netns}, which dropped it, was not dumped but assumed`]
  const node = dump.nodes.find((one) => one.name === hop.netns)
  const gaps = (node?.missing ?? []).filter((file) => decides(file, hop.cause))
  const said =
    gaps.length === 0
      ? []
      : [`${hop.netns} dropped it (${DROPS[hop.cause].why}), and its dump lacks ${gaps.join(', ')}`]
  const silent = hop.cause.startsWith('neighbour_failed') ? leadsToAssumed(hop, dump) : []
  return [...said, ...silent]
}

/** Nobody answered on an Ethernet that was assumed: a machine that was not dumped may be there. */
function leadsToAssumed(hop: DropHop, dump: LoadedDump): string[] {
  const peer = cablePeer(dump.network, hop.netns, hop.dev)
  const isAssumed = peer !== undefined && dump.assumedNamespaces.has(peer.netns)
  return isAssumed ? [`nobody answered ${hop.netns} on ${hop.dev}: a machine that was not dumped may be there`] : []
}

/** The packet was last seen where nothing is known. */
function beyondEnd(disposition: Disposition, trace: Trace, dump: LoadedDump): string[] {
  if (disposition.kind === 'error') {
    const from = Object.values(dump.network.namespaces).find((ns) =>
      Object.values(ns.interfaces).some((dev) => dev.addresses.some(({ local }) => local === disposition.from)),
    )
    return from !== undefined && dump.assumedNamespaces.has(from.name)
      ? [`${disposition.from}, which sent the error, was not dumped but assumed`]
      : []
  }
  if (disposition.kind !== 'no-answer') return []
  const request = trace.packets.find((packet) => packet.role === 'request')
  const last = request?.path.at(-1)
  return last !== undefined && dump.assumedNamespaces.has(last)
    ? [`${last}, where it ended, was not dumped but assumed`]
    : []
}
