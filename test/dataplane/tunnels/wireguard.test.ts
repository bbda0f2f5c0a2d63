import { describe, expect, it } from 'vitest'
import { type InterfaceParts, route, type WireguardPeer } from '../../../src/model/index.ts'
import { readU16 } from '../../../src/wire/index.ts'
import { arrive, ipv4Frames, type NodeParts, packet, pair, receive, type World } from './underlay.ts'

const KEY = { a: `${'a'.repeat(43)}=`, b: `${'b'.repeat(43)}=`, c: `${'c'.repeat(43)}=` }

function node(me: 'a' | 'b', address: string, peers: readonly WireguardPeer[], routes: readonly string[]): NodeParts {
  const wg: InterfaceParts = {
    name: 'wg0',
    kind: 'wireguard',
    mtu: 1420,
    noarp: true,
    wireguard: { publicKey: KEY[me], listenPort: 51820, fwmark: 0, peers },
  }
  return {
    devices: [wg, { name: 'dummy0', kind: 'dummy', addresses: [address] }],
    routes: routes.map((dst) => route(dst, { dev: 'wg0' })),
  }
}

const peer = (key: 'a' | 'b' | 'c', host: string, allowedIps: readonly string[]): WireguardPeer => ({
  publicKey: KEY[key],
  endpoint: { address: host as never, port: 51820 },
  allowedIps,
})

function nodes(answers = true): World {
  const a = node('a', '10.1.0.1/24', [peer('b', '192.0.2.2', ['10.2.0.0/24'])], ['10.2.0.0/24'])
  const b = node('b', '10.2.0.1/24', [peer('a', '192.0.2.1', ['10.1.0.0/24'])], ['10.1.0.0/24'])
  return pair(a, answers ? b : {})
}

function out(of: World, payload = 8, tos = 0): void {
  arrive(of.a, 'dummy0', packet(of.sim, '10.1.0.9', '10.2.0.1', { tos }, payload))
}

/** WireGuard messages so far: sender, type and length of the UDP payload. */
function messages(of: World): string[] {
  return of.frames
    .filter(({ bytes }) => readU16(bytes, 12) === 0x0800 && bytes[23] === 17)
    .map(({ from, bytes }) => `${from} ${bytes[42]} ${readU16(bytes, 38) - 8}`)
}

