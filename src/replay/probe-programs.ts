import type { Simulation } from '../dataplane/index.ts'
import type { Process, ProgramCommand } from '../programs/index.ts'
import {
  Inject,
  letteredAnswer,
  Ping,
  TcpConnect,
  TcpServer,
  Traceroute,
  UdpEchoServer,
  UdpSend,
} from '../programs/index.ts'
import { addressKey, isIpv4, parseHex } from '../wire/index.ts'
import type { ScenarioProbe } from './scenario.ts'

/** The programs of one probe. */
export interface ProbePrograms {
  /** What was sent; null for `wait`. */
  readonly client: Process | null
  /** Who waits for it. */
  readonly servers: readonly Process[]
}

/** Shortest time a client of ours waits for an answer, in seconds. */
const TIMEOUT = 0.8
/** Longest time it waits when told to be patient. */
const PATIENCE = 5.5
/** What the laboratory takes between the end of a program and the end of its probe, in seconds. */
const SETTLE = { udp: 0.16, tcp: 0.19 }

/** How long a client waits: what the tool's own time says, at least the usual. */
function timeoutOf(probe: ScenarioProbe, kind: 'udp' | 'tcp'): number {
  const ran = probe.ended - probe.started - SETTLE[kind]
  return ran > TIMEOUT + 0.2 ? Math.min(ran, PATIENCE) : TIMEOUT
}

/** Makes the programs of a probe; a text says what is not modelled. */
export function probePrograms(sim: Simulation, probe: ScenarioProbe, command: ProgramCommand): ProbePrograms | string {
  if (command.kind === 'wait') return { client: null, servers: [] }
  const ns = sim.netns(probe.from)
  switch (command.kind) {
    case 'ping':
      return { client: new Ping(ns, command.options), servers: [] }
    case 'traceroute':
      return { client: new Traceroute(ns, command.options), servers: [] }
    case 'udp': {
      const family = isIpv4(command.destination) ? 'inet' : 'inet6'
      const servers = command.servers.map(
        (s) => new UdpEchoServer(sim.netns(s.netns), family, s.port, { answer: letteredAnswer(command.replySize) }),
      )
      const { destination, source, kind, servers: _, replySize: __, ...rest } = command
      const client = new UdpSend(ns, {
        ...rest,
        daddr: addressKey(destination),
        ...(source === undefined ? {} : { saddr: addressKey(source) }),
        timeout: timeoutOf(probe, kind),
      })
      return { client, servers }
    }
    case 'tcp': {
      const family = isIpv4(command.destination) ? 'inet' : 'inet6'
      const { destination, source, kind, servers: where, dport, sport, request, reply } = command
      const servers = where.map((s) => new TcpServer(sim.netns(s.netns), { family, port: s.port, request, reply }))
      const client = new TcpConnect(ns, {
        daddr: addressKey(destination),
        ...(source === undefined ? {} : { saddr: addressKey(source) }),
        dport,
        sport,
        request,
        reply,
        timeout: timeoutOf(probe, kind),
      })
      return { client, servers }
    }
    case 'inject': {
      const frames: Uint8Array[] = []
      for (const hex of probe.detail) {
        const frame = parseHex(hex)
        if (frame === undefined) return `a frame that is no hex: ${hex.slice(0, 40)}`
        frames.push(frame)
      }
      return { client: new Inject(ns, probe.to ?? command.dev, frames), servers: [] }
    }
  }
}
