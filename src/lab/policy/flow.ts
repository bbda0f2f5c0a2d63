import {
  type Cluster,
  endpointsIn,
  type PolicyPacket,
  type ServiceAddress,
  type ServicePacket,
  type ServiceResource,
  serviceAt,
} from '../../control/index.ts'
import { routeGet, type Simulation } from '../../dataplane/index.ts'
import { protocolText } from '../../linux/index.ts'
import { describeNote, didYouMean, InputError, type Note } from '../../model/index.ts'
import { familyOf, IP_PROTOCOL, type Ip } from '../../wire/index.ts'
import { target } from '../asked.ts'
import type { Endpoint } from '../endpoint.ts'
import { deviceOf, flowWay } from './flow-way.ts'
import { type GateReport, gateReport } from './gate-report.ts'
import { nodeDoorAt } from './node-door.ts'
import { ruleWords, setWordsOf } from './rule-words.ts'
import { leadsAt, leadsFromOutside } from './service-leads.ts'
import { type Through, translatedSource } from './stops.ts'
import type { FlowEnd } from './way.ts'

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

/** Where a destination leads. */
interface Leads {
  readonly address: Ip
  readonly port: number | undefined
  /** The node that translates it, where that is another than the first on the way. */
  readonly through?: Through
  /** What is to be said of it. */
  readonly remarks?: readonly string[]
}

/** Judges a flow: both ends in order, without a packet. */
export function judgeFlow(world: FlowWorld, question: FlowQuestion, asked: Asked): PolicyFlowReport {
  const [from, to] = [world.find(question.from), world.find(question.to)]
  const ends = { kind: 'flow', from: from.label, to: to.label } as const
  const [note] = to.address === undefined ? (to.notes ?? []) : []
  if (note !== undefined) return { ...ends, flows: [], verdict: 'undecided', why: note.what }
  const destination = target(from, to)
  const name = protocolText(asked.protocol)
  const open = openAt(world.cluster, destination, asked)
  if (open !== undefined) return { ...ends, flows: [], verdict: 'undecided', why: describeNote(open) }
  const { services } = world.cluster.resources
  const hit = asked.port === undefined ? undefined : serviceAt(services, destination, asked.port, name)
  if (hit !== undefined) {
    const { leads, why } = serviceLeads(world, from, destination, hit)
    return overBackends(world, question, { ends, from, destination, asked, service: hit.port.resource, leads, why })
  }
  const door = asked.port === undefined ? undefined : doorOf(world, from, to, destination, asked.port, asked)
  if (door !== undefined) {
    const { service, leads, why } = door
    return overBackends(world, question, { ends, from, destination, asked, service, leads, why })
  }
  if (to.netns === undefined && to.label.startsWith('svc/')) {
    const bare = question.protocol === undefined ? 'a ping' : name
    const why = `the Service has no port ${asked.port === undefined ? `for ${bare}` : `${asked.port}/${name}`}`
    return { ...ends, flows: [], verdict: 'undecided', why }
  }
  const flow = oneFlow(world, from, { address: destination, port: asked.port }, destination, asked)
  return { ...ends, flows: [flow], verdict: flow.verdict }
}

/** A destination that leads to one of several endpoints. */
interface Several {
  readonly ends: Pick<PolicyFlowReport, 'kind' | 'from' | 'to'>
  readonly from: Endpoint
  readonly destination: Ip
  readonly asked: Asked
  /** Absent: a port that a pod asks for. */
  readonly service?: ServiceResource | undefined
  readonly leads: readonly Leads[]
  /** Why there is none, where it is not that the Service has none at all. */
  readonly why?: string | undefined
}

function overBackends(world: FlowWorld, { backend }: FlowQuestion, several: Several): PolicyFlowReport {
  const { ends, from, destination, asked, service: of, leads, why } = several
  const service =
    of === undefined
      ? {}
      : { service: { name: `svc/${of.metadata.namespace ?? 'default'}/${of.metadata.name}`, backends: leads.length } }
  if (leads.length === 0)
    return { ...ends, ...service, flows: [], verdict: 'denied', why: why ?? 'the Service has no endpoint: refused' }
  const chosen = backend === undefined ? leads : [chosenOf(world, leads, backend)]
  const flows = chosen.map((one) => oneFlow(world, from, one, destination, asked))
  const verdicts = new Set(flows.map(({ verdict }) => verdict))
  const [verdict = 'denied'] = verdicts
  if (verdicts.size === 1) return { ...ends, ...service, flows, verdict }
  return {
    ...ends,
    ...service,
    flows,
    verdict: 'undecided',
    why: 'it depends on the endpoint that the Service chooses',
  }
}

