import {
  type ClusterNode,
  type EndpointAnswer,
  type HostPolicies,
  judgeEndpoint,
  type PolicyBook,
  type PolicyPacket,
  type TierPolicies,
} from '../../control/index.ts'
import type { PolicyDirection } from '../../model/index.ts'
import { contains, IP_PROTOCOL, type Prefix } from '../../wire/index.ts'

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

/** What the way depends on. */
export interface WayFacts {
  /** The calculation. */
  readonly book: PolicyBook
  /** Nodes. */
  readonly nodes: readonly ClusterNode[]
  /** Start and end. */
  readonly from: FlowEnd
  /** End. */
  readonly to: FlowEnd
  /** The packet as policy sees it: behind the translation of Services. */
  readonly packet: PolicyPacket
  /** The packet as it was sent. */
  readonly sent: PolicyPacket
  /** The packet as another node than that of its start sees it: its source may have been translated. */
  readonly arriving: PolicyPacket
  /** Node where packets from outside come in. */
  readonly door: string | undefined
  /** The device by which a node sends to an address that is none of its pods. */
  readonly deviceOf: (node: string) => string
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
    const { from, to, door } = this.facts
    const start = from.kind === 'outside' ? door : from.node
    const last = to.kind === 'outside' ? start : to.node
    const [comes, goes] = [sideOf(from), sideOf(to)]
    let allowed = true
    if (from.kind === 'pod' && to.kind === 'pod' && from.netns === to.netns && this.isUntranslated()) {
      this.remarks.push('a pod that talks to itself never leaves: no policy is asked')
    } else if (start === undefined || last === undefined) {
      this.remarks.push('no node of the cluster is on the way')
    } else if (start === last) allowed = this.onNode(start, comes, goes)
    else allowed = this.onNode(start, comes, 'card') && this.onNode(last, 'card', goes)
    return { gates: this.gates, allowed, remarks: this.remarks }
  }

  private isUntranslated(): boolean {
    return this.facts.sent.destination === this.facts.packet.destination
  }

  /** All that is asked on one node. */
  private onNode(node: string, comes: Side, goes: Side): boolean {
    if (comes === 'host') return this.fromHost(node, goes)
    const entry = this.enters(node, comes)
    if (entry === 'deny') return false
    if (comes === 'pod' && !this.fromPod(node)) return false
    if (goes === 'host') return comes === 'pod' ? this.toOwnHost(node) : entry === 'allow' || this.toHost(node)
    if (entry !== 'allow' && !this.forwarded(node, comes, 'ingress')) return false
    if (goes === 'pod' && !this.toPod(node)) return false
    return this.forwarded(node, goes, 'egress')
  }

  private fromHost(node: string, goes: Side): boolean {
    if (goes === 'pod') this.remarks.push(`${node} reaches its own pods whatever policy says`)
    if (goes !== 'card') return true
    const host = this.hostAt(node, 'card')
    if (host === undefined) return true
    const untracked = this.untracked(node, host, 'egress')
    if (untracked !== 'none') return untracked === 'allow'
    return this.askHost(node, host, 'normal', 'egress', this.seenAt(node)) !== 'deny'
  }

  /** Untracked policy, then that before address translation: what they allow the host endpoint is not asked about again. */
  private enters(node: string, comes: Side): 'allow' | 'deny' | 'none' {
    const host = this.hostAt(node, comes)
    if (host === undefined) return 'none'
    const untracked = comes === 'card' ? this.untracked(node, host, 'ingress') : 'none'
    if (untracked !== 'none') return untracked
    if (host.preDnat.length === 0) return 'none'
    return this.askHost(node, host, 'preDnat', 'ingress', this.sentTo(node))
  }

  /** Before a node translates: what comes from another one has been translated there. */
  private sentTo(node: string): PolicyPacket {
    return this.isStart(node) ? this.facts.sent : this.facts.arriving
  }

  private seenAt(node: string): PolicyPacket {
    return this.isStart(node) ? this.facts.packet : this.facts.arriving
  }

  private isStart(node: string): boolean {
    const { from, door } = this.facts
    return node === (from.kind === 'outside' ? door : from.node)
  }

  private untracked(node: string, host: HostPolicies, direction: PolicyDirection): 'allow' | 'deny' | 'none' {
    if (host.dev === '*' || host.untracked.length === 0) return 'none'
    return this.askHost(node, host, 'untracked', direction, this.sentTo(node))
  }

  private fromPod(node: string): boolean {
    const { from, packet } = this.facts
    const { protocol, destinationPort } = packet
    const felix = this.felixOf(node)
    const rules = felix?.rules
    const isIpip = protocol === IP_PROTOCOL.IPIP && rules?.allowIpipFromWorkloads === false
    const isVxlan =
      protocol === IP_PROTOCOL.UDP && destinationPort === felix?.vxlanPort && rules?.allowVxlanFromWorkloads === false
    if (isIpip || isVxlan) {
      this.remarks.push('a pod may not send encapsulated packets of its own: they are dropped before policy')
      return false
    }
    return from.kind !== 'pod' || this.askPod(node, from.netns, 'egress')
  }

  private toPod(node: string): boolean {
    const { to } = this.facts
    return to.kind !== 'pod' || this.askPod(node, to.netns, 'ingress')
  }

  private askPod(node: string, netns: string, direction: PolicyDirection): boolean {
    const { book } = this.facts
    const pod = book.of(node).workloads.find((one) => one.netns === netns)
    if (pod === undefined) return true
    const question = { tiers: pod.tiers, profiles: pod.profiles, direction }
    const answer = judgeEndpoint(question, this.seenAt(node), (id, family) => book.set(id, family))
    this.gates.push({ endpoint: netns, host: false, node, stage: 'normal', direction, answer, failsafe: false })
    return answer.verdict !== 'deny'
  }

  private toOwnHost(node: string): boolean {
    const action = this.rulesOf(node)?.endpointToHost ?? 'ACCEPT'
    if (action === 'RETURN') return this.toHost(node)
    const passes = action === 'ACCEPT'
    const word = passes ? 'let through' : 'dropped'
    this.remarks.push(`what a pod sends to its own node is ${word} (defaultEndpointToHostAction ${action})`)
    return passes
  }

  private toHost(node: string): boolean {
    const host = this.hostAt(node, 'card')
    return host === undefined || this.askHost(node, host, 'normal', 'ingress', this.seenAt(node)) !== 'deny'
  }

  private forwarded(node: string, side: Side, direction: PolicyDirection): boolean {
    const host = this.hostAt(node, side)
    if (host === undefined || !host.forward.some((tier) => tier[direction].length > 0)) return true
    return this.askHost(node, host, 'forward', direction, this.seenAt(node)) !== 'deny'
  }

  /** The host endpoint of the interface by which a packet comes or goes; that of all interfaces stands beside pods, too. */
  private hostAt(node: string, side: Side): HostPolicies | undefined {
    const { hosts } = this.facts.book.of(node)
    const dev = side === 'card' ? this.facts.deviceOf(node) : ''
    return hosts.find((host) => host.dev === dev) ?? hosts.find((host) => host.dev === '*')
  }

  private askHost(
    node: string,
    host: HostPolicies,
    stage: Stage,
    direction: PolicyDirection,
    packet: PolicyPacket,
  ): 'allow' | 'deny' | 'none' {
    const { book } = this.facts
    const failsafe = stage !== 'forward' && this.isFailsafe(node, direction, packet, stage)
    const question = {
      tiers: tiersOf(host, stage),
      direction,
      hasEnd: stage === 'normal' || stage === 'forward',
      ...(stage === 'normal' ? { profiles: host.profiles } : {}),
    }
    const answer: EndpointAnswer = failsafe
      ? { verdict: stage === 'normal' ? 'allow' : 'none', tiers: [] }
      : judgeEndpoint(question, packet, (id, family) => book.set(id, family))
    this.gates.push({ endpoint: host.name, host: true, node, stage, direction, answer, failsafe })
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
