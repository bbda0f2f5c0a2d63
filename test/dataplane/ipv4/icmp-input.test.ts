// ICMP that comes to a host: what it is told by errors, and what it answers. @linux net/ipv4/icmp.c
import { describe, expect, it } from 'vitest'
import { RawSock, UdpSock } from '../../../src/dataplane/index.ts'
import { PACKET_BROADCAST } from '../../../src/dataplane/kernel/skb.ts'
import { buildIcmp, buildIpv4Header, buildUdp } from '../../../src/wire/index.ts'
import { drops, host, hostSim, ip, packet, sent } from './hosts.ts'

const ME = '10.0.0.1'
const PEER = '10.0.0.7'
const FAR = '192.0.2.9'

function world(sysctls: Readonly<Record<string, string>> = {}) {
  const { sim, ns } = hostSim(
    host('h', { eth0: { addresses: [`${ME}/24`] } }, ['default via 10.0.0.254 dev eth0'], { sysctls }),
  )
  const sock = new UdpSock(ns, 'inet')
  sock.recvErr = true
  sock.bind(0, 1000)
  sock.connect(ip(FAR), 53)
  return { sim, ns, sock, lost: drops(sim), out: sent(sim) }
}

/** A datagram that the socket sent, as an error quotes it. */
function quote(change: { length?: number; first?: number; protocol?: number; to?: string } = {}): Uint8Array {
  const bytes = new Uint8Array(28)
  const { length = 28, first, protocol = 17, to = FAR } = change
  buildIpv4Header(bytes, 0, { source: ip(ME), destination: ip(to), protocol, ttl: 63, totalLength: 28 })
  buildUdp(bytes, 20, { sourcePort: 1000, destinationPort: 53, length: 8, pseudo: 0 })
  if (first !== undefined) bytes[0] = first
  return bytes.slice(0, length)
}

/** A message from PEER comes in. */
function receive(
  w: ReturnType<typeof world>,
  type: number,
  code: number,
  word: number,
  body: Uint8Array,
  to = ME,
): void {
  const skb = packet(w.ns, 'eth0', { from: PEER, to, protocol: 1 }, 8 + body.length)
  skb.bytes.set(body, skb.transport + 8)
  buildIcmp(skb.bytes, skb.transport, skb.tail, { type, code, restOfHeader: word >>> 0 })
  if (to === '10.0.0.255') skb.pktType = PACKET_BROADCAST
  w.sim.stack.ipRcv(skb)
}

const pmtu = (w: ReturnType<typeof world>): number => {
  const rt = w.sim.stack.ipRouteOutput(w.ns, {
    daddr: ip(FAR),
    saddr: 0,
    tos: 0,
    mark: 0,
    oif: null,
    iif: null,
    proto: 17,
    sport: 0,
    dport: 0,
    anySource: false,
    packet: -1,
  })
  return typeof rt === 'string' ? 0 : rt.mtu
}

