import { type DropHop, type Flow, type Hop, lastMatch, type PacketRole, type Trace } from '../trace/index.ts'
import { askedIn, flowIn } from './asked.ts'

/** The packet whose loss made a trace fail. */
export interface Lost {
  /** The trace. */
  readonly trace: Trace
  /** Namespace that asked. */
  readonly from: string
  /** Part it played. */
  readonly role: PacketRole
  /** Hops of it, and of the packets it was cut from, up to its end. */
  readonly hops: readonly Hop[]
  /** Namespaces it was in. */
  readonly through: ReadonlySet<string>
  /** Its end; absent when it was not dropped: taken in, or never sent. */
  readonly drop?: DropHop
  /** Addresses it was sent with; undefined when nobody saw it. */
  readonly flow: Flow | undefined
  /** Addresses of the request it goes back to. */
  readonly asked: Flow | undefined
}

/** What was lost; undefined when the trace did not fail. */
export function lostIn(trace: Trace): Lost | undefined {
  if (trace.ok) return undefined
  const asked = askedIn(trace)
  const drop = dropIn(trace)
  const request = trace.exchanges.find((one) => one.disposition === trace.disposition) ?? trace.exchanges.at(-1)
  const id = drop?.packet ?? request?.request ?? 0
  const ids = ancestors(trace, id)
  const end = drop === undefined ? trace.hops.length : trace.hops.indexOf(drop)
  const hops = trace.hops.slice(0, end).filter((hop) => ids.has(hop.packet))
  const packet = trace.packets.find((one) => one.id === id)
  return {
    trace,
    from: asked.from,
    role: drop !== undefined && isSealedAnswer(trace, drop) ? 'reply' : (packet?.role ?? 'request'),
    hops,
    through: new Set(trace.packets.filter((one) => ids.has(one.id)).flatMap((one) => one.path)),
    ...(drop === undefined ? {} : { drop }),
    flow: flowIn(hops) ?? asked.flow,
    asked: asked.flow,
  }
}

/** The drop a failure goes back to: the one it names, or for an error the first of the request it is about. */
function dropIn(trace: Trace): DropHop | undefined {
  const { disposition: d, exchanges, packets } = trace
  const drops = trace.hops.filter((hop): hop is DropHop => hop.kind === 'drop' && !hop.harmless)
  if (d.kind === 'dropped') return drops.find((hop) => hop.packet === d.packet && hop.cause === d.cause)
  const request = (exchanges.find((one) => one.disposition === d) ?? exchanges[0])?.request
  // What was never sent is no packet's fault: those there are belong to what was asked before.
  if (request === undefined) return undefined
  const own = new Set(packets.filter((one) => one.id === request || one.parent === request).map((one) => one.id))
  const found = drops.find((hop) => own.has(hop.packet))
  if (found !== undefined || d.kind !== 'no-answer') return found
  return drops.find(
    (hop) =>
      isAide(trace, hop.packet) &&
      (isWaitedFor(trace, own, hop.packet) || isRefusedAnswer(trace, own, hop) || isSealedAnswer(trace, hop)),
  )
}

/** Whether it is what whoever took the request sent into WireGuard: what it carries nobody on the way sees. */
function isSealedAnswer({ disposition, hops, packets }: Trace, drop: DropHop): boolean {
  if (disposition.kind !== 'no-answer' || drop.cause !== 'wireguard_bad_source') return false
  const taken = hops.find((hop) => hop.kind === 'deliver')
  const [sender] = packets.find(({ id }) => id === drop.packet)?.path ?? []
  return taken !== undefined && taken.netns === sender && taken.time <= drop.time
}

/** Whether a packet is what the receiver of the request would have sent, had its own firewall let it: no device saw it. */
function isRefusedAnswer({ hops }: Trace, own: ReadonlySet<number>, drop: DropHop): boolean {
  const taken = hops.findIndex((hop) => hop.kind === 'deliver' && own.has(hop.packet))
  if (taken === -1 || drop.cause !== 'netfilter_drop' || hops[taken]?.netns !== drop.netns) return false
  const isSeen = hops.some((hop) => hop.packet === drop.packet && (hop.kind === 'tx' || hop.kind === 'rx'))
  return !isSeen && hops.indexOf(drop) > taken
}

/** Neither asks nor answers. */
function isAide(trace: Trace, id: number): boolean {
  const role = trace.packets.find((one) => one.id === id)?.role
  return role === 'other' || role === 'resolution'
}

/** Whether a packet left from where a request was last seen: a tunnel’s handshake on its account. */
function isWaitedFor({ packets, hops }: Trace, own: ReadonlySet<number>, id: number): boolean {
  const last = lastMatch(hops, (hop) => own.has(hop.packet))
  if (last?.kind !== 'tx') return false
  return packets.find((one) => one.id === id)?.path[0] === last.netns
}

/** A packet and those it was cut from or copied of. */
function ancestors(trace: Trace, id: number): ReadonlySet<number> {
  const ids = new Set([id])
  for (let at = id; ; ) {
    const parent = trace.packets.find((one) => one.id === at)?.parent
    if (parent === undefined || ids.has(parent)) return ids
    ids.add(parent)
    at = parent
  }
}
