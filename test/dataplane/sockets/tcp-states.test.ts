// Every state and what may arrive in it: the answer, the state afterwards, and why a segment is dropped. Numbers count from the
// first ones of either side. @rfc 9293 §3.10.7 @linux net/ipv4/tcp_input.c tcp_rcv_state_process, net/ipv4/tcp_minisocks.c tcp_check_req
import { describe, expect, it } from 'vitest'
import { type Given, oneHost, REACH } from './one-host.ts'

type Row = readonly [name: string, given: Given, answer: string[], state: string, drop?: string]

const TABLE: Readonly<Record<keyof typeof REACH, readonly Row[]>> = {
  SYN_SENT: [
    ['SYN and ACK', { flags: 'SA' }, ['A 1:1 len 0'], 'ESTABLISHED'],
    ['acknowledges nothing', { flags: 'SA', ack: 0 }, ['R 0:- len 0'], 'SYN_SENT', 'tcp_refused'],
    ['acknowledges more', { flags: 'SA', ack: 2 }, ['R 2:- len 0'], 'SYN_SENT', 'tcp_refused'],
    ['a SYN that crosses ours', { flags: 'S' }, ['SA 0:1 len 0'], 'SYN_RECV'],
    ['an ACK and no SYN', { flags: 'A' }, [], 'SYN_SENT', 'tcp_flags'],
    ['a reset that acknowledges', { flags: 'RA' }, [], 'CLOSE'],
    ['a reset that does not', { flags: 'R' }, [], 'SYN_SENT', 'tcp_flags'],
    ['a reset that acknowledges nothing', { flags: 'RA', ack: 0 }, [], 'SYN_SENT', 'tcp_refused'],
  ],
  SYN_RECV: [
    ['the ACK', { flags: 'A', seq: 1 }, [], 'ESTABLISHED'],
    ['the ACK with data', { flags: 'PA', seq: 1, data: 5 }, ['A 1:6 len 0'], 'ESTABLISHED'],
    ['the ACK with FIN', { flags: 'FA', seq: 1 }, [], 'CLOSE_WAIT'],
    ['the SYN again', { flags: 'S' }, ['SA 0:1 len 0'], 'SYN_RECV', 'tcp_closed'],
    ['acknowledges more', { flags: 'A', seq: 1, ack: 2 }, ['R 2:- len 0'], 'SYN_RECV', 'tcp_refused'],
    ['acknowledges nothing', { flags: 'A', seq: 1, ack: 0 }, ['R 0:- len 0'], 'SYN_RECV', 'tcp_refused'],
    ['before the window', { flags: 'A', seq: 0 }, ['A 1:1 len 0'], 'SYN_RECV', 'tcp_invalid_sequence'],
    ['a reset', { flags: 'R', seq: 1 }, [], 'CLOSE', 'tcp_reset'],
    ['a reset before the window', { flags: 'R', seq: 0 }, [], 'SYN_RECV', 'tcp_invalid_sequence'],
    ['another SYN', { flags: 'S', seq: 1 }, ['RA zero:2 len 0'], 'CLOSE', 'tcp_reset'],
    ['no flags', { flags: '', seq: 1 }, [], 'SYN_RECV', 'tcp_flags'],
  ],
  ESTABLISHED: [
    ['data', { flags: 'PA', seq: 1, data: 5 }, ['A 1:6 len 0'], 'ESTABLISHED'],
    ['data without ACK', { flags: 'P', seq: 1, data: 5 }, [], 'ESTABLISHED', 'tcp_flags'],
    ['an ACK of nothing sent', { flags: 'A', seq: 1, ack: 2 }, [], 'ESTABLISHED', 'tcp_unsent_ack'],
    ['data a second time', { flags: 'A', seq: 0, data: 1 }, ['A 1:1 len 0'], 'ESTABLISHED', 'tcp_old_data'],
    ['data from before', { flags: 'A', seq: -5, data: 5 }, ['A 1:1 len 0'], 'ESTABLISHED', 'tcp_invalid_sequence'],
    ['data that is half new', { flags: 'A', seq: -4, data: 10 }, ['A 1:6 len 0'], 'ESTABLISHED'],
    [
      'data behind the window',
      { flags: 'A', seq: 70_000, data: 5 },
      ['A 1:1 len 0'],
      'ESTABLISHED',
      'tcp_invalid_sequence',
    ],
    ['data behind a gap', { flags: 'A', seq: 6, data: 5 }, ['A 1:1 len 0'], 'ESTABLISHED'],
    ['a FIN', { flags: 'FA', seq: 1 }, [], 'CLOSE_WAIT'],
    ['a FIN behind a gap', { flags: 'FA', seq: 6 }, ['A 1:1 len 0'], 'ESTABLISHED'],
    ['a reset', { flags: 'R', seq: 1 }, [], 'CLOSE'],
    ['a reset elsewhere', { flags: 'R', seq: 2 }, ['A 1:1 len 0'], 'ESTABLISHED', 'tcp_reset'],
    ['a reset behind the window', { flags: 'R', seq: 70_000 }, [], 'ESTABLISHED', 'tcp_invalid_sequence'],
    ['a SYN', { flags: 'S', seq: 1 }, ['A 1:1 len 0'], 'ESTABLISHED', 'tcp_invalid_syn'],
    ['its SYN again', { flags: 'S', seq: 0 }, ['A 1:1 len 0'], 'ESTABLISHED', 'tcp_invalid_syn'],
    ['an old SYN', { flags: 'S', seq: -9 }, ['A 1:1 len 0'], 'ESTABLISHED', 'tcp_invalid_sequence'],
  ],
  FIN_WAIT1: [
    ['an ACK of our FIN', { flags: 'A', seq: 1, ack: 2 }, [], 'FIN_WAIT2'],
    ['an ACK of less', { flags: 'A', seq: 1, ack: 1 }, [], 'FIN_WAIT1'],
    ['FIN and ACK of ours', { flags: 'FA', seq: 1, ack: 2 }, ['A 2:2 len 0'], 'TIME_WAIT'],
    ['a FIN that crosses ours', { flags: 'FA', seq: 1, ack: 1 }, ['A 2:2 len 0'], 'CLOSING'],
    ['data', { flags: 'PA', seq: 1, ack: 1, data: 5 }, ['A 2:6 len 0'], 'FIN_WAIT1'],
    ['a reset', { flags: 'R', seq: 1 }, [], 'CLOSE'],
  ],
  FIN_WAIT2: [
    ['a FIN', { flags: 'FA', seq: 1, ack: 2 }, ['A 2:2 len 0'], 'TIME_WAIT'],
    ['data', { flags: 'PA', seq: 1, ack: 2, data: 5 }, ['A 2:6 len 0'], 'FIN_WAIT2'],
    ['data and FIN', { flags: 'FPA', seq: 1, ack: 2, data: 5 }, ['A 2:7 len 0'], 'TIME_WAIT'],
    ['a reset', { flags: 'R', seq: 1 }, [], 'CLOSE'],
  ],
  CLOSING: [
    ['an ACK of our FIN', { flags: 'A', seq: 2, ack: 2 }, [], 'TIME_WAIT'],
    ['an ACK of less', { flags: 'A', seq: 2, ack: 1 }, [], 'CLOSING'],
    ['data behind its FIN', { flags: 'A', seq: 2, ack: 1, data: 5 }, [], 'CLOSING', 'tcp_closed'],
    ['a reset', { flags: 'R', seq: 2 }, [], 'CLOSE'],
  ],
  TIME_WAIT: [
    ['its FIN again', { flags: 'FA', seq: 1, ack: 2 }, ['A 2:2 len 0'], 'TIME_WAIT'],
    ['an ACK', { flags: 'A', seq: 2, ack: 2 }, [], 'TIME_WAIT'],
    ['data', { flags: 'A', seq: 2, ack: 2, data: 5 }, ['A 2:2 len 0'], 'TIME_WAIT'],
    ['a reset', { flags: 'R', seq: 2 }, [], 'CLOSE'],
    ['a reset elsewhere', { flags: 'R', seq: 1 }, [], 'TIME_WAIT'],
    ['a new SYN', { flags: 'S', seq: 1000 }, ['SA 0:1001 len 0'], 'SYN_RECV'],
    ['an old SYN', { flags: 'S', seq: 2 }, ['A 2:2 len 0'], 'TIME_WAIT'],
    ['a new SYN with ACK', { flags: 'SA', seq: 1000, ack: 2 }, ['A 2:2 len 0'], 'TIME_WAIT'],
  ],
  CLOSE_WAIT: [
    ['its FIN again', { flags: 'FA', seq: 1 }, ['A 1:2 len 0'], 'CLOSE_WAIT', 'tcp_old_data'],
    ['data behind its FIN', { flags: 'A', seq: 2, data: 5 }, [], 'CLOSE_WAIT', 'tcp_closed'],
    ['an ACK', { flags: 'A', seq: 2 }, [], 'CLOSE_WAIT'],
    ['a reset', { flags: 'R', seq: 2 }, [], 'CLOSE'],
  ],
  LAST_ACK: [
    ['an ACK of our FIN', { flags: 'A', seq: 2, ack: 2 }, [], 'CLOSE'],
    ['an ACK of less', { flags: 'A', seq: 2, ack: 1 }, [], 'LAST_ACK'],
    ['its FIN again', { flags: 'FA', seq: 1, ack: 1 }, ['A 2:2 len 0'], 'LAST_ACK', 'tcp_old_data'],
    ['a reset', { flags: 'R', seq: 2 }, [], 'CLOSE'],
  ],
}

