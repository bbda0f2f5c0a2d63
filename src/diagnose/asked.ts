import { type Exchange, type Flow, flowOf, type Hop, headersOfHop, type Trace } from '../trace/index.ts'
import { contains, type Ip, type Prefix } from '../wire/index.ts'
import type { Facts } from './facts.ts'

/** What was asked, and how far it came. */
export interface Asked {
  /** Namespace that asks. */
  readonly from: string
  /** Namespace that took the request in; undefined when none did. */
  readonly to: string | undefined
  /** Namespace the request was last in. */
  readonly last: string
  /** Namespaces that request, answer and errors came through. */
  readonly through: ReadonlySet<string>
  /** Addresses and ports where the request was first seen; undefined when nothing was sent. */
  readonly flow: Flow | undefined
  /** Hops of request, answer and errors. */
  readonly hops: readonly Hop[]
  /** Hops of the request alone. */
  readonly request: readonly Hop[]
}

/** The flow a trace is about: that of the exchange which decided. */
export function askedIn(trace: Trace): Asked {
  const exchange = decisive(trace)
  const main = trace.packets.filter(({ role }) => role === 'request' || role === 'reply' || role === 'error')
  const ids = new Set(main.map(({ id }) => id))
  const own = new Set(
    main
      .filter(({ id, parent }) => exchange !== undefined && (id === exchange.request || parent === exchange.request))
      .map(({ id }) => id),
  )
  const request = trace.hops.filter((hop) => own.has(hop.packet))
  const path = main.filter(({ id }) => own.has(id)).flatMap((packet) => packet.path)
  return {
    from: exchange?.netns ?? path[0] ?? trace.hops[0]?.netns ?? '',
    to: takenBy(trace),
    last: path.at(-1) ?? '',
    through: new Set(
      trace.disposition.kind === 'not-sent'
        ? trace.hops.map(({ netns }) => netns)
        : main.flatMap(({ path: way }) => way),
    ),
    flow: flowIn(request) ?? lookedUp(trace.hops),
    hops: trace.hops.filter((hop) => ids.has(hop.packet)),
    request,
  }
}

function decisive(trace: Trace): Exchange | undefined {
  return trace.exchanges.find((one) => one.disposition === trace.disposition) ?? trace.exchanges.at(-1)
}

function takenBy({ disposition }: Trace): string | undefined {
  if (disposition.kind === 'answered') return disposition.by
  return disposition.kind === 'delivered' ? disposition.to : undefined
}

/** Addresses and ports where a packet was first seen on a device. */
export function flowIn(request: readonly Hop[]): Flow | undefined {
  for (const hop of request) {
    if (hop.kind !== 'tx' && hop.kind !== 'rx') continue
    const flow = flowOf(headersOfHop(hop))
    if (flow !== undefined) return flow
  }
  return undefined
}

/** No frame left: the route that was asked for tells at least the addresses. */
function lookedUp(hops: readonly Hop[]): Flow | undefined {
  const route = hops.find((hop) => hop.kind === 'route')
  if (route?.kind !== 'route') return undefined
  const { source, destination } = route
  return { protocol: '', source, destination, from: '', to: '', type: -1, code: -1 }
}

/** Addresses every machine has: they go nowhere. */
const EVERYBODYS = ['fe80::/10' as Prefix, '127.0.0.0/8' as Prefix, '::1/128' as Prefix]

/** Whether a packet that was really sent carries an address that Calico did not give the pod it is from. */
export function isForeign({ protocol, source }: Flow, from: string, facts: Facts): boolean {
  if (protocol === '' || EVERYBODYS.some((range) => contains(range, source as Ip))) return false
  return !facts.isOwnAddress(from, source)
}
