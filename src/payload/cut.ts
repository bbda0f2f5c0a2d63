import { type CableEnd, DROPS, type DropCause } from '../model/index.ts'
import { type DropHop, type FragmentHop, hopsOf, lastMatch, type Trace } from '../trace/index.ts'
import type { MtuSources } from './mtu-source.ts'
import type { Sent } from './probe.ts'
import type { Cut, Fragmentation, MtuSource, News } from './report.ts'

/** Where a packet that is one byte too long ends, and whether its sender hears of it. */
export function cutOf(
  { run, tooLong }: Sent,
  asker: string,
  out: string | undefined,
  sources: MtuSources,
): Cut | undefined {
  const { trace } = run
  const requests = new Set(trace.packets.filter(({ role }) => role === 'request').map(({ id }) => id))
  const drop = hopsOf(trace, 'drop').find((hop) => requests.has(hop.packet) && !hop.harmless)
  if (drop === undefined) {
    if (tooLong === null) return undefined
    const source = sourceAt(sources, { netns: asker, dev: out ?? '' }, tooLong.mtu)
    return { netns: asker, dev: source.dev, mtu: tooLong.mtu, source, news: { kind: 'own' } }
  }
  const told = hopsOf(trace, 'icmp-error').find((hop) => hop.info > 0)
  const at = exceeded(trace, drop, sources)
  const source = sourceAt(sources, at, told?.info ?? 0)
  const mtu = told?.netns === drop.netns ? told.info : source.mtu
  return { ...at, mtu, source, cause: drop.cause, news: newsOf(trace, asker, tooLong?.mtu, drop.cause) }
}

/** The device that would not take it: the way out of the last lookup, the far end of a wire, else where it was dropped. */
function exceeded(trace: Trace, drop: DropHop, sources: MtuSources): CableEnd {
  const { netns, dev, packet } = drop
  // @linux include/linux/netdevice.h is_skb_forwardable: it is the other end that measures, with room for a VLAN tag
  if (drop.cause === 'veth_frame_too_long') return sources.peerOf({ netns, dev }) ?? { netns, dev }
  if (!OF_LOOKUP.has(drop.cause)) return { netns, dev }
  const route = lastMatch(trace.hops, (hop) => hop.kind === 'route' && hop.packet === packet && hop.netns === netns)
  return { netns, dev: (route?.kind === 'route' ? route.out : undefined) ?? dev }
}

/** Drops that the MTU of the way out causes, while the packet is still where it came in. */
const OF_LOOKUP: ReadonlySet<DropCause> = new Set<DropCause>(['forward_too_big', 'ip6_too_big', 'frag_needed_local'])

function sourceAt(sources: MtuSources, { netns, dev }: CableEnd, mtu: number): MtuSource {
  return (
    sources.of(netns, dev) ?? {
      netns,
      dev,
      mtu,
      confidence: { kind: 'objects', of: [] },
      why: 'what the sender’s host knows of the way',
    }
  )
}

/** What the sender learns, within the packets that were sent. */
function newsOf(trace: Trace, asker: string, learned: number | undefined, cause: DropCause): News {
  const before = trace.exchanges.findIndex(({ disposition }) => disposition.kind === 'error')
  const came = hopsOf(trace, 'route-exception', asker).find(({ mtu }) => mtu > 0)
  if (before >= 0 || came !== undefined || learned !== undefined) {
    const lost = before >= 0 ? before + 1 : Math.max(1, trace.exchanges.length)
    return { kind: 'told', after: lost, mtu: came?.mtu ?? learned ?? 0 }
  }
  const errors = trace.packets.filter(({ role }) => role === 'error')
  const dropped = hopsOf(trace, 'drop').find((hop) => !hop.harmless && errors.some(({ id }) => id === hop.packet))
  if (dropped !== undefined) {
    const { netns, dev, cause: because } = dropped
    return { kind: 'lost', netns, dev, cause: because, why: dropped.reason }
  }
  const held = hopsOf(trace, 'icmp-error').find(({ sent }) => !sent)
  if (held !== undefined) return { kind: 'silent', why: held.reason }
  const taken = errors.find(({ end }) => end === 'consumed' || end === 'delivered')
  const at = taken?.path.at(-1)
  if (at !== undefined)
    return { kind: 'lost', netns: at, dev: '', why: `${at}, the outer sender, hears of it and does not pass it on` }
  return { kind: 'silent', why: `no ICMP is sent: ${DROPS[cause].why}` }
}

/** Where the request was cut, in order; each place once. */
export function fragmentsOf(trace: Trace): Fragmentation[] {
  const requests = new Set(trace.packets.filter(({ role }) => role === 'request').map(({ id }) => id))
  const places = new Map<string, Fragmentation>()
  const isOwn = (hop: FragmentHop): boolean => requests.has(hop.packet)
  for (const { netns, dev, mtu, fragments } of hopsOf(trace, 'fragment').filter(isOwn)) {
    const key = `${netns}\n${dev}`
    if (!places.has(key)) places.set(key, { netns, dev, mtu, fragments })
  }
  return [...places.values()]
}
