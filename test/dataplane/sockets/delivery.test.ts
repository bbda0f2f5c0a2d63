// Which socket hears what, and what its calls are answered.
import { describe, expect, it } from 'vitest'
import { type NetNs, RawSock, TcpListener, UdpSock } from '../../../src/dataplane/index.ts'
import { sendFrame } from '../../../src/dataplane/sockets/packet-sock.ts'
import { buildUdp, pseudoHeaderSum, writeU16 } from '../../../src/wire/index.ts'
import { type DeviceSpec, drops, host, hostSim, ip, packet, sent } from '../ipv4/hosts.ts'
import { alone, drops6, host6, key, packet6 } from '../ipv6/hosts6.ts'

const ME = '10.0.0.2'
const PEER = '10.0.0.1'
const DEVICES: Readonly<Record<string, DeviceSpec>> = {
  eth0: { addresses: [`${ME}/24`] },
  eth1: { addresses: ['10.1.0.2/24'] },
}

function world() {
  const { sim, ns } = hostSim(host('h', DEVICES))
  return { sim, ns, lost: drops(sim), out: sent(sim) }
}

/** A datagram from PEER, port 1000, to ME, with this many bytes of data, comes in. */
function datagram(
  ns: NetNs,
  dport: number,
  change: { data?: number; length?: number; checksum?: number; dev?: string; to?: string } = {},
): void {
  const { data = 4, dev = 'eth0', to = ME } = change
  const length = 8 + data
  const skb = packet(ns, dev, { from: PEER, to, protocol: 17 }, length)
  const pseudo = pseudoHeaderSum(ip(PEER), ip(to), 17, length)
  buildUdp(skb.bytes, skb.transport, { sourcePort: 1000, destinationPort: dport, length, pseudo })
  if (change.length !== undefined) writeU16(skb.bytes, skb.transport + 4, change.length)
  if (change.checksum !== undefined) writeU16(skb.bytes, skb.transport + 6, change.checksum)
  ns.sim.stack.ipRcv(skb)
  ns.sim.drain()
}

// @linux net/ipv4/udp.c __udp4_lib_rcv
describe('a datagram', () => {
  it.each<[string, Parameters<typeof datagram>[2], number | string]>([
    ['with data', { data: 4 }, 4],
    ['with none', { data: 0 }, 0],
    ['without a checksum', { checksum: 0 }, 4],
    ['with a wrong one', { checksum: 7 }, 'udp_checksum'],
    ['of less than a header', { length: 7 }, 'udp_short'],
    ['that says 0', { length: 0 }, 'udp_short'],
    ['longer than its packet', { length: 13 }, 'udp_short'],
    ['with padding behind it', { length: 10, checksum: 0 }, 2],
  ])('%s', (_, change, want) => {
    const w = world()
    const sock = new UdpSock(w.ns, 'inet')
    sock.bind(0, 53)
    const got: number[] = []
    sock.onReceive = ({ payload }) => got.push(payload.length)
    datagram(w.ns, 53, change)
    expect([got, w.lost]).toEqual(typeof want === 'number' ? [[want], []] : [[], [want]])
  })

  it.each<[string, Uint8Array, string | number]>([
    ['with a checksum of 0', Uint8Array.of(0, 7, 0, 53, 0, 9, 0, 0, 1), 'udp6_checksum'],
    ['with a wrong one', Uint8Array.of(0, 7, 0, 53, 0, 9, 1, 1, 1), 'udp6_checksum'],
    ['of less than a header', Uint8Array.of(0, 7, 0, 53, 0, 7, 1, 1), 'udp_short'],
  ])('of IPv6 %s', (_, payload, want) => {
    const { sim, ns } = alone(host6('h', { eth0: { addresses: ['fd00::2/64'] } }))
    const lost = drops6(sim)
    const sock = new UdpSock(ns, 'inet6')
    sock.bind('', 53)
    sim.stack.ipv6Rcv(packet6(ns, 'eth0', { from: 'fd00::1', to: 'fd00::2', nextHeader: 17 }, payload))
    expect(lost).toEqual([want])
  })
})