const cases = (rows: readonly Row[]) =>
  rows.map(([name, given, answer, state, drop]) => ({
    name,
    given,
    answer,
    state,
    drops: drop === undefined ? [] : [drop],
  }))

describe.each(Object.entries(TABLE))('in %s', (from, rows) => {
  it.each(cases(rows))('$name: $answer, $state, $drops', ({ given, answer, state, drops }) => {
    const h = oneHost()
    REACH[from as keyof typeof REACH](h)
    expect(h.sock.state).toBe(from)
    h.wait(1)
    h.drops.length = 0
    h.sock.lastOow = -1
    expect([h.give(given), h.sock.state, h.drops]).toEqual([answer, state, drops])
  })
})

describe('a program that is gone', () => {
  const rows: readonly Row[] = [
    ['data behind our FIN', { flags: 'PA', seq: 1, ack: 2, data: 5 }, ['R 2:- len 0'], 'CLOSE'],
    ['an ACK of our FIN', { flags: 'A', seq: 1, ack: 2 }, [], 'FIN_WAIT2'],
    ['data before it has our FIN', { flags: 'PA', seq: 1, ack: 1, data: 5 }, ['R 1:- len 0'], 'CLOSE', 'tcp_refused'],
    ['its FIN', { flags: 'FA', seq: 1, ack: 2 }, ['A 2:2 len 0'], 'TIME_WAIT'],
  ]
  it.each(cases(rows))('$name', ({ given, answer, state, drops }) => {
    const h = oneHost()
    REACH.ESTABLISHED(h)
    h.sock.close()
    expect(h.said()).toEqual(['FA 1:1 len 0'])
    expect([h.give(given), h.sock.state, h.drops]).toEqual([answer, state, drops])
  })

  it.each([
    ['a minute', {}, 59, 61],
    ['tcp_fin_timeout', { 'net.ipv4.tcp_fin_timeout': '7' }, 6, 8],
  ])('waits for its FIN for %s', (_, sysctls, before, after) => {
    const h = oneHost(sysctls)
    REACH.ESTABLISHED(h)
    h.sock.close()
    h.give({ flags: 'A', seq: 1, ack: 2 })
    h.wait(before)
    expect(h.ns.sockets.tcp.size).toBe(1)
    h.wait(after - before)
    expect(h.ns.sockets.tcp.size).toBe(0)
  })

  it('leaves a handshake alone that nobody completes', () => {
    const h = oneHost()
    REACH.SYN_SENT(h)
    h.said()
    h.sock.close()
    expect([h.sock.state, h.ns.sockets.tcp.size]).toEqual(['CLOSE', 0])
    expect(h.give({ flags: 'SA' })).toEqual(['R 1:- len 0'])
  })
})

