import type { Lab } from '../lab/index.ts'
import {
  addressAt,
  addressCount,
  contains,
  type Family,
  familyOf,
  type Ip,
  type Prefix,
  parsePrefix,
  prefixLength,
} from '../wire/index.ts'
import { FAMILIES } from './ends/classes.ts'
import { type Member, nodesOf, podsOf, servicesOf } from './ends/members.ts'
import { isUsable } from './policy/address-atoms.ts'
import type { Reach, ReachEnd, ReachFlow, ReachHeaders, ReachOutcome } from './reach.ts'
import { grouped, isOwn, outsideOf, routersOf, wayOut } from './world.ts'

/** A flow that packets are sent for. */
export interface AskedFlow {
  /** Who asks: a pod, a node, or an address outside. */
  readonly from: string
  /** Who is asked. */
  readonly to: string
  /** Class of headers that the answer is about. */
  readonly headers: ReachHeaders
  /** Port of it that is asked. */
  readonly port: number
  /** Family that is asked. */
  readonly family: Family
  /** What the answer says. */
  readonly outcome: ReachOutcome
  /** Packets that fill the MTU of who asks: that, and bytes of a datagram; absent: small ones. */
  readonly size?: { readonly mtu: number; readonly datagram: number }
  /** Network namespace that asks. */
  readonly asking: string
  /** The address it asks from; absent: what its kernel chooses. */
  readonly source?: Ip
  /** Name or address that it asks. */
  readonly asked: string
}

/** Who is there. */
export interface Population {
  /** Pods, nodes and Services by name. */
  readonly members: ReadonlyMap<string, Member>
  /** Whether the machine that stands for all outside takes in what is sent to an address: it knows no way there. */
  readonly isTakenIn: (address: Ip) => boolean
  /** Whether an address is one outside: nobody else has it. */
  readonly isOutside: (address: Ip) => boolean
  /** The network namespace of all outside; undefined: there is none. */
  readonly outside: string | undefined
  /** Whether routers lead an address out, and not nowhere. */
  readonly isLedOut: (address: Ip) => boolean
  /** The node of an end; of one outside none. */
  readonly nodeOf: (name: string) => string | undefined
}

/** Everybody who can be asked in a lab. */
export function populationOf(lab: Lab): Population {
  const { cluster } = lab
  const all = cluster === null ? [] : [...podsOf(cluster), ...nodesOf(cluster), ...servicesOf(cluster)]
  const members = new Map(all.map((one): [string, Member] => [one.name, one]))
  const taken = new Set<Ip>(all.flatMap(({ addresses }) => Object.values(addresses)))
  const outside = outsideOf(lab)
  const routers = routersOf(lab)
  const isTakenIn = (address: Ip): boolean => outside !== undefined && isOwn(lab, outside, address)
  return {
    members,
    outside,
    isTakenIn,
    isLedOut: (address) => !/\bE[A-Z]/.test(wayOut(lab, routers, address)),
    isOutside: (address) => !taken.has(address) && isTakenIn(address),
    nodeOf: (name) => members.get(name)?.node,
  }
}

/** The echo of each family is what a ping asks. */
const ECHO: Readonly<Record<string, number>> = { icmp: 8 * 256, icmpv6: 128 * 256 }

/** Protocols of each family that programs send. */
const SENT: Readonly<Record<Family, readonly string[]>> = { 4: ['tcp', 'udp', 'icmp'], 6: ['tcp', 'udp', 'icmpv6'] }

/** Two ends, and a class of headers between them. */
interface Asked {
  readonly start: ReachEnd
  readonly end: ReachEnd
  readonly from: Member
  readonly to: Member
  readonly flow: ReachFlow
  readonly outcome: ReachOutcome
}

/** Draws a flow of an answer; undefined where what is drawn cannot be asked. */
export function drawnFlow(
  population: Population,
  reach: Reach,
  draw: (below: number) => number,
): AskedFlow | undefined {
  const one = <T>(all: readonly T[]): T | undefined => all[draw(Math.max(all.length, 1))]
  const cell = one(reach.cells)
  const [start, end] = [reach.ends[cell?.from ?? 0], reach.ends[cell?.to ?? 0]]
  const flow = one(reach.patterns[cell?.pattern ?? 0] ?? [])
  const outcome = reach.outcomes[flow?.outcome ?? -1]
  if (flow === undefined || start === undefined || end === undefined || outcome === undefined) return undefined
  const [from, to] = [memberOf(population, start, draw), memberOf(population, end, draw)]
  if (from === undefined || to === undefined || from.name === to.name) return undefined
  const asked = { start, end, from, to, flow, outcome }
  const family = one(familiesOf(asked))
  return family === undefined ? undefined : askedFlow(population, asked, family, draw)
}

/** How many draws of an address outside may hit one that cannot be asked. */
const TRIES = 20

/**
 * All pairs of ends of an answer: of each pair, protocol and family each outcome once, by a class of headers and a port of it that are
 * drawn. Of a range outside one address that is drawn for each pair.
 */