describe('an error tells the socket whose datagram it quotes', () => {
  it.each<[string, [number, number, number, Uint8Array], object | null]>([
    [
      'unreachable',
      [3, 1, 0, quote()],
      { errno: 'EHOSTUNREACH', type: 3, code: 1, info: 0, offender: ip(PEER), daddr: ip(FAR), dport: 53 },
    ],
    ['the last code', [3, 15, 0, quote()], { errno: 'EHOSTUNREACH', code: 15 }],
    ['a code there is not', [3, 16, 0, quote()], null],
    ['too big', [3, 4, 1400, quote()], { errno: 'EMSGSIZE', info: 1400 }],
    ['too big, the upper half is not read', [3, 4, 0x1234_0578, quote()], { errno: 'EMSGSIZE', info: 1400 }],
    ['time exceeded', [11, 0, 0, quote()], { errno: 'EHOSTUNREACH', type: 11 }],
    ['reassembly that took too long', [11, 1, 0, quote()], null],
    ['a parameter problem, with its pointer', [12, 0, 0x1400_0000, quote()], { errno: 'EPROTO', info: 0x14 }],
    ['source quench', [4, 0, 0, quote()], null],
    ['another socket’s datagram', [3, 1, 0, quote({ to: '192.0.2.8' })], null],
    ['another protocol', [3, 1, 0, quote({ protocol: 6 })], null],
    ['eight bytes behind the header', [3, 1, 0, quote({ length: 28 })], { errno: 'EHOSTUNREACH' }],
    ['seven', [3, 1, 0, quote({ length: 27 })], null],
    ['a header that does not fit', [3, 1, 0, quote({ first: 0x4f })], null],
  ])('%s', (_, message, want) => {
    const w = world()
    receive(w, ...message)
    if (want === null) expect(w.sock.errorQueue).toEqual([])
    else expect(w.sock.errorQueue).toMatchObject([want])
    expect(w.lost).toEqual([])
  })

  it.each<[string, number, Uint8Array, string]>([
    ['a quote of less than a header', 3, quote({ length: 19 }), 'icmp_short'],
    ['a redirect with one', 5, quote({ length: 19 }), 'icmp_data_short'],
    ['a quoted header of less than any', 3, quote({ first: 0x44 }), 'icmp_quote_bad'],
  ])('%s is dropped', (_, type, body, cause) => {
    const w = world()
    receive(w, type, 1, 0, body)
    expect([w.lost, w.sock.errorQueue]).toEqual([[cause], []])
  })

  // Documentation/networking/ip-sysctl.rst, ip_no_pmtu_disc
  it.each([
    ['0', 1400],
    ['1', 1500],
    ['2', 1500],
    ['3', 1500],
  ])('ip_no_pmtu_disc %s: the path MTU of a datagram is %i afterwards', (value, mtu) => {
    const w = world({ 'net.ipv4.ip_no_pmtu_disc': value })
    w.sock.pmtudisc = 'want'
    receive(w, 3, 4, 1400, quote())
    expect(pmtu(w)).toBe(value === '1' ? 552 : mtu)
  })
})

describe('a host answers', () => {
  const answered = (w: ReturnType<typeof world>): string[] =>
    w.out.map(({ bytes }) => `${bytes[20]}.${bytes[21]} +${bytes.length - 28}`)
  it.each<[string, [number, number, number, Uint8Array, string?], string[], string[], Record<string, string>?]>([
    ['an echo', [8, 0, 7, new Uint8Array(10)], ['0.0 +10'], []],
    ['an empty one', [8, 0, 7, new Uint8Array(0)], ['0.0 +0'], []],
    ['a timestamp', [13, 0, 7, new Uint8Array(12)], ['14.0 +12'], []],
    ['a timestamp with more behind it', [13, 0, 7, new Uint8Array(20)], ['14.0 +12'], []],
    ['no timestamp without its times', [13, 0, 7, new Uint8Array(11)], [], ['icmp_data_short']],
    ['no reply to nobody', [0, 0, 7, new Uint8Array(4)], [], ['no_socket_icmp']],
    ['nor an extended one', [43, 0, 7, new Uint8Array(4)], [], ['no_socket_icmp']],
    ['an extended echo is not answered', [42, 0, 7, new Uint8Array(4)], [], []],
    ['the last type there is', [18, 0, 7, new Uint8Array(4)], [], []],
    ['a type there is not', [19, 0, 7, new Uint8Array(4)], [], ['icmp_unknown_type']],
    ['no broadcast echo', [8, 0, 7, new Uint8Array(4), '10.0.0.255'], [], ['icmp_ignored']],
    ['no broadcast timestamp', [13, 0, 7, new Uint8Array(12), '10.0.0.255'], [], ['icmp_ignored']],
    [
      'no broadcast error',
      [3, 1, 0, quote(), '10.0.0.255'],
      [],
      ['icmp_ignored'],
      { 'net.ipv4.icmp_echo_ignore_broadcasts': '0' },
    ],
    ['a broadcast mask request is taken', [17, 0, 0, new Uint8Array(4), '10.0.0.255'], [], []],
    ['and a mask reply', [18, 0, 0, new Uint8Array(4), '10.0.0.255'], [], []],
    [
      'a broadcast timestamp, if told to',
      [13, 0, 7, new Uint8Array(12), '10.0.0.255'],
      ['14.0 +12'],
      [],
      { 'net.ipv4.icmp_echo_ignore_broadcasts': '0' },
    ],
  ])('%s', (_, message, out, lost, sysctls = {}) => {
    const w = world(sysctls)
    receive(w, ...message)
    expect([answered(w), w.lost]).toEqual([out, lost])
  })

  it('a timestamp by when it came and when it goes, milliseconds since midnight', () => {
    const w = world()
    w.sim.run(5_000_000_000)
    receive(w, 13, 0, 7, Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0))
    const view = new DataView(w.out[0]!.bytes.buffer, w.out[0]!.bytes.byteOffset)
    expect(view.getUint32(28)).toBe(9)
    expect(view.getUint32(32)).toBe(view.getUint32(36))
    const before = view.getUint32(32)
    w.sim.run(6_500_000_000)
    receive(w, 13, 0, 7, new Uint8Array(12))
    const later = new DataView(w.out[1]!.bytes.buffer, w.out[1]!.bytes.byteOffset)
    expect(later.getUint32(32) - before).toBe(1500)
  })

  it.each([
    ['0', 0],
    ['1', 0x55],
  ])('fwmark_reflect %s: the answer has mark %i', (value, mark) => {
    const w = world({ 'net.ipv4.fwmark_reflect': value })
    const marks: number[] = []
    const { stack } = w.sim
    Object.assign(w.sim, { stack: { ...stack, neighOutput: (skb: { mark: number }) => marks.push(skb.mark) } })
    const skb = packet(w.ns, 'eth0', { from: PEER, to: ME, protocol: 1 }, 8)
    buildIcmp(skb.bytes, skb.transport, skb.tail, { type: 8, code: 0, restOfHeader: 1 })
    skb.mark = 0x55
    w.sim.stack.ipRcv(skb)
    expect(marks).toEqual([mark])
  })
})