describe('what is not answered comes again', () => {
  /** In which seconds something was said. */
  function seconds(h: ReturnType<typeof oneHost>, of: number): number[] {
    const at: number[] = []
    for (let second = 1; second <= of; second++) if (h.wait(1).length > 0) at.push(second)
    return at
  }

  it.each([
    { state: 'SYN_SENT', at: [1, 3, 7, 15, 31, 63], end: 127 },
    { state: 'SYN_RECV', at: [1, 3, 7, 15, 31], end: 63 },
  ] as const)('in $state after 1, 2, 4 … seconds, until it is given up', ({ state, at, end }) => {
    const h = oneHost()
    REACH[state](h)
    h.said()
    expect(seconds(h, end - 1)).toEqual(at)
    expect(h.ns.sockets.tcp.size).toBe(1)
    h.wait(2)
    expect(h.ns.sockets.tcp.size).toBe(0)
  })

  it('tcp_syn_retries', () => {
    const h = oneHost({ 'net.ipv4.tcp_syn_retries': '2' })
    REACH.SYN_SENT(h)
    h.said()
    expect(seconds(h, 20)).toEqual([1, 3])
    expect(String(h.sock.err)).toBe('ETIMEDOUT')
  })

  it('data fifteen times, never after more than two minutes', () => {
    const h = oneHost()
    REACH.ESTABLISHED(h)
    h.sock.send(new Uint8Array(10))
    h.said()
    const times: number[] = []
    for (let tenth = 1; tenth <= 12_000; tenth++) if (h.wait(0.1).length > 0) times.push(h.sim.clock.now / 1e9)
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0))
    expect(times).toHaveLength(15)
    for (const [i, gap] of gaps.slice(2, 9).entries()) expect(gap / (gaps[i + 1] as number)).toBeCloseTo(2, 0)
    expect(gaps.slice(10).map(Math.round)).toEqual([120, 120, 120, 120, 120])
    expect([h.sock.state, String(h.sock.err)]).toEqual(['CLOSE', 'ETIMEDOUT'])
  })
})
