import {
  addressOfNode,
  type ClusterNode,
  type EndpointAnswer,
  type HostPolicies,
  judgeEndpoint,
  type PolicyBook,
  type PolicyPacket,
  type TierPolicies,
} from '../../control/index.ts'
import type { PolicyDirection } from '../../model/index.ts'
import { contains, familyOf, IP_PROTOCOL, type Ip, type Prefix } from '../../wire/index.ts'

/** Where a flow starts or ends, as policy sees it. */
export type FlowEnd =
  | { readonly kind: 'pod'; readonly netns: string; readonly node: string }
  | { readonly kind: 'host'; readonly node: string }
  | { readonly kind: 'outside' }

/** Which policies of an endpoint are asked. */
export type Stage = 'normal' | 'forward' | 'untracked' | 'preDnat'

/** One endpoint that is asked about the packet. */
export interface Gate {
  /** A pod, or the name of a host endpoint. */
  readonly endpoint: string
  /** Whether it is a host endpoint. */
  readonly host: boolean
  /** Node where it is asked. */
  readonly node: string
  /** Which of its policies. */
  readonly stage: Stage
  /** Into it or out of it. */
  readonly direction: PolicyDirection
  /** What it says. */
  readonly answer: EndpointAnswer
  /** Ports that stay open whatever policy says. */
  readonly failsafe: boolean
}

/** What becomes of the first packet of a flow. */
export interface Way {
  /** Endpoints that were asked, in order. */
  readonly gates: readonly Gate[]
  /** Whether it arrives. */
  readonly allowed: boolean
  /** What decided besides the gates, or why none is asked; a line each. */
  readonly remarks: readonly string[]
}

/** A node on the way of a packet, and the packet as policy sees it there. */
export interface Stop {
  /** The node. */
  readonly node: string
  /** As it comes in: where the node translates its destination, before it does. */
  readonly came: PolicyPacket
  /** Behind the translation. */
  readonly seen: PolicyPacket
}

/** What the way depends on. */
export interface WayFacts {
  /** The calculation. */
  readonly book: PolicyBook
  /** Nodes. */
  readonly nodes: readonly ClusterNode[]
  /** Start. */
  readonly from: FlowEnd
  /** End. */
  readonly to: FlowEnd
  /** Nodes on the way, in order; none: the cluster never sees it. */
  readonly stops: readonly Stop[]
  /** The device by which a node sends to an address that is none of its pods. */
  readonly deviceOf: (node: string, to: Ip) => string
}

/** A port that Felix never closes. */
interface OpenPort {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  readonly net?: Prefix
}

type Side = 'pod' | 'host' | 'card'

/** Asks every endpoint on the way of a packet that begins a connection, until one denies it. */
export function wayOf(facts: WayFacts): Way {
  return new Walk(facts).walk()
}

class Walk {
  private readonly facts: WayFacts
  private readonly gates: Gate[] = []
  private readonly remarks: string[] = []

  constructor(facts: WayFacts) {
    this.facts = facts
  }

  walk(): Way {
    const { from, to, stops } = this.facts
    const [comes, goes] = [sideOf(from), sideOf(to)]
    let allowed = true
    if (from.kind === 'pod' && to.kind === 'pod' && from.netns === to.netns && stops.every(isUntranslated)) {
      this.remarks.push('a pod that talks to itself never leaves: no policy is asked')
    } else if (stops.length === 0) {
      this.remarks.push('no node of the cluster is on the way')
    } else {
      const last = stops.length - 1
      allowed = stops.every((stop, i) => this.onNode(stop, i === 0 ? comes : 'card', i === last ? goes : 'card'))
    }
    return { gates: this.gates, allowed, remarks: this.remarks }
  }

  /** All that is asked on one node. */
  private onNode(stop: Stop, comes: Side, goes: Side): boolean {
    if (comes === 'host') return this.fromHost(stop, goes)
    const entry = this.enters(stop, comes)
    if (entry === 'deny') return false
    if (comes === 'pod' && !this.fromPod(stop)) return false
    if (goes === 'host') return comes === 'pod' ? this.toOwnHost(stop) : entry === 'allow' || this.toHost(stop)
    if (entry !== 'allow' && !this.forwarded(stop, comes, 'ingress')) return false
    if (goes === 'pod' && !this.toPod(stop)) return false
    return this.forwarded(stop, goes, 'egress')
  }