// @linux net/ipv4/udp.c compute_score
describe('of several sockets of a port', () => {
  type Make = (sock: UdpSock, ns: NetNs) => void
  const any: Make = (sock) => void sock.bind(0, 53)
  const address: Make = (sock) => void sock.bind(ip(ME), 53)
  const device: Make = (sock, ns) => {
    sock.boundDev = ns.byName.get('eth0') ?? null
    sock.bind(0, 53)
  }
  const connected: Make = (sock) => {
    sock.bind(0, 53)
    sock.connect(ip(PEER), 1000)
  }
  const strangers: Make[] = [
    (sock) => void sock.bind(ip('10.1.0.2'), 53),
    (sock) => void sock.bind(0, 54),
    (sock, ns) => {
      sock.boundDev = ns.byName.get('eth1') ?? null
      sock.bind(0, 53)
    },
    (sock) => {
      sock.bind(0, 53)
      sock.connect(ip(PEER), 1001)
    },
    (sock) => {
      sock.bind(0, 53)
      sock.connect(ip('10.0.0.9'), 1000)
    },
  ]
  it.each<[string, Make[], number]>([
    ['an address beats any', [any, address], 1],
    ['a device beats any', [any, device], 1],
    ['a peer beats an address', [address, connected], 1],
    ['whatever the order', [connected, address, any], 0],
    ['the first of equals', [any, any], 0],
    ['one for others does not hear', [...strangers, any], strangers.length],
  ])('%s', (_, makes, winner) => {
    const w = world()
    const heard: number[] = []
    for (const [i, make] of makes.entries()) {
      const sock = new UdpSock(w.ns, 'inet')
      sock.reuse = true
      make(sock, w.ns)
      sock.onReceive = () => heard.push(i)
    }
    datagram(w.ns, 53)
    expect(heard).toEqual([winner])
  })

  it.each(strangers.map((make, i) => ({ make, i })))('stranger $i alone: the sender is told', ({ make }) => {
    const w = world()
    const sock = new UdpSock(w.ns, 'inet')
    make(sock, w.ns)
    datagram(w.ns, 53)
    expect([w.lost, w.out.length]).toEqual([['no_socket_udp'], 1])
  })
})

