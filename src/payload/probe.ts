import type { Lab } from '../lab/index.ts'
import type { TooLong } from '../model/index.ts'
import {
  familyOfAddress,
  Ping,
  type Process,
  TcpConnect,
  TcpServer,
  UdpEchoServer,
  UdpSend,
} from '../programs/index.ts'
import type { LabSnapshot, Run } from '../shell/index.ts'
import { type DeliverHop, hopsOf, type Trace } from '../trace/index.ts'
import { addressKey, type Family, familyOf, IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH } from '../wire/index.ts'
import type { PayloadEnd } from './report.ts'

/** Bytes in front of the data of a ping or a datagram, behind the IP header. */
const UPPER_HEADER = 8

/** Bytes of IP and ICMP or UDP header. */
export function headersOf(family: Family): number {
  return (family === 4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH) + UPPER_HEADER
}

/** The most data there is: 16 bits of length, which with IPv4 cover its header. */
export function mostData(family: Family): number {
  return 0xffff - (family === 4 ? headersOf(4) : UPPER_HEADER)
}

/** The one who asks, and who is asked. */
export interface Pair {
  readonly lab: Lab
  /** The moment each question begins at: what one taught the network is unknown to the next. */
  readonly moment: LabSnapshot
  /** Namespace that asks. */
  readonly netns: string
  readonly to: PayloadEnd
  /** Namespace where somebody answers: the destination's, or the internet's. */
  readonly server: string | undefined
  /** Port that is asked. */
  readonly port: number
  /** Port of UDP; undefined where none is asked. */
  readonly udpPort: number | undefined
}

/** What became of one question. */
export interface Sent {
  /** Whether the data arrived. */
  readonly passed: boolean
  readonly run: Run
  /** What the sender's own host refused. */
  readonly tooLong: TooLong | null
}

/** How many packets a sender tries before it counts as not told: the first may teach a tunnel, the second the sender. */
export const TRIES = 3

/** Pings with so many bytes. */
export function echo(pair: Pair, size: number, isWhole: boolean, count = 1): Sent {
  return ask(pair, [], (ns) => {
    const pmtudisc = isWhole ? 'do' : 'dont'
    return new Ping(ns, { destination: pair.to.address, count, size, pmtudisc, linger: 1, dialect: 'iputils' })
  })
}

/** Sends a datagram of so many bytes. */
export function datagram(pair: Pair, size: number, isWhole: boolean): Sent {
  const { to, server, lab, udpPort = 0 } = pair
  const daddr = addressKey(to.address)
  const pmtudisc = isWhole ? 'do' : 'dont'
  const sent = { daddr, dport: udpPort, sport: SOURCE_PORT, size, count: 1, pmtudisc } as const
  if (to.kind === 'service') {
    lab.restore(pair.moment)
    const run = lab.udp(pair.netns, to.address, udpPort, { size, dontFragment: isWhole })
    return { passed: run.exitCode === 0 || hasArrived(run.trace), run, tooLong: null }
  }
  const address = to.kind === 'outside' ? { address: daddr } : {}
  const servers =
    server === undefined
      ? []
      : [() => new UdpEchoServer(lab.simulation.netns(server), familyOfAddress(daddr), udpPort, address)]
  return ask(pair, servers, (ns) => new UdpSend(ns, sent))
}

/** Sends so many bytes through a connection, and waits for as many as the other side is to send. */
export function transfer(pair: Pair, request: number, reply: number): Sent {
  const { to, server, lab, port } = pair
  if (to.kind === 'service') {
    lab.restore(pair.moment)
    const run = lab.tcp(pair.netns, to.address, port, { request, reply })
    return { passed: run.exitCode === 0, run, tooLong: null }
  }
  const daddr = addressKey(to.address)
  const family = familyOfAddress(daddr)
  const servers =
    server === undefined ? [] : [() => new TcpServer(lab.simulation.netns(server), { family, port, request, reply })]
  const asked = { daddr, dport: port, sport: SOURCE_PORT, request, reply, timeout: PATIENCE }
  const { run } = ask(pair, servers, (ns) => new TcpConnect(ns, asked))
  return { passed: run.exitCode === 0, run, tooLong: null }
}

const SOURCE_PORT = 47_000

/** Seconds a transfer may take: some rounds of resending. */
const PATIENCE = 8

type Namespaces = ReturnType<Lab['simulation']['netns']>

/** Runs a program from the moment all questions begin at, while others listen. */
function ask(pair: Pair, servers: readonly (() => Process)[], client: (ns: Namespaces) => Process): Sent {
  const { lab, moment, netns } = pair
  lab.restore(moment)
  const listening = servers.map((open) => open())
  for (const server of listening) server.start()
  const program = client(lab.simulation.netns(netns))
  const run = lab.run(program, '', { from: netns, to: pair.to.label })
  for (const server of listening) server.exit(0)
  const { tooLong } = program
  return { passed: run.exitCode === 0 || (tooLong === null && hasArrived(run.trace)), run, tooLong }
}

/** Whether the request itself arrived, whatever became of the answer. */
function hasArrived(trace: Trace): boolean {
  return arrivalOf(trace) !== undefined
}

/** Where the request was taken in. */
export function arrivalOf(trace: Trace): DeliverHop | undefined {
  const requests = new Set(trace.packets.filter(({ role }) => role === 'request').map(({ id }) => id))
  return hopsOf(trace, 'deliver').find((hop) => requests.has(hop.packet) && hop.taken)
}

/** The family of what a pair asks. */
export function familyOfPair({ to }: Pair): Family {
  return familyOf(to.address)
}

/** Why not even a small packet passes, in one sentence: what holds for every packet that is sent so, and nothing of this one. */
export function whyBlocked({ run }: Sent): string {
  const [first] = run.diagnosis
  if (first === undefined) return run.outcome
  return [first.what, first.because ?? ''].filter((part) => part !== '').join(': ')
}
