import { type Cluster, type PolicyPacket, parentInterface } from '../../control/index.ts'
import { routeGet, type Simulation } from '../../dataplane/index.ts'
import { protocolText } from '../../linux/index.ts'
import { didYouMean, InputError } from '../../model/index.ts'
import { contains, familyOf, IP_PROTOCOL, type Ip, isIpv4, parsePrefix } from '../../wire/index.ts'
import { target } from '../asked.ts'
import type { Endpoint } from '../endpoint.ts'
import { type Backend, backendsOf, serviceAt } from './backends.ts'
import { type GateReport, gateReport } from './gate-report.ts'
import { ruleWords, setWordsOf } from './rule-words.ts'
import { type FlowEnd, type Way, wayOf } from './way.ts'

/** A flow that policy is asked about. */
export interface FlowQuestion {
  /** Start, by the words of `lab.endpoint`. */
  readonly from: string
  /** End. */
  readonly to: string
  /** Port, by number or by the name a Service or container gives it; absent = a ping. */
  readonly port?: number | string
  /** `tcp` (where there is a port), `udp`, `sctp`, or a number; absent = as the port's name says, TCP, or a ping. */
  readonly protocol?: 'tcp' | 'udp' | 'sctp' | number
  /** Source port; absent = one of those a kernel chooses. */
  readonly sourcePort?: number
  /** The endpoint a Service chooses; absent = each of them. */
  readonly backend?: string
}

/** What policy says of one flow: to one endpoint, where a Service has several. */
export interface PolicyFlow {
  /** The packet as policy sees it. */
  readonly packet: PolicyPacket
  /** `tcp`, `udp`, … */
  readonly protocol: string
  /** Where it goes: a pod, a node, or an address. */
  readonly destination: string
  /** Endpoints that are asked, in order, up to the one that denies. */
  readonly ends: readonly GateReport[]
  /** What decides besides. */
  readonly remarks: readonly string[]
  /** Verdict. */
  readonly verdict: 'allowed' | 'denied'
}

/** What policy says of a question about a flow. */
export interface PolicyFlowReport {
  /** Which question was asked. */
  readonly kind: 'flow'
  /** Start. */
  readonly from: string
  /** End. */
  readonly to: string
  /** The Service that was asked, and how many endpoints it has. */
  readonly service?: { readonly name: string; readonly backends: number }
  /** One, or one an endpoint of the Service. */
  readonly flows: readonly PolicyFlow[]
  /** `undecided`: endpoints of a Service differ, or nobody knows where it leads. */
  readonly verdict: 'allowed' | 'denied' | 'undecided'
  /** Why it is undecided. */
  readonly why?: string
}

/** A source port nobody chose: the first that a kernel would. */
const SOME_PORT = 32_768

/** What a flow is judged in. */
export interface FlowWorld {
  /** The cluster. */
  readonly cluster: Cluster
  /** The running network, for routes. */
  readonly simulation: Simulation
  /** Finds endpoints. */
  readonly find: (name: string) => Endpoint
}

interface Asked {
  readonly protocol: number
  readonly port: number | undefined
  readonly sourcePort: number | undefined
}

/** Judges a flow: both ends in order, without a packet. */
export function judgeFlow(world: FlowWorld, question: FlowQuestion, asked: Asked): PolicyFlowReport {
  const [from, to] = [world.find(question.from), world.find(question.to)]
  const ends = { kind: 'flow', from: from.label, to: to.label } as const
  const [note] = to.address === undefined ? (to.notes ?? []) : []
  if (note !== undefined) return { ...ends, flows: [], verdict: 'undecided', why: note.what }
  const destination = target(from, to)
  const name = protocolText(asked.protocol)
  const hit = asked.port === undefined ? undefined : serviceAt(world.cluster, destination, asked.port, name)
  if (hit === undefined) {
    if (to.netns === undefined && to.label.startsWith('svc/')) {
      const why = `the Service has no port ${asked.port === undefined ? 'for a ping' : `${asked.port}/${name}`}`
      return { ...ends, flows: [], verdict: 'undecided', why }
    }
    const flow = oneFlow(world, from, { address: destination, port: asked.port }, destination, asked)
    return { ...ends, flows: [flow], verdict: flow.verdict }
  }
  const { metadata } = hit.service
  const all = backendsOf(world.cluster, hit.service, hit.port, destination)
  const service = { name: `svc/${metadata.namespace ?? 'default'}/${metadata.name}`, backends: all.length }
  if (all.length === 0)
    return { ...ends, service, flows: [], verdict: 'denied', why: 'the Service has no endpoint: refused' }
  const chosen = question.backend === undefined ? all : [chosenOf(world, all, question.backend)]
  const flows = chosen.map((backend) => oneFlow(world, from, backend, destination, asked))
  const verdicts = new Set(flows.map(({ verdict }) => verdict))
  const [verdict = 'denied'] = verdicts
  if (verdicts.size === 1) return { ...ends, service, flows, verdict }
  return { ...ends, service, flows, verdict: 'undecided', why: 'it depends on the endpoint that the Service chooses' }
}

