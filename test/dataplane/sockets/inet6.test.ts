// Sockets over IPv6, with a router between whose far side may be narrow.
import { describe, expect, it } from 'vitest'
import {
  type Datagram,
  RawSock,
  SECOND,
  Simulation,
  TcpListener,
  TcpSock,
  UdpSock,
} from '../../../src/dataplane/index.ts'
import { cable, namespace, networkOf, route } from '../../../src/model/index.ts'
import { Ping } from '../../../src/programs/ping.ts'
import type { Process } from '../../../src/programs/process.ts'
import { Traceroute } from '../../../src/programs/traceroute.ts'
import { type Ipv6, ipv6ToKey } from '../../../src/wire/index.ts'
import { counting } from './pair.ts'

const BOB = 'fd00:2::2' as Ipv6
const FAR = ipv6ToKey(BOB)

function world(mtu = 1500): Simulation {
  const host = (name: string, address: string, via: string) =>
    namespace(name, {
      interfaces: [{ name: 'eth0', addresses: [address, 'fe80::2/64'] }],
      routes: [route('default', { via, dev: 'eth0' })],
    })
  const router = namespace('router', {
    forwarding: true,
    interfaces: [
      { name: 'east', addresses: ['fd00:1::1/64', 'fe80::1/64'] },
      { name: 'west', addresses: ['fd00:2::1/64', 'fe80::1/64'], mtu },
    ],
  })
  const wires = [cable(['alice', 'eth0'], ['router', 'east']), cable(['router', 'west'], ['bob', 'eth0'])]
  const hosts = [host('alice', 'fd00:1::2/64', 'fd00:1::1'), host('bob', 'fd00:2::2/64', 'fd00:2::1')]
  return new Simulation(networkOf([...hosts, router], wires))
}

const run = (sim: Simulation, seconds: number): void => sim.run(sim.clock.now + seconds * SECOND)

function finish(sim: Simulation, program: Process): Process {
  program.start()
  for (let i = 0; i < 300 && program.exitCode === null; i++) run(sim, 0.1)
  return program
}

describe('an address that every link has, without a link', () => {
  const make = {
    udp: (sim: Simulation) => new UdpSock(sim.netns('alice'), 'inet6'),
    raw: (sim: Simulation) => new RawSock(sim.netns('alice'), 'inet6', 58),
    tcp: (sim: Simulation) => new TcpSock(sim.netns('alice'), 'inet6'),
  } as const
  // What Linux 6.18 answers to a program that names no scope.
  it.each([
    ['udp', 'fe80::9', 'EINVAL'],
    ['udp', 'ff02::1', 'EINVAL'],
    ['udp', 'ff05::1', null],
    ['raw', 'fe80::9', 'EINVAL'],
    ['raw', 'ff02::1', 'EINVAL'],
    ['tcp', 'fe80::9', 'EINVAL'],
    ['tcp', 'ff02::1', 'ENETUNREACH'],
    ['tcp', 'ff05::1', 'ENETUNREACH'],
  ] as const)('connect %s to %s', (kind, address, want) => {
    const sim = world()
    expect(make[kind](sim).connect(ipv6ToKey(address), 80)).toBe(want)
    const bound = make[kind](sim)
    bound.boundDev = sim.netns('alice').byName.get('eth0')!
    if (want === 'EINVAL') expect(bound.connect(ipv6ToKey(address), 80)).toBeNull()
  })
})

