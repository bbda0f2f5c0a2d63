import { type PacketBuffer, RawSock, SECOND, Simulation } from '../../dataplane/index.ts'
import { type ConntrackEntry, type DropCause, describeIssue, InputError, type Network } from '../../model/index.ts'
import {
  addressKey,
  IPV4_HEADER_LENGTH,
  IPV4_PROTOCOL,
  IPV6_HEADER_LENGTH,
  IPV6_NEXT_HEADER,
  type Ip,
  isIpv4,
  parseIp,
} from '../../wire/index.ts'
import { type PolicyCase, type PolicyProbe, type PolicyVerdict, UndecidedProbe } from './case.ts'
import { ProbeCluster, type ProbeEnd } from './cluster.ts'
import { typed } from './outside.ts'
import { ECHO_ID, isMarked, mayBegin, numberOf, SOURCE_PORT, transportOf } from './packet.ts'

/** How long a packet may be under way: longer than a neighbour is asked for. */
const PATIENCE = 5 * SECOND

/** A packet with its ends as addresses of one family. */
interface Flow {
  readonly probe: PolicyProbe
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  readonly source: Ip
  /** Where it is sent. */
  readonly target: Ip
  /** Where it is to arrive. */
  readonly destination: Ip
  readonly family: 'inet' | 'inet6'
}

/** Sends the packets of a case through its cluster, one by one, each as if nothing had been sent before. */
export class PolicyProbes {
  private readonly cluster: ProbeCluster
  private readonly simulation: Simulation

  /** @throws InputError when the objects contradict themselves */
  constructor(one: PolicyCase) {
    this.cluster = new ProbeCluster(one)
    this.simulation = new Simulation(this.cluster.network)
  }

  /** What becomes of a packet. @throws UndecidedProbe when it ends for something that is no rule, or cannot be sent */
  send(probe: PolicyProbe): PolicyVerdict {
    const flow = this.flowOf(probe)
    const network = this.networkFor(flow)
    if (network !== this.cluster.network) return verdictOf(new Simulation(network), flow)
    for (const node of this.cluster.nodes) this.simulation.netns(node).nf?.flushConntrack()
    return verdictOf(this.simulation, flow)
  }

  private flowOf(probe: PolicyProbe): Flow {
    const from = this.cluster.end(probe.from)
    const to = this.cluster.end(probe.to)
    for (const four of [true, false]) {
      const own = (end: ProbeEnd): Ip | undefined =>
        end.addresses.map((one) => parseIp(one)).find((one) => one !== undefined && isIpv4(one) === four)
      const source = own(from)
      const destination = own(to)
      if (source === undefined || destination === undefined) continue
      const target = probe.via === undefined ? destination : parseIp(probe.via.to)
      if (target === undefined || isIpv4(target) !== four) continue
      return { probe, from, to, source, target, destination, family: four ? 'inet' : 'inet6' }
    }
    throw new UndecidedProbe(`${probe.from} and ${probe.to} have no addresses of one family`)
  }

  /** The network as the packet's story asks for it: translated, known to the connection tables, or left alone by them. */
  private networkFor(flow: Flow): Network {
    const { probe } = flow
    let { network } = this.cluster
    const door = this.cluster.doorOf(probe)
    if (probe.via !== undefined && door !== undefined)
      network = translating(network, door, flow, this.addressOf(door, flow))
    if (probe.state === 'established') return this.knowing(network, flow, door)
    const isNew = probe.state === undefined || probe.state === 'new'
    if (isNew && !mayBegin(probe)) for (const node of this.cluster.nodes) network = untracking(network, node, flow)
    return network
  }

  private addressOf(node: string, { family }: Flow): string {
    const { addresses } = this.cluster.end(`host:${node}`)
    return addresses.find((one) => one.includes(':') === (family === 'inet6')) ?? ''
  }

  private knowing(network: Network, flow: Flow, door: string | undefined): Network {
    return network.edit((draft) => {
      for (const name of this.cluster.nodes) {
        const node = draft.namespaces[name]
        if (node !== undefined) node.conntrack = [connectionOf(flow, name === door)]
      }
    })
  }
}

