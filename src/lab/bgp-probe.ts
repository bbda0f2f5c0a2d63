import { type BgpFault, type Cluster, forEachPeering, type Peering, peeringCount } from '../control/index.ts'
import { type Errno, SECOND, Simulation, TcpListener, TcpSock } from '../dataplane/index.ts'
import type { Network } from '../model/index.ts'
import type { TriedWay } from '../timeline/index.ts'
import { addressKey, isIpv4 } from '../wire/index.ts'

/** Sessions that are tried at most; beyond that they are taken to be up, and the caller is told. */
const MAX_PROBED_SESSIONS = 500
/** How long a connection may take, in nanoseconds: long enough for ARP to fail and say so. */
const PATIENCE = 4 * SECOND

/** What `calicoctl node status` shows for a failed connection. @calico calicoctl/calicoctl/commands/node/status.go */
const BIRD_WORDS: Partial<Record<Errno, string>> = {
  ECONNREFUSED: 'Active Socket: Connection refused',
  EHOSTUNREACH: 'Connect Socket: Host is unreachable',
  ENETUNREACH: 'Active Socket: Network unreachable',
  ECONNRESET: 'Connect Socket: Connection closed',
}

/** What trying the sessions showed. */
export interface BgpProbe {
  /** Sessions that do not come up, in the order of the plan. */
  readonly faults: readonly BgpFault[]
  /** How many were tried. */
  readonly tried: number
  /** How many there are. */
  readonly wanted: number
}

/**
 * Opens TCP connections for the BGP sessions of a cluster through its simulated network, one after the other, each from the
 * node that dials. A session that does not connect is a fault, in BIRD's words.
 */
export function probeBgp(cluster: Cluster): BgpProbe {
  const wanted = peeringCount(cluster.bgp)
  if (wanted === 0 || wanted > MAX_PROBED_SESSIONS) return { faults: [], tried: 0, wanted }
  const peerings: Peering[] = []
  forEachPeering(cluster.bgp, (peering) => peerings.push(peering))
  const faults = tried(cluster.network, peerings).flatMap((info, i): BgpFault[] => {
    const { dialer, listener, family } = peerings[i]!
    return info === null ? [] : [{ a: dialer, b: listener, family, info }]
  })
  return { faults, tried: peerings.length, wanted }
}

/**
 * The same through a network that somebody has edited, for the sessions of some nodes, or of all. Where there are more than are tried,
 * or an end is off, nothing is said.
 */
export function tryWays(
  { bgp }: Cluster,
  network: Network,
  nodes: ReadonlySet<string> | undefined,
): readonly TriedWay[] {
  const peerings: Peering[] = []
  const isThere = (name: string): boolean => Object.hasOwn(network.namespaces, name)
  forEachPeering(bgp, (peering) => {
    const { dialer, listener } = peering
    const isMeant = nodes === undefined || nodes.has(dialer) || nodes.has(listener)
    const isFull = peerings.length > MAX_PROBED_SESSIONS
    if (isMeant && !isFull && isThere(dialer) && isThere(listener)) peerings.push(peering)
  })
  if (peerings.length > MAX_PROBED_SESSIONS) return []
  return tried(network, peerings).map((words, i) => {
    const { dialer, listener, family } = peerings[i]!
    return { a: dialer, b: listener, family, words }
  })
}

/** For each session null when it comes up, else what BIRD would say. */
function tried(network: Network, peerings: readonly Peering[]): readonly (string | null)[] {
  const simulation = new Simulation(network)
  const listeners = listen(simulation, peerings)
  const all = peerings.map((peering) => tryPeering(simulation, peering))
  for (const listener of listeners) listener.close()
  return all
}

/** BIRD listens on every node, on all addresses. */
function listen(simulation: Simulation, peerings: readonly Peering[]): TcpListener[] {
  const listeners = new Map<string, TcpListener>()
  for (const { listener, listenerAddress, port } of peerings) {
    const family = isIpv4(listenerAddress) ? 'inet' : 'inet6'
    const key = `${listener} ${family} ${port}`
    if (listeners.has(key)) continue
    const socket = new TcpListener(simulation.netns(listener), family)
    socket.listen(family === 'inet' ? 0 : '', port)
    listeners.set(key, socket)
  }
  return [...listeners.values()]
}

/** Null when the session comes up, else what BIRD would say. */
function tryPeering(simulation: Simulation, { dialer, dialerAddress, listenerAddress, port }: Peering): string | null {
  const { clock } = simulation
  const socket = new TcpSock(simulation.netns(dialer), isIpv4(dialerAddress) ? 'inet' : 'inet6')
  let result: string | null | undefined
  socket.onConnect = () => {
    result = null
  }
  socket.onFail = () => {
    result = words(socket.err)
  }
  const failed = socket.bind(addressKey(dialerAddress), 0) ?? socket.connect(addressKey(listenerAddress), port)
  if (failed !== null) result = words(failed)
  const until = clock.now + PATIENCE
  simulation.run(clock.now)
  while (result === undefined) {
    const next = clock.nextAt()
    if (next === undefined || next > until) break
    simulation.run(next)
  }
  // A session that is up has shown what was asked; it goes with the simulation. One that is not would try again.
  if (result === null) return null
  socket.close()
  simulation.run(clock.now)
  return result ?? 'Connect'
}

function words(errno: Errno | null): string {
  return (errno === null ? undefined : BIRD_WORDS[errno]) ?? 'Active'
}
