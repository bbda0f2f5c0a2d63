// What an ICMP error means to a socket, by type and code, as ip(7), udp(7) and the kernel's tables say; and who hears a broadcast.
import { describe, expect, it } from 'vitest'
import { UdpSock } from '../../../src/dataplane/index.ts'
import { meaningOf, type QuotedError } from '../../../src/dataplane/sockets/icmp-quoted.ts'
import type { InetSock } from '../../../src/dataplane/sockets/inet-sock.ts'
import { ip } from '../ipv4/hosts.ts'
import { counting, pair } from './pair.ts'

const meaning = (family: 'inet' | 'inet6', type: number, code: number, pmtudisc = 'want') => {
  const found = meaningOf({ family, type, code } as QuotedError, { pmtudisc } as unknown as InetSock)
  return found === null ? 'nothing' : `${found.errno}${found.fatal ? ' fatal' : ''}`
}

describe('an ICMP error', () => {
  it.each([
    [0, 'ENETUNREACH'],
    [1, 'EHOSTUNREACH'],
    [2, 'ENOPROTOOPT fatal'],
    [3, 'ECONNREFUSED fatal'],
    [4, 'EMSGSIZE fatal'],
    [5, 'EOPNOTSUPP'],
    [6, 'ENETUNREACH fatal'],
    [7, 'EHOSTDOWN fatal'],
    [8, 'ENONET fatal'],
    [9, 'ENETUNREACH fatal'],
    [10, 'EHOSTUNREACH fatal'],
    [11, 'ENETUNREACH'],
    [12, 'EHOSTUNREACH'],
    [13, 'EHOSTUNREACH fatal'],
    [14, 'EHOSTUNREACH fatal'],
    [15, 'EHOSTUNREACH fatal'],
  ])('unreachable, code %i: %s', (code, words) => expect(meaning('inet', 3, code)).toBe(words))

  it.each([
    ['too big, to a socket that does not look', 3, 4, 'dont', 'EMSGSIZE'],
    ['too big, to one that does', 3, 4, 'do', 'EMSGSIZE fatal'],
    ['source quench', 4, 0, 'want', 'nothing'],
    ['a redirect', 5, 1, 'want', 'nothing'],
    ['time exceeded', 11, 0, 'want', 'EHOSTUNREACH'],
    ['a parameter problem', 12, 0, 'want', 'EPROTO fatal'],
  ])('%s', (_what, type, code, pmtudisc, words) => expect(meaning('inet', type, code, pmtudisc)).toBe(words))

  it.each([
    ['no route', 1, 0, 'ENETUNREACH'],
    ['prohibited', 1, 1, 'EACCES fatal'],
    ['beyond scope', 1, 2, 'EHOSTUNREACH'],
    ['address unreachable', 1, 3, 'EHOSTUNREACH'],
    ['port unreachable', 1, 4, 'ECONNREFUSED fatal'],
    ['policy', 1, 5, 'EACCES fatal'],
    ['reject route', 1, 6, 'EACCES fatal'],
    ['too big', 2, 0, 'EMSGSIZE'],
    ['hop limit exceeded', 3, 0, 'EHOSTUNREACH'],
    ['a parameter problem', 4, 0, 'EPROTO fatal'],
    ['a redirect', 137, 0, 'nothing'],
  ])('IPv6, %s', (_what, type, code, words) => expect(meaning('inet6', type, code)).toBe(words))
})

describe('a broadcast', () => {
  it('is heard by every socket of its family, port, address, peer and device, and by no other', () => {
    const { a, b, run } = pair()
    const heard: string[] = []
    const socket = (name: string, make: (sock: UdpSock) => void, family: 'inet' | 'inet6' = 'inet'): void => {
      const sock = new UdpSock(b, family)
      sock.reuse = true
      make(sock)
      sock.onReceive = () => heard.push(name)
    }
    socket('any', (sock) => sock.bind(0, 53))
    socket('any again', (sock) => sock.bind(0, 53))
    socket('other port', (sock) => sock.bind(0, 54))
    socket('own address', (sock) => sock.bind(ip('10.0.0.2'), 53))
    socket('on this device', (sock) => {
      sock.bind(0, 53)
      sock.boundDev = b.byName.get('eth1') ?? null
    })
    socket('on another device', (sock) => {
      sock.bind(0, 53)
      sock.boundDev = b.byName.get('eth0') ?? null
    })
    socket('of this peer', (sock) => {
      sock.bind(0, 53)
      sock.connect(ip('10.0.0.1'), 4000)
    })
    socket('of this peer, another port', (sock) => {
      sock.bind(0, 53)
      sock.connect(ip('10.0.0.1'), 4001)
    })
    socket('of another peer', (sock) => {
      sock.bind(0, 53)
      sock.connect(ip('10.0.0.9'), 4000)
    })
    const client = new UdpSock(a, 'inet')
    client.broadcast = true
    client.bind(0, 4000)
    expect(client.sendTo(counting(4), ip('10.0.0.255'), 53)).toBeNull()
    run(0.1)
    // A connected socket has the address it sends from: a broadcast goes to another.
    expect(heard.sort()).toEqual(['any', 'any again', 'on this device'])
  })
})
