import { pushTo } from '../model/index.ts'
import type { Hop, PacketRole, Trace, TracePacket } from '../trace/index.ts'

/** A stay in a namespace: hops that follow each other there. */
export interface Visit {
  /** Namespace. */
  readonly netns: string
  /** What happened during it. */
  readonly hops: readonly Hop[]
}

/** A part of a trace that is read in one go: a request, the reply to it, an error; with the address resolution it caused. */
export interface Section {
  /** What it is. */
  readonly role: PacketRole
  /** The packet it is about; absent when it is about none. */
  readonly packet?: TracePacket
  /** Namespace by namespace. */
  readonly visits: readonly Visit[]
}

/** The parts of a trace, in the order they began. Chronological inside each. */
export function sectionsOf(trace: Trace): readonly Section[] {
  const packets = new Map(trace.packets.map((packet) => [packet.id, packet]))
  const byRoot = new Map<number, Hop[]>()
  let current = 0
  for (const hop of trace.hops) {
    const root = hop.packet === 0 ? current : rootOf(packets, hop.packet)
    current = root
    pushTo(byRoot, root, hop)
  }
  return [...byRoot].map(([root, hops]) => {
    const packet = packets.get(root)
    return { role: packet?.role ?? 'other', ...(packet === undefined ? {} : { packet }), visits: visitsOf(hops) }
  })
}

/** The packet on whose account another exists: the one that waits for a resolution, the whole of a fragment. */
function rootOf(packets: ReadonlyMap<number, TracePacket>, id: number): number {
  let at = id
  for (let depth = 0; depth < 16; depth++) {
    const packet = packets.get(at)
    const above = packet?.parent ?? (packet?.role === 'resolution' ? packet.answers : undefined)
    if (above === undefined || !packets.has(above)) return at
    at = above
  }
  return at
}

function visitsOf(hops: readonly Hop[]): readonly Visit[] {
  const visits: { netns: string; hops: Hop[] }[] = []
  for (const hop of hops) {
    const last = visits.at(-1)
    if (last !== undefined && (last.netns === hop.netns || hop.netns === '')) last.hops.push(hop)
    else visits.push({ netns: hop.netns, hops: [hop] })
  }
  return visits
}
