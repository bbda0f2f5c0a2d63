// What the tracker makes of the segments of a connection: its state, its time, its windows.
import { describe, expect, it } from 'vitest'
import type { Ip } from '../../../src/wire/index.ts'
import { type Bench, bench, type SegmentParts } from './bench.ts'
import { A, B, line, WATCH } from './watch.ts'

/** A bench that knows one connection, in this state, as a dump tells it. */
function seeded(state: string): Bench {
  const original = { src: A as Ip, dst: B as Ip, sport: 1234, dport: 80 }
  const reply = { src: B as Ip, dst: A as Ip, sport: 80, dport: 1234 }
  return bench(WATCH, {
    conntrack: [{ family: 'inet', protocol: 6, timeout: 60, state, original, reply, assured: true, mark: 0 }],
  })
}

const SEGMENTS = ['S', 'SA', 'FA', 'A', 'R'] as const

/**
 * State by state what SYN, SYN ACK, FIN, ACK and RST lead to, from who began it and from the other: `-` is invalid, `.` is let through and
 * changes nothing.
 * @linux net/netfilter/nf_conntrack_proto_tcp.c tcp_conntracks
 */
const STATES: readonly (readonly [state: string, out: string, back: string])[] = [
  ['SYN_SENT', 'SYN_SENT - - - CLOSE', 'SYN_SENT2 SYN_RECV - . CLOSE'],
  ['SYN_SENT2', 'SYN_SENT2 SYN_RECV - - CLOSE', 'SYN_SENT2 SYN_RECV - . CLOSE'],
  ['SYN_RECV', '. SYN_RECV FIN_WAIT ESTABLISHED CLOSE', '- . FIN_WAIT SYN_RECV CLOSE'],
  ['ESTABLISHED', '. - FIN_WAIT ESTABLISHED CLOSE', '- . FIN_WAIT ESTABLISHED CLOSE'],
  ['FIN_WAIT', '. - LAST_ACK CLOSE_WAIT CLOSE', '- . LAST_ACK CLOSE_WAIT CLOSE'],
  ['CLOSE_WAIT', '. - LAST_ACK CLOSE_WAIT CLOSE', '- . LAST_ACK CLOSE_WAIT CLOSE'],
  ['LAST_ACK', '. - LAST_ACK TIME_WAIT CLOSE', '- . LAST_ACK TIME_WAIT CLOSE'],
  ['TIME_WAIT', '. - TIME_WAIT TIME_WAIT CLOSE', '. . TIME_WAIT TIME_WAIT CLOSE'],
  ['CLOSE', '. - CLOSE CLOSE CLOSE', '- . CLOSE CLOSE CLOSE'],
]

describe.each(STATES)('in %s', (state, out, back) => {
  const cases = [
    ...out.split(' ').map((want, i) => ({ way: 'out' as const, flags: SEGMENTS[i]!, want })),
    ...back.split(' ').map((want, i) => ({ way: 'in' as const, flags: SEGMENTS[i]!, want })),
  ]
  it.each(cases)('$flags $way: $want', ({ way, flags, want }) => {
    const l = line(seeded(state))
    const seen = l[way](flags, { seq: 1, ack: flags.includes('A') ? 1 : 0 })
    expect([seen, l.state()]).toEqual([
      want === '-' ? 'INVALID' : 'ESTABLISHED',
      want === '-' || want === '.' ? state : want,
    ])
  })
})

type Sent = readonly ['out' | 'in', string, SegmentParts?]
const SYN: Sent = ['out', 'S', { seq: 1000, win: 1000 }]
const SYN_ACK: Sent = ['in', 'SA', { seq: 5000, ack: 1001, win: 2000 }]
const ACK: Sent = ['out', 'A', { seq: 1001, ack: 5001, win: 1000 }]
const OPEN = [SYN, SYN_ACK, ACK]
const DATA: Sent = ['out', 'PA', { seq: 1001, ack: 5001, win: 1000, data: 50 }]
const FIN: Sent = ['out', 'FA', { seq: 1001, ack: 5001, win: 1000 }]
const FIN_BACK: Sent = ['in', 'FA', { seq: 5001, ack: 1002, win: 2000 }]

/** Sends one segment after another; the line, and the states they crossed in. */
function play(b: Bench, sent: readonly Sent[]): string[] {
  const l = line(b)
  return sent.map(([way, flags, parts]) => l[way](flags, parts))
}

