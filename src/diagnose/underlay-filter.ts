import { fieldName, interfaceOf, type Origin } from '../model/index.ts'
import { type Flow, fieldNumber, flowOf, type Hop, headersOfHop, lastMatch, type RuleHop } from '../trace/index.ts'
import { IP_PROTOCOL } from '../wire/index.ts'
import type { Cause, DropPlace } from './cause.ts'
import { commandAt, six } from './commands.ts'
import type { Facts } from './facts.ts'

/** UDP ports of tunnels. */
const TUNNELS: Readonly<Record<string, string>> = {
  '4789': 'VXLAN',
  '8472': 'VXLAN',
  '51820': 'WireGuard',
  '51821': 'WireGuard',
}

/** The outermost packet, and its IP protocol number. */
interface Outer extends Flow {
  readonly number: number
}

/**
 * A filter of the network between the machines: no command on a node shows it. What shows is that the packet leaves one
 * machine and never comes in at the other.
 */
export function underlayFilter(rule: RuleHop, { drop, lost, facts }: DropPlace): Cause | undefined {
  const origin = rule.facts[0]?.origin
  if (origin?.component !== 'underlay') return undefined
  const outer = outerOf(lost.hops)
  return {
    code: 'filtered_on_the_way',
    what: `${drop.netns} drops it: ${origin.note ?? 'a filter'}`,
    because: outer === undefined ? '' : packetWords(outer),
    right: rightOf(origin, outer, facts),
    origin,
    placed: outer === undefined ? [] : watching(outer, facts),
  }
}

/** The outermost packet, as it was last seen. */
function outerOf(hops: readonly Hop[]): Outer | undefined {
  const seen = lastMatch(hops, (hop) => hop.kind === 'rx' || hop.kind === 'tx')
  if (seen?.kind !== 'rx' && seen?.kind !== 'tx') return undefined
  const headers = headersOfHop(seen)
  const packets = headers.flatMap((header, i) =>
    header.protocol === 'ipv4' || header.protocol === 'ipv6' ? [{ header, i }] : [],
  )
  const flow = flowOf(headers.slice(0, packets[1]?.i))
  const header = packets[0]?.header
  if (flow === undefined || header === undefined) return undefined
  return { ...flow, number: fieldNumber(header, header.protocol === 'ipv4' ? 'protocol' : 'nextHeader') }
}

function packetWords({ source, destination, protocol, number, to }: Outer): string {
  const tunnel = number === IP_PROTOCOL.UDP ? TUNNELS[to] : undefined
  const what = tunnel === undefined ? protocol : `${tunnel} (UDP ${to})`
  return `on this link the packet is ${source} > ${destination}, ${what}`
}

function rightOf(origin: Origin, outer: Outer | undefined, facts: Facts): string {
  if (fieldName(origin) === 'sourceCheck') {
    if (outer !== undefined && facts.ownerOf(outer.destination) === undefined) {
      return 'Translate what leaves the pods’ range (natOutgoing of its IPPool), so that only addresses of nodes are seen'
    }
    return 'Switch the check off for the cards of the nodes (AWS: source/destination check), or encapsulate always, so that only addresses of nodes are seen'
  }
  if (outer?.number === IP_PROTOCOL.IPIP)
    return 'Use VXLAN instead (vxlanMode of the IPPool), or let protocol 4 pass there'
  if (outer?.number === IP_PROTOCOL.UDP && TUNNELS[outer.to] !== undefined) return `Let UDP ${outer.to} pass there`
  return 'Let it pass there'
}

/** What tcpdump is told of the packet besides its addresses. */
function filterWords({ number, to }: Outer): string {
  switch (number) {
    case IP_PROTOCOL.UDP:
      return ` and udp port ${to}`
    case IP_PROTOCOL.TCP:
      return ` and tcp port ${to}`
    case IP_PROTOCOL.IPIP:
      return ' and ip proto 4'
    case IP_PROTOCOL.ICMP:
      return ' and icmp'
    default:
      return ''
  }
}

/** Commands on both ends: it leaves, and does not come in. */
function watching(outer: Outer, facts: Facts): string[] {
  const { source, destination } = outer
  return [source, destination].flatMap((address) => {
    const owner = facts.ownerOf(address)
    if (owner === undefined || (owner.role !== 'node' && owner.role !== 'host' && owner.role !== 'pod')) return []
    const dev = cardOf(facts, owner.node, address)
    const family = six(address) === '' ? '' : 'ip6 and '
    return [commandAt(facts, owner.node, `tcpdump -ni ${dev} ${family}host ${address}${filterWords(outer)}`)]
  })
}

/** The card that has an address; `any` where none has. */
function cardOf({ network }: Facts, netns: string, address: string): string {
  const ns = network.namespaces[netns]
  const names = Object.keys(ns?.interfaces ?? {})
  const found = names.find((name) => ns && interfaceOf(ns, name)?.addresses.some(({ local }) => local === address))
  return found === undefined || found === 'lo' ? 'any' : found
}
