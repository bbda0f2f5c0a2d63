// A lot of data at once: how it is cut into pieces and segments, and what is sent again when the path gets narrower.
import { describe, expect, it } from 'vitest'
import { MILLISECOND, TcpListener, TcpSock } from '../../../src/dataplane/index.ts'
import { syncMss } from '../../../src/dataplane/sockets/tcp-mss.ts'
import { tsoSegments, updatePacingRate } from '../../../src/dataplane/sockets/tcp-pacing.ts'
import { newTxSkb } from '../../../src/dataplane/sockets/tcp-piece.ts'
import { simpleRetransmit } from '../../../src/dataplane/sockets/tcp-recovery.ts'
import { seqAdd } from '../../../src/dataplane/sockets/tcp-seq.ts'
import { ip } from '../ipv4/hosts.ts'
import { counting, type Pair, pair } from './pair.ts'

const FAR = ip('10.0.1.2')

/** An established connection through a router whose far side has this MTU. */
function across(farMtu: number): { p: Pair; sock: TcpSock; received(): number[] } {
  const p = pair({ farMtu })
  const all: number[] = []
  const listener = new TcpListener(p.b, 'inet')
  listener.listen(0, 80)
  listener.onAccept = (c) => {
    c.onReadable = () => p.sim.clock.after(1000, () => all.push(...c.read()))
  }
  const sock = new TcpSock(p.a, 'inet')
  sock.bind(0, 40000)
  sock.connect(FAR, 80)
  p.run(0.01)
  p.segments.length = 0
  return { p, sock, received: () => all }
}

const sentBy = (p: Pair): string[] => p.segments.filter((s) => s.startsWith('a> ')).map((s) => s.slice(3))

describe('data of several segments', () => {
  it.each([
    { name: 'three fit into a piece, which ends with PSH', length: 3 * 1448, want: ['A 1448', 'A 1448', 'PA 1448'] },
    {
      name: 'the rest is a piece of its own',
      length: 6000,
      want: ['A 1448', 'A 1448', 'PA 1448', 'A 1448', 'PA 208'],
    },
    { name: 'one segment is a piece as well', length: 4 * 1448, want: ['A 1448', 'A 1448', 'PA 1448', 'PA 1448'] },
  ])('$name', ({ length, want }) => {
    const { p, sock } = across(1500)
    sock.send(counting(length))
    p.run(0.001)
    expect(sentBy(p)).toEqual(want)
  })

  it.each([
    { rtt: 0.4, segments: 45 },
    { rtt: 2, segments: 15 },
    { rtt: 5, segments: 3 },
    { rtt: 50, segments: 2 },
  ])('up to $segments a piece at a round trip of $rtt ms', ({ rtt, segments }) => {
    const { sock } = across(1500)
    sock.srtt = sock.minRtt = rtt * MILLISECOND
    updatePacingRate(sock)
    expect(tsoSegments(sock, 1448)).toBe(segments)
  })

  it('a fuller congestion window makes larger pieces', () => {
    const { sock } = across(1500)
    const before = tsoSegments(sock, 1448)
    sock.cwnd = 20
    updatePacingRate(sock)
    expect(tsoSegments(sock, 1448)).toBe(2 * before + 1)
  })
})

describe('a piece is at most half of the largest window the peer offered, in whole segments', () => {
  it.each([
    { window: 65535, pieces: [14480] },
    { window: 14480, pieces: [7240, 7240] },
    { window: 8000, pieces: [2896, 2896, 2896, 2896, 2896] },
    { window: 2000, pieces: Array.from({ length: 10 }, () => 1448) },
    { window: 536, pieces: Array.from({ length: 10 }, () => 1448) },
    { window: 0, pieces: [14480] },
  ])('$window: $pieces', ({ window, pieces }) => {
    const { sock } = across(1500)
    sock.sndWnd = 0 // nothing leaves
    sock.maxWindow = window
    sock.send(counting(14480))
    expect(sock.unsent.map(({ length }) => length)).toEqual(pieces)
  })

  it.each([
    { window: 537, mss: 268 },
    { window: 536, mss: 536 },
    { window: 2000, mss: 1000 },
    { window: 10, mss: 36 }, // room for the longest IP header, and 8 bytes
    { window: 0, mss: 1448 },
  ])('and so is a segment: $window gives $mss', ({ window, mss }) => {
    const { sock } = across(1500)
    sock.maxWindow = window
    syncMss(sock, 1500)
    expect(sock.mss).toBe(mss)
  })
})

describe('what is sent again when the path gets narrower: pieces of segments that no longer fit', () => {
  const piece = (length: number, gsoSize: number) => ({ ...newTxSkb(0, counting(length), 0, gsoSize), sentAt: 0 })
  it.each([
    { name: 'one segment that is too long', skb: piece(1001, 1448), lost: true },
    { name: 'one that just fits, cut for a wider path', skb: piece(1000, 1448), lost: false },
    { name: 'two that are too long', skb: piece(1500, 1001), lost: true },
    { name: 'two that just fit', skb: piece(1500, 1000), lost: false },
    { name: 'what the receiver has', skb: { ...piece(1500, 1448), sacked: true }, lost: false },
  ])('$name', ({ skb, lost }) => {
    const { p, sock } = across(1500)
    const one = { ...skb, seq: sock.sndUna, endSeq: seqAdd(sock.sndUna, skb.length) }
    sock.rtx = [one]
    sock.sndNxt = sock.writeSeq = one.endSeq
    sock.mss = 1000
    sock.caState = 'Open'
    simpleRetransmit(sock)
    expect([one.lost, sock.caState, p.segments.length > 0]).toEqual([lost, lost ? 'Loss' : 'Open', lost])
  })
})

describe('a path that gets narrower', () => {
  it.each([
    {
      name: 'sends the head piece again as a whole, then the next, at the new size',
      mtu: 1450,
      length: 6000,
      want: ['A 1398', 'A 1398', 'A 1398', 'PA 150', 'A 1398', 'PA 50'],
    },
    {
      name: 'leaves alone what the receiver has',
      mtu: 1450,
      length: 4000,
      want: ['A 1398', 'A 1398', 'PA 100'],
    },
    {
      name: 'never more at once than a piece may hold now',
      mtu: 900,
      length: 3000,
      want: ['A 848', 'A 848', 'A 848', 'PA 352'],
    },
  ])('$name', ({ mtu, length, want }) => {
    const { p, sock, received } = across(mtu)
    sock.send(counting(length))
    p.run(0.004)
    expect(sentBy(p).slice(Math.ceil(length / 1448))).toEqual(want)
    p.run(1)
    expect(received()).toEqual([...counting(length)])
  })
})

describe('the congestion window', () => {
  it.each([
    { name: 'stays while less than half of it is used', length: 4 * 1448, cwnd: 10 },
    { name: 'grows with what is delivered once it limits', length: 20 * 1448, cwnd: 30 },
  ])('$name', ({ length, cwnd }) => {
    const { p, sock } = across(1500)
    sock.send(counting(length))
    p.run(1)
    expect(sock.cwnd).toBe(cwnd)
  })
})
