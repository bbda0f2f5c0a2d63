import { DROPS, type Origin, type OriginComponent } from '../../model/index.ts'
import {
  type DeliverHop,
  type DropHop,
  decisionWords,
  type Hop,
  isDenial,
  isQuiet,
  type NatHop,
  natByWords,
  type RouteHop,
  type TunnelHop,
} from '../../trace/index.ts'
import { IP_PROTOCOL } from '../../wire/index.ts'
import { refusalIn, serviceStation, type Told } from '../told.ts'
import { isIdle } from '../visible.ts'
import type { DecisionStep } from './story.ts'

/** What a decision comes to. */
export interface Said {
  /** What sort of decision. */
  readonly about: DecisionStep['about']
  /** In one sentence. */
  readonly sentence: string
  /** What made the fact behind it. */
  readonly origin?: Origin
}

/** Who writes configuration, as people call them. */
const WRITERS: Readonly<Record<OriginComponent, string>> = {
  kernel: 'the kernel',
  cni: 'the CNI plugin',
  felix: 'Felix',
  bird: 'BIRD',
  ipam: 'Calico IPAM',
  'kube-proxy': 'kube-proxy',
  underlay: 'the underlay network',
  dump: 'the dump',
  user: 'you',
  docker: 'Docker',
}

/** What a hop decided, as a sentence; undefined for what decides nothing that a reader needs. */
export function saidOf(told: Told, hop: Hop, answered: ReadonlySet<string>): Said | undefined {
  const decision = told.by.get(hop)
  if (decision !== undefined) {
    if (isDenial(decision)) return undefined
    if (decision.kind === 'service') {
      const { name, choice } = serviceStation(decision)
      return { about: 'service', sentence: `asks ${name} ${choice}`, ...originOf(hop) }
    }
    if (decision.kind === 'nat') return nat(hop, decision.side, decision.from, decision.to, natByWords(decision.by))
    if (isQuiet(decision)) return undefined
    return { about: 'policy', sentence: decisionWords(decision), ...originOf(hop) }
  }
  if (hop.kind === 'rule' && hop.meaning !== undefined) return undefined
  return isIdle(hop, answered) ? undefined : plain(hop)
}

function nat(hop: Hop, side: NatHop['side'], from: string, to: string, by: string): Said {
  const whose = by === '' ? '' : ` (${by})`
  return { about: 'nat', sentence: `rewrites the ${side}: ${from} becomes ${to}${whose}`, ...originOf(hop) }
}

function plain(hop: Hop): Said | undefined {
  switch (hop.kind) {
    case 'route':
      return { about: 'route', sentence: routeSentence(hop), ...originOf(hop) }
    case 'forward':
      return { about: 'hop-limit', sentence: `forwards it: TTL ${hop.ttlBefore} → ${hop.ttlAfter}` }
    case 'encap':
    case 'decap':
      return { about: 'tunnel', sentence: tunnelSentence(hop), ...originOf(hop) }
    case 'nat':
      return nat(hop, hop.side, hop.from, hop.to, '')
    case 'rule':
      return {
        about: 'rule',
        sentence: `${hop.table} ${hop.chain}: ${hop.text.replace(`-A ${hop.chain} `, '')}`,
        ...originOf(hop),
      }
    case 'fragment':
      return {
        about: 'size',
        sentence: `cuts it into ${hop.fragments} fragments: MTU ${hop.mtu}; one of them is followed here`,
      }
    case 'reassemble':
      return { about: 'size', sentence: `puts ${hop.fragments} fragments together: ${hop.length} bytes` }
    case 'route-exception':
      return { about: 'size', sentence: hop.reason }
    case 'icmp-error':
      return hop.sent
        ? { about: 'error', sentence: `tells the sender: ${hop.message}` }
        : { about: 'error', sentence: hop.reason }
    case 'bridge':
      return hop.decision === 'flood' ? { about: 'link', sentence: hop.reason } : undefined
    case 'conntrack':
      return { about: 'rule', sentence: `connection tracking: ${hop.state}` }
    case 'arp':
    case 'clone':
    case 'create':
    case 'deliver':
    case 'drop':
    case 'hook':
    case 'learn':
    case 'neighbour':
    case 'neighbour-change':
    case 'program':
    case 'rp-filter':
    case 'rx':
    case 'tx':
      return undefined
  }
}

/** `route 192.168.196.128/26 via 172.17.0.40 dev tunl0, written by BIRD`. */
function routeSentence(hop: RouteHop): string {
  if (hop.result === 'local') return `${hop.destination} is its own address`
  if (hop.route === undefined) return `no route to ${hop.destination}`
  const route = hop.route.replace(/ (proto|scope|src|metric|table|mtu|pref) \S+| onlink/g, '')
  const writer = hop.facts.find((fact) => fact.kind === 'route')?.origin?.component
  const by = writer === undefined ? '' : writer === 'dump' ? ', found in the dump' : `, written by ${WRITERS[writer]}`
  const table = hop.table === undefined || hop.table === 'main' ? '' : `, table ${hop.table}`
  return `route ${route}${table}${by}`
}

const TUNNELS = { ipip: 'IPIP', vxlan: 'VXLAN', wireguard: 'WireGuard' } as const

function tunnelSentence(hop: TunnelHop): string {
  const name = TUNNELS[hop.tunnel]
  if (hop.kind === 'decap') return `takes it out of ${name}: ${hop.source} > ${hop.destination} comes off`
  return `wraps it in ${name}: ${hop.source} > ${hop.destination} goes in front`
}

/** The setting behind a hop. */
function originOf(hop: Hop): { readonly origin?: Origin } {
  const origin = hop.facts.find((fact) => fact.origin !== undefined)?.origin
  return origin === undefined ? {} : { origin }
}

/** A drop: its cause in few words, and in one sentence with the rule, route or setting behind it. */
export function dropSaid(
  told: Told,
  hop: DropHop,
  same: readonly Hop[],
): { readonly cause: string; readonly sentence: string; readonly origin?: Origin } {
  const denial = same.flatMap((one) => told.by.get(one) ?? []).find(isDenial)
  if (denial !== undefined) {
    const origin = denial.origin === undefined ? originOf(hop) : { origin: denial.origin }
    return { cause: refusalIn(told, same) ?? 'refused', sentence: decisionWords(denial), ...origin }
  }
  return { cause: DROPS[hop.cause].why, sentence: hop.reason, ...originOf(hop) }
}

/** Who takes a packet in. */
export function deliverySentence(hop: DeliverHop): string {
  if (!hop.taken) return `arrives, but nobody listens on port ${hop.port}`
  if (hop.protocol === IP_PROTOCOL.ICMP || hop.protocol === IP_PROTOCOL.ICMPV6) return 'takes it in: the kernel'
  return `takes it in: ${hop.by} on port ${hop.port}`
}
