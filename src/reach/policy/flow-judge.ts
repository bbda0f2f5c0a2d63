import { type Cluster, hostPortsOf } from '../../control/index.ts'
import { type Endpoint, judgeFlow, type PolicyFlowReport } from '../../lab/index.ts'
import { keptIn, pushTo } from '../../model/index.ts'
import { type Family, IP_PROTOCOL, type Ip, isIpv4 } from '../../wire/index.ts'
import type { EndClass } from '../ends/classes.ts'
import type { Member } from '../ends/members.ts'
import type { ReachWorld } from '../world.ts'
import { ALLOWED } from './decisions.ts'
import { cutBy } from './gates.ts'
import { Cuts, hasPorts, OTHER, spansBy } from './spans.ts'

/** A flow between two ends, of which one is no pod, or that more than the policies of both decide about. */
export interface FlowAsked {
  /** Start. */
  readonly from: Member
  /** End. */
  readonly to: Member
  /** Family. */
  readonly family: Family
  /** The endpoint that a Service chooses; absent: each. */
  readonly backend?: Ip
}

/** What the policies on its way say of a flow: the number of a decision. */
export function judged(
  world: ReachWorld,
  { from, to, family, backend }: FlowAsked,
  protocol: number,
  point: number,
): number {
  const { lab, cluster, universe, decisions, holders } = world
  const { other, sourcePorts } = universe[family]
  const ends: Readonly<Record<string, Endpoint>> = { from: endpointOf(from, family), to: endpointOf(to, family) }
  const find = (name: string): Endpoint => {
    const holder = holders.get(name as Ip)
    return ends[name] ?? (holder === undefined ? outside(name as Ip) : endpointOf(holder, isIpv4(name as Ip) ? 4 : 6))
  }
  const question = { from: 'from', to: 'to', ...(backend === undefined ? {} : { backend }) }
  const ports = hasPorts(protocol) ? sourcePorts : sourcePorts.slice(0, 1)
  const cases = ports.map(([low, high]) => {
    const asked = {
      protocol: protocol === OTHER ? other : protocol,
      port: hasPorts(protocol) ? point : undefined,
      sourcePort: hasPorts(protocol) ? low : undefined,
    }
    world.gates.verdicts += 1
    const report = judgeFlow({ cluster, simulation: lab.simulation, find }, question, asked)
    return { when: `source port ${low}-${high}`, decision: decisionOf(world, report) }
  })
  return decisions.over('source port', cases)
}

function endpointOf({ name, netns, addresses }: Member, family: Family): Endpoint {
  const address = addresses[family]
  const addressed = address === undefined ? { addresses: [] } : { address, addresses: [address] }
  return { netns, label: name, ...addressed } as Endpoint
}

function outside(address: Ip): Endpoint {
  return { netns: undefined, address, addresses: [address], label: address }
}

function decisionOf({ decisions }: ReachWorld, report: PolicyFlowReport): number {
  if (report.verdict === 'allowed') return ALLOWED
  const { why = '', flows } = report
  if (flows.length === 0) {
    const verdict = report.verdict === 'denied' ? 'broken' : 'undecided'
    return decisions.of({ verdict, why, by: report.service === undefined ? [] : [report.service.name] })
  }
  const cases = flows.map(({ destination, verdict, ends, remarks }) => {
    const gate = verdict === 'allowed' ? undefined : ends.at(-1)
    const last = gate?.tiers.at(-1)
    const enforced = last?.end === 'Deny' ? last.policies.filter(({ staged }) => !staged) : []
    const one = last?.atEnd === false ? enforced.filter(({ answer }) => answer === 'Deny') : enforced
    const denied = {
      verdict: 'denied' as const,
      why: gate?.verdict === 'deny' ? gate.why : (remarks.at(-1) ?? why),
      by: one.map(({ title }) => title),
    }
    return { when: destination, decision: verdict === 'allowed' ? ALLOWED : decisions.of(denied) }
  })
  return decisions.over('endpoint', cases)
}

