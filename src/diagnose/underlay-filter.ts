import { interfaceOf, type Origin } from '../model/index.ts'
import { type Flow, flowOf, type Hop, headersOf, lastMatch, type RuleHop } from '../trace/index.ts'
import { parseHex } from '../wire/index.ts'
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

/**
 * A filter of the network between the machines: no command on a node shows it. What shows is that the packet leaves one
 * machine and never comes in at the other.
 */
export function underlayFilter(rule: RuleHop, { drop, lost, facts }: DropPlace): Cause | undefined {
  const origin = rule.facts[0]?.origin
  if (origin?.component !== 'underlay') return undefined
  const outer = outerFlow(lost.hops) ?? lost.flow
  const where = facts.network.namespaces[drop.netns]?.role === 'switch' ? segmentOf(drop.netns) : drop.netns
  const name = /--comment (?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(rule.text)
  return {
    code: 'filtered_on_the_way',
    what: `${where} drops it: ${name?.[1] ?? name?.[2] ?? 'a filter'}`,
    because: outer === undefined ? '' : packetWords(outer),
    right: rightOf(origin, outer, facts),
    origin,
    placed: outer === undefined ? [] : watching(outer, facts),
  }
}

function segmentOf(netns: string): string {
  return netns.startsWith('switch-') ? `the segment ${netns.slice('switch-'.length)}` : netns
}

/** Addresses and ports of the outermost packet, as it was last seen. */
function outerFlow(hops: readonly Hop[]): Flow | undefined {
  const seen = lastMatch(hops, (hop) => hop.kind === 'rx' || hop.kind === 'tx')
  if (seen?.kind !== 'rx' && seen?.kind !== 'tx') return undefined
  const headers = headersOf(parseHex(seen.bytes) ?? new Uint8Array(0), seen.linkType)
  const packets = headers.flatMap(({ protocol }, i) => (protocol === 'ipv4' || protocol === 'ipv6' ? [i] : []))
  return flowOf(headers.slice(0, packets[1]))
}

function isIpip({ protocol }: Flow): boolean {
  return /^4\b|ipip/i.test(protocol)
}

function packetWords({ source, destination, protocol, to }: Flow): string {
  const tunnel = protocol === 'udp' ? TUNNELS[to] : undefined
  const what = tunnel === undefined ? protocol : `${tunnel} (UDP ${to})`
  return `on this link the packet is ${source} > ${destination}, ${what}`
}

function rightOf(origin: Origin, outer: Flow | undefined, facts: Facts): string {
  if (origin.field?.endsWith('sourceCheck') === true) {
    if (outer !== undefined && facts.ownerOf(outer.destination) === undefined) {
      return 'Translate what leaves the pods’ range (natOutgoing of its IPPool), so that only addresses of nodes are seen'
    }
    return 'Switch the check off for the cards of the nodes (AWS: source/destination check), or encapsulate always, so that only addresses of nodes are seen'
  }
  if (outer !== undefined && isIpip(outer))
    return 'Use VXLAN instead (vxlanMode of the IPPool), or let protocol 4 pass there'
  if (outer?.protocol === 'udp' && TUNNELS[outer.to] !== undefined) return `Let UDP ${outer.to} pass there`
  return 'Let it pass there'
}

/** Commands on both ends: it leaves, and does not come in. */
function watching(outer: Flow, facts: Facts): string[] {
  const { source, destination, protocol, to } = outer
  const what =
    protocol === 'udp' || protocol === 'tcp' ? `${protocol} port ${to}` : isIpip(outer) ? 'ip proto 4' : protocol
  const words = /^(ip proto \d+|(udp|tcp) port \d+|icmp)$/.test(what) ? ` and ${what}` : ''
  return [source, destination].flatMap((address) => {
    const owner = facts.ownerOf(address)
    if (owner === undefined || (owner.role !== 'node' && owner.role !== 'host' && owner.role !== 'pod')) return []
    const dev = cardOf(facts, owner.node, address)
    const side = address === source ? source : destination
    return [
      commandAt(facts, owner.node, `tcpdump -ni ${dev} ${six(address) === '' ? '' : 'ip6 and '}host ${side}${words}`),
    ]
  })
}

/** The card that has an address; `any` where none has. */
function cardOf({ network }: Facts, netns: string, address: string): string {
  const ns = network.namespaces[netns]
  const names = Object.keys(ns?.interfaces ?? {})
  const found = names.find((name) => ns && interfaceOf(ns, name)?.addresses.some(({ local }) => local === address))
  return found === undefined || found === 'lo' ? 'any' : found
}
