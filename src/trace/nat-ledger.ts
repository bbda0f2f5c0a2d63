import { type Decision, isTranslation, type NatBy, type NatDecision } from './decision.ts'
import { decisionsOf } from './decisions.ts'
import { endText } from './end-text.ts'
import { seenIn } from './packet-seen.ts'
import type { PacketRole, Trace } from './trace.ts'

/** Source and destination of a packet, each `address:port` or the address alone. */
export interface NatEnds {
  /** Source. */
  readonly source: string
  /** Destination. */
  readonly destination: string
}

/** What translation made of the packets of one direction in one namespace. */
export interface NatEntry {
  /** Namespace that translated. */
  readonly netns: string
  /** Whether the request was translated, or what came back. */
  readonly role: PacketRole
  /** `tcp`, `udp`, `icmp`, …; '' when no device saw the packet. */
  readonly protocol: string
  /** Before. */
  readonly before: NatEnds
  /** After. */
  readonly after: NatEnds
  /** Who translated, in order. */
  readonly by: readonly NatBy[]
}

/** All translations of a trace: one entry for each namespace and direction, however many packets there were. */
export function natLedgerOf(
  trace: Pick<Trace, 'hops' | 'packets'>,
  decisions: readonly Decision[] = decisionsOf(trace),
): readonly NatEntry[] {
  const groups = new Map<string, NatDecision[]>()
  for (const decision of decisions) {
    if (!isTranslation(decision)) continue
    const key = `${decision.packet} ${decision.netns}`
    groups.set(key, [...(groups.get(key) ?? []), decision])
  }
  const entries = new Map<string, NatEntry>()
  for (const group of groups.values()) {
    const entry = entryOf(trace, group)
    const { netns, role, protocol, before, after } = entry
    const key = JSON.stringify({ netns, role, protocol, before, after })
    if (!entries.has(key)) entries.set(key, entry)
  }
  return [...entries.values()]
}

function entryOf(trace: Pick<Trace, 'hops' | 'packets'>, group: readonly NatDecision[]): NatEntry {
  const [first] = group as readonly [NatDecision, ...NatDecision[]]
  const last = group.at(-1)?.hop ?? first.hop
  const next = trace.hops
    .slice(last + 1)
    .find((hop) => hop.packet === first.packet && (hop.kind === 'tx' || hop.kind === 'rx'))
  const sent = next?.kind === 'tx' || next?.kind === 'rx' ? seenIn(next) : first.seen
  const changed = (side: 'source' | 'destination'): readonly NatDecision[] => group.filter((one) => one.side === side)
  const before = (side: 'source' | 'destination'): string => changed(side)[0]?.from ?? endText(sent[side])
  const after = (side: 'source' | 'destination'): string => changed(side).at(-1)?.to ?? endText(sent[side])
  return {
    netns: first.netns,
    role: trace.packets.find((one) => one.id === first.packet)?.role ?? 'other',
    protocol: sent.protocol === '' ? first.seen.protocol : sent.protocol,
    before: { source: before('source'), destination: before('destination') },
    after: { source: after('source'), destination: after('destination') },
    by: group.map((one) => one.by),
  }
}