describe('calls of a UDP socket', () => {
  const make = (ns: NetNs): UdpSock => new UdpSock(ns, 'inet')
  it.each<[string, (ns: NetNs) => unknown, unknown]>([
    ['bind, twice', (ns) => ((sock) => [sock.bind(0, 5), sock.bind(0, 6)])(make(ns)), [null, 'EINVAL']],
    ['bind to a port in use', (ns) => [make(ns).bind(0, 5), make(ns).bind(0, 5)], [null, 'EADDRINUSE']],
    [
      'bind to a port of the other family',
      (ns) => [new UdpSock(ns, 'inet6').bind('', 5), make(ns).bind(0, 5)],
      [null, null],
    ],
    [
      'bind to a closed one’s port',
      (ns) => ((sock) => [sock.bind(0, 5), sock.close(), make(ns).bind(0, 5)])(make(ns)),
      [null, undefined, null],
    ],
    ['send to port 0', (ns) => make(ns).sendTo(new Uint8Array(1), ip(PEER), 0), 'EINVAL'],
    ['send without a peer', (ns) => make(ns).send(new Uint8Array(1)), 'EDESTADDRREQ'],
    ['send more than fits into a datagram', (ns) => make(ns).sendTo(new Uint8Array(0x10000), ip(PEER), 5), 'EMSGSIZE'],
    ['send', (ns) => make(ns).sendTo(new Uint8Array(1), ip(PEER), 5), null],
    [
      'connect, send',
      (ns) => ((sock) => [sock.connect(ip(PEER), 5), sock.send(new Uint8Array(1))])(make(ns)),
      [null, null],
    ],
    ['connect to nowhere', (ns) => make(ns).connect(ip('192.0.2.1'), 5), 'ENETUNREACH'],
  ])('%s', (_, call, want) => expect(call(world().ns)).toEqual(want))

  it.each([
    ['one device each', 'eth0', 'eth1', null],
    ['the same device', 'eth0', 'eth0', 'EADDRINUSE'],
    ['a device and any', 'eth0', undefined, 'EADDRINUSE'],
    ['any and a device', undefined, 'eth0', 'EADDRINUSE'],
  ])('a port on %s', (_, first, second, want) => {
    const { ns } = world()
    const on = (dev: string | undefined): UdpSock => {
      const sock = make(ns)
      sock.boundDev = dev === undefined ? null : (ns.byName.get(dev) ?? null)
      return sock
    }
    expect([on(first).bind(0, 5), on(second).bind(0, 5)]).toEqual([null, want])
  })

  it.each([
    ['IPv4', 'inet', 0],
    ['IPv6', 'inet6', ''],
  ] as const)('one too large for its path is told at once, by nobody: %s', (_, family, offender) => {
    const { ns } = family === 'inet' ? world() : alone(host6('h', { eth0: { addresses: ['fd00::2/64'] } }))
    const sock = new UdpSock(ns, family)
    sock.recvErr = true
    sock.pmtudisc = 'do'
    const daddr = family === 'inet' ? ip(PEER) : key('fd00::1')
    expect(sock.sendTo(new Uint8Array(1473), daddr, 5)).toBe('EMSGSIZE')
    expect(sock.errorQueue).toMatchObject([
      { errno: 'EMSGSIZE', origin: 1, type: 0, code: 0, info: 1500, offender, daddr, dport: 5 },
    ])
  })

  it('a datagram that fills the path exactly is not cut, a byte more is', () => {
    const w = world()
    const sock = make(w.ns)
    sock.sendTo(new Uint8Array(1472), ip(PEER), 5)
    sock.sendTo(new Uint8Array(1473), ip(PEER), 5)
    w.sim.drain()
    expect(w.out.map(({ bytes }) => bytes.length)).toEqual([1500, 1500, 21])
  })
})

describe('listeners of a port', () => {
  it('one for each address, or one for all', () => {
    const { ns } = world()
    const listen = (address: number): unknown => new TcpListener(ns, 'inet').listen(address, 80)
    expect([listen(ip(ME)), listen(ip('10.1.0.2')), listen(0), listen(ip(ME)), listen(ip('10.0.0.9'))]).toEqual([
      null,
      null,
      'EADDRINUSE',
      'EADDRINUSE',
      'EADDRNOTAVAIL',
    ])
    expect(new TcpListener(ns, 'inet6').listen('', 80)).toBeNull()
  })

  it('of an address before of all', () => {
    const { ns } = world()
    const all = new TcpListener(ns, 'inet6')
    all.listen('', 80)
    const one = new TcpListener(ns, 'inet')
    one.listen(ip(ME), 80)
    expect(ns.sockets.lookupListener('inet', ip(ME), 80, null)).toBe(one)
    expect(ns.sockets.lookupListener('inet', ip('10.1.0.2'), 80, null)).toBeNull()
    expect(ns.sockets.lookupListener('inet6', key('fd00::1'), 80, null)).toBe(all)
    one.close()
    expect(ns.sockets.lookupListener('inet', ip(ME), 80, null)).toBeNull()
  })
})

