// Packets to Services: the kernel chooses an endpoint, and must do with the packet what the simulation does when it is told to
// choose that one.
import { buildCluster } from '../../src/control/index.ts'
import { type NetNs, RawSock, Simulation } from '../../src/dataplane/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { withOutside } from '../../src/lab/probes/outside.ts'
import { isMarked, numberOf, SOURCE_PORT, transportOf } from '../../src/lab/probes/packet.ts'
import type { BackendRef, IptRule, Network } from '../../src/model/index.ts'
import { addressText } from '../../src/programs/index.ts'
import { addressKey, IP_PROTOCOL, type Ip, parseIp } from '../../src/wire/index.ts'
import type { RandomServiceCluster, ServiceProbe } from '../../test/oracle/services/clusters.ts'
import { type Miscounted, miscounted, reworded, type Twins } from './counters.ts'
import { hex } from './hex.ts'
import type { RealNames } from './setup.ts'
import { type Trial, WAIT } from './trial.ts'
import type { Heard, Outcome, ProbeJob, World } from './world.ts'

const SECOND = 1e9

/** Where a packet is sent from, and which addresses it bears. */
interface Sent {
  readonly from: string
  readonly family: 4 | 6
  readonly source: Ip
  readonly target: Ip
  readonly probe: ServiceProbe
}

type Answer = NonNullable<Outcome['answer']>

/** A cluster with Services as a trial. */
export function servicesTrial(made: RandomServiceCluster): Trial {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: made.objects })
  const cluster = buildCluster(loadResources([{ name: 'cluster', text }]).resources)
  cluster.findings.assertNoFaults()
  const nodes = cluster.nodes.map(({ name }) => name)
  const pods = made.objects.flatMap(({ kind, spec, status }) =>
    kind === 'Pod' ? (status.podIPs as { ip: string }[]).map(({ ip }) => [ip, spec.nodeName as string] as const) : [],
  )
  const network = withoutRedirects(
    withOutside(cluster, { addresses: made.outside, inside: new Map([...pods, ...made.doors]) }),
  )
  const judge = async (world: World, names: RealNames): Promise<unknown[]> => {
    const duel = new Duel(world, names, network, nodes)
    const faults = await reworded(duel)
    for (const probe of made.probes) {
      const found = await duel.send(sentOf(network, probe))
      if (found.length > 0) faults.push([probe, ...found])
    }
    faults.push(...(await miscounted(duel, { families: [4, 6] })))
    return faults
  }
  return { network, nodes, packets: made.probes.length, judge }
}

/** ICMP redirects are sent at a pace, and time in the kernel goes its own way. */
function withoutRedirects(network: Network): Network {
  return network.edit(({ namespaces }) => {
    for (const { interfaces, sysctls } of Object.values(namespaces))
      for (const dev of ['all', ...Object.keys(interfaces)]) sysctls[`net.ipv4.conf.${dev}.send_redirects`] = '0'
  })
}

/** The ends of a probe, of the family of its target. */
function sentOf({ namespaces }: Network, probe: ServiceProbe): Sent {
  const target = parseIp(probe.to)!
  const family = target.includes(':') ? 6 : 4
  const from = parseIp(probe.from) === undefined ? probe.from.replace(/^host:/, '') : 'outside'
  const all = Object.values(namespaces[from]!.interfaces).flatMap(({ addresses }) => addresses)
  const own = all.filter((one) => (one.family === 'inet') === (family === 4) && one.scope === 'global')
  const plain = from === 'outside' ? probe.from : (own[0]?.local ?? '')
  return { from, family, source: parseIp(target === '127.0.0.1' ? target : plain)!, target, probe }
}

/** The kernel and a simulation side by side. */
class Duel implements Twins {
  readonly simulation: Simulation
  private wanted: BackendRef | undefined
  readonly world: World
  readonly names: RealNames
  readonly nodes: readonly string[]
  private readonly namespaces: readonly string[]

  constructor(world: World, names: RealNames, network: Network, nodes: readonly string[]) {
    this.world = world
    this.names = names
    this.nodes = nodes
    // Only machines have sockets: bridges and routers forward.
    this.namespaces = Object.keys(network.namespaces).filter((name) =>
      ['node', 'pod', 'external'].includes(network.namespaces[name]!.role ?? ''),
    )
    this.simulation = new Simulation(network, { choose: (rule) => this.choice(rule) })
  }

  /** Sends a packet through both; what the kernel does otherwise. */
  async send(sent: Sent): Promise<unknown[]> {
    const outcome = await this.world.probe(this.jobOf(sent))
    if (outcome.error !== undefined) return [outcome.error]
    this.wanted = await this.chosen(sent.family, outcome.arrived)
    const own = this.simulated(sent)
    return [...this.comparedArrival(outcome.arrived, own.arrived), ...comparedAnswer(outcome.answer, own.answer)]
  }

  private jobOf({ from, family, source, target, probe }: Sent): ProbeJob {
    const protocol = numberOf(probe)
    return {
      from: this.names.get(from)!,
      to: this.namespaces.map((name) => this.names.get(name)!),
      nodes: this.nodes.map((name) => this.names.get(name)!),
      family,
      protocol,
      source,
      target,
      payload: hex(transportOf(probe, source, target)),
      type: null,
      answers: answersTo(protocol, family),
      wait: WAIT.unknown,
      before: [],
      after: [],
      seeds: [],
    }
  }

