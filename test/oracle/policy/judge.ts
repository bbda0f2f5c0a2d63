// The way of a packet through a cluster, and every policy on it that could stop it: test/fixtures/policy/README.md and
// policy.md, read literally. Nothing here knows of chains, marks or sets.
import { type Member, PolicyWorld, protocolNumber } from './cluster.ts'
import type { RawObject, RawProbe } from './objects.ts'
import { type Direction, type Policy, type Stage, type Tier, tiersOf } from './policies.ts'
import type { Packet } from './rule.ts'

export type Verdict = 'allow' | 'deny'

/** Where a packet begins or ends. */
type End =
  | { readonly kind: 'pod'; readonly pod: Member; readonly node: string }
  | { readonly kind: 'host'; readonly node: string }
  | { readonly kind: 'outside' }

interface FailsafePort {
  readonly protocol: string
  readonly port: number
}

const tcp = (...ports: number[]): FailsafePort[] => ports.map((port) => ({ protocol: 'tcp', port }))
const udp = (...ports: number[]): FailsafePort[] => ports.map((port) => ({ protocol: 'udp', port }))
const INBOUND = [...tcp(22, 179, 2379, 2380, 5473, 6443, 6666, 6667), ...udp(68)]
const OUTBOUND = [...tcp(179, 2379, 2380, 5473, 6443, 6666, 6667), ...udp(53, 67)]
const VXLAN_PORT = 4789
const IPIP = 4

/** What the policies of an endpoint say: `none` when no tier applied. */
type Said = Verdict | 'passed' | 'none'

/** The interface a packet uses on a node. */
type Via = 'eth0' | 'pod'

/** Judges probes through a cluster. */
export class PolicyOracle {
  private readonly world: PolicyWorld
  private readonly tiers: readonly Tier[]
  // biome-ignore lint/suspicious/noExplicitAny: fields of FelixConfiguration
  private readonly felix: any

  constructor(objects: readonly RawObject[]) {
    this.world = new PolicyWorld(objects)
    this.tiers = tiersOf(this.world)
    this.felix = this.world.of('FelixConfiguration').find(({ metadata }) => metadata.name === 'default')?.spec ?? {}
  }

  /** Whether the packet arrives. */
  judge(probe: RawProbe): Verdict {
    const from = this.end(probe.from)
    const to = this.end(probe.to)
    if (from.kind === 'pod' && to.kind === 'pod' && from.pod === to.pod && probe.via === undefined) return 'allow'
    const six = [probe.from, probe.to].some((end) => this.addressesOf(end).every((one) => one.includes(':')))
    const address = (name: string): string => this.addressesOf(name).find((one) => one.includes(':') === six) ?? ''
    const packet: Packet = {
      src: address(probe.from),
      dst: address(probe.to),
      protocol: protocolNumber(probe.protocol),
      ...(probe.port === undefined ? {} : { sport: probe.sourcePort ?? 50000, dport: probe.port }),
      ...(probe.icmpType === undefined ? {} : { icmpType: probe.icmpType }),
      ...(probe.icmpCode === undefined ? {} : { icmpCode: probe.icmpCode }),
    }
    const before = probe.via === undefined ? packet : { ...packet, dst: probe.via.to, dport: probe.via.port }
    return new Journey(this, packet, before, probe.state ?? 'new').run(from, to, this.doorOf(probe))
  }

  /** Node at which a packet from outside enters. */
  private doorOf({ via, to }: RawProbe): string {
    const door = via === undefined ? this.end(to) : this.endAt(via.to)
    const end = door.kind === 'outside' ? this.end(to) : door
    return end.kind === 'outside' ? '' : end.node
  }

  private addressesOf(name: string): readonly string[] {
    const end = this.end(name)
    if (end.kind === 'pod') return end.pod.nets
    return end.kind === 'host' ? (this.world.nodes.get(end.node) ?? []) : [name]
  }

