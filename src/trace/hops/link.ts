import { type ArpVerdict, type EventOf, isAnswer, type Namespace, type NeighbourPicture } from '../../model/index.ts'
import { assertNever, type Ip, isIpv6 } from '../../wire/index.ts'
import type { Configuration } from '../configuration.ts'
import { type Fact, factOf } from '../fact.ts'
import type { ArpHop, BridgeHop, LearnHop, NeighbourChangeHop, NeighbourHop } from '../hop.ts'
import { type HopReader, place } from '../reader.ts'
import { late, type Shape, Step, shapeOf } from '../step.ts'
import { sysctlFact } from '../sysctl-fact.ts'

const NEIGHBOUR = shapeOf('reason', late('facts'), 'address', 'lladdr', 'state', 'queued')

/** A neighbour lookup; the packet may have to wait. */
export class NeighbourStep extends Step implements NeighbourHop {
  declare readonly kind: 'neighbour'
  declare readonly reason: string
  declare readonly address: string
  declare readonly lladdr: string
  declare readonly state: NeighbourHop['state']
  declare readonly queued: boolean
  declare private readonly at: Configuration

  constructor(reader: HopReader, event: EventOf<'neighbour'>) {
    const { entry, queued, netns } = event
    const { dst, dev, lladdr, state } = entry
    super(event, dev)
    this.kind = 'neighbour'
    if (queued) reader.waiting.set(`${netns} ${dev} ${dst}`, event.packet)
    this.reason = queued ? `waits until ${dst} tells its MAC address on ${dev}` : neighbourReason(entry)
    this.address = dst
    this.lladdr = lladdr
    this.state = state
    this.queued = queued
    this.at = reader.at
  }

  get shape(): Shape {
    return NEIGHBOUR
  }

  get facts(): readonly Fact[] {
    return neighbourFacts(this.at, this)
  }
}

function neighbourReason(ref: NeighbourPicture): string {
  const { state } = ref
  switch (state) {
    case 'NONE':
    case 'INCOMPLETE':
      return `the MAC address of ${ref.dst} on ${ref.dev} is not known yet`
    case 'FAILED':
      return `${ref.dst} on ${ref.dev} did not answer before`
    case 'NOARP':
      return ref.lladdr === ''
        ? `${ref.dev} needs no neighbour`
        : `next hop ${ref.dst} is at ${ref.lladdr} (no ARP on ${ref.dev})`
    case 'PERMANENT':
      return `next hop ${ref.dst} is at ${ref.lladdr} (configured)`
    default:
      return `next hop ${ref.dst} is at ${ref.lladdr} (${state})`
  }
}

function neighbourFacts(at: Configuration, { netns, dev, address }: NeighbourHop): Fact[] {
  const entry = at.neighbour(netns, dev, address)
  if (entry === undefined) return []
  const lladdr = entry.lladdr === undefined ? '' : ` lladdr ${entry.lladdr}`
  return [factOf('neighbour', netns, `${entry.dst} dev ${entry.dev}${lladdr} ${entry.state}`, entry.origin)]
}

/** A neighbour entry got another state. */
export function neighbourChangeHop(event: EventOf<'neighbour-change'>): NeighbourChangeHop {
  const { from, entry } = event
  const at = entry.lladdr === '' ? '' : ` at ${entry.lladdr}`
  return {
    kind: 'neighbour-change',
    ...place(event),
    reason: `neighbour ${entry.dst}${at}: ${from}→${entry.state}`,
    facts: [],
    address: entry.dst,
    lladdr: entry.lladdr,
    from,
    to: entry.state,
  }
}

const ARP = shapeOf(late('reason'), late('facts'), 'answered', 'verdict', 'target', 'sender')

/** An ARP request or neighbour solicitation was judged: who answers, and why. In a segment of thousands nearly nobody does. */
export class ArpStep extends Step implements ArpHop {
  declare readonly kind: 'arp'
  declare readonly answered: boolean
  declare readonly verdict: ArpVerdict
  declare readonly target: string
  declare readonly sender: string
  declare private readonly at: Configuration
  /** The device by which the target is reached. */
  declare private readonly out: string | undefined