  /** The endpoint the kernel chose: where the packet arrived, else the one whose rule counts one packet more. */
  private async chosen(family: 4 | 6, arrived: Heard | undefined): Promise<BackendRef | undefined> {
    if (arrived !== undefined) {
      return { address: arrived.destination as Ip, port: Number.parseInt(arrived.head.slice(4), 16) }
    }
    const ahead = await miscounted(this, { families: [family], table: 'nat', rounds: [0] })
    return ahead.map((one) => this.backendBehind(one)).find((one) => one !== undefined)
  }

  private backendBehind({ node, family, chain, index, kernel, simulation }: Miscounted): BackendRef | undefined {
    if (kernel <= simulation) return undefined
    const { iptables, ip6tables } = this.simulation.network.namespaces[node]!
    const rule = (family === 4 ? iptables : ip6tables)?.tables.nat?.chains[chain]?.rules[index]
    return rule?.meaning?.kind === 'backend' ? rule.meaning.backends[rule.meaning.chosen - 1] : undefined
  }

  private choice({ meaning }: IptRule): boolean | undefined {
    const { wanted } = this
    if (meaning?.kind !== 'backend' || wanted === undefined) return undefined
    const { address, port } = meaning.backends[meaning.chosen - 1]!
    return address === wanted.address && port === wanted.port
  }

  private simulated({ from, family, source, target, probe }: Sent): Outcome {
    const { simulation } = this
    for (const node of this.nodes) simulation.netns(node).nf?.flushConntrack()
    const protocol = numberOf(probe)
    const payload = transportOf(probe, source, target)
    let arrived: Heard | undefined
    let answer: Answer | undefined
    const sockets: RawSock[] = []
    const open = (netns: NetNs, of: number): RawSock => {
      const socket = new RawSock(netns, family === 4 ? 'inet' : 'inet6', of)
      sockets.push(socket)
      return socket
    }
    for (const name of this.namespaces)
      open(simulation.netns(name), protocol).onReceive = (packet) => {
        if (isOurs(payload, packet)) arrived ??= heard(this.names.get(name)!, packet)
      }
    for (const of of answersTo(protocol, family))
      open(simulation.netns(from), of).onReceive = (packet) => {
        const isAnswer = of === protocol ? !isOurs(payload, packet) : isRefusal(packet)
        if (isAnswer) answer ??= { ...heard(this.names.get(from)!, packet), protocol: of }
      }
    const sender = open(simulation.netns(from), protocol)
    sender.bind(addressKey(source))
    sender.sendTo(payload, addressKey(target))
    simulation.runUntilIdle(simulation.clock.now + SECOND)
    for (const socket of sockets) socket.close()
    return { ...(arrived === undefined ? {} : { arrived }), ...(answer === undefined ? {} : { answer }) }
  }

  private comparedArrival(kernel: Heard | undefined, own: Heard | undefined): unknown[] {
    const known = (one: Heard | undefined): unknown => one && { ...one, head: knownPorts(one.head) }
    const isSame = JSON.stringify(known(kernel)) === JSON.stringify(known(own))
    return isSame ? [] : [{ kernel: this.readable(kernel), simulation: this.readable(own) }]
  }

  private readable(one: Heard | undefined): unknown {
    const at = [...this.names].find(([, real]) => real === one?.at)?.[0]
    return one === undefined ? null : { ...one, at }
  }
}

/** Ports of a packet; a source port that masquerading chose is anybody's guess. */
const knownPorts = (head: string): string =>
  Number.parseInt(head.slice(0, 4), 16) === SOURCE_PORT ? head : `masq${head.slice(4)}`

function comparedAnswer(kernel: Answer | undefined, own: Answer | undefined): unknown[] {
  // What an ICMP message quotes may bear a flow label, which is drawn at random.
  const known = (one: Answer | undefined): unknown =>
    one && (one.protocol === IP_PROTOCOL.ICMP || one.protocol === IP_PROTOCOL.ICMPV6)
      ? { ...one, head: one.head.slice(0, 4) }
      : one
  return JSON.stringify(known(kernel)) === JSON.stringify(known(own)) ? [] : [{ answer: { kernel, simulation: own } }]
}

const icmpOf = (family: 4 | 6): number => (family === 4 ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6)

/** Nobody answers a datagram but with an error. */
const answersTo = (protocol: number, family: 4 | 6): number[] =>
  protocol === IP_PROTOCOL.UDP ? [icmpOf(family)] : [protocol, icmpOf(family)]

type Received = Parameters<NonNullable<RawSock['onReceive']>>[0]

/** Whether it is ours: a tunnel's packet around it, and an error that quotes it, may end with the same bytes. */
const isOurs = (payload: Uint8Array, { bytes, transport }: Received): boolean =>
  isMarked(bytes, bytes.length) && bytes.length - transport === payload.length

const isRefusal = ({ bytes, transport }: Received): boolean => [1, 3].includes(bytes[transport]!)

function heard(at: string, { bytes, transport, saddr, daddr }: Received): Heard {
  const head = hex(bytes.subarray(transport, transport + 4))
  return { at, source: addressText(saddr), destination: addressText(daddr), head }
}