export function* everyFlow(
  population: Population,
  reach: Reach,
  draw: (below: number) => number,
): Generator<AskedFlow, void, undefined> {
  for (const { from, to, pattern } of reach.cells) {
    const [start, end] = [reach.ends[from] as ReachEnd, reach.ends[to] as ReachEnd]
    const sorts = [
      ...grouped(
        reach.patterns[pattern] ?? [],
        ({ headers: { protocol, family = '' }, outcome }) => `${protocol} ${family} ${outcome}`,
      ).values(),
    ]
    for (const asking of start.members) {
      for (const asked of end.members) {
        for (const sort of sorts) {
          yield* flowsBetween(
            population,
            reach,
            { ...start, members: [asking] },
            { ...end, members: [asked] },
            sort,
            draw,
          )
        }
      }
    }
  }
}

/** Flows of one sort between two ends, one of each family. */
function flowsBetween(
  population: Population,
  reach: Reach,
  start: ReachEnd,
  end: ReachEnd,
  sort: readonly ReachFlow[],
  draw: (below: number) => number,
): AskedFlow[] {
  const found = new Map<Family, AskedFlow>()
  const isOutside = start.kind === 'outside' || end.kind === 'outside'
  for (let i = 0; i < (isOutside ? TRIES : sort.length > 1 ? 2 : 1) && found.size < FAMILIES.length; i++) {
    const [from, to] = [memberOf(population, start, draw), memberOf(population, end, draw)]
    const flow = sort[draw(sort.length)] as ReachFlow
    const outcome = reach.outcomes[flow.outcome]
    if (from === undefined || to === undefined || from.name === to.name || outcome === undefined) continue
    const asked = { start, end, from, to, flow, outcome }
    for (const family of familiesOf(asked)) {
      const one = found.has(family) ? undefined : askedFlow(population, asked, family, draw)
      if (one !== undefined) found.set(family, one)
    }
  }
  return [...found.values()]
}

/** Families in which a flow can be asked. */
function familiesOf({ from, to, flow: { headers } }: Asked): Family[] {
  return FAMILIES.filter(
    (family) =>
      from.addresses[family] !== undefined &&
      to.addresses[family] !== undefined &&
      (headers.family ?? family) === family &&
      SENT[family].includes(headers.protocol),
  )
}

/** A flow of a class of headers: a port that is drawn, and small or large packets. */
function askedFlow(
  population: Population,
  { start, end, from, to, flow: { headers }, outcome }: Asked,
  family: Family,
  draw: (below: number) => number,
): AskedFlow | undefined {
  const { protocol, low, high } = headers
  const isOutside = start.kind === 'outside' || end.kind === 'outside'
  const asking = start.kind === 'outside' ? population.outside : from.netns
  if (asking === undefined || (isOutside && population.outside === undefined)) return undefined
  // Of a Service outside has other addresses than those that it is listed with.
  if (start.kind === 'outside' && end.kind === 'service') return undefined
  // Nobody outside knows a way there: what is sent would stay where it is.
  if (start.kind === 'outside' && population.isTakenIn(to.addresses[family] as Ip)) return undefined
  const echo = ECHO[protocol]
  if (echo !== undefined && (echo < low || echo > high)) return undefined
  const isFull = echo === undefined && draw(3) === 0
  const isFirst = FAMILIES.find((other) => to.addresses[other] !== undefined && from.addresses[other] !== undefined)
  return {
    from: from.name,
    to: to.name,
    headers,
    port: low + draw(high - low + 1),
    family,
    outcome,
    ...(isFull ? { size: { mtu: from.mtu, datagram: from.mtu - (family === 4 ? 28 : 48) } } : {}),
    asking,
    ...(start.kind === 'outside' ? { source: from.addresses[family] as Ip } : {}),
    asked: isFirst === family && end.kind !== 'outside' ? to.name : (to.addresses[family] as Ip),
  }
}

/** An end of a class, drawn; outside an address of its ranges that nobody has. */
function memberOf(
  { members, isOutside, isLedOut }: Population,
  { kind, members: names, except = [] }: ReachEnd,
  draw: (below: number) => number,
): Member | undefined {
  const name = names[draw(Math.max(names.length, 1))]
  if (name === undefined) return undefined
  if (kind !== 'outside') return members.get(name)
  const net = parsePrefix(name)
  if (net === undefined) return undefined
  const address = addressAt(net, draw(Math.min(addressCount(net), 2 ** 32)))
  if (except.some((range) => contains(range as Prefix, address)) || !isUsable(address)) return undefined
  // A wide range stands for its public addresses: some ranges in it lead nowhere.
  if (!isOutside(address) || (prefixLength(net) < WIDE && !isLedOut(address))) return undefined
  return { name: address, addresses: { [familyOf(address)]: address }, mtu: OUTSIDE_MTU }
}

/** Ranges of shorter prefixes have public addresses among others. */
const WIDE = 8

/** MTU of the network outside, in bytes. */
const OUTSIDE_MTU = 1500
