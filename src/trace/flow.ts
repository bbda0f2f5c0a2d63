import type { Layer } from '../wire/index.ts'
import { fieldNumber, fieldText } from './layers.ts'

/** Who talks to whom: the addresses and whatever tells conversations apart. */
export interface Flow {
  /** `icmp`, `icmpv6`, `udp`, `tcp`, or what the IP header says. */
  readonly protocol: string
  /** Source address. */
  readonly source: string
  /** Destination address. */
  readonly destination: string
  /** Source port, or identifier and sequence number of ICMP; '' when there is none. */
  readonly from: string
  /** Destination port; for ICMP the same as `from`. */
  readonly to: string
  /** ICMP type; -1 for anything else. */
  readonly type: number
  /** ICMP code; -1 for anything else. */
  readonly code: number
}

/** The flow of the innermost IP packet of these headers; undefined for ARP and what is not IP. */
export function flowOf(headers: readonly Layer[]): Flow | undefined {
  let at = headers.length - 1
  while (at >= 0 && headers[at]!.protocol !== 'ipv4' && headers[at]!.protocol !== 'ipv6') at--
  const ip = headers[at]
  if (ip === undefined) return undefined
  const source = fieldText(ip, 'source')
  const destination = fieldText(ip, 'destination')
  const upper = headers.find((layer, i) => i > at && UPPER.has(layer.protocol))
  if (upper === undefined) {
    const protocol = fieldText(ip, ip.protocol === 'ipv4' ? 'protocol' : 'nextHeader')
    return { protocol, source, destination, from: '', to: '', type: -1, code: -1 }
  }
  const { protocol } = upper
  if (protocol === 'udp' || protocol === 'tcp') {
    const [from, to] = [fieldText(upper, 'sourcePort'), fieldText(upper, 'destinationPort')]
    return { protocol, source, destination, from, to, type: -1, code: -1 }
  }
  const id = fieldText(upper, 'identifier')
  const key = id === '' ? '' : `${id}/${fieldText(upper, 'sequence')}`
  const [type, code] = [fieldNumber(upper, 'type'), fieldNumber(upper, 'code')]
  return { protocol, source, destination, from: key, to: key, type, code }
}

const UPPER: ReadonlySet<string> = new Set(['udp', 'tcp', 'icmp', 'icmpv6'])

/** Whether two packets belong to one conversation and go the same way; ICMP types are not compared. */
export function sameFlow(a: Flow, b: Flow): boolean {
  return (
    a.protocol === b.protocol &&
    a.source === b.source &&
    a.destination === b.destination &&
    a.from === b.from &&
    a.to === b.to
  )
}

/** What {@link sameFlow} compares, as a key. */
export function flowKey({ protocol, source, destination, from, to }: Flow): string {
  return `${protocol} ${source} ${destination} ${from} ${to}`
}

/** What a request and its reply have in common, whatever address a UDP server answers from, as a key. */
export function ends({ protocol, source, from, to }: Flow): string {
  return `${protocol} ${source} ${from} ${to}`
}

/** The {@link ends} of the request that a reply would belong to. */
export function turnedEnds({ protocol, destination, from, to }: Flow): string {
  return `${protocol} ${destination} ${to} ${from}`
}

/**
 * Whether `reply` goes the other way of `request`; an ICMP message must have another type. A UDP server may answer from
 * another of its addresses.
 */
export function isReplyTo(reply: Flow, request: Flow): boolean {
  return (
    reply.protocol === request.protocol &&
    reply.destination === request.source &&
    (reply.protocol === 'udp' || reply.source === request.destination) &&
    reply.to === request.from &&
    reply.from === request.to &&
    (request.type < 0 || reply.type !== request.type)
  )
}

/** Whether the packet is itself an ICMP or ICMPv6 error. */
export function isErrorFlow(flow: Flow): boolean {
  if (flow.protocol === 'icmpv6') return flow.type >= 0 && flow.type < 128
  return flow.protocol === 'icmp' && flow.from === '' && flow.type > 0 && flow.type !== 8 && flow.type < 13
}

/** Messages of address resolution and multicast membership: ARP's kin in IPv6. */
export function isNeighbourDiscovery(flow: Flow): boolean {
  return flow.protocol === 'icmpv6' && flow.type >= 130 && flow.type <= 143
}
