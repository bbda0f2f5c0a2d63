// Two hosts on one wire, or behind a router, for tests of sockets and programs.
import { type NetNs, type PacketBuffer, SECOND, Simulation } from '../../../src/dataplane/index.ts'
import { Network } from '../../../src/model/index.ts'
import { readU16, readU32, TCP_FLAG } from '../../../src/wire/index.ts'
import { host } from '../ipv4/hosts.ts'
import { fake, wire } from '../link/lan.ts'

/** A pair under test. */
export interface Pair {
  readonly sim: Simulation
  readonly a: NetNs
  readonly b: NetNs
  /** TCP segments in the order they left either host: `a> SA seq+0 ack+1 len 0 mss…`. */
  readonly segments: string[]
  /** Causes of drops in order. */
  readonly drops: string[]
  /** Runs for some seconds. */
  run(seconds: number): void
}

/** How the pair is made. */
export interface PairOptions {
  /** MTU of the router's far side; a router stands between when given. */
  readonly farMtu?: number
  /** Loses datagrams and segments before they reach the network: true = lost. Counts from 0. */
  readonly loses?: (n: number) => boolean
  /** Sysctls of both hosts. */
  readonly sysctls?: Readonly<Record<string, string>>
  readonly seed?: number
}

/** 10.0.0.1 and 10.0.0.2 on one wire; with `farMtu` 10.0.0.1 and 10.0.1.2 with a router between. */
export function pair(options: PairOptions = {}): Pair {
  const more = { sysctls: options.sysctls ?? {} }
  const network =
    options.farMtu === undefined
      ? new Network({
          namespaces: {
            a: host('a', { eth0: { addresses: ['10.0.0.1/24'] } }, ['unreachable 10.9.0.0/16'], more),
            b: host('b', { eth1: { addresses: ['10.0.0.2/24'] }, eth0: { addresses: [] } }, [], more),
          },
          wires: [wire('a/eth0', 'b/eth1')],
        })
      : routed(options.farMtu, more)
  const sim = new Simulation(network, { seed: options.seed ?? 1 })
  const [a, b] = [sim.netns('a'), sim.netns('b')]
  const drops: string[] = []
  sim.onDrop = (cause) => drops.push(cause)
  const segments: string[] = []
  let n = 0
  const { stack } = sim
  fake(sim, {
    ipQueueXmit: (skb, ns, send) => {
      if (send.protocol === 6) segments.push(`${ns.name}> ${describeSegment(skb)}`)
      return options.loses?.(n++) === true ? null : stack.ipQueueXmit(skb, ns, send)
    },
  })
  return { sim, a, b, segments, drops, run: (seconds) => sim.run(sim.clock.now + seconds * SECOND) }
}

function routed(mtu: number, more: { readonly sysctls: Readonly<Record<string, string>> }): Network {
  const forward = {
    sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth0.forwarding': '1', 'net.ipv4.conf.eth1.forwarding': '1' },
  }
  return new Network({
    namespaces: {
      a: host('a', { eth0: { addresses: ['10.0.0.1/24'] } }, ['default via 10.0.0.254 dev eth0'], more),
      r: host(
        'r',
        { eth0: { addresses: ['10.0.0.254/24'] }, eth1: { addresses: ['10.0.1.254/24'], mtu } },
        [],
        forward,
      ),
      b: host('b', { eth0: { addresses: ['10.0.1.2/24'] } }, ['default via 10.0.1.254 dev eth0'], more),
    },
    wires: [wire('a/eth0', 'r/eth0'), wire('r/eth1', 'b/eth0')],
  })
}

const FLAGS: readonly (readonly [string, number])[] = [
  ['S', TCP_FLAG.SYN],
  ['F', TCP_FLAG.FIN],
  ['R', TCP_FLAG.RST],
  ['P', TCP_FLAG.PSH],
  ['A', TCP_FLAG.ACK],
]

/** Flags and length of data of a segment. */
function describeSegment(skb: PacketBuffer): string {
  const at = skb.data
  const flags = skb.bytes[at + 13] as number
  const length = skb.tail - at - ((skb.bytes[at + 12] as number) >> 4) * 4
  const text = FLAGS.filter(([, bit]) => (flags & bit) !== 0).map(([letter]) => letter)
  return `${text.join('')} ${length}`
}

/** Sequence and acknowledgment number of a TCP segment from its IP header on. */
export function numbers(bytes: Uint8Array): { seq: number; ack: number; flags: number; window: number } {
  const at = ((bytes[0] as number) & 15) * 4
  return {
    seq: readU32(bytes, at + 4),
    ack: readU32(bytes, at + 8),
    flags: bytes[at + 13] as number,
    window: readU16(bytes, at + 14),
  }
}

/** Counting bytes. */
export function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff)
}