/** What the policies between two ends say of all headers, as the number of spans. */
export function judgedSpans(world: ReachWorld, asked: FlowAsked, classes: readonly EndClass[]): number {
  const { table, universe, atoms } = world
  const { to, family } = asked
  const cuts = cutsOf(world, asked, classes)
  const address = to.addresses[family]
  if (address !== undefined) {
    for (const { gates } of classes) {
      for (const gate of gates === undefined ? [] : [gates.ingress, gates.egress]) {
        for (const rule of gate.rules) cutBy(cuts, rule, atoms.of(address))
      }
    }
  }
  return table.of(spansBy(universe[family].protocols, cuts, (protocol, low) => judged(world, asked, protocol, low)))
}

/** Headers that nodes tell apart: by host endpoints, ports that stay open, and ports that lead elsewhere. */
function cutsOf(
  { cluster, gates, atoms }: ReachWorld,
  { from, to, family }: FlowAsked,
  _classes: readonly EndClass[],
): Cuts {
  const cuts = new Cuts()
  const address = to.addresses[family]
  for (const node of new Set([from.node, to.node])) {
    if (node === undefined) continue
    const { hosts } = cluster.policies.of(node)
    const own = cluster.nodes.find(({ name }) => name === node)
    for (const { tiers, forward, untracked, preDnat, profiles } of hosts) {
      for (const list of [tiers, forward, untracked, preDnat]) {
        for (const direction of ['ingress', 'egress'] as const) {
          for (const rule of gates.of(direction, list, profiles).rules) {
            if (address !== undefined) cutBy(cuts, rule, atoms.of(address))
          }
        }
      }
    }
    if (hosts.length > 0 && own !== undefined) {
      const { failsafeInbound, failsafeOutbound } = own.felix.rules
      for (const { protocol, port } of [...failsafeInbound, ...failsafeOutbound]) {
        cuts.add(protocol === 'tcp' ? IP_PROTOCOL.TCP : IP_PROTOCOL.UDP, port, port)
      }
    }
    if (own !== undefined) cuts.add(IP_PROTOCOL.UDP, own.felix.vxlanPort, own.felix.vxlanPort)
  }
  for (const [protocol, port] of doorsOf(cluster, to)) cuts.add(protocol, port, port)
  return cuts
}

const NUMBERS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 }

/** A protocol and a port. */
type Door = readonly [number, number]

/** Ports that rules lead elsewhere. */
interface Doors {
  /** Of every node. */
  readonly all: readonly Door[]
  /** Of nodes by name: those that their own pods ask for. */
  readonly ofNode: ReadonlyMap<string, readonly Door[]>
  /** Of addresses outside of the range of Services that Services have. */
  readonly ofAddress: ReadonlyMap<string, readonly Door[]>
}

const doors = new WeakMap<Cluster, Doors>()

/** Ports of a node that rules lead elsewhere. */
export function doorsOf(cluster: Cluster, { name, node = '', addresses }: Member): readonly Door[] {
  if (!name.startsWith('node/')) return []
  const { all, ofNode, ofAddress } = keptIn(doors, cluster, () => allDoors(cluster))
  const external = Object.values(addresses).flatMap((address) => ofAddress.get(address) ?? [])
  return [...all, ...(ofNode.get(node) ?? []), ...external]
}

function allDoors({ resources: { services, pods } }: Cluster): Doors {
  const all = services.flatMap(({ spec }) =>
    (spec.ports ?? []).flatMap(({ nodePort, protocol = 'TCP' }) => door(protocol, nodePort)),
  )
  const ofNode = new Map<string, Door[]>()
  for (const pod of pods) {
    const { nodeName, hostNetwork } = pod.spec
    if (nodeName === undefined || hostNetwork === true) continue
    for (const { protocol, hostPort } of hostPortsOf(pod)) {
      for (const one of door(protocol, hostPort)) pushTo(ofNode, nodeName, one)
    }
  }
  const ofAddress = new Map<string, Door[]>()
  for (const { spec } of services) {
    const own = (spec.ports ?? []).flatMap(({ port, protocol = 'TCP' }) => door(protocol, port))
    for (const address of spec.externalIPs ?? []) for (const one of own) pushTo(ofAddress, address, one)
  }
  return { all, ofNode, ofAddress }
}

function door(protocol: string, port: number | undefined): Door[] {
  const number = NUMBERS[protocol.toLowerCase()]
  return number === undefined || port === undefined ? [] : [[number, port]]
}