describe('a session', () => {
  it('begins with a handshake, then the packet that waited goes out, padded to 16 bytes', () => {
    const w = nodes()
    const got = receive(w.b)
    out(w)
    w.run(0.1)
    expect(messages(w).slice(0, 3)).toEqual(['a 1 148', 'b 2 92', 'a 4 64'])
    expect(got).toHaveLength(1)
    out(w, 100)
    w.run(0.1)
    expect(
      messages(w)
        .filter((m) => m.startsWith('a 4'))
        .at(-1),
    ).toBe('a 4 160')
  })

  it('asks again every 5 s and gives up after 90 s', () => {
    const w = nodes(false)
    out(w)
    w.run(200)
    const asked = w.frames.filter(({ from, bytes }) => from === 'a' && bytes[23] === 17 && bytes[42] === 1)
    expect(asked.length).toBeGreaterThanOrEqual(18)
    expect(asked.length).toBeLessThanOrEqual(20)
    for (const [i, one] of asked.slice(1).entries()) expect(one.at - (asked[i]?.at ?? 0)).toBeGreaterThanOrEqual(5e9)
    expect(w.drops.filter((cause) => cause === 'a wireguard_no_handshake')).toHaveLength(1)
  })

  it('keeps 128 packets waiting, the newest', () => {
    const w = nodes(false)
    for (let i = 0; i < 130; i++) out(w)
    expect(w.drops.filter((cause) => cause === 'a wireguard_no_handshake')).toHaveLength(2)
  })

  it('is made anew by who began it, 120 s later', () => {
    const w = nodes()
    out(w)
    w.run(119)
    out(w)
    expect(messages(w).filter((m) => m === 'a 1 148')).toHaveLength(1)
    w.run(3)
    out(w)
    w.run(1)
    expect(messages(w).filter((m) => m === 'a 1 148')).toHaveLength(2)
  })

  it('a source that is not allowed is dropped', () => {
    const w = nodes()
    const got = receive(w.b)
    arrive(w.a, 'dummy0', packet(w.sim, '10.7.0.9', '10.2.0.1'))
    w.run(1)
    expect(w.drops).toContain('b wireguard_bad_source')
    expect(got).toEqual([])
  })

  it('an address no peer has is unreachable', () => {
    const a = node('a', '10.1.0.1/24', [peer('b', '192.0.2.2', ['10.2.0.0/24'])], ['10.3.0.0/24'])
    const w = pair(a, {})
    arrive(w.a, 'dummy0', packet(w.sim, '10.1.0.9', '10.3.0.1'))
    expect(w.drops).toContain('a wireguard_no_peer')
  })

  it('the longest allowed prefix chooses the peer', () => {
    const peers = [peer('c', '192.0.2.3', ['10.0.0.0/8']), peer('b', '192.0.2.2', ['10.2.0.0/24'])]
    const w = pair(node('a', '10.1.0.1/24', peers, ['10.0.0.0/8']), {})
    out(w)
    w.run(0.1)
    expect(ipv4Frames(w, 17, 'a').map((bytes) => bytes[19])).toEqual([2])
  })

  it.each(['staged', 'up', 'idle'])('a snapshot of it (%s) has the same future', (when) => {
    const w = nodes(when !== 'staged')
    out(w)
    w.run(when === 'idle' ? 7 : 0.0001)
    const saved = w.sim.snapshot()
    const future = (): string[] => {
      w.frames.length = 0
      w.run(12)
      out(w)
      w.run(140)
      return w.frames.map(({ at, from, bytes }) => `${at} ${from} ${Buffer.from(bytes).toString('hex')}`)
    }
    const first = future()
    expect(first.length).toBeGreaterThan(1)
    w.sim.restore(saved)
    expect(future()).toEqual(first)
  })
})

describe('a packet that waits for keys', () => {
  const edited = (w: World, edit: Parameters<World['sim']['network']['edit']>[0]): void =>
    w.sim.setNetwork(w.sim.network.edit(edit))

  it.each<[what: string, edit: Parameters<typeof edited>[1]]>([
    [
      'the peer is taken away',
      (draft) => void Object.assign(draft.namespaces['a']!.interfaces['wg0']!.wireguard!, { peers: [] }),
    ],
    ['the device is taken away', (draft) => void delete draft.namespaces['a']!.interfaces['wg0']],
    [
      'the device is taken down',
      (draft) => void Object.assign(draft.namespaces['a']!.interfaces['wg0']!, { up: false }),
    ],
    ['the machine is taken away', (draft) => void delete draft.namespaces['a']],
  ])('ends when %s', (_, edit) => {
    const w = nodes(false)
    out(w)
    edited(w, edit)
    const ended = (): string[] => w.drops.filter((one) => one === 'a wireguard_no_handshake')
    expect(ended()).toHaveLength(1)
    w.run(200)
    expect(ended()).toHaveLength(1)
  })

  it('gets them though the peer is told other allowed IPs meanwhile', () => {
    const w = nodes()
    const got = receive(w.b)
    edited(w, (draft) => void Object.assign(draft.namespaces['b']!.interfaces['eth0']!, { up: false }))
    out(w)
    w.run(1)
    edited(w, (draft) => {
      draft.namespaces['b']!.interfaces['eth0']!.up = true
      const [only] = draft.namespaces['a']!.interfaces['wg0']!.wireguard!.peers
      draft.namespaces['a']!.interfaces['wg0']!.wireguard!.peers = [
        { ...only!, allowedIps: [...only!.allowedIps, '10.9.0.0/24' as never] },
      ]
    })
    w.run(6)
    expect(got).toHaveLength(1)
    expect(messages(w).filter((one) => one === 'b 2 92')).toHaveLength(1)
  })
})
