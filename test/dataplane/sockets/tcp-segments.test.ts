// Single segments thrown at a host: which answer, with which numbers.
import { describe, expect, it } from 'vitest'
import { setDevice, TcpListener, TcpSock } from '../../../src/dataplane/index.ts'
import { seqAdd } from '../../../src/dataplane/sockets/tcp-seq.ts'
import { buildIpv4Header, buildTcp, pseudoHeaderSum, TCP_FLAG } from '../../../src/wire/index.ts'
import { ip } from '../ipv4/hosts.ts'
import { numbers, type Pair, pair } from './pair.ts'

const A = ip('10.0.0.1')
const B = ip('10.0.0.2')
const { SYN, ACK, RST, FIN, PSH } = TCP_FLAG

interface Thrown {
  readonly flags: number
  readonly seq: number
  readonly ack?: number
  readonly data?: number
  readonly sport?: number
  readonly dport?: number
  readonly broken?: boolean
}

/** Hands host b a segment from a and collects what b answers. */
function answers(p: Pair, t: Thrown): { seq: number; ack: number; flags: number }[] {
  const seen: { seq: number; ack: number; flags: number }[] = []
  const dev = p.b.byName.get('eth1')
  if (dev === undefined) throw new Error('no eth1')
  p.sim.taps.push((from, direction, bytes, start, end) => {
    if (from === dev && direction === 'out' && bytes[start + 12] === 8 && bytes[start + 23] === 6) {
      const { seq, ack, flags } = numbers(bytes.slice(start + 14, end))
      seen.push({ seq, ack, flags })
    }
  })
  const length = 20 + (t.data ?? 0)
  const skb = p.sim.newSkb(20 + length)
  const at = buildIpv4Header(skb.bytes, skb.data, {
    source: A,
    destination: B,
    protocol: 6,
    ttl: 64,
    totalLength: 20 + length,
  })
  buildTcp(skb.bytes, at, skb.tail, {
    sourcePort: t.sport ?? 1000,
    destinationPort: t.dport ?? 80,
    sequence: t.seq,
    acknowledgment: t.ack ?? 0,
    flags: t.flags,
    window: 1000,
    pseudo: pseudoHeaderSum(A, B, 6, length) + (t.broken === true ? 1 : 0),
  })
  setDevice(skb, dev)
  skb.network = skb.data
  skb.protocol = 0x0800
  p.sim.stack.ipRcv(skb)
  p.run(0.001)
  p.sim.taps.pop()
  return seen
}

describe('a closed port answers', () => {
  it.each([
    { name: 'a SYN', thrown: { flags: SYN, seq: 5 }, answer: { seq: 0, ack: 6, flags: RST | ACK } },
    {
      name: 'a SYN with data',
      thrown: { flags: SYN, seq: 5, data: 10 },
      answer: { seq: 0, ack: 16, flags: RST | ACK },
    },
    { name: 'a FIN', thrown: { flags: FIN, seq: 5, data: 3 }, answer: { seq: 0, ack: 9, flags: RST | ACK } },
    { name: 'an ACK', thrown: { flags: ACK, seq: 5, ack: 77 }, answer: { seq: 77, ack: 0, flags: RST } },
    { name: 'SYN and ACK', thrown: { flags: SYN | ACK, seq: 5, ack: 77 }, answer: { seq: 77, ack: 0, flags: RST } },
  ])('$name', ({ thrown, answer }) => {
    expect(answers(pair(), thrown)).toEqual([answer])
  })

  it('but no reset, and nothing with a wrong checksum', () => {
    const p = pair()
    expect(answers(p, { flags: RST, seq: 5 })).toEqual([])
    expect(answers(p, { flags: SYN, seq: 5, broken: true })).toEqual([])
    expect(p.drops).toEqual(['no_socket_tcp', 'tcp_checksum'])
  })
})

describe('a listening socket', () => {
  it.each([
    { name: 'refuses an ACK', thrown: { flags: ACK, seq: 5, ack: 9 }, answer: [{ seq: 9, ack: 0, flags: RST }] },
    { name: 'is deaf to a reset', thrown: { flags: RST, seq: 5 }, answer: [] },
    { name: 'is deaf to SYN with FIN', thrown: { flags: SYN | FIN, seq: 5 }, answer: [] },
    { name: 'is deaf to no flags', thrown: { flags: 0, seq: 5 }, answer: [] },
  ])('$name', ({ thrown, answer }) => {
    const p = pair()
    new TcpListener(p.b, 'inet').listen(0, 80)
    expect(answers(p, thrown)).toEqual(answer)
  })
})

describe('a connection', () => {
  /** Both ends established; b's next expected number and its own. */
  function established(): { p: Pair; sock: TcpSock; seq: number; ack: number } {
    const p = pair()
    const listener = new TcpListener(p.b, 'inet')
    listener.listen(0, 80)
    const sock = new TcpSock(p.a, 'inet')
    sock.bind(0, 1000)
    sock.connect(B, 80)
    p.run(0.01)
    return { p, sock, seq: sock.sndNxt, ack: sock.rcvNxt }
  }

  it('is ended by a reset at the very next number', () => {
    const { p, seq } = established()
    expect(answers(p, { flags: RST, seq })).toEqual([])
    expect(p.b.sockets.tcp.size).toBe(0)
  })

  it('challenges a reset elsewhere in the window', () => {
    const { p, seq, ack } = established()
    expect(answers(p, { flags: RST, seq: seqAdd(seq, 100) })).toEqual([{ seq: ack, ack: seq, flags: ACK }])
    expect(p.b.sockets.tcp.size).toBe(1)
  })

  it('ignores a reset outside the window', () => {
    const { p, seq } = established()
    expect(answers(p, { flags: RST, seq: seqAdd(seq, 10_000_000) })).toEqual([])
    expect(p.b.sockets.tcp.size).toBe(1)
  })

  it('challenges a SYN', () => {
    const { p, seq, ack } = established()
    expect(answers(p, { flags: SYN, seq })).toEqual([{ seq: ack, ack: seq, flags: ACK }])
  })

  it('tells where it is when data comes again', () => {
    const { p, seq, ack } = established()
    const data = { flags: ACK | PSH, seq, ack, data: 10 }
    expect(answers(p, data)).toEqual([{ seq: ack, ack: seqAdd(seq, 10), flags: ACK }])
    expect(answers(p, data)).toEqual([{ seq: ack, ack: seqAdd(seq, 10), flags: ACK }])
    expect(p.drops.some((d) => d === 'tcp_old_data' || d === 'tcp_invalid_sequence')).toBe(true)
  })

  it('keeps data that comes early and takes it when the gap is filled', () => {
    const { p, seq, ack } = established()
    expect(answers(p, { flags: ACK, seq: seqAdd(seq, 10), ack, data: 10 })).toEqual([
      { seq: ack, ack: seq, flags: ACK },
    ])
    expect(answers(p, { flags: ACK, seq, ack, data: 10 })).toEqual([{ seq: ack, ack: seqAdd(seq, 20), flags: ACK }])
  })

  it('refuses an ACK of what it never sent', () => {
    const { p, seq, ack } = established()
    expect(answers(p, { flags: ACK, seq, ack: seqAdd(ack, 1000), data: 5 })).toEqual([])
    expect(p.drops).toContain('tcp_unsent_ack')
  })
})
