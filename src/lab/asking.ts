import { type Cluster, endpointsIn, type PodResource } from '../control/index.ts'
import type { Simulation } from '../dataplane/index.ts'
import { checkOptions, checkText, InputError, type Note } from '../model/index.ts'
import type { PingOptions, TracerouteOptions } from '../programs/index.ts'
import {
  familyOfAddress,
  PING_RANGES,
  Ping,
  PORT,
  type Process,
  RawSend,
  RawServer,
  TcpConnect,
  TcpServer,
  TRACEROUTE_RANGES,
  TRANSFER_RANGES,
  Traceroute,
  UdpEchoServer,
  UdpSend,
} from '../programs/index.ts'
import type { Run } from '../shell/index.ts'
import type { TraceEnds } from '../trace/index.ts'
import { addressKey, type Ip } from '../wire/index.ts'
import { judgeOptions, listenerNotes, target, unaddressed } from './asked.ts'
import { conduct, type Scene } from './conduct.ts'
import { declaredPortNotes } from './declared-ports.ts'
import { assumedDns, dnsAssumption, dnsQuery, dnsServer } from './dns.ts'
import { type Endpoint, findEndpoint } from './endpoint.ts'
import { isOfRules, type Listener, outsideOf, whileListening } from './listener.ts'
import {
  checkRawProtocol,
  RAW_RANGES,
  type RawOptions,
  rawProgram,
  type TcpOptions,
  tcpProgram,
  type UdpOptions,
  udpProgram,
} from './options.ts'
import { type NumberedPort, portOf, type Transport } from './port-word.ts'
import { SourcePorts } from './source-ports.ts'

/** From where to where something is asked. */
interface Way {
  /** Namespace that asks. */
  readonly netns: string
  readonly end: Endpoint
  /** The address of the end that is asked. */
  readonly destination: Ip
  /** What is asked, for the trace. */
  readonly title: string
}

/** What a lab asks from one endpoint to another, by programs, and which endpoints and ports are meant. */
export class Asking {
  /** Source ports of its programs. */
  readonly ports: SourcePorts = new SourcePorts()
  private readonly scene: Scene
  private readonly simulation: Simulation

  constructor(scene: Scene) {
    this.scene = scene
    this.simulation = scene.simulation
  }

  private get cluster(): Cluster | null {
    return this.scene.standing.cluster
  }

  endpoint(name: string, namespace?: string): Endpoint {
    checkText('name', name, 'the name of a pod or node, or an address')
    return findEndpoint(this.simulation.network, this.cluster, name, namespace)
  }

  ping(from: string, to: string, options: Partial<PingOptions> = {}): Run {
    judgeOptions(options, PING_RANGES)
    return this.between('ping', { from, to }, '', ({ netns, destination, title }) => {
      const ns = this.simulation.netns(netns)
      const dialect = ns.model.role === 'pod' ? 'busybox' : 'iputils'
      return this.conduct(new Ping(ns, { count: 1, dialect, ...options, destination }), title, { from, to })
    })
  }

  traceroute(from: string, to: string, options: Partial<TracerouteOptions> = {}): Run {
    judgeOptions(options, TRACEROUTE_RANGES)
    return this.between('traceroute', { from, to }, '', ({ netns, destination, title }) =>
      this.conduct(new Traceroute(this.simulation.netns(netns), { ...options, destination }), title, {
        from,
        to,
      }),
    )
  }

  udp(from: string, to: string, asked: number | string, options: UdpOptions = {}): Run {
    checkOptions(options)
    const port = this.port(to, asked, 'udp').number
    judgeOptions({ port, ...options }, { port: PORT, ...TRANSFER_RANGES })
    return this.between('UDP', { from, to }, `:${asked}`, ({ netns, end, destination, title }) => {
      const daddr = addressKey(destination)
      const declared = this.declared(end, 'UDP', port)
      const dns = options.size === undefined ? assumedDns(this.cluster, port, end.netns === undefined) : undefined
      const sent = udpProgram(options, daddr, port, this.ports.take())
      const serve = ({ ns, port, isOutside }: Listener): Process =>
        new UdpEchoServer(ns, familyOfAddress(daddr), port, {
          ...(dns === undefined ? {} : { answer: dnsServer(dns) }),
          ...(isOutside ? { address: daddr } : {}),
        })
      const request = { protocol: 'udp', daddr, dport: port, sport: sent.sport } as const
      const ask = (listening: () => readonly Listener[]): Run => {
        const data = dns === undefined ? {} : { data: dnsQuery(this.simulation.random() & 0xffff, dns) }
        const program = new UdpSend(this.simulation.netns(netns), { ...sent, ...data })
        const does = dns === undefined ? '' : dnsAssumption(dns)
        const assumed = (): Note[] => [...declared, ...listenerNotes(listening(), 'UDP', does)]
        return this.conduct(program, title, { from, to }, assumed)
      }
      if (options.server === false) return ask(() => [])
      return whileListening(this.simulation, request, this.listenerAt(end, port, 'udp'), serve, ask)
    })
  }