// @linux net/ipv4/raw.c raw_v4_match, icmp_filter
describe('a raw socket', () => {
  const PROTOCOL = 253
  function heard(make: (sock: RawSock, ns: NetNs) => void, protocol = PROTOCOL, first = 9): number {
    const w = world()
    const sock = new RawSock(w.ns, 'inet', protocol)
    make(sock, w.ns)
    let count = 0
    sock.onReceive = ({ bytes, transport, ttl }) => {
      count++
      expect([bytes.length, transport, ttl]).toEqual([28, 20, 64])
    }
    const skb = packet(w.ns, 'eth0', { from: PEER, to: ME, protocol }, 8)
    skb.bytes[skb.transport] = first
    w.sim.stack.ipRcv(skb)
    return count
  }
  it.each<[string, (sock: RawSock, ns: NetNs) => void, number]>([
    ['of any address', () => {}, 1],
    ['of this address', (sock) => void sock.bind(ip(ME)), 1],
    ['of another', (sock) => void sock.bind(ip('10.1.0.2')), 0],
    ['of this peer', (sock) => void sock.connect(ip(PEER)), 1],
    ['of another peer', (sock) => void sock.connect(ip('10.0.0.9')), 0],
    ['of this device', (sock, ns) => void Object.assign(sock, { boundDev: ns.byName.get('eth0') }), 1],
    ['of another device', (sock, ns) => void Object.assign(sock, { boundDev: ns.byName.get('eth1') }), 0],
    ['that is closed', (sock) => sock.close(), 0],
    ['with a filter, which is for ICMP', (sock) => void Object.assign(sock, { blocked: new Set([9]) }), 1],
  ])('%s', (_, make, count) => expect(heard(make)).toBe(count))

  it.each([
    [new Set([9]), 0],
    [new Set([8]), 1],
  ])('of ICMP that does not want %s', (blocked, count) => {
    expect(heard((sock) => void Object.assign(sock, { blocked }), 1)).toBe(count)
  })

  it('does not close others', () => {
    const { ns } = world()
    const [a, b] = [new RawSock(ns, 'inet', PROTOCOL), new RawSock(ns, 'inet', PROTOCOL)]
    a.close()
    expect(ns.sockets.raw).toEqual([b])
  })

  it.each<[string, (ns: NetNs) => unknown, unknown]>([
    ['bind to an address of somebody else', (ns) => new RawSock(ns, 'inet', 1).bind(ip(PEER)), 'EADDRNOTAVAIL'],
    ['bind a socket of IPv6 to an address of IPv4', (ns) => new RawSock(ns, 'inet6', 58).bind(ip(ME)), 'EINVAL'],
    [
      'bind a socket of IPv4 to an address of IPv6',
      (ns) => new RawSock(ns, 'inet', 1).bind(key('fd00::9')),
      'EAFNOSUPPORT',
    ],
    ['bind to a broadcast', (ns) => new RawSock(ns, 'inet', 1).bind(ip('10.0.0.255')), null],
    ['bind to a group', (ns) => new RawSock(ns, 'inet', 1).bind(ip('224.0.0.5')), null],
    ['connect to nowhere', (ns) => new RawSock(ns, 'inet', 1).connect(ip('192.0.2.1')), 'ENETUNREACH'],
    [
      'bind to an address of nobody, of IPv6',
      (ns) => new RawSock(ns, 'inet6', 58).bind(key('fd00::9')),
      'EADDRNOTAVAIL',
    ],
  ])('%s', (_, call, want) => expect(call(world().ns)).toBe(want))

  it('ip_nonlocal_bind', () => {
    const { ns } = hostSim(host('h', DEVICES, [], { sysctls: { 'net.ipv4.ip_nonlocal_bind': '1' } }))
    expect(new RawSock(ns, 'inet', 1).bind(ip(PEER))).toBeNull()
  })
})

it.each([
  ['eth0', [...new Uint8Array(12), 0x08, 0x06], 0x0806],
  ['eth0', [...new Uint8Array(12), 0x86, 0xdd], 0x86dd],
])('a frame sent on %s is of the protocol it names', (dev, bytes, protocol) => {
  const { sim, ns } = world()
  const seen: number[] = []
  Object.assign(sim, {
    stack: {
      ...sim.stack,
      devQueueXmit: (skb: { protocol: number; network: number; data: number }) =>
        seen.push(skb.protocol, skb.network - skb.data),
    },
  })
  sendFrame(ns.byName.get(dev)!, Uint8Array.from(bytes))
  expect(seen).toEqual([protocol, 14])
})
