// Windows: what a host offers, what it makes of its peer's, and when small segments wait.
import { describe, expect, it } from 'vitest'
import type { TcpOption } from '../../../src/wire/index.ts'
import { type OneHost, oneHost, REACH } from './one-host.ts'

const MSS: TcpOption = { kind: 'mss', value: 1000 }
const STAMP: TcpOption = { kind: 'timestamps', value: 1, echo: 0 }
const SCALE: TcpOption = { kind: 'wscale', shift: 0 }

/** A connection whose peer takes segments of 1000 bytes and offers this window. */
function open(window: number, sysctls: Readonly<Record<string, string>> = {}): OneHost {
  const h = oneHost(sysctls)
  h.give({ flags: 'S', options: [MSS], window })
  h.give({ flags: 'A', seq: 1, window })
  return h
}

const rmem = (normal: number, most = 6291456) => ({ 'net.ipv4.tcp_rmem': `4096\t${normal}\t${most}` })

// Half of the buffer, in whole segments. @linux net/ipv4/tcp_output.c tcp_select_initial_window
describe('the first window', () => {
  it.each<[string, Record<string, string>, TcpOption[], number]>([
    ['of whole segments', {}, [], 64_240],
    ['less their timestamps', {}, [STAMP], 65_160],
    ['of a smaller buffer', rmem(20_000), [], 8760],
    ['of less than two segments', rmem(4000), [], 1460],
    ['of less than one', rmem(2000), [], 1000],
    ['never more than the field holds', rmem(1_000_000), [], 65_535],
  ])('%s', (_, sysctls, options, want) => {
    const h = oneHost(sysctls)
    h.give({ flags: 'S', options })
    expect(h.window()).toBe(want)
  })

  it.each([
    [6_291_456, 7],
    [131_072, 2], // as many as the largest a program may ask for: 212992
    [1_000_000, 4],
    [2 ** 31 - 1, 14],
  ])('a largest buffer of %i gives a scale of %i', (most, shift) => {
    const h = oneHost(rmem(131_072, most))
    h.give({ flags: 'S', options: [SCALE] })
    expect(h.options().find(({ kind }) => kind === 'wscale')).toMatchObject({ shift })
  })
})

describe('the window offered', () => {
  const piece = (seq: number, data: number) => ({ flags: 'A', seq, data, window: 5000 })
  it('shrinks with what the program has not read, and opens when it has', () => {
    const h = open(5000)
    h.give(piece(1, 1000))
    h.give(piece(1001, 1000))
    expect(h.window()).toBe(65_535 - 2000)
    h.sock.read()
    h.give(piece(2001, 10))
    expect(h.window()).toBe(65_535 - 10)
  })

  it('is never taken back', () => {
    const h = open(5000, rmem(8000))
    for (let i = 0; i < 4; i++) h.give(piece(1 + i * 1000, 1000))
    h.wait(0.3) // for the delayed ACK
    expect(h.window()).toBe(0)
    expect(h.sock.received.reduce((sum, { length }) => sum + length, 0)).toBe(4000)
    h.give(piece(4001, 10))
    expect([h.drops.at(-1), h.window()]).toEqual(['tcp_overwindow', 0])
  })

  it('opens with a word when a program reads what had closed it, and not for a little', () => {
    const h = open(5000, rmem(8000))
    for (let i = 0; i < 4; i++) h.give(piece(1 + i * 1000, 1000))
    h.sock.read()
    expect(h.said()).toEqual(['A 1:4001 len 0'])
    expect(h.window()).toBe(4000)
    h.give(piece(4001, 100))
    h.sock.read()
    expect(h.said()).toEqual([])
  })

  it('opens without a word when nothing more will come', () => {
    const h = open(5000, rmem(8000))
    for (let i = 0; i < 3; i++) h.give(piece(1 + i * 1000, 1000))
    h.give({ ...piece(3001, 1000), flags: 'FA' })
    h.said()
    h.sock.read()
    expect(h.said()).toEqual([])
  })
})

describe('what is sent', () => {
  it.each<[string, number, number, string[]]>([
    ['all that the window takes', 5000, 3000, ['A 1:1 len 1000', 'PA 1001:1 len 1000', 'PA 2001:1 len 1000']],
    ['whole segments of it', 2500, 3000, ['A 1:1 len 1000', 'A 1001:1 len 1000']],
    ['what is smaller than a segment', 5000, 400, ['PA 1:1 len 400']],
    ['nothing into a closed window', 0, 400, []],
  ])('is %s', (_, window, length, want) => {
    const h = open(window)
    h.sock.send(new Uint8Array(length))
    expect(h.said()).toEqual(want)
  })

  // @rfc 896, @linux net/ipv4/tcp_output.c tcp_nagle_test
  it('a small segment waits while another small one is out, a full one does not', () => {
    const h = open(5000)
    h.sock.send(new Uint8Array(100))
    expect(h.said()).toEqual(['PA 1:1 len 100'])
    h.sock.send(new Uint8Array(100))
    expect(h.wait(0.001)).toEqual([])
    expect(h.give({ flags: 'A', seq: 1, ack: 101, window: 5000 })).toEqual(['PA 101:1 len 100'])
  })

  it('a small segment does not wait for full ones', () => {
    const h = open(9000)
    h.sock.send(new Uint8Array(2000))
    h.sock.send(new Uint8Array(100))
    expect(h.said().at(-1)).toBe('PA 2001:1 len 100')
  })

  it('a FIN does not wait for a small segment', () => {
    const h = open(5000)
    h.sock.send(new Uint8Array(100))
    h.said()
    h.sock.shutdown()
    expect(h.said()).toEqual(['FA 101:1 len 0'])
  })

  it('a FIN goes with the data that waits', () => {
    const h = open(5000)
    h.sock.send(new Uint8Array(100))
    h.sock.send(new Uint8Array(50))
    h.said()
    h.sock.shutdown()
    expect(h.said()).toEqual(['FPA 101:1 len 50'])
  })

  it.each<[string, keyof typeof REACH, unknown]>([
    ['before the handshake is complete', 'SYN_SENT', 'EPIPE'],
    ['after our FIN', 'FIN_WAIT1', 'EPIPE'],
    ['after theirs', 'CLOSE_WAIT', null],
    ['when all is over', 'TIME_WAIT', 'EPIPE'],
  ])('a program that sends %s', (_, state, want) => {
    const h = oneHost()
    REACH[state](h)
    expect(h.sock.send(new Uint8Array(1))).toBe(want)
  })

  it('a connection is begun once', () => {
    const h = oneHost()
    REACH.SYN_SENT(h)
    expect(h.sock.connect(1, 2)).toBe('EISCONN')
  })
})

describe('the window of the peer is news', () => {
  it.each<[string, { seq: number; ack: number; window: number }, number]>([
    ['with a later segment', { seq: 2, ack: 1, window: 900 }, 900],
    ['with a later acknowledgment', { seq: 1, ack: 101, window: 900 }, 900],
    ['from the same segment, when it is wider', { seq: 1, ack: 1, window: 6000 }, 6000],
    ['not from the same segment, when it is narrower', { seq: 1, ack: 1, window: 900 }, 5000],
  ])('%s', (_, given, want) => {
    const h = open(5000)
    h.sock.send(new Uint8Array(100))
    h.wait(0.001)
    if (given.seq === 2) h.give({ flags: 'A', seq: 1, ack: 1, data: 1, window: 5000 })
    h.give({ flags: 'A', ...given })
    expect(h.sock.sndWnd).toBe(want)
  })
})