function chosenOf({ find }: FlowWorld, all: readonly Backend[], name: string): Backend {
  const { addresses } = find(name)
  const found = all.find(({ address }) => addresses.includes(address))
  if (found !== undefined) return found
  const expected = `an endpoint of the Service; ${didYouMean(
    name,
    all.map(({ address }) => address),
  )}`
  throw new InputError([{ kind: 'missing_reference', file: '', path: ['--backend'], expected, received: `"${name}"` }])
}

function oneFlow(
  world: FlowWorld,
  from: Endpoint,
  end: { readonly address: Ip; readonly port: number | undefined },
  sentTo: Ip,
  { protocol, port, sourcePort }: Asked,
): PolicyFlow {
  const { cluster, simulation, find } = world
  const [start, last] = [endOf(cluster, from), endOf(cluster, find(end.address))]
  const source = sourceOf(simulation, start, from, end.address)
  const ports = port === undefined ? {} : { sourcePort: sourcePort ?? SOME_PORT, destinationPort: end.port ?? port }
  const isPing = protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.ICMPV6
  const icmp = isPing ? { icmp: { type: protocol === IP_PROTOCOL.ICMP ? 8 : 128, code: 0 } } : {}
  const packet: PolicyPacket = { source, destination: end.address, protocol, ...ports, ...icmp }
  const sent: PolicyPacket = port === undefined ? packet : { ...packet, destination: sentTo, destinationPort: port }
  const setWords = setWordsOf(cluster.policies)
  const way: Way = wayOf({
    book: cluster.policies,
    nodes: cluster.nodes,
    from: start,
    to: last,
    packet,
    sent,
    arriving: { ...packet, source: translatedSource(cluster, simulation, start, packet) },
    door: last.kind === 'outside' ? undefined : last.node,
    deviceOf: (node) =>
      deviceOf(cluster, simulation, node, last.kind !== 'outside' && last.node === node ? source : end.address),
  })
  return {
    packet,
    protocol: protocolText(protocol),
    destination: find(end.address).netns ?? end.address,
    ends: way.gates.map((gate) => gateReport(gate, (rule) => ruleWords(rule, setWords))),
    remarks: way.remarks,
    verdict: way.allowed ? 'allowed' : 'denied',
  }
}

function endOf({ workloadEndpoints, nodes }: Cluster, { netns }: Endpoint): FlowEnd {
  const pod = netns === undefined ? undefined : workloadEndpoints.find((one) => one.netns === netns)
  if (pod !== undefined) return { kind: 'pod', netns: pod.netns, node: pod.node }
  const node = nodes.find(({ name }) => name === netns)
  return node === undefined ? { kind: 'outside' } : { kind: 'host', node: node.name }
}

/** The address a packet is sent from: a node chooses by its routes, and by those into a tunnel that of the tunnel. */
function sourceOf(simulation: Simulation, start: FlowEnd, from: Endpoint, to: Ip): Ip {
  if (start.kind === 'host') {
    const found = routeGet(simulation.netns(start.node), { dst: to })
    if (typeof found !== 'string' && found.src !== undefined) return found.src
  }
  const source = from.addresses.find((one) => familyOf(one) === familyOf(to)) ?? from.address
  return source ?? to
}

/** The source that arrives at another node: what leaves the pools of a natOutgoing pool has its node's. */
function translatedSource(
  { resources }: Cluster,
  simulation: Simulation,
  start: FlowEnd,
  { source, destination }: PolicyPacket,
): Ip {
  if (start.kind !== 'pod') return source
  const pools = resources.ippools.flatMap(({ spec }) => {
    const cidr = parsePrefix(spec.cidr)
    return cidr === undefined ? [] : [{ cidr, natOutgoing: spec.natOutgoing === true }]
  })
  const isTranslated = pools.some(({ cidr, natOutgoing }) => natOutgoing && contains(cidr, source))
  if (!isTranslated || pools.some(({ cidr }) => contains(cidr, destination))) return source
  const found = routeGet(simulation.netns(start.node), { dst: destination })
  return typeof found === 'string' ? source : (found.src ?? source)
}

/** The device by which a node reaches an address. */
function deviceOf({ nodes }: Cluster, simulation: Simulation, node: string, to: Ip): string {
  const found = routeGet(simulation.netns(node), { dst: to })
  const machine = nodes.find(({ name }) => name === node)
  if (typeof found !== 'string' && found.dev !== 'lo') return found.dev
  return machine === undefined ? '' : (parentInterface(machine, isIpv4(to) ? 4 : 6)?.name ?? '')
}