/** What leaves open whom a packet to an address of a Service gets to, where something does. */
function openAt({ findings }: Cluster, destination: Ip, { protocol, port }: Asked): Note | undefined {
  return findings.notes.find(({ code, scope }) => {
    if (code !== 'service' || scope.kind !== 'destination' || !scope.addresses.includes(destination)) return false
    return scope.port === undefined || (scope.port === port && scope.protocol === protocolText(protocol))
  })
}

/** Where an address of a Service leads, for whoever asks it: the node of who asks translates. */
function serviceLeads(
  { cluster, simulation }: FlowWorld,
  from: Endpoint,
  destination: Ip,
  to: ServiceAddress,
): Pick<Several, 'leads' | 'why'> {
  const start = endOf(cluster, from)
  const source = sourceOf(simulation, start, from, destination)
  const node = start.kind === 'outside' ? undefined : cluster.nodes.find(({ name }) => name === start.node)
  if (node === undefined) {
    const { backends: leads, why } = leadsFromOutside(cluster, to, source)
    return { leads, why }
  }
  const { backends, masquerades, why } = leadsAt(cluster, to, node, { source, ...inputOf(cluster, start) })
  const through = { node: node.name, masquerades }
  return { leads: backends.map(({ address, port }) => ({ address, port, through })), why }
}

/** The interface by which a node gets what one of its pods sends; what it sends itself comes by none. */
function inputOf({ workloadEndpoints }: Cluster, start: FlowEnd): { readonly input?: string } {
  const pod = start.kind === 'pod' ? endpointsIn(workloadEndpoints).at(start.netns) : undefined
  return pod === undefined ? {} : { input: pod.interfaceName }
}

/** What a port of a node leads to, for whoever asks it. */
function doorOf(
  { cluster, simulation }: FlowWorld,
  from: Endpoint,
  to: Endpoint,
  destination: Ip,
  port: number,
  { protocol }: Asked,
): Pick<Several, 'service' | 'leads' | 'why'> | undefined {
  const end = endOf(cluster, to)
  if (end.kind !== 'host') return undefined
  const { node } = end
  const start = endOf(cluster, from)
  const source = sourceOf(simulation, start, from, destination)
  const arriving = (isHere: boolean): ServicePacket => {
    if (isHere) return { source, ...inputOf(cluster, start) }
    const seen = translatedSource(cluster, simulation, start, { source, destination, protocol })
    return { source: seen, input: deviceOf(cluster, simulation, node, seen) }
  }
  const at = { node, address: destination, port, protocol: protocolText(protocol) }
  const door = nodeDoorAt(cluster, at, arriving(start.kind !== 'outside' && start.node === node))
  if (door === undefined) return undefined
  const { title, backends, masquerades, service, why } = door
  const remarks = [
    `port ${port} of ${node} is ${title}${masquerades ? ': the packet goes on under the node’s own address' : ''}`,
  ]
  const leads = backends.map(({ address, port: number }): Leads => {
    return { address, port: number, through: { node, masquerades }, remarks }
  })
  return { service, leads, why }
}

function chosenOf({ find }: FlowWorld, all: readonly Leads[], name: string): Leads {
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
  end: Leads,
  sentTo: Ip,
  { protocol, port, sourcePort }: Asked,
): PolicyFlow {
  const { cluster, simulation, find } = world
  const [start, last] = [endOf(cluster, from), endOf(cluster, find(end.address))]
  const source = sourceOf(simulation, start, from, end.through === undefined ? end.address : sentTo)
  const ports = port === undefined ? {} : { sourcePort: sourcePort ?? SOME_PORT, destinationPort: end.port ?? port }
  const isPing = protocol === IP_PROTOCOL.ICMP || protocol === IP_PROTOCOL.ICMPV6
  const icmp = isPing ? { icmp: { type: protocol === IP_PROTOCOL.ICMP ? 8 : 128, code: 0 } } : {}
  const packet: PolicyPacket = { source, destination: end.address, protocol, ...ports, ...icmp }
  const sent: PolicyPacket = port === undefined ? packet : { ...packet, destination: sentTo, destinationPort: port }
  const setWords = setWordsOf(cluster.policies)
  const way = flowWay({ cluster, simulation }, { start, last, sent, packet, through: end.through })
  return {
    packet,
    protocol: protocolText(protocol),
    destination: find(end.address).netns ?? end.address,
    ends: way.gates.map((gate) => gateReport(gate, (rule) => ruleWords(rule, setWords))),
    remarks: [...(end.remarks ?? []), ...way.remarks],
    verdict: way.allowed ? 'allowed' : 'denied',
  }
}

function endOf({ workloadEndpoints, nodes }: Cluster, { netns }: Endpoint): FlowEnd {
  const pod = netns === undefined ? undefined : endpointsIn(workloadEndpoints).at(netns)
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