/** Translates the destination of just this packet; one that comes back to its sender gets another source, past all policy. */
function translating(network: Network, door: string, flow: Flow, own: string): Network {
  const { probe, from, to, target, destination, family } = flow
  const tool = family === 'inet' ? 'iptables' : 'ip6tables'
  const port = probe.port ?? 0
  const there = family === 'inet' ? `${destination}:${port}` : `[${destination}]:${port}`
  const match = `-d ${target} -p ${numberOf(probe)} --dport ${probe.via?.port ?? port}`
  let net = network
  for (const chain of ['PREROUTING', 'OUTPUT'])
    net = typed(net, door, `${tool} -t nat -I ${chain} ${match} -j DNAT --to-destination ${there}`)
  if (from.netns !== to.netns || from.netns === door) return net
  return typed(
    net,
    door,
    `${tool} -t nat -I POSTROUTING -s ${destination} -d ${destination} -j SNAT --to-source ${own}`,
  )
}

/** ICMP errors and replies by themselves begin no connection: that they count as new means that the table has no say in them. */
function untracking(network: Network, node: string, { family }: Flow): Network {
  const tool = family === 'inet' ? 'iptables -t raw' : 'ip6tables -t raw'
  const protocol = family === 'inet' ? 'icmp' : 'ipv6-icmp'
  let net = network
  for (const chain of ['PREROUTING', 'OUTPUT']) net = typed(net, node, `${tool} -I ${chain} -p ${protocol} -j NOTRACK`)
  return net
}

/** The entry of a connection that was let through long ago. */
function connectionOf({ probe, source, target, destination, family }: Flow, isTranslated: boolean): ConntrackEntry {
  const protocol = numberOf(probe)
  if (!mayBegin(probe)) throw new UndecidedProbe('an ICMP message that begins no connection belongs to none')
  const sent = {
    sport: probe.sourcePort ?? SOURCE_PORT,
    dport: (isTranslated ? probe.via?.port : undefined) ?? probe.port ?? 0,
  }
  const echo = { type: probe.icmpType ?? 0, code: probe.icmpCode ?? 0, id: ECHO_ID }
  const isIcmp = probe.icmpType !== undefined
  return {
    family,
    protocol,
    timeout: 3600,
    ...(protocol === 6 ? { state: 'ESTABLISHED' } : {}),
    original: { src: source, dst: isTranslated ? target : destination, ...(isIcmp ? echo : sent) },
    reply: {
      src: destination,
      dst: source,
      ...(isIcmp ? { ...echo, type: echo.type + 1 } : { sport: probe.port ?? 0, dport: sent.sport }),
    },
    assured: true,
  }
}

/** Sends the packet of a flow and looks where it ends. */
function verdictOf(simulation: Simulation, flow: Flow): PolicyVerdict {
  const { probe, from, to, source, target, family } = flow
  const { clock } = simulation
  const protocol = numberOf(probe)
  let end: PolicyVerdict | DropCause | undefined
  const sender = new RawSock(simulation.netns(from.netns), family, protocol)
  const receiver = new RawSock(simulation.netns(to.netns), family, protocol)
  receiver.onReceive = ({ bytes }) => {
    if (isMarked(bytes, bytes.length)) end ??= 'allow'
  }
  simulation.onDrop = (cause, skb) => {
    if (isOwn(skb, flow) && isMarked(skb.bytes, skb.tail)) end ??= cause === 'netfilter_drop' ? 'deny' : cause
  }
  const refused =
    sender.bind(addressKey(source)) ?? sender.sendTo(transportOf(probe, source, target), addressKey(target))
  const until = clock.now + PATIENCE
  simulation.run(clock.now)
  while (end === undefined && refused === null) {
    const next = clock.nextAt()
    if (next === undefined || next > until) break
    simulation.run(next)
  }
  simulation.onDrop = null
  sender.close()
  receiver.close()
  if (end === 'allow' || end === 'deny') return end
  const what = refused ?? end ?? 'nothing more is heard of it'
  throw new UndecidedProbe(`${probe.from} to ${probe.to}: ${what}`)
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
    if (error instanceof InputError) return { error: error.issues.map((issue) => describeIssue(issue)).join('; ') }
    throw error
  }
}
