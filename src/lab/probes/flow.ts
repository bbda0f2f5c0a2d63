import type { ConntrackEntry } from '../../model/index.ts'
import { IP_PROTOCOL, type Ip, isIpv4, parseIp } from '../../wire/index.ts'
import { type PolicyProbe, UndecidedProbe } from './case.ts'
import type { ProbeCluster, ProbeEnd } from './cluster.ts'
import { ROUTER } from './outside.ts'
import { ECHO_ID, mayBegin, numberOf, SOURCE_PORT } from './packet.ts'

/** A packet with its ends as addresses of one family. */
export interface Flow {
  /** What is asked. */
  readonly probe: PolicyProbe
  /** Who sends. */
  readonly from: ProbeEnd
  /** Where it is to arrive. */
  readonly to: ProbeEnd
  /** Address of the sender. */
  readonly source: Ip
  /** Address it is sent to. */
  readonly target: Ip
  /** Address it is to arrive at. */
  readonly destination: Ip
  /** Family of all of them. */
  readonly family: 'inet' | 'inet6'
}

/** A command that is typed in a namespace before a packet is sent: `tool -t table -I chain …`. */
export interface Preparation {
  /** Namespace. */
  readonly netns: string
  /** Command. */
  readonly line: string
}

/** The flow of a probe. @throws UndecidedProbe when its ends have no addresses of one family */
export function flowOf(cluster: ProbeCluster, probe: PolicyProbe): Flow {
  const from = cluster.end(probe.from)
  const to = cluster.end(probe.to)
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

/** Whether the packet begins a connection. */
function isNew({ state }: PolicyProbe): boolean {
  return state === undefined || state === 'new'
}

/** What has to be typed for the story of a packet: translations of its destination, and exceptions from tracking. */
export function preparations(cluster: ProbeCluster, flow: Flow): Preparation[] {
  const { probe } = flow
  const door = cluster.doorOf(probe)
  return [
    ...(probe.via === undefined || door === undefined ? [] : translations(cluster, flow, door)),
    ...(probe.via === undefined || door === undefined ? [] : announcement(cluster, flow, door)),
    ...(isNew(probe) && !mayBegin(probe) ? cluster.nodes.flatMap((node) => exceptions(flow, node)) : []),
  ]
}

/** Translates the destination of just this packet; one that comes back to its sender gets another source, past all policy. */
function translations(cluster: ProbeCluster, flow: Flow, door: string): Preparation[] {
  const { probe, from, to, target, destination, family } = flow
  const tool = family === 'inet' ? 'iptables -t nat' : 'ip6tables -t nat'
  const port = probe.port ?? 0
  const there = family === 'inet' ? `${destination}:${port}` : `[${destination}]:${port}`
  const match = `-d ${target} -p ${numberOf(probe)} --dport ${probe.via?.port ?? port}`
  const forth = ['PREROUTING', 'OUTPUT'].map((chain) => ({
    netns: door,
    line: `${tool} -I ${chain} ${match} -j DNAT --to-destination ${there}`,
  }))
  if (from.netns !== to.netns || from.netns === door) return forth
  const own = cluster.nodeAddress(door, destination)
  const back = `${tool} -I POSTROUTING -s ${destination} -d ${destination} -j SNAT --to-source ${own}`
  return [...forth, { netns: door, line: back }]
}

/** Nobody has the address of a Service: for a packet from outside its node announces it. */
function announcement(cluster: ProbeCluster, { from, target }: Flow, door: string): Preparation[] {
  const gateway = cluster.nodeAddress(door, target)
  const isForeign = from.node === undefined && cluster.end(target).node === undefined
  if (!isForeign || gateway === undefined) return []
  return [{ netns: ROUTER, line: `ip route replace ${target} via ${gateway}` }]
}

/** ICMP errors and replies by themselves begin no connection: that they count as new means that the table has no say in them. */
function exceptions({ family }: Flow, netns: string): Preparation[] {
  const [tool, protocol] = family === 'inet' ? ['iptables', 'icmp'] : ['ip6tables', 'ipv6-icmp']
  return ['PREROUTING', 'OUTPUT'].map((chain) => ({
    netns,
    line: `${tool} -t raw -I ${chain} -p ${protocol} -j NOTRACK`,
  }))
}

/** What the connection table of a node holds before the packet is sent: a connection that was let through long ago. */
export function connectionsOf(cluster: ProbeCluster, flow: Flow, node: string): readonly ConntrackEntry[] | undefined {
  const { probe, source, target, destination, family } = flow
  if (probe.state !== 'established') return undefined
  if (!mayBegin(probe)) throw new UndecidedProbe('an ICMP message that begins no connection belongs to none')
  const protocol = numberOf(probe)
  const isTranslated = probe.via !== undefined && cluster.doorOf(probe) === node
  const port = probe.port ?? 0
  const sport = probe.sourcePort ?? SOURCE_PORT
  const sent = { sport, dport: isTranslated ? (probe.via?.port ?? port) : port }
  const echo = { type: probe.icmpType ?? 0, code: probe.icmpCode ?? 0, id: ECHO_ID }
  const isIcmp = probe.icmpType !== undefined
  const answer = { sport: port, dport: sport }
  return [
    {
      family,
      protocol,
      timeout: 3600,
      ...(protocol === IP_PROTOCOL.TCP ? { state: 'ESTABLISHED' } : {}),
      original: { src: source, dst: isTranslated ? target : destination, ...(isIcmp ? echo : sent) },
      reply: { src: destination, dst: source, ...(isIcmp ? { ...echo, type: echo.type + 1 } : answer) },
      assured: true,
    },
  ]
}