  tcp(from: string, to: string, port: number | string, options: TcpOptions = {}): Run {
    checkOptions(options)
    const dport = this.port(to, port, 'tcp').number
    judgeOptions({ port: dport, ...options }, { port: PORT, ...TRANSFER_RANGES })
    return this.between('TCP', { from, to }, `:${port}`, ({ netns, end, destination, title }) => {
      const daddr = addressKey(destination)
      const declared = this.declared(end, 'TCP', dport)
      const asked = tcpProgram(options, daddr, dport, this.ports.take())
      const { request, reply } = asked
      const serve = ({ ns, port }: Listener): Process =>
        new TcpServer(ns, { family: familyOfAddress(daddr), port, request, reply })
      const connect = { protocol: 'tcp', daddr, dport, sport: asked.sport } as const
      const ask = (listening: () => readonly Listener[]): Run => {
        const client = new TcpConnect(this.simulation.netns(netns), asked)
        const assumed = (): Note[] => [...declared, ...listenerNotes(listening(), 'TCP')]
        return this.conduct(client, title, { from, to }, assumed)
      }
      if (options.server === false) return ask(() => [])
      return whileListening(this.simulation, connect, this.listenerAt(end, dport, 'tcp'), serve, ask)
    })
  }

  raw(from: string, to: string, protocol: number, options: RawOptions = {}): Run {
    judgeOptions({ protocol, ...options }, RAW_RANGES)
    checkRawProtocol(protocol)
    return this.between(`protocol ${protocol}`, { from, to }, '', ({ netns, end, destination, title }) => {
      const daddr = addressKey(destination)
      const place = options.server === false ? undefined : this.listenerAt(end, protocol)
      const server = place && new RawServer(place.ns, familyOfAddress(daddr), protocol)
      const program = new RawSend(this.simulation.netns(netns), rawProgram(options, daddr, protocol))
      server?.start()
      try {
        const assumed = place === undefined ? [] : listenerNotes([place], 'protocol')
        return this.conduct(program, title, { from, to }, () => assumed)
      } finally {
        server?.exit(0)
      }
    })
  }

  port(to: string, port: number | string, protocol?: Transport): NumberedPort {
    // What is no name is judged as a number.
    if (typeof port !== 'string' || /^\d*$/.test(port)) return { number: port as number, protocol: protocol ?? 'tcp' }
    const end = this.endpoint(to)
    return portOf(this.cluster, end, this.podAt(end), { port, protocol })
  }

  /** Where a request goes that nothing translates; at a port of a node that only rules take nobody listens. */
  private listenerAt(end: Endpoint, port: number, transport?: Transport): Listener | undefined {
    if (transport !== undefined && isOfRules(this.cluster, end.netns, transport, port)) return undefined
    const netns = end.netns ?? outsideOf(this.simulation.network, this.cluster)
    if (netns === undefined) return undefined
    return { ns: this.simulation.netns(netns), port, isOutside: end.netns === undefined }
  }

  /**
   * Asks from one endpoint to another; of an end that nobody knows an address of, that is the answer.
   * @param at - what is written behind the end, e.g. `:80`
   */
  private between(what: string, ends: TraceEnds, at: string, ask: (way: Way) => Run): Run {
    const start = this.source(ends.from)
    const end = this.endpoint(ends.to)
    const title = `${what} from ${ends.from} to ${ends.to}${at}`
    const { address, notes = [] } = end
    if (address === undefined && notes.length > 0) return unaddressed(notes, title, ends, this.scene.ignore)
    return ask({ netns: start.netns as string, end, destination: target(start, end), title })
  }

  private declared(end: Endpoint, asked: 'TCP' | 'UDP', port: number): Note[] {
    return declaredPortNotes(this.cluster, end, this.podAt(end), asked, port)
  }

  private podAt({ netns }: Endpoint): PodResource | undefined {
    return netns === undefined ? undefined : endpointsIn(this.cluster?.workloadEndpoints ?? []).at(netns)?.pod
  }

  private conduct(program: Process, title: string, ends: TraceEnds, assume: () => readonly Note[] = () => []): Run {
    return conduct(this.scene, program, title, ends, assume)
  }

  /** An end that can ask. @throws InputError for one that no namespace of the network is */
  source(name: string): Endpoint {
    const found = this.endpoint(name)
    if (found.netns !== undefined) return found
    const expected = 'a pod, a node or an address that one of them has'
    throw new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: `"${name}"` }])
  }
}
