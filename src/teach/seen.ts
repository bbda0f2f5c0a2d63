import type { Lab } from '../lab/index.ts'
import type { Run } from '../shell/index.ts'
import { type DropHop, type HopOf, hopsOf, lastMatch, type RouteHop, type Trace } from '../trace/index.ts'
import { parseHex } from '../wire/index.ts'

/** A run, and the lab it was made in: what answers are read from. */
export interface Seen {
  /** What came of the question. */
  readonly run: Run
  /** Its trace. */
  readonly trace: Trace
  /** The lab, after it. */
  readonly lab: Lab
  /** Who asked. */
  readonly from: string
  /** Who was asked. */
  readonly to: string
}

/** The packet the first request was. */
export function requestOf(trace: Trace): number | undefined {
  return trace.exchanges[0]?.request
}

/** The machines that pass the request on, in order. */
export function routersOf(trace: Trace): readonly string[] {
  const request = requestOf(trace)
  return hopsOf(trace, 'forward')
    .filter(({ packet }) => packet === request)
    .map(({ netns }) => netns)
}

/** The routing decision by which a machine passes a request on; undefined when it does not. */
function forwardingOn(trace: Trace, node: string | undefined): RouteHop | undefined {
  if (node === undefined) return undefined
  const requests = new Set(trace.packets.filter(({ role }) => role === 'request').map(({ id }) => id))
  const passed = ({ packet, direction, result }: RouteHop): boolean =>
    requests.has(packet) && direction === 'input' && result === 'unicast'
  return hopsOf(trace, 'route', node).find(passed)
}

/** The same as `ip route` prints it; `no route` when nothing was passed on. */
export function routeOn(trace: Trace, node: string): string {
  return forwardingOn(trace, node)?.route?.trim() ?? 'no route'
}

/** The range of the route that won. */
export function winnerOf(route: RouteHop | undefined): string | undefined {
  return route?.candidates.find(({ won }) => won)?.prefix
}

/** The first packet that came to grief, and what part it played. */
export function lossOf(trace: Trace): { readonly hop: DropHop; readonly way: 'request' | 'reply' } | undefined {
  for (const hop of hopsOf(trace, 'drop')) {
    if (hop.harmless) continue
    const role = roleOf(trace, hop.packet)
    if (role !== undefined) return { hop, way: role }
  }
  return undefined
}

/** Whether a packet, or what it was made from, is a request or a reply; undefined when it is neither. */
function roleOf(trace: Trace, id: number): 'request' | 'reply' | undefined {
  const packet = trace.packets.find((one) => one.id === id)
  if (packet === undefined) return undefined
  if (packet.role === 'request' || packet.role === 'reply') return packet.role
  return packet.parent === undefined ? undefined : roleOf(trace, packet.parent)
}

/** A list as people say it: `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** How the first node passes the request on. */
export function firstRoute({ trace }: Pick<Seen, 'trace'>): RouteHop | undefined {
  return forwardingOn(trace, routersOf(trace)[0])
}

/** How the last one does. */
export function lastRoute({ trace }: Pick<Seen, 'trace'>): RouteHop | undefined {
  return forwardingOn(trace, routersOf(trace).at(-1))
}

/** What the first node puts around the request. */
export function encapOf({ trace }: Pick<Seen, 'trace'>): HopOf<'encap'> | undefined {
  return hopsOf(trace, 'encap').find(({ packet }) => packet === requestOf(trace))
}

/** The first translation of a side of the request: that of a reply is the same, turned back. */
export function natOf({ trace }: Pick<Seen, 'trace'>, side: 'source' | 'destination'): HopOf<'nat'> | undefined {
  const requests = new Set(trace.packets.filter(({ role }) => role === 'request').map(({ id }) => id))
  return hopsOf(trace, 'nat').find((hop) => hop.side === side && requests.has(hop.packet))
}

/** What the first machine that tracks the request remembers of it. */
export interface Connection {
  /** The machine. */
  readonly node: string
  /** Destination of the original direction, with the port where there is one. */
  readonly asked: string
  /** Source of the reply direction. */
  readonly answers: string
  /** Destination of the reply direction. */
  readonly back: string
}

/** The connection of the request, as its last packet found it: a translation is in it once it has happened. */
export function connectionOf(trace: Trace): Connection | undefined {
  const first = hopsOf(trace, 'conntrack').find(({ packet }) => packet === requestOf(trace))
  if (first === undefined) return undefined
  const same = hopsOf(trace, 'conntrack', first.netns).filter(({ original }) => original === first.original)
  const [, asked] = directionOf(first.original)
  const [answers, back] = directionOf((same.at(-1) ?? first).reply)
  return { node: first.netns, asked, answers, back }
}

/** The two ends of a direction, such as `tcp 10.65.0.1:40000 > 10.96.0.10:80`. */
function directionOf(text: string): readonly [source: string, destination: string] {
  const [, source = '', destination = ''] = /(\S+) > (\S+)/.exec(text) ?? []
  return [source, destination]
}

/** Bytes of an Ethernet header. */
const ETHERNET = 14

/** Where an IPv4 header has its source. */
const SOURCE = 12

/** The IPv4 source that stands outermost in the first packet of a role, as a machine sent it last. */
export function sourceFrom(trace: Trace, netns: string | undefined, role: 'request' | 'reply'): string | undefined {
  const id = trace.packets.find((packet) => packet.role === role)?.id
  const sent = lastMatch(hopsOf(trace, 'tx', netns), ({ packet }) => packet === id)
  const bytes = sent === undefined ? undefined : parseHex(sent.bytes)
  return bytes?.slice(ETHERNET + SOURCE, ETHERNET + SOURCE + 4).join('.')
}

/** Bytes of the request as an IP packet, as a machine sent it last: what a tunnel puts around it is counted. */
function sentLength(trace: Trace, netns: string | undefined): number | undefined {
  const request = requestOf(trace)
  const sent = lastMatch(hopsOf(trace, 'tx', netns), ({ packet }) => packet === request)
  return sent === undefined ? undefined : sent.bytes.length / 2 - ETHERNET
}

/** Bytes of the request as an IP packet between the nodes, outer headers counted. */
export function wireLength({ trace }: Pick<Seen, 'trace'>): number | undefined {
  return sentLength(trace, routersOf(trace)[0])
}

/** How much longer the request is between the nodes than it left the pod. */
export function addedBytes({ trace }: Pick<Seen, 'trace'>): number | undefined {
  const [outer, inner] = [wireLength({ trace }), sentLength(trace, hopsOf(trace, 'tx')[0]?.netns)]
  return outer === undefined || inner === undefined ? undefined : outer - inner
}