// @linux net/ipv4/udp.c __udp4_lib_err, net/ipv4/raw.c raw_err: who asked for errors hears all, who is connected the fatal ones
describe('a socket is told', () => {
  const HARD = [3, 3] as const
  const SOFT = [3, 1] as const
  it.each<[string, (sock: UdpSock) => void, readonly [number, number], string | null, number]>([
    ['all that it asked for', (sock) => Object.assign(sock, { recvErr: true }), SOFT, 'EHOSTUNREACH', 1],
    ['fatal ones when it is connected', () => {}, HARD, 'ECONNREFUSED', 0],
    ['no others', () => {}, SOFT, null, 0],
    ['nothing when it is not', (sock) => Object.assign(sock, { dport: 0 }), HARD, null, 0],
    [
      'of a path MTU, unless it never looks',
      (sock) => Object.assign(sock, { pmtudisc: 'dont', recvErr: true }),
      [3, 4],
      null,
      0,
    ],
    ['of a path MTU', (sock) => Object.assign(sock, { pmtudisc: 'do' }), [3, 4], 'EMSGSIZE', 0],
  ])('UDP: %s', (_, change, [type, code], err, queued) => {
    const w = world()
    w.sock.recvErr = false
    let woken = 0
    w.sock.onError = () => woken++
    change(w.sock)
    receive(w, type, code, 1400, quote())
    expect([w.sock.err, w.sock.errorQueue.length, woken]).toEqual([err, queued, err === null ? 0 : 1])
  })

  it.each<[string, (sock: RawSock) => void, readonly [number, number], string | null, number]>([
    ['all that it asked for', (sock) => Object.assign(sock, { recvErr: true }), SOFT, 'EHOSTUNREACH', 1],
    ['fatal ones when it is connected', (sock) => void sock.connect(ip(FAR)), HARD, 'ECONNREFUSED', 0],
    ['no others', (sock) => void sock.connect(ip(FAR)), SOFT, null, 0],
    ['nothing when it is neither', () => {}, HARD, null, 0],
    ['nothing about another protocol', (sock) => Object.assign(sock, { recvErr: true, protocol: 6 }), HARD, null, 0],
    [
      'nothing about another peer',
      (sock) => Object.assign(sock, { recvErr: true, daddr: ip('192.0.2.8') }),
      HARD,
      null,
      0,
    ],
  ])('raw: %s', (_, change, [type, code], err, queued) => {
    const w = world()
    w.sock.close()
    const sock = new RawSock(w.ns, 'inet', 17)
    let woken = 0
    sock.onError = () => woken++
    change(sock)
    receive(w, type, code, 0, quote())
    expect([sock.err, sock.errorQueue.length, woken]).toEqual([err, queued, err === null ? 0 : 1])
  })
})
