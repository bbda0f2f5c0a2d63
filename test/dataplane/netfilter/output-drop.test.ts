// What a local sender hears when netfilter drops its packet.
import { describe, expect, it } from 'vitest'
import { RawSock, SECOND, Simulation, TcpSock, UdpSock } from '../../../src/dataplane/index.ts'
import { cable, iface, namespace, networkOf, type Target } from '../../../src/model/index.ts'
import { ipv4ToNumber, ipv6ToKey } from '../../../src/wire/index.ts'

type Hook = 'OUTPUT' | 'POSTROUTING' | 'none'

function host(hook: Hook, target: Target = { kind: 'DROP' }): Simulation {
  const table = hook === 'OUTPUT' ? 'filter' : 'mangle'
  const chain = { policy: 'ACCEPT' as const, rules: [{ matches: [], target, text: `-A ${hook}` }] }
  const tables = hook === 'none' ? {} : { [table]: { chains: { [hook]: chain } } }
  const a = namespace('a', {
    interfaces: [iface({ name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] })],
    iptables: { family: 'inet', tables } as never,
    ip6tables: { family: 'inet6', tables } as never,
  })
  const b = namespace('b', { interfaces: [iface({ name: 'eth0', addresses: ['10.0.0.2/24', 'fd00::2/64'] })] })
  return new Simulation(networkOf([a, b], [cable(['a', 'eth0'], ['b', 'eth0'])]))
}

const PEER = { inet: ipv4ToNumber('10.0.0.2'), inet6: ipv6ToKey('fd00::2' as never) }

describe.each<[Hook, string | null]>([
  ['OUTPUT', 'EPERM'],
  ['POSTROUTING', 'EPERM'],
  ['none', null],
])('dropped in %s', (hook, expected) => {
  it.each(['inet', 'inet6'] as const)('UDP over %s', (family) => {
    const sock = new UdpSock(host(hook).netns('a'), family)
    expect(sock.sendTo(new Uint8Array(4), PEER[family], 7)).toBe(expected)
  })
  it.each(['inet', 'inet6'] as const)('raw over %s', (family) => {
    const sock = new RawSock(host(hook).netns('a'), family, 253)
    expect(sock.sendTo(new Uint8Array(4), PEER[family])).toBe(expected)
  })
})

it('a connection whose SYN is dropped is tried again and no error', () => {
  const sim = host('OUTPUT')
  const drops: string[] = []
  sim.onDrop = (cause) => drops.push(cause)
  const sock = new TcpSock(sim.netns('a'), 'inet')
  expect(sock.connect(PEER.inet, 80)).toBeNull()
  sim.run(4 * SECOND)
  expect(sock.state).toBe('SYN_SENT')
  expect(drops.length).toBeGreaterThan(1)
})
