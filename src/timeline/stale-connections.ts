import { type Cluster, endpointsIn, type PortEndpoints, type ProxyPort, portsOfService } from '../control/index.ts'
import type { Simulation } from '../dataplane/index.ts'
import { conntrackLine } from '../linux/index.ts'
import { type ConntrackEntry, keptIn } from '../model/index.ts'
import { IP_PROTOCOL } from '../wire/index.ts'
import type { LogEntry } from './log-entry.ts'
import { nodeAt, type RunningState } from './running-state.ts'
import type { Follower } from './watching.ts'

/** What a program forgets of connections once it has written. */
interface Stale {
  readonly node: string
  readonly program: Follower
  readonly isStale: (entry: ConntrackEntry) => boolean
}

/**
 * Connections that programs have the kernel forget, since what they led to is gone: on nodes that are followed by themselves.
 * @param hasKernel - whether packets have come to a node: others have no connections
 */
function staleConnections(
  before: RunningState,
  after: RunningState,
  hasKernel: (node: string) => boolean,
): readonly Stale[] {
  if (before.nodes === after.nodes) return []
  return [...after.nodes].flatMap(([name, node]): Stale[] => {
    const old = nodeAt(before, name)
    if (old === node || !hasKernel(name)) return []
    const [was, parts] = [old.parts, node.parts]
    const stale: Stale[] = []
    const [oldRoutes, routes] = [was.felixRoutes?.cluster, parts.felixRoutes?.cluster]
    if (oldRoutes !== undefined && routes !== undefined && oldRoutes !== routes) {
      const gone = goneAddresses(oldRoutes, routes, name)
      if (gone.size > 0) stale.push({ node: name, program: 'felix', isStale: (entry) => concerns(entry, gone) })
    }
    const [oldProxy, proxy] = [was.proxy?.cluster, parts.proxy?.cluster]
    if (oldProxy !== undefined && proxy !== undefined && oldProxy !== proxy) {
      const tests = staleServices(oldProxy, proxy)
      const isStale = (entry: ConntrackEntry): boolean => tests.some((test) => test(entry))
      if (tests.length > 0) stale.push({ node: name, program: 'kube-proxy', isStale })
    }
    return stale
  })
}

/** The kernels of nodes forget what programs have them forget. @returns what the log says of it */
export function forgetStale(
  before: RunningState,
  after: RunningState,
  simulation: Simulation,
  common: Pick<LogEntry, 'at' | 'event'>,
): LogEntry[] {
  const stale = staleConnections(before, after, (node) => simulation.awake(node) !== undefined)
  return stale.flatMap(({ node, program, isStale }) =>
    (simulation.awake(node)?.nf?.forgetConnections(isStale) ?? []).map((entry): LogEntry => {
      const what = conntrackLine(entry, false).replaceAll(/ +/g, ' ')
      return { ...common, actor: program, netns: node, op: 'delete', thing: 'conntrack', what }
    }),
  )
}

/** Addresses of pods that a node had. @calico felix/routetable/route_table.go, felix/conntrack */
function goneAddresses(was: Cluster, fresh: Cluster, node: string): ReadonlySet<string> {
  if (was.workloadEndpoints === fresh.workloadEndpoints) return new Set()
  const of = (cluster: Cluster): string[] =>
    endpointsIn(cluster.workloadEndpoints)
      .ofNode(node)
      .flatMap(({ addresses }) => addresses)
  const left = new Set(of(fresh))
  return new Set(of(was).filter((address) => !left.has(address)))
}

function concerns({ original, reply }: ConntrackEntry, addresses: ReadonlySet<string>): boolean {
  return [original.src, original.dst, reply.src, reply.dst].some((address) => addresses.has(address))
}

type Test = (entry: ConntrackEntry) => boolean

const tests = new WeakMap<Cluster, WeakMap<Cluster, readonly Test[]>>()

/** Entries of UDP that lead to endpoints that are gone, and those that were made while a Service had none. @kubernetes pkg/proxy/conntrack/cleanup.go */
function staleServices(was: Cluster, fresh: Cluster): readonly Test[] {
  const known = keptIn(tests, was, () => new WeakMap<Cluster, readonly Test[]>())
  return keptIn(known, fresh, () => {
    const before = udpPorts(was)
    const after = udpPorts(fresh)
    return [...before].flatMap(([key, old]): Test[] => {
      const now = after.get(key)
      const serving = new Set((now?.endpoints ?? []).flatMap((one) => (one.serving ? [textOf(one)] : [])))
      const gone = new Set(
        old.endpoints.flatMap((one) => (one.serving && !serving.has(textOf(one)) ? [one.address] : [])),
      )
      const isFirst = !old.endpoints.some(({ ready }) => ready) && now?.endpoints.some(({ ready }) => ready) === true
      return [...(gone.size === 0 ? [] : [leadsTo(old.port, gone)]), ...(isFirst ? [isAt(now.port)] : [])]
    })
  })
}

type Endpoint = PortEndpoints['endpoints'][number]

const textOf = ({ address, port }: Endpoint): string => `${address} ${port}`

/** A port of a Service, and its endpoints. */
interface UdpPort {
  readonly port: ProxyPort
  readonly endpoints: readonly Endpoint[]
}

const ports = new WeakMap<Cluster, ReadonlyMap<string, UdpPort>>()

function udpPorts(cluster: Cluster): ReadonlyMap<string, UdpPort> {
  return keptIn(ports, cluster, () => {
    const all = new Map<string, UdpPort>()
    for (const service of cluster.resources.services) {
      const own = ([4, 6] as const).flatMap((family) => portsOfService(service, family))
      if (!own.some(({ protocol }) => protocol === 'udp')) continue
      const lists = cluster.serviceEndpoints(service)
      for (const port of own) {
        const found = lists.find((one) => one.service === port.ref)
        if (port.protocol === 'udp') all.set(`${port.family} ${port.name}`, { port, endpoints: found?.endpoints ?? [] })
      }
    }
    return all
  })
}

function isUdp({ protocol }: ConntrackEntry): boolean {
  return protocol === IP_PROTOCOL.UDP
}

/** At an address of a Service, and translated to one of these. */
function leadsTo(port: ProxyPort, gone: ReadonlySet<string>): Test {
  const { port: number, nodePort } = port
  const addresses = addressesOf(port)
  return (entry) => {
    if (!isUdp(entry) || !gone.has(entry.reply.src)) return false
    const { dst, dport } = entry.original
    return (addresses.has(dst) && dport === number) || (nodePort !== undefined && dport === nodePort)
  }
}

/** At an address of a Service, or at its port of nodes. */
function isAt(port: ProxyPort): Test {
  const addresses = addressesOf(port)
  return (entry) => {
    const { dst, dport } = entry.original
    return isUdp(entry) && (addresses.has(dst) || (port.nodePort !== undefined && dport === port.nodePort))
  }
}

function addressesOf({ clusterIp, externalIps, balancerIps }: ProxyPort): ReadonlySet<string> {
  return new Set<string>([clusterIp, ...externalIps, ...balancerIps])
}