describe('UDP over IPv6', () => {
  it('delivers, fragmenting what is too large', () => {
    const sim = world()
    const server = new UdpSock(sim.netns('bob'), 'inet6')
    const got: Datagram[] = []
    server.onReceive = (d) => got.push(d)
    server.bind('', 53)
    const client = new UdpSock(sim.netns('alice'), 'inet6')
    client.tos = 0x20
    for (const size of [10, 3000]) expect(client.sendTo(counting(size), FAR, 53)).toBeNull()
    run(sim, 1)
    expect(got.map((d) => d.payload.length)).toEqual([10, 3000])
    expect(got[0]).toMatchObject({ saddr: ipv6ToKey('fd00:1::2' as Ipv6), ttl: 63, tos: 0x20 })
  })

  it('is refused by a closed port', () => {
    const sim = world()
    const client = new UdpSock(sim.netns('alice'), 'inet6')
    client.recvErr = true
    client.sendTo(counting(10), FAR, 53)
    run(sim, 1)
    expect(client.errorQueue).toMatchObject([{ errno: 'ECONNREFUSED', origin: 3, type: 1, code: 4, offender: FAR }])
  })

  it('learns a narrower path', () => {
    const sim = world(1300)
    const client = new UdpSock(sim.netns('alice'), 'inet6')
    client.recvErr = true
    client.pmtudisc = 'do'
    client.sendTo(counting(1400), FAR, 53)
    run(sim, 1)
    expect(client.errorQueue.splice(0)).toMatchObject([{ errno: 'EMSGSIZE', origin: 3, type: 2, info: 1300 }])
    client.takeError()
    expect(client.sendTo(counting(1400), FAR, 53)).toBe('EMSGSIZE')
    expect(client.errorQueue).toMatchObject([{ errno: 'EMSGSIZE', origin: 1, info: 1300 }])
  })
})

describe('TCP over IPv6', () => {
  it.each([1500, 1300])('transfers through a path of %i bytes', (mtu) => {
    const sim = world(mtu)
    const listener = new TcpListener(sim.netns('bob'), 'inet6')
    listener.listen('', 80)
    const got: number[] = []
    listener.onAccept = (c) => {
      c.onReadable = () => {
        sim.clock.after(1000, () => got.push(...c.read()))
      }
    }
    const sock = new TcpSock(sim.netns('alice'), 'inet6')
    sock.onConnect = () => sock.send(counting(10_000))
    expect(sock.connect(FAR, 80)).toBeNull()
    run(sim, 5)
    expect(got).toEqual([...counting(10_000)])
    expect(sock.mss).toBe(mtu - 60 - 12)
  })

  it('is refused by a closed port', () => {
    const sim = world()
    const sock = new TcpSock(sim.netns('alice'), 'inet6')
    sock.connect(FAR, 81)
    run(sim, 1)
    expect(sock.err).toBe('ECONNREFUSED')
  })
})

describe('programs over IPv6', () => {
  it('ping', () => {
    const sim = world()
    const ping = finish(sim, new Ping(sim.netns('alice'), { destination: BOB, count: 1 }))
    expect(ping.outcome).toBe('reply')
    expect(ping.stdout.split('\n').slice(0, 2).join('\n')).toMatch(
      /^PING fd00:2::2\(fd00:2::2\) 56 data bytes\n64 bytes from fd00:2::2: icmp_seq=1 ttl=63 time=/,
    )
  })

  it.each(['udp', 'icmp', 'tcp'] as const)('traceroute by %s', (method) => {
    const sim = world()
    const trace = finish(sim, new Traceroute(sim.netns('alice'), { destination: BOB, method, probes: 1, maxHops: 5 }))
    expect(trace.outcome).toBe('path fd00:1::1 fd00:2::2')
  })

  it('raw sockets see only what is meant for them', () => {
    const sim = world()
    const bound = new RawSock(sim.netns('bob'), 'inet6', 58)
    const seen: string[] = []
    bound.blocked = new Set([135, 136, 133, 134])
    bound.onReceive = (p) => seen.push(String(p.bytes[p.transport]))
    bound.boundDev = sim.netns('bob').lo
    finish(sim, new Ping(sim.netns('alice'), { destination: BOB, count: 1 }))
    expect(seen).toEqual([])
    bound.boundDev = null
    finish(sim, new Ping(sim.netns('alice'), { destination: BOB, count: 1 }))
    expect(seen).toEqual(['128'])
  })
})
