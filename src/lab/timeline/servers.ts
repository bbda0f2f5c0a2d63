import type { Cluster } from '../../control/index.ts'
import type { Simulation, Unclaimed } from '../../dataplane/index.ts'
import { type Process, TcpEcho, TcpServer, UdpEchoServer } from '../../programs/index.ts'
import { isOfRules } from '../listener.ts'

/** Bytes of a request of a connection that is made anew each time, and of its answer. */
export const EXCHANGE: { readonly request: number; readonly reply: number } = { request: 1, reply: 1 }

/** The other side of the probes of a timeline: programs that listen where a request comes that is theirs, as inetd does. */
export class ProbeServers {
  private readonly simulation: Simulation
  private readonly cluster: () => Cluster | null
  /** Source ports of probes, and what each wants of the other side. */
  private readonly wanted = new Map<number, 'once' | 'echo'>()
  private readonly servers: Process[] = []
  private readonly before: Simulation['onUnclaimed']

  constructor(simulation: Simulation, cluster: () => Cluster | null) {
    this.simulation = simulation
    this.cluster = cluster
    this.before = simulation.onUnclaimed
    simulation.onUnclaimed = (request, ns) => this.serve(request, ns.name) || (this.before?.(request, ns) ?? false)
  }

  /** Requests from this port are served from now on. */
  expect(sport: number, how: 'once' | 'echo'): void {
    this.wanted.set(sport, how)
  }

  /** Nothing is served any more. */
  close(): void {
    this.simulation.onUnclaimed = this.before
    for (const server of this.servers) server.exit(0)
  }

  private serve({ protocol, daddr, dport, sport }: Unclaimed, netns: string): boolean {
    const how = this.wanted.get(sport)
    if (how === undefined || isOfRules(this.cluster(), netns, protocol, dport)) return false
    const ns = this.simulation.netns(netns)
    const family = typeof daddr === 'number' ? 'inet' : 'inet6'
    const isOutside = ns.model.role === 'external'
    const server =
      protocol === 'udp'
        ? new UdpEchoServer(ns, family, dport, isOutside ? { address: daddr } : {})
        : how === 'echo'
          ? new TcpEcho(ns, family, dport)
          : new TcpServer(ns, { family, port: dport, ...EXCHANGE })
    this.servers.push(server)
    server.start()
    return server.exitCode === null
  }
}