  private end(name: string): End {
    if (name.startsWith('host:')) return { kind: 'host', node: name.slice('host:'.length) }
    if (!name.includes('/')) return this.endAt(name)
    const pod = this.world.members.find((one) => one.kind === 'pod' && one.name === name)
    if (pod !== undefined) return { kind: 'pod', pod, node: pod.node }
    const object = this.world
      .of('Pod')
      .find(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}` === name)
    return { kind: 'host', node: object?.spec?.nodeName ?? '' }
  }

  private endAt(address: string): End {
    const pod = this.world.members.find((one) => one.kind === 'pod' && one.nets.includes(address))
    if (pod !== undefined) return { kind: 'pod', pod, node: pod.node }
    const node = [...this.world.nodes].find(([, addresses]) => addresses.includes(address))
    return node === undefined ? { kind: 'outside' } : { kind: 'host', node: node[0] }
  }

  /** The host endpoint an interface of a node belongs to: a named one before the one for all interfaces. */
  hostEndpoint(node: string, via: Via): Member | undefined {
    const all = this.world.members
      .filter((one) => one.kind === 'host' && one.node === node)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    const own = this.world.nodes.get(node) ?? []
    const named = all.find(
      ({ interfaceName, nets }) =>
        interfaceName === 'eth0' || (interfaceName === undefined && nets.some((net) => own.includes(net))),
    )
    return (via === 'eth0' ? named : undefined) ?? all.find(({ interfaceName }) => interfaceName === '*')
  }

  /** What tiers say of a packet, of the policies of one stage. */
  ask(one: Member, direction: Direction, packet: Packet, stage: Stage, onlyForwarded = false): Said {
    let said: Said = 'none'
    for (const tier of this.tiers) {
      const policies = tier.policies.filter(
        (policy) =>
          policy.stage === stage &&
          policy.rules[direction] !== undefined &&
          (!onlyForwarded || policy.applyOnForward) &&
          policy.selects(one),
      )
      if (policies.length === 0) continue
      const verdict = askTier(policies, direction, packet)
      if (verdict === 'allow' || verdict === 'deny') return verdict
      if (verdict === 'none' && stage === 'normal' && tier.defaultAction === 'Deny') return 'deny'
      said = 'passed'
    }
    return said
  }

  isFailsafe(direction: Direction, protocol: number, port: number | undefined): boolean {
    const list: readonly FailsafePort[] =
      direction === 'ingress'
        ? (this.felix.failsafeInboundHostPorts ?? INBOUND)
        : (this.felix.failsafeOutboundHostPorts ?? OUTBOUND)
    return list.some((one) => one.port === port && protocolNumber(one.protocol) === protocol)
  }

  get dropsToHost(): boolean {
    return (this.felix.defaultEndpointToHostAction ?? 'Drop') === 'Drop'
  }
}

function askTier(policies: readonly Policy[], direction: Direction, packet: Packet): Said {
  for (const { rules } of policies) {
    for (const { action, matches } of rules[direction] ?? []) {
      if (action === 'Log' || !matches(packet)) continue
      return action === 'Allow' ? 'allow' : action === 'Deny' ? 'deny' : 'passed'
    }
  }
  return 'none'
}

/** One packet under way; each step says whether it goes on. */
class Journey {
  private readonly oracle: PolicyOracle
  private readonly packet: Packet
  private readonly before: Packet
  private readonly state: 'new' | 'established' | 'invalid'

  constructor(oracle: PolicyOracle, packet: Packet, before: Packet, state: 'new' | 'established' | 'invalid') {
    this.oracle = oracle
    this.packet = packet
    this.before = before
    this.state = state
  }

  run(from: End, to: End, door: string): Verdict {
    const start = from.kind === 'outside' ? door : from.node
    const last = to.kind === 'outside' ? start : to.node
    const isGood =
      start === last
        ? this.onNode(start, from.kind, from, to)
        : this.onNode(start, from.kind, from, { kind: 'outside' }) && this.onNode(last, 'outside', from, to, true)
    return isGood ? 'allow' : 'deny'
  }

  /** All that happens on one node; `comes` says from where the packet comes there. */
  private onNode(node: string, comes: End['kind'], from: End, to: End, isTranslated = false): boolean {
    if (comes === 'host') return to.kind === 'outside' ? this.leavesHost(node) : true
    if (from.kind === 'outside' && to.kind === 'outside' && node === '') return true
    const goes = to.kind
    const enters = comes === 'pod' ? this.throughPreDnat(node, 'pod', this.before) : this.enters(node, isTranslated)
    if (enters === 'deny') return false
    // What one of them allowed is not asked about again by the host endpoint it came in by.
    const isAdmitted = enters !== 'go on'
    const state = enters === 'untracked' ? 'new' : this.state
    if (comes === 'pod' && from.kind === 'pod' && !this.fromPod(from.pod, state)) return false
    if (goes === 'host') {
      if (comes === 'pod') return state === 'established' || this.isNeighbourDiscovery || !this.oracle.dropsToHost
      return isAdmitted || this.toHost(node)
    }
    const inside: Via = comes === 'pod' ? 'pod' : 'eth0'
    const outside: Via = goes === 'pod' ? 'pod' : 'eth0'
    if (!isAdmitted && !this.forwarded(node, inside, 'ingress', state)) return false
    if (to.kind === 'pod' && !this.ofPod(to.pod, 'ingress', state)) return false
    return this.forwarded(node, outside, 'egress', state)
  }

  /** Through `eth0` into a node, as far as nobody asks yet where it goes. */
  private enters(node: string, isTranslated: boolean): 'deny' | 'go on' | 'untracked' | 'allowed' {
    const seen = isTranslated ? this.packet : this.before
    const untracked = this.untracked(node, 'ingress', seen)
    return untracked === 'go on' ? this.throughPreDnat(node, 'eth0', seen) : untracked
  }

  private untracked(node: string, direction: Direction, seen: Packet): 'deny' | 'go on' | 'untracked' {
    const { oracle } = this
    const one = oracle.hostEndpoint(node, 'eth0')
    if (one === undefined || one.interfaceName === '*') return 'go on'
    const back: Direction = direction === 'ingress' ? 'egress' : 'ingress'
    if (oracle.isFailsafe(direction, seen.protocol, seen.dport)) return 'go on'
    if (oracle.isFailsafe(back, seen.protocol, seen.sport)) return 'go on'
    const said = oracle.ask(one, direction, seen, 'doNotTrack')
    return said === 'deny' ? 'deny' : said === 'allow' ? 'untracked' : 'go on'
  }

  private throughPreDnat(node: string, via: Via, seen: Packet): 'deny' | 'go on' | 'allowed' {
    const { oracle } = this
    const one = oracle.hostEndpoint(node, via)
    if (one === undefined || this.state !== 'new') return 'go on'
    if (oracle.isFailsafe('ingress', seen.protocol, seen.dport)) return 'go on'
    const said = oracle.ask(one, 'ingress', seen, 'preDNAT')
    return said === 'deny' ? 'deny' : said === 'allow' ? 'allowed' : 'go on'
  }

  /** What a pod asks its node about its link is always answered. */
  private get isNeighbourDiscovery(): boolean {
    const { protocol, icmpType } = this.packet
    return protocol === 58 && [130, 131, 132, 133, 135, 136].includes(icmpType ?? 0)
  }

  private fromPod(pod: Member, state: string): boolean {
    if (state === 'established') return true
    const { protocol, dport } = this.packet
    if (protocol === IPIP || (protocol === 17 && dport === VXLAN_PORT)) return false
    return this.ofPod(pod, 'egress', state)
  }

  private ofPod(pod: Member, direction: Direction, state: string): boolean {
    if (state !== 'new') return state === 'established'
    // A pod's profile allows whatever no tier decided.
    return this.oracle.ask(pod, direction, this.packet, 'normal') !== 'deny'
  }

  private forwarded(node: string, via: Via, direction: Direction, state: string): boolean {
    const one = this.oracle.hostEndpoint(node, via)
    if (one === undefined || state === 'established') return true
    return state === 'new' && this.oracle.ask(one, direction, this.packet, 'normal', true) !== 'deny'
  }

  private toHost(node: string): boolean {
    return this.ofHost(node, 'ingress')
  }

  private leavesHost(node: string): boolean {
    const untracked = this.untracked(node, 'egress', this.before)
    return untracked === 'go on' ? this.ofHost(node, 'egress') : untracked === 'untracked'
  }

  private ofHost(node: string, direction: Direction): boolean {
    const { oracle, packet, state } = this
    const one = oracle.hostEndpoint(node, 'eth0')
    if (one === undefined || state === 'established') return true
    if (state === 'invalid') return false
    if (oracle.isFailsafe(direction, packet.protocol, packet.dport)) return true
    const said = oracle.ask(one, direction, packet, 'normal')
    if (said === 'allow' || said === 'deny') return said === 'allow'
    return one.profiles.length > 0
  }
}
