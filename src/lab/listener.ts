import { type Cluster, hostPortsOf, isAlive, isOfProtocol, nodePortOf, type PodResource } from '../control/index.ts'
import type { NetNs, Simulation, Unclaimed } from '../dataplane/index.ts'
import type { Network } from '../model/index.ts'
import type { Process } from '../programs/index.ts'

/** Where a program listens. */
export interface Listener {
  /** Network namespace. */
  readonly ns: NetNs
  /** Port. */
  readonly port: number
  /** It answers from the address that was asked, for it has many. */
  readonly isOutside: boolean
}

/**
 * Runs a client while a program listens where its request goes. Where rules translate the destination only the request itself shows
 * where that is: the program is started when it comes there.
 * @param first - where it goes if nothing translates it; undefined = to nobody
 * @param open - makes the program for a place
 * @param run - runs the client, and is told who was asked
 */
export function whileListening<T>(
  simulation: Simulation,
  request: Unclaimed,
  first: Listener | undefined,
  open: (place: Listener) => Process,
  run: (listening: () => readonly Listener[]) => T,
): T {
  const servers: Process[] = []
  const listen = (place: Listener): Process => {
    const server = open(place)
    servers.push(server)
    server.start()
    return server
  }
  const behind: Listener[] = []
  const { onUnclaimed } = simulation
  if (first !== undefined) listen(first)
  simulation.onUnclaimed = (came, ns) => {
    if (!isTranslated(came, request)) return onUnclaimed?.(came, ns) ?? false
    const place = { ns: simulation.netns(ns.name), port: came.dport, isOutside: false }
    behind.push(place)
    return listen(place).exitCode === null
  }
  try {
    return run(() => (behind.length > 0 || first === undefined ? behind : [first]))
  } finally {
    simulation.onUnclaimed = onUnclaimed
    for (const server of servers) server.exit(0)
  }
}

/** Whether it is the request, come to another address or port than was asked; an answer comes to the port that asked. */
function isTranslated(came: Unclaimed, asked: Unclaimed): boolean {
  if (came.protocol !== asked.protocol || came.dport === asked.sport) return false
  return came.daddr !== asked.daddr || came.dport !== asked.dport
}

/** Who answers for addresses that nobody in the network has: the internet, where there is one. */
export function outsideOf({ namespaces }: Network, cluster: Cluster | null): string | undefined {
  const names = cluster === null ? Object.keys(namespaces) : ['internet', 'internet-2']
  return names.find((name) => namespaces[name]?.role === 'external')
}

/** Whether objects say of a port of a node that rules lead it to pods, and of no pod in the node's own network that it listens there. */
export function isOfRules(cluster: Cluster | null, netns: string | undefined, protocol: string, port: number): boolean {
  if (cluster === null || netns === undefined || !cluster.nodes.some(({ name }) => name === netns)) return false
  const { pods, services } = cluster.resources
  const listens = ({ spec }: PodResource): boolean =>
    (spec.containers ?? []).some(({ ports = [] }) =>
      ports.some((one) => one.containerPort === port && isOfProtocol(one, protocol)),
    )
  const isOwn = (pod: PodResource): boolean =>
    pod.spec.hostNetwork === true && pod.spec.nodeName === netns && isAlive(pod)
  if (pods.some((pod) => isOwn(pod) && listens(pod))) return false
  return (
    nodePortOf(services, port, protocol) !== undefined ||
    pods.some((pod) => hostPortsOf(pod).some((one) => one.hostPort === port && one.protocol === protocol))
  )
}
