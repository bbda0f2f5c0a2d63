import { type PacketBuffer, RawSock, SECOND, Simulation } from '../../dataplane/index.ts'
import { type DropCause, describeIssues, InputError, Network } from '../../model/index.ts'
import { addressText } from '../../programs/index.ts'
import {
  addressKey,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV6_HEADER_LENGTH,
  IPV6_NEXT_HEADER,
} from '../../wire/index.ts'
import { type PolicyCase, type PolicyProbe, type PolicyVerdict, UndecidedProbe } from './case.ts'
import { ProbeCluster } from './cluster.ts'
import { connectionsOf, type Flow, flowOf, preparations } from './flow.ts'
import { typed } from './outside.ts'
import { isMarked, numberOf, transportOf } from './packet.ts'

/** How long a packet may be under way: longer than a neighbour is asked for. */
const PATIENCE = 5 * SECOND

/** A packet that arrived. */
export interface Arrival {
  /** Source address. */
  readonly source: string
  /** IPv4: from the IP header on; IPv6: from the transport header on. */
  readonly bytes: Uint8Array
  /** Where the transport header starts. */
  readonly transport: number
}

/** Where a packet ended. */
type Ended = Arrival | DropCause

/** Sends the packets of a case through its cluster, one by one, each as if nothing had been sent before. */
export class PolicyProbes {
  /** The cluster. */
  readonly cluster: ProbeCluster
  /** Where packets go that need no preparation. */
  readonly simulation: Simulation

  /**
   * @param onlyFelixRules - as {@link ProbeCluster} takes it
   * @throws InputError when the objects contradict themselves
   */
  constructor(one: PolicyCase, onlyFelixRules = true) {
    this.cluster = new ProbeCluster(one, onlyFelixRules)
    this.simulation = new Simulation(this.cluster.network)
  }

  /** What becomes of a packet. @throws UndecidedProbe when it ends for something that is no rule, or cannot be sent */
  send(probe: PolicyProbe): PolicyVerdict {
    return this.follow(probe) === undefined ? 'deny' : 'allow'
  }

  /** The packet as it arrived; undefined where a rule dropped it. @throws UndecidedProbe as {@link send} */
  follow(probe: PolicyProbe): Arrival | undefined {
    const flow = flowOf(this.cluster, probe)
    const network = this.networkFor(flow)
    if (network !== this.cluster.network) return followed(new Simulation(network), flow)
    for (const node of this.cluster.nodes) this.simulation.netns(node).nf?.flushConntrack()
    return followed(this.simulation, flow)
  }

  /** Whether somebody answers a packet that arrives. @throws UndecidedProbe as {@link send} */
  isAnswered(probe: PolicyProbe, protocol: number): boolean {
    const flow = flowOf(this.cluster, probe)
    const simulation = new Simulation(this.networkFor(flow))
    const ear = new RawSock(simulation.netns(flow.from.netns), flow.family, protocol)
    let isHeard = false
    ear.onReceive = () => {
      isHeard = true
    }
    const isThere = followed(simulation, flow) !== undefined
    simulation.runUntilIdle(simulation.clock.now + PATIENCE)
    return isThere && isHeard
  }

  /** The network as the packet's story asks for it. */
  private networkFor(flow: Flow): Network {
    const prepared = preparations(this.cluster, flow).reduce(
      (net, { netns, line }) => typed(net, netns, line),
      this.cluster.network,
    )
    if (flow.probe.state !== 'established') return prepared
    const namespaces = { ...prepared.namespaces }
    for (const name of this.cluster.nodes) {
      const node = namespaces[name]
      const conntrack = connectionsOf(this.cluster, flow, name)
      if (node !== undefined && conntrack !== undefined) namespaces[name] = { ...node, conntrack }
    }
    return new Network({ namespaces, wires: prepared.wires, shared: prepared.shared })
  }
}

/** Sends the packet of a flow and looks where it ends. */
function followed(simulation: Simulation, flow: Flow): Arrival | undefined {
  const { probe, from, to, source, target, family } = flow
  const { clock } = simulation
  let end: Ended | undefined
  const sender = new RawSock(simulation.netns(from.netns), family, numberOf(probe))
  const receiver = new RawSock(simulation.netns(to.netns), family, numberOf(probe))
  receiver.onReceive = ({ bytes, transport, saddr }) => {
    if (isMarked(bytes, bytes.length)) end ??= { source: addressText(saddr), bytes, transport }
  }
  simulation.onDrop = (cause, skb) => {
    if (isOwn(skb, flow) && isMarked(skb.bytes, skb.tail)) end ??= cause
  }
  const failed =
    sender.bind(addressKey(source)) ?? sender.sendTo(transportOf(probe, source, target), addressKey(target))
  const until = clock.now + PATIENCE
  simulation.run(clock.now)
  while (end === undefined && failed === null) {
    const next = clock.nextAt()
    if (next === undefined || next > until) break
    simulation.run(next)
  }
  simulation.onDrop = null
  sender.close()
  receiver.close()
  if (typeof end === 'object') return end
  if (end === 'netfilter_drop') return undefined
  throw new UndecidedProbe(`${probe.from} to ${probe.to}: ${end ?? failed ?? 'nothing more is heard of it'}`)
}

/** Whether a packet is the one that was sent, and no error that quotes it. */
function isOwn({ bytes, network }: PacketBuffer, { probe, family }: Flow): boolean {
  const [protocolAt, length] =
    family === 'inet' ? [IPV4_PROTOCOL, IPV4_HEADER_LENGTH] : [IPV6_NEXT_HEADER, IPV6_HEADER_LENGTH]
  if (bytes[network + protocolAt] !== numberOf(probe)) return false
  return probe.icmpType === undefined || bytes[network + length] === probe.icmpType
}

/** The verdicts on all packets of a case, or why there are none. */
export function policyVerdicts(one: PolicyCase): readonly PolicyVerdict[] | { readonly error: string } {
  try {
    const probes = new PolicyProbes(one)
    return one.probes.map((probe) => probes.send(probe))
  } catch (error) {
    if (error instanceof UndecidedProbe) return { error: error.message }
    if (error instanceof InputError) return { error: describeIssues(error.issues).join('; ') }
    throw error
  }
}