describe('how long a connection is kept', () => {
  const names = {
    syn_sent: '11',
    syn_recv: '12',
    fin_wait: '13',
    close_wait: '14',
    last_ack: '15',
    time_wait: '16',
    close: '17',
    max_retrans: '18',
    unacknowledged: '19',
    established: '1000',
  }
  const sysctls = Object.fromEntries(
    Object.entries(names).map(([name, value]) => [`net.netfilter.nf_conntrack_tcp_timeout_${name}`, value]),
  )
  it.each<[string, Sent[], number]>([
    ['a SYN', [SYN], 11],
    ['answered', [SYN, SYN_ACK], 12],
    ['established', OPEN, 1000],
    ['data that nobody has acknowledged', [...OPEN, DATA], 19],
    ['acknowledged', [...OPEN, DATA, ['in', 'A', { seq: 5001, ack: 1051, win: 2000 }]], 1000],
    ['a closed window', [...OPEN, ['out', 'A', { seq: 1001, ack: 5001, win: 0 }]], 18],
    ['the same ACK twice more', [...OPEN, ACK, ACK], 1000],
    ['the same ACK three times more', [...OPEN, ACK, ACK, ACK], 18],
    ['a FIN', [...OPEN, FIN], 13],
    ['acknowledged FIN', [...OPEN, FIN, ['in', 'A', { seq: 5001, ack: 1002, win: 2000 }]], 14],
    ['FIN from both', [...OPEN, FIN, FIN_BACK], 15],
    ['FIN from both, acknowledged', [...OPEN, FIN, FIN_BACK, ['out', 'A', { seq: 1002, ack: 5002, win: 1000 }]], 16],
    ['a reset', [...OPEN, ['in', 'R', { seq: 5001 }]], 17],
    ['picked up in the middle: no window is known', [ACK], 18],
    ['a SYN that comes again does not renew it', [SYN, SYN], 11],
  ])('%s', (_, sent, timeout) => {
    const b = bench(WATCH, { sysctls })
    play(b, sent)
    expect(b.ns.nf?.conntrack()[0]?.timeout).toBe(timeout)
  })

  it('a SYN that comes again does not renew it', () => {
    const b = bench(WATCH, { sysctls })
    play(b, [SYN])
    b.sim.clock.now = 5e9
    play(b, [SYN])
    expect(b.ns.nf?.conntrack()[0]?.timeout).toBe(6)
  })

  it('picked up in the middle and not answered: as if it were not acknowledged', () => {
    const b = bench(WATCH, { sysctls: { ...sysctls, 'net.netfilter.nf_conntrack_tcp_timeout_max_retrans': '500' } })
    play(b, [ACK])
    expect(b.ns.nf?.conntrack()[0]?.timeout).toBe(19)
  })

  it('nf_conntrack_tcp_max_retrans', () => {
    const b = bench(WATCH, { sysctls: { ...sysctls, 'net.netfilter.nf_conntrack_tcp_max_retrans': '1' } })
    play(b, [...OPEN, ACK])
    expect(b.ns.nf?.conntrack()[0]?.timeout).toBe(18)
  })
})

// A may send up to 3001, what B's window allows; B up to 6001.
describe('at the edges of the windows', () => {
  it.each<[string, Sent[], string]>([
    ['the last byte that fits', [['out', 'A', { seq: 3000, ack: 5001, data: 1 }]], 'ESTABLISHED'],
    ['nothing, right behind it', [['out', 'A', { seq: 3001, ack: 5001 }]], 'ESTABLISHED'],
    ['a window too much is let through', [['out', 'A', { seq: 3002, ack: 5001, data: 1998 }]], 'ESTABLISHED'],
    ['a byte more is not', [['out', 'A', { seq: 3002, ack: 5001, data: 1999 }]], 'INVALID'],
    [
      'one that begins in the window may end anywhere',
      [['out', 'A', { seq: 3001, ack: 5001, data: 9000 }]],
      'ESTABLISHED',
    ],
    ['acknowledging all that was sent', [['in', 'A', { seq: 5001, ack: 1001 }]], 'ESTABLISHED'],
    ['acknowledging a byte more', [['in', 'A', { seq: 5001, ack: 1002 }]], 'INVALID'],
    [
      'what was let through may be acknowledged',
      [
        ['out', 'A', { seq: 3002, ack: 5001, data: 10 }],
        ['in', 'A', { seq: 5001, ack: 3012 }],
      ],
      'ESTABLISHED ESTABLISHED',
    ],
    ['an ACK of 66,000 bytes ago', [['out', 'A', { seq: 1001, ack: 5001 - 66_000 }]], 'ESTABLISHED'],
    [
      'a wider window is taken over',
      [
        ['in', 'A', { seq: 5001, ack: 1001, win: 10_000 }],
        ['out', 'A', { seq: 11_001, ack: 5001 }],
      ],
      'ESTABLISHED ESTABLISHED',
    ],
    [
      'what it allowed once stays allowed',
      [
        ['in', 'A', { seq: 5001, ack: 1001, win: 100 }],
        ['out', 'A', { seq: 3000, ack: 5001, data: 1 }],
      ],
      'ESTABLISHED ESTABLISHED',
    ],
  ])('%s', (_, sent, states) => {
    const b = bench(WATCH)
    play(b, OPEN)
    expect(play(b, sent).join(' ')).toBe(states)
  })

  const SACK = { kind: 'sack', blocks: [[1101, 1201]] } as const
  it.each([
    ['both offered it', true, true, 'INVALID'],
    ['only who gets it offered it', true, false, 'INVALID'],
    ['only who sends it offered it', false, true, 'ESTABLISHED'],
    ['nobody did', false, false, 'ESTABLISHED'],
  ])('SACK of what was never sent: %s', (_, client, server, state) => {
    const b = bench(WATCH)
    const offer = (may: boolean) => (may ? { options: [{ kind: 'sackOk' } as const] } : {})
    play(b, [
      ['out', 'S', { seq: 1000, win: 1000, ...offer(client) }],
      ['in', 'SA', { seq: 5000, ack: 1001, win: 2000, ...offer(server) }],
      ACK,
      ['out', 'A', { seq: 1001, ack: 5001, data: 100 }],
    ])
    expect(play(b, [['in', 'A', { seq: 5001, ack: 1001, options: [SACK] }]])).toEqual([state])
  })
})