  private fromHost(stop: Stop, goes: Side): boolean {
    if (goes === 'pod') this.remarks.push(`${stop.node} reaches its own pods whatever policy says`)
    if (goes !== 'card') return true
    const host = this.hostAt(stop, 'card', 'egress')
    if (host === undefined) return true
    const untracked = this.untracked(stop, host, 'egress')
    if (untracked !== 'none') return untracked === 'allow'
    return this.askHost(stop, host, 'normal', 'egress', stop.seen) !== 'deny'
  }

  /** Untracked policy, then that before address translation: what they allow the host endpoint is not asked about again. */
  private enters(stop: Stop, comes: Side): 'allow' | 'deny' | 'none' {
    const host = this.hostAt(stop, comes, 'ingress')
    if (host === undefined) return 'none'
    const untracked = comes === 'card' ? this.untracked(stop, host, 'ingress') : 'none'
    if (untracked !== 'none') return untracked
    if (host.preDnat.length === 0) return 'none'
    return this.askHost(stop, host, 'preDnat', 'ingress', stop.came)
  }

  private untracked(stop: Stop, host: HostPolicies, direction: PolicyDirection): 'allow' | 'deny' | 'none' {
    if (host.dev === '*' || host.untracked.length === 0) return 'none'
    return this.askHost(stop, host, 'untracked', direction, stop.came)
  }

  private fromPod(stop: Stop): boolean {
    const { from } = this.facts
    const { protocol, destinationPort } = stop.seen
    const felix = this.felixOf(stop.node)
    const rules = felix?.rules
    const isIpip = protocol === IP_PROTOCOL.IPIP && rules?.allowIpipFromWorkloads === false
    const isVxlan =
      protocol === IP_PROTOCOL.UDP && destinationPort === felix?.vxlanPort && rules?.allowVxlanFromWorkloads === false
    if (isIpip || isVxlan) {
      this.remarks.push('a pod may not send encapsulated packets of its own: they are dropped before policy')
      return false
    }
    return from.kind !== 'pod' || this.askPod(stop, from.netns, 'egress')
  }

  private toPod(stop: Stop): boolean {
    const { to } = this.facts
    return to.kind !== 'pod' || this.askPod(stop, to.netns, 'ingress')
  }

  private askPod(stop: Stop, netns: string, direction: PolicyDirection): boolean {
    const { book } = this.facts
    const pod = book.of(stop.node).workloads.find((one) => one.netns === netns)
    if (pod === undefined) return true
    const question = { tiers: pod.tiers, profiles: pod.profiles, direction }
    const answer = judgeEndpoint(question, stop.seen, (id, family) => book.set(id, family))
    this.gates.push({
      endpoint: netns,
      host: false,
      node: stop.node,
      stage: 'normal',
      direction,
      answer,
      failsafe: false,
    })
    return answer.verdict !== 'deny'
  }

  private toOwnHost(stop: Stop): boolean {
    const action = this.rulesOf(stop.node)?.endpointToHost ?? 'ACCEPT'
    if (action === 'RETURN') return this.toHost(stop)
    const passes = action === 'ACCEPT'
    const word = passes ? 'let through' : 'dropped'
    this.remarks.push(`what a pod sends to its own node is ${word} (defaultEndpointToHostAction ${action})`)
    return passes
  }

  private toHost(stop: Stop): boolean {
    const host = this.hostAt(stop, 'card', 'ingress')
    return host === undefined || this.askHost(stop, host, 'normal', 'ingress', stop.seen) !== 'deny'
  }

  private forwarded(stop: Stop, side: Side, direction: PolicyDirection): boolean {
    const host = this.hostAt(stop, side, direction)
    if (host === undefined || !host.forward.some((tier) => tier[direction].length > 0)) return true
    return this.askHost(stop, host, 'forward', direction, stop.seen) !== 'deny'
  }

