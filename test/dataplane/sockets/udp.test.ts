import { describe, expect, it } from 'vitest'
import { type Datagram, UdpSock } from '../../../src/dataplane/index.ts'
import { ip } from '../ipv4/hosts.ts'
import { counting, pair } from './pair.ts'

const A = ip('10.0.0.1')
const B = ip('10.0.0.2')

function listen(
  ns: ConstructorParameters<typeof UdpSock>[0],
  port: number,
  addr = 0,
): { sock: UdpSock; got: Datagram[] } {
  const sock = new UdpSock(ns, 'inet')
  expect(sock.bind(addr, port)).toBeNull()
  const got: Datagram[] = []
  sock.onReceive = (d) => got.push(d)
  return { sock, got }
}

describe('UDP sockets', () => {
  it('deliver data with sender, TTL and TOS', () => {
    const { a, b, run } = pair()
    const { got } = listen(b, 53)
    const client = new UdpSock(a, 'inet')
    client.tos = 0x28
    client.ttl = 9
    client.bind(0, 4000)
    expect(client.sendTo(counting(100), B, 53)).toBeNull()
    run(0.1)
    expect(got).toHaveLength(1)
    expect(got[0]).toMatchObject({ payload: counting(100), saddr: A, sport: 4000, daddr: B, ttl: 9, tos: 0x28 })
  })

  it.each(['sent to', 'connected'] as const)('take 0.0.0.0 for the host itself, as the kernel does: %s', (how) => {
    const { a, run } = pair()
    const { got } = listen(a, 53)
    const client = new UdpSock(a, 'inet')
    if (how === 'connected') {
      expect(client.connect(0, 53)).toBeNull()
      expect(client.daddr).toBe(ip('127.0.0.1'))
      expect(client.send(counting(9))).toBeNull()
    } else expect(client.sendTo(counting(9), 0, 53)).toBeNull()
    run(0.1)
    expect(got).toMatchObject([{ payload: counting(9), saddr: ip('127.0.0.1'), daddr: ip('127.0.0.1') }])
  })

  it.each([
    { name: 'same port', first: 0, second: 0, reuse: false, error: 'EADDRINUSE' },
    { name: 'any beside one address', first: A, second: 0, reuse: false, error: 'EADDRINUSE' },
    { name: 'shared on purpose', first: 0, second: 0, reuse: true, error: null },
    { name: 'different addresses', first: A, second: ip('127.0.0.1'), reuse: false, error: null },
    { name: 'an address of somebody else', first: A, second: B, reuse: false, error: 'EADDRNOTAVAIL' },
  ])('bind: $name', ({ first, second, reuse, error }) => {
    const { a } = pair()
    const socks = [new UdpSock(a, 'inet'), new UdpSock(a, 'inet')]
    for (const s of socks) s.reuse = reuse
    expect(socks[0]?.bind(first, 53)).toBeNull()
    expect(socks[1]?.bind(second, 53)).toBe(error)
  })

  it('choose free ports of the local range when none is given', () => {
    const { a } = pair({ sysctls: { 'net.ipv4.ip_local_port_range': '40000\t40003' } })
    const ports = [1, 2, 3, 4].map(() => {
      const s = new UdpSock(a, 'inet')
      expect(s.bind(0, 0)).toBeNull()
      return s.sport
    })
    expect([...ports].sort()).toEqual([40000, 40001, 40002, 40003])
    expect(new UdpSock(a, 'inet').bind(0, 0)).toBe('EADDRINUSE')
  })

  it('prefer a connected socket to a bound one, and that to any', () => {
    const { a, b, run } = pair()
    const any = listen(b, 53)
    const other = new UdpSock(b, 'inet')
    any.sock.reuse = other.reuse = true
    other.bind(0, 53)
    const connected: Datagram[] = []
    other.connect(A, 4000)
    other.onReceive = (d) => connected.push(d)
    const client = new UdpSock(a, 'inet')
    client.bind(0, 4000)
    client.sendTo(counting(1), B, 53)
    const stranger = new UdpSock(a, 'inet')
    stranger.bind(0, 4001)
    stranger.sendTo(counting(2), B, 53)
    run(0.1)
    expect([connected.length, any.got.length]).toEqual([1, 1])
  })

  it('share a port until the last of them is closed', () => {
    const { a, b, run } = pair()
    const client = new UdpSock(a, 'inet')
    client.bind(0, 4000)
    const socks = [0, 1, 2].map(() => {
      const sock = new UdpSock(b, 'inet')
      sock.reuse = true
      expect(sock.bind(0, 53)).toBeNull()
      return sock
    })
    const heard: number[] = []
    for (const sock of socks) sock.onReceive = () => heard.push(socks.indexOf(sock))
    const ask = (): number => {
      heard.length = 0
      client.sendTo(counting(1), B, 53)
      run(0.1)
      return heard.length
    }
    expect(ask()).toBe(1)
    socks[2]!.close()
    expect(ask()).toBe(1)
    socks[0]!.close()
    expect([ask(), heard]).toEqual([1, [1]])
    socks[1]!.close()
    expect(ask()).toBe(0)
  })

  it('tell a closed port by ECONNREFUSED: on the queue at once, and once by the next call', () => {
    const { a, drops, run } = pair()
    const client = new UdpSock(a, 'inet')
    client.recvErr = true
    client.bind(0, 4000)
    client.sendTo(counting(8), B, 9)
    run(0.1)
    expect(client.errorQueue).toMatchObject([
      { errno: 'ECONNREFUSED', origin: 2, type: 3, code: 3, offender: B, dport: 9 },
    ])
    expect(drops).toContain('no_socket_udp')
    expect(client.sendTo(counting(8), B, 9)).toBe('ECONNREFUSED')
    expect(client.sendTo(counting(8), B, 9)).toBeNull()
  })

  it('keep errors from an unconnected socket that did not ask for them', () => {
    const { a, run } = pair()
    const client = new UdpSock(a, 'inet')
    client.bind(0, 4000)
    client.sendTo(counting(8), B, 9)
    run(0.1)
    expect(client.err).toBeNull()
    client.connect(B, 9)
    client.send(counting(8))
    run(0.1)
    expect(client.err).toBe('ECONNREFUSED')
  })

  it.each([
    { name: 'do refuses what does not fit', pmtudisc: 'do' as const, size: 1473, error: 'EMSGSIZE', queue: 1 },
    { name: 'do sends what fits', pmtudisc: 'do' as const, size: 1472, error: null, queue: 0 },
    { name: 'want fragments', pmtudisc: 'want' as const, size: 3000, error: null, queue: 0 },
    { name: 'dont fragments', pmtudisc: 'dont' as const, size: 3000, error: null, queue: 0 },
  ])('MTU discovery: $name', ({ pmtudisc, size, error, queue }) => {
    const { a, b, run } = pair()
    const { got } = listen(b, 53)
    const client = new UdpSock(a, 'inet')
    client.recvErr = true
    client.pmtudisc = pmtudisc
    expect(client.sendTo(counting(size), B, 53)).toBe(error)
    expect(client.errorQueue.map((e) => [e.origin, e.info])).toEqual(queue === 1 ? [[1, 1500]] : [])
    run(0.1)
    expect(got.map((d) => d.payload.length)).toEqual(error === null ? [size] : [])
  })

  it('learn a narrower path from the router and report it', () => {
    const { a, b, run } = pair({ farMtu: 1400 })
    const { got } = listen(b, 53)
    const client = new UdpSock(a, 'inet')
    client.recvErr = true
    const far = ip('10.0.1.2')
    client.sendTo(counting(1450), far, 53)
    run(0.1)
    expect(client.errorQueue.splice(0)).toMatchObject([{ errno: 'EMSGSIZE', origin: 2, type: 3, code: 4, info: 1400 }])
    client.takeError()
    client.sendTo(counting(1450), far, 53)
    run(0.1)
    expect(got.map((d) => d.payload.length)).toEqual([1450])
  })

  it('need leave for broadcasts, and hear them', () => {
    const { a, b, run } = pair()
    const { got } = listen(b, 53)
    const client = new UdpSock(a, 'inet')
    const everybody = ip('10.0.0.255')
    expect(client.sendTo(counting(4), everybody, 53)).toBe('EACCES')
    client.broadcast = true
    expect(client.sendTo(counting(4), everybody, 53)).toBeNull()
    run(0.1)
    expect(got).toHaveLength(1)
  })

  it('may leave the checksum out', () => {
    const { a, b, run } = pair()
    const { got } = listen(b, 53)
    const client = new UdpSock(a, 'inet')
    client.noCheck = true
    client.sendTo(counting(4), B, 53)
    run(0.1)
    expect(got).toHaveLength(1)
  })

  it.each([
    { name: 'no route', daddr: ip('192.0.2.1'), error: 'ENETUNREACH' },
    { name: 'an unreachable route', daddr: ip('10.9.0.1'), error: 'EHOSTUNREACH' },
  ])('$name is an error of the call', ({ daddr, error }) => {
    const { a } = pair()
    expect(new UdpSock(a, 'inet').sendTo(counting(4), daddr, 53)).toBe(error)
  })
})