  constructor(reader: HopReader, event: EventOf<'arp'>) {
    super(event)
    const { verdict, target, sender, packet } = event
    const memory = reader.of(packet)
    this.kind = 'arp'
    this.answered = isAnswer(verdict)
    this.verdict = verdict
    this.target = target
    this.sender = sender
    this.at = reader.at
    this.out = memory.route?.out
    if (this.answered) memory.judgement = this
  }

  get shape(): Shape {
    return ARP
  }

  /** The verdict in words. */
  get why(): string {
    return verdictWords(this.verdict, this.target, this.out)
  }

  get reason(): string {
    return `${this.answered ? 'answers' : 'does not answer'} ${this.sender}, who asks for ${this.target}: ${this.why}`
  }

  get facts(): readonly Fact[] {
    return arpFacts(this.at, this)
  }
}

/** The verdict in words; `out` is the device by which the target is reached. */
function verdictWords(verdict: ArpVerdict, target: string, out: string | undefined): string {
  switch (verdict) {
    case 'local':
      return 'its own address'
    case 'probe':
      return 'its own address, and somebody else is about to take it'
    case 'proxy-arp':
      return `proxy_arp is on and it reaches ${target} by another interface${out === undefined ? '' : `, ${out}`}`
    case 'proxy-arp-pvlan':
      return 'proxy_arp_pvlan is on: it answers for neighbours on the same interface'
    case 'proxy-entry':
      return 'it has a proxy neighbour entry for it'
    case 'anycast':
      return 'an anycast address of its own'
    case 'arp-ignore':
      return 'its own address, but arp_ignore keeps it quiet here'
    case 'arp-filter':
      return 'its own address, but arp_filter is on and the way back is another interface'
    case 'asker-unknown':
      return 'who asks is not known, and may not be learned'
    case 'not-ours':
      return 'not its address, and it does not answer for others here'
    default:
      return assertNever(verdict)
  }
}

/** The address asked for, when it is configured here; a proxy entry; and whether this interface answers for others. */
function arpFacts(at: Configuration, hop: ArpHop): Fact[] {
  const { target, netns, dev } = hop
  const inet6 = isIpv6(target as Ip)
  const isKnown = !inet6 && at.known(netns, dev)?.mayHave(target) === false
  const asked = isKnown ? undefined : addressedFact(hop, inet6 ? at.namespace(netns) : at.outline(netns, dev))
  const fact = asked ?? (inet6 ? undefined : sysctlFact(at, netns, dev, 'ipv4', 'proxy_arp'))
  return fact === undefined ? [] : [fact]
}

/** The address asked for, or the entry by which a namespace answers for it. */
function addressedFact({ target, netns }: ArpHop, ns: Namespace | undefined): Fact | undefined {
  if (ns === undefined) return undefined
  for (const iface of Object.values(ns.interfaces)) {
    const own = iface.addresses.find((address) => address.local === target)
    if (own === undefined) continue
    return factOf('address', netns, `${own.local}/${own.prefixlen} dev ${iface.name}`, own.origin ?? iface.origin)
  }
  const proxy = ns.proxyNeighbours.find((entry) => entry.dst === target)
  if (proxy === undefined) return undefined
  const dev = proxy.dev === undefined ? '' : ` dev ${proxy.dev}`
  return factOf('proxy-neighbour', netns, `${proxy.dst}${dev} proxy`, proxy.origin)
}

/** A bridge decided where a frame goes. */
export function bridgeHop(event: EventOf<'bridge'>): BridgeHop {
  const { decision, port } = event
  const reasons = {
    forward: `the bridge knows the destination MAC address: port ${port}`,
    flood: 'the bridge does not know the destination, or it is a group address: to all ports',
    local: 'the destination MAC address is the bridge’s own',
  }
  const base = { kind: 'bridge', ...place(event), reason: reasons[decision], facts: [], decision } as const
  return port === '' ? base : { ...base, port }
}

/** A bridge learned where an address lives. */
export function learnHop(event: EventOf<'learn'>): LearnHop {
  const { mac, port } = event
  return { kind: 'learn', ...place(event), reason: `learned: ${mac} ${port}`, facts: [], mac, port }
}
