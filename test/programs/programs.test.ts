import { describe, expect, it } from 'vitest'
import { Ping } from '../../src/programs/ping.ts'
import type { Process } from '../../src/programs/process.ts'
import { TcpConnect } from '../../src/programs/tcp-connect.ts'
import { TcpServer } from '../../src/programs/tcp-server.ts'
import { Traceroute } from '../../src/programs/traceroute.ts'
import { UdpEchoServer } from '../../src/programs/udp-echo.ts'
import { UdpSend } from '../../src/programs/udp-send.ts'
import type { Ip } from '../../src/wire/index.ts'
import { ip } from '../dataplane/ipv4/hosts.ts'
import { type Pair, pair } from '../dataplane/sockets/pair.ts'

const FAR = '10.0.1.2' as Ip
const NEAR = '10.0.0.2' as Ip

/** Times are no part of the words. */
function timeless(text: string): string {
  return text
    .replace(/time=[\d.]+ ms/g, 'time=T ms')
    .replace(/= [\d./]+ ms/g, '= T ms')
    .replace(/ {2}[\d.]+ ms/g, '  T ms')
}

/** Runs a program to its end. */
function finish(p: Pair, program: Process): Process {
  program.start()
  for (let i = 0; i < 600 && program.exitCode === null; i++) p.run(0.1)
  return program
}

describe('busybox ping', () => {
  it('counts from 0 and says so in its own words', () => {
    const p = pair()
    const ping = finish(p, new Ping(p.a, { destination: NEAR, count: 2, interval: 0.5, dialect: 'busybox' }))
    expect(timeless(ping.stdout)).toBe(
      [
        'PING 10.0.0.2 (10.0.0.2): 56 data bytes',
        '64 bytes from 10.0.0.2: seq=0 ttl=64 time=T ms',
        '64 bytes from 10.0.0.2: seq=1 ttl=64 time=T ms',
        '',
        '--- 10.0.0.2 ping statistics ---',
        '2 packets transmitted, 2 packets received, 0% packet loss',
        'round-trip min/avg/max = T ms',
        '',
      ].join('\n'),
    )
    expect([ping.exitCode, ping.outcome]).toEqual([0, 'reply'])
  })

  it('says at once that there is no way', () => {
    const p = pair()
    const ping = finish(p, new Ping(p.a, { destination: '192.0.2.1' as Ip, count: 1, dialect: 'busybox' }))
    expect([ping.exitCode, ping.stderr]).toEqual([1, 'ping: sendto: Network is unreachable\n'])
  })
})

describe('iputils ping', () => {
  it('sums up when it is interrupted', () => {
    const p = pair()
    const ping = new Ping(p.a, { destination: NEAR })
    ping.start()
    p.run(2.5)
    ping.interrupt()
    expect(ping.stdout.split('\n').at(-3)).toBe('3 packets transmitted, 3 received, 0% packet loss, time 2000ms')
    expect(ping.exitCode).toBe(0)
  })

  it('stops at its deadline', () => {
    const p = pair({ loses: () => true })
    const ping = finish(p, new Ping(p.a, { destination: NEAR, deadline: 3 }))
    expect(ping.stdout).toContain('3 packets transmitted, 0 received, 100% packet loss, time 2000ms')
    expect(ping.outcome).toBe('timeout')
  })

  it.each([
    { name: 'an unknown interface', options: { dev: 'eth7' }, error: 'unknown iface: eth7' },
    { name: 'a source of somebody else', options: { source: NEAR }, error: 'bind: Cannot assign requested address' },
  ])('refuses $name', ({ options, error }) => {
    const p = pair()
    const ping = finish(p, new Ping(p.a, { destination: NEAR, count: 1, ...options }))
    expect([ping.exitCode, ping.stderr]).toEqual([2, `ping: ${error}\n`])
  })
})

describe('traceroute', () => {
  it.each(['udp', 'icmp', 'tcp'] as const)('walks by %s, three probes a hop, many at once', (method) => {
    const p = pair({ farMtu: 1500 })
    const trace = finish(p, new Traceroute(p.a, { destination: FAR, method, maxHops: 5 }))
    expect(timeless(trace.stdout)).toBe(
      [
        'traceroute to 10.0.1.2 (10.0.1.2), 5 hops max, 60 byte packets',
        ' 1  10.0.0.254  T ms  T ms  T ms',
        ' 2  10.0.1.2  T ms  T ms  T ms',
        '',
      ].join('\n'),
    )
    expect(trace.outcome).toBe('path 10.0.0.254 10.0.1.2')
  })

  it.each(['udp', 'icmp', 'tcp'] as const)('may begin by %s at a later hop', (method) => {
    const p = pair({ farMtu: 1500 })
    const trace = finish(p, new Traceroute(p.a, { destination: FAR, method, firstHop: 2, maxHops: 5, probes: 1 }))
    expect(timeless(trace.stdout).split('\n').slice(1)).toEqual([' 2  10.0.1.2  T ms', ''])
  })

  it('prints a star for a probe nobody answered, after the wait', () => {
    const p = pair({ loses: () => true })
    const trace = finish(p, new Traceroute(p.a, { destination: NEAR, probes: 2, maxHops: 2, wait: 1 }))
    expect(trace.stdout.split('\n').slice(1)).toEqual([' 1  * *', ' 2  * *', ''])
    expect(trace.outcome).toBe('path * *')
  })

  it('stops where a router says no', () => {
    const p = pair({ farMtu: 1500 })
    const trace = finish(p, new Traceroute(p.a, { destination: '172.16.0.1' as Ip, probes: 1, maxHops: 5 }))
    expect(timeless(trace.stdout).split('\n')[1]).toBe(' 1  10.0.0.254  T ms !N')
  })
})

describe('UDP and TCP programs', () => {
  it('exchange datagrams', () => {
    const p = pair()
    const server = new UdpEchoServer(p.b, 'inet', 7)
    server.start()
    const client = finish(p, new UdpSend(p.a, { daddr: ip('10.0.0.2'), dport: 7, sport: 4000, size: 30, count: 3 }))
    expect(client.outcome).toBe('reply from 10.0.0.2:7')
    expect(server.stdout).toBe('server b got 30 bytes from 10.0.0.1:4000\n'.repeat(3))
  })

  it('exchange a request and an answer', () => {
    const p = pair()
    const server = new TcpServer(p.b, { family: 'inet', port: 80, request: 100, reply: 20_000 })
    server.start()
    const options = { daddr: ip('10.0.0.2'), dport: 80, sport: 4000, request: 100, reply: 20_000 }
    const client = finish(p, new TcpConnect(p.a, options))
    expect([client.outcome, client.exitCode]).toEqual(['exchanged 100/20000 bytes', 0])
    expect(server.stdout).toBe('server b accepted from 10.0.0.1:4000\nserver got 100 bytes\nserver closed\n')
  })

  it('free what they opened', () => {
    const p = pair()
    const servers = [
      new UdpEchoServer(p.b, 'inet', 7),
      new TcpServer(p.b, { family: 'inet', port: 80, request: 1, reply: 1 }),
    ]
    for (const s of servers) s.start()
    for (const s of servers) s.exit(0)
    expect([p.b.sockets.udp.size, p.b.sockets.listeners.size]).toEqual([0, 0])
  })
})