  /** The host endpoint of the interface by which a packet comes or goes; that of all interfaces stands beside pods, too. */
  private hostAt(stop: Stop, side: Side, direction: PolicyDirection): HostPolicies | undefined {
    const { hosts } = this.facts.book.of(stop.node)
    if (hosts.length === 0) return undefined
    const other = direction === 'ingress' ? this.cameFrom(stop) : stop.seen.destination
    const dev = side === 'card' ? this.facts.deviceOf(stop.node, other) : ''
    return hosts.find((host) => host.dev === dev) ?? hosts.find((host) => host.dev === '*')
  }

  /** An address in the direction a packet comes from: where no tunnel brought it, that of the node before. */
  private cameFrom(stop: Stop): Ip {
    const { stops, deviceOf } = this.facts
    const { source, destination } = stop.came
    const before = stops[stops.indexOf(stop) - 1]
    if (before === undefined) return source
    const [own, other] = [this.addressOf(stop.node, source), this.addressOf(before.node, source)]
    if (own === undefined || other === undefined) return source
    return deviceOf(before.node, destination) === deviceOf(before.node, own) ? other : source
  }

  private addressOf(name: string, like: Ip): Ip | undefined {
    const node = this.facts.nodes.find((one) => one.name === name)
    return node === undefined ? undefined : addressOfNode(node, familyOf(like))?.address
  }

  private askHost(
    stop: Stop,
    host: HostPolicies,
    stage: Stage,
    direction: PolicyDirection,
    packet: PolicyPacket,
  ): 'allow' | 'deny' | 'none' {
    const { book } = this.facts
    const failsafe = stage !== 'forward' && this.isFailsafe(stop.node, direction, packet, stage)
    const question = {
      tiers: tiersOf(host, stage),
      direction,
      hasEnd: stage === 'normal' || stage === 'forward',
      ...(stage === 'normal' ? { profiles: host.profiles } : {}),
    }
    const answer: EndpointAnswer = failsafe
      ? { verdict: stage === 'normal' ? 'allow' : 'none', tiers: [] }
      : judgeEndpoint(question, packet, (id, family) => book.set(id, family))
    this.gates.push({ endpoint: host.name, host: true, node: stop.node, stage, direction, answer, failsafe })
    return answer.verdict
  }

  /** Ports Felix never closes; where nothing is tracked the answers to them neither. */
  private isFailsafe(node: string, direction: PolicyDirection, packet: PolicyPacket, stage: Stage): boolean {
    const rules = this.rulesOf(node)
    if (rules === undefined) return false
    const [own, other] =
      direction === 'ingress'
        ? [rules.failsafeInbound, rules.failsafeOutbound]
        : [rules.failsafeOutbound, rules.failsafeInbound]
    const peer = direction === 'ingress' ? packet.source : packet.destination
    const has = (list: readonly OpenPort[], port: number | undefined): boolean =>
      list.some(
        (one) =>
          one.port === port &&
          (one.protocol === 'tcp' ? IP_PROTOCOL.TCP : IP_PROTOCOL.UDP) === packet.protocol &&
          (one.net === undefined || contains(one.net, peer)),
      )
    return has(own, packet.destinationPort) || (stage === 'untracked' && has(other, packet.sourcePort))
  }

  private rulesOf(node: string): ClusterNode['felix']['rules'] | undefined {
    return this.felixOf(node)?.rules
  }

  private felixOf(node: string): ClusterNode['felix'] | undefined {
    return this.facts.nodes.find(({ name }) => name === node)?.felix
  }
}

function isUntranslated({ came, seen }: Stop): boolean {
  return came.destination === seen.destination
}

function sideOf({ kind }: FlowEnd): Side {
  return kind === 'outside' ? 'card' : kind
}

function tiersOf(host: HostPolicies, stage: Stage): readonly TierPolicies[] {
  switch (stage) {
    case 'normal':
      return host.tiers
    case 'forward':
      return host.forward
    case 'untracked':
      return host.untracked
    case 'preDnat':
      return host.preDnat
  }
}
