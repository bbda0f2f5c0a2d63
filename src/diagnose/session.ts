import { type Cluster, peeringBetween } from '../control/index.ts'
import {
  type Finding,
  groundsOf,
  type InterfaceKind,
  interfaceOf,
  type NetworkData,
  type Origin,
} from '../model/index.ts'
import { type Family, familyOf } from '../wire/index.ts'
import { commandAt } from './commands.ts'
import type { Facts, SessionEnd } from './facts.ts'

/** What keeps a BGP session from coming up. */
export interface SessionFault {
  /** What is wrong with the packets that would open it. */
  readonly because: string
  /** What would be right. */
  readonly right: string
  /** Where it is decided. */
  readonly origin?: Origin
  /** Commands that confirm it, each with its place. */
  readonly placed: readonly string[]
}

/** Findings that say nothing of what lies between the two. */
const UNTOLD: ReadonlySet<Finding['code']> = new Set<Finding['code']>(['other', 'no_answer', 'nobody_listens'])
/** Findings about filters: a session fails by them on a machine that has all routes. */
const FILTERS: ReadonlySet<Finding['code']> = new Set<Finding['code']>(['rule_drops', 'filtered_on_the_way'])

/** Why the session between two nodes of a cluster does not come up; undefined where there is none, or nothing is in its way. */
export function sessionFault(facts: Facts, cluster: Cluster, pair: Pair): SessionFault | undefined {
  const peering = peeringBetween(cluster.bgp, pair.here, pair.there, pair.family)
  if (peering === undefined) return undefined
  const from = { netns: peering.dialer, address: peering.dialerAddress }
  const to = { netns: peering.listener, address: peering.listenerAddress }
  return tried(facts, from, to, peering.port, (found) => !UNTOLD.has(found.code))
}

/** Two nodes of a cluster, and the family of the session. */
interface Pair {
  readonly here: string
  readonly there: string
  readonly family: Family
}

/** A filter between two machines that dumps describe: who dials is not known, so both are asked. */
export function filteredSession(facts: Facts, here: string, there: string, family: Family): SessionFault | undefined {
  const [a, b] = [endOf(facts.network, here, family), endOf(facts.network, there, family)]
  if (a === undefined || b === undefined) return undefined
  const isFilter = (found: Finding): boolean => FILTERS.has(found.code)
  return tried(facts, a, b, BGP_PORT, isFilter) ?? tried(facts, b, a, BGP_PORT, isFilter)
}

const BGP_PORT = 179
const DEFAULT: Readonly<Record<Family, string>> = { 4: '0.0.0.0/0', 6: '::/0' }
/** Kinds of interfaces that join machines. */
const CARDS: ReadonlySet<InterfaceKind> = new Set<InterfaceKind>(['ethernet', 'veth', 'bridge'])

function tried(
  facts: Facts,
  from: SessionEnd,
  to: SessionEnd,
  port: number,
  tells: (found: Finding) => boolean,
): SessionFault | undefined {
  const found = facts.triedTcp?.(from, to, port)
  if (found === undefined || !tells(found)) return undefined
  const grounds = groundsOf(found)
  const why = grounds === '' ? '' : ` (${grounds})`
  return {
    because: `TCP ${port} from ${from.address} to ${to.address}: ${found.what}${why}`,
    right: found.right,
    ...(found.origin === undefined ? {} : { origin: found.origin }),
    placed: [commandAt(facts, from.netns, `nc -vz -w 3 ${to.address} ${port}`), ...found.checks],
  }
}

/** A machine at the address others know it by: that of the card its default route leaves by, else of the first. */
function endOf(network: NetworkData, netns: string, family: Family): SessionEnd | undefined {
  const ns = network.namespaces[netns]
  if (ns === undefined) return undefined
  const byDefault = ns.routes.find(({ dst, type }) => type === 'unicast' && dst === DEFAULT[family])?.dev
  const names = [byDefault, ...Object.keys(ns.interfaces)].filter((one) => one !== undefined)
  for (const name of names) {
    const dev = interfaceOf(ns, name)
    if (dev === undefined || !CARDS.has(dev.kind)) continue
    const own = dev.addresses.find(({ local, scope }) => scope === 'global' && familyOf(local) === family)
    if (own !== undefined) return { netns, address: own.local }
  }
  return undefined
}
