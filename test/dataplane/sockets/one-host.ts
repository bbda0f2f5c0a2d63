// One host with TCP, and a peer that is nobody: the test writes its segments, and reads what the host answers.
import { type NetNs, type Simulation, TcpListener, TcpSock } from '../../../src/dataplane/index.ts'
import { seqAdd, seqDiff } from '../../../src/dataplane/sockets/tcp-seq.ts'
import {
  buildTcp,
  pseudoHeaderSum,
  readTcpOptions,
  readU16,
  readU32,
  TCP_FLAG,
  type TcpOption,
  tcpHeaderLength,
} from '../../../src/wire/index.ts'
import { drops, host, hostSim, ip, packet, sent } from '../ipv4/hosts.ts'

const ME = '10.0.0.2'
const PEER = '10.0.0.1'
const PORT = { mine: 80, peer: 1000 }
/** First sequence number of the peer; near the end of the numbers, so that they wrap. */
const PEER_ISS = 0xffff_ffff

/** What the peer sends: numbers count from its SYN, and from ours. */
export interface Given {
  /** Letters: S A F R P. */
  readonly flags: string
  readonly seq?: number
  readonly ack?: number
  readonly data?: number
  readonly window?: number
  readonly options?: readonly TcpOption[]
}

/** A host under test. */
export interface OneHost {
  readonly sim: Simulation
  readonly ns: NetNs
  /** The connection, once there is one. */
  sock: TcpSock
  readonly listener: TcpListener
  /** Causes of drops in order. */
  readonly drops: string[]
  /** Lets a segment arrive; what the host answers at once, `A 1:1 len 0`. */
  give(given: Given): string[]
  /** What it sends while some time passes. */
  wait(seconds: number): string[]
  /** What it has sent since somebody asked. */
  said(): string[]
  /** Options of the segment sent last. */
  options(): readonly TcpOption[]
  /** Its window field. */
  window(): number
  /** SACK blocks among them, counted from the first number of the peer. */
  sack(): number[][]
}

const LETTERS: readonly (readonly [string, number])[] = [
  ['S', TCP_FLAG.SYN],
  ['F', TCP_FLAG.FIN],
  ['R', TCP_FLAG.RST],
  ['P', TCP_FLAG.PSH],
  ['A', TCP_FLAG.ACK],
]

/** A host that listens at port 80. */
export function oneHost(sysctls: Readonly<Record<string, string>> = {}): OneHost {
  const { sim, ns } = hostSim(host('b', { eth0: { addresses: [`${ME}/24`] } }, [], { sysctls }))
  const out = sent(sim)
  const lost = drops(sim)
  const listener = new TcpListener(ns, 'inet')
  listener.listen(0, PORT.mine)
  let last: readonly TcpOption[] = []
  let window = -1
  const said = (): string[] =>
    out.splice(0).map(({ bytes }) => {
      const header = 20 + ((bytes[32] as number) >> 4) * 4
      const flags = bytes[33] as number
      const text = LETTERS.filter(([, bit]) => (flags & bit) !== 0).map(([letter]) => letter)
      last = readTcpOptions(bytes, 40, header)
      window = readU16(bytes, 34)
      const absolute = readU32(bytes, 24)
      const seq = absolute === 0 ? 'zero' : seqDiff(absolute, made.sock.iss)
      const ack = (flags & TCP_FLAG.ACK) === 0 ? '-' : seqDiff(readU32(bytes, 28), PEER_ISS)
      return `${text.join('')} ${seq}:${ack} len ${bytes.length - header}`
    })
  const give = (given: Given): string[] => {
    const { data = 0, window = 1000, options = [] } = given
    const flags = LETTERS.reduce((bits, [letter, bit]) => (given.flags.includes(letter) ? bits | bit : bits), 0)
    const length = tcpHeaderLength(options) + data
    const skb = packet(ns, 'eth0', { from: PEER, to: ME, protocol: 6 }, length)
    buildTcp(skb.bytes, skb.transport, skb.tail, {
      sourcePort: PORT.peer,
      destinationPort: PORT.mine,
      sequence: seqAdd(PEER_ISS, given.seq ?? 0),
      acknowledgment: given.flags.includes('A') ? seqAdd(made.sock.iss, given.ack ?? 1) : 0,
      flags,
      window,
      options,
      pseudo: pseudoHeaderSum(ip(PEER), ip(ME), 6, length),
    })
    sim.stack.ipRcv(skb)
    sim.drain()
    made.sock = [...ns.sockets.tcp.values()].at(-1) ?? made.sock
    return said()
  }
  const wait = (seconds: number): string[] => {
    sim.run(sim.clock.now + seconds * 1e9)
    return said()
  }
  const made: OneHost = {
    sim,
    ns,
    sock: new TcpSock(ns, 'inet'),
    listener,
    drops: lost,
    give,
    wait,
    said,
    options: () => last,
    window: () => window,
    sack: () =>
      last.flatMap((o) => (o.kind === 'sack' ? o.blocks.map((block) => block.map((n) => seqDiff(n, PEER_ISS))) : [])),
  }
  return made
}

/** Brings a host into a state, by what its peer and its program do. */
export const REACH = {
  SYN_SENT: (h: OneHost): void => {
    h.listener.close()
    h.sock.bind(0, PORT.mine)
    h.sock.connect(ip(PEER), PORT.peer)
  },
  SYN_RECV: (h: OneHost): void => void h.give({ flags: 'S' }),
  ESTABLISHED: (h: OneHost): void => {
    REACH.SYN_RECV(h)
    h.give({ flags: 'A', seq: 1 })
  },
  FIN_WAIT1: (h: OneHost): void => {
    REACH.ESTABLISHED(h)
    h.sock.shutdown()
  },
  FIN_WAIT2: (h: OneHost): void => {
    REACH.FIN_WAIT1(h)
    h.give({ flags: 'A', seq: 1, ack: 2 })
  },
  CLOSING: (h: OneHost): void => {
    REACH.FIN_WAIT1(h)
    h.give({ flags: 'FA', seq: 1, ack: 1 })
  },
  TIME_WAIT: (h: OneHost): void => {
    REACH.FIN_WAIT2(h)
    h.give({ flags: 'FA', seq: 1, ack: 2 })
  },
  CLOSE_WAIT: (h: OneHost): void => {
    REACH.ESTABLISHED(h)
    h.give({ flags: 'FA', seq: 1 })
  },
  LAST_ACK: (h: OneHost): void => {
    REACH.CLOSE_WAIT(h)
    h.sock.shutdown()
  },
} as const
