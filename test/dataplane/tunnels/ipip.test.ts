import { describe, expect, it } from 'vitest'
import { type InterfaceParts, type IpipInfo, route } from '../../../src/model/index.ts'
import { buildIpv4Header, Ipv4View, readU16 } from '../../../src/wire/index.ts'
import { arrive, ip, ipv4Frames, packet, pair, receive, routed, type World } from './underlay.ts'

const INFO: IpipInfo = { ttl: 0, tos: 'inherit', pmtudisc: true }
const tunnel = (name: string, info: Partial<IpipInfo> = {}, more: Partial<InterfaceParts> = {}): InterfaceParts => ({
  name,
  kind: 'ipip',
  mtu: 1480,
  noarp: true,
  ipip: { ...INFO, ...info } as IpipInfo,
  ...more,
})
const loop = (address: string): InterfaceParts => ({ name: 'dummy0', kind: 'dummy', addresses: [address] })

/** Sends a packet from a's inside by its routing. */
function out(of: World, to: string, fields: Parameters<typeof packet>[3] = {}, payload = 8): void {
  const inner = packet(of.sim, '10.1.0.9', to, fields, payload)
  arrive(of.a, 'dummy0', inner)
  of.run(1)
}

function outers(of: World): Ipv4View[] {
  return ipv4Frames(of, 4, 'a').map((bytes) => new Ipv4View(bytes))
}

describe('which tunnel takes a packet', () => {
  const both = { local: '192.0.2.2', remote: '192.0.2.1' } as Partial<IpipInfo>
  const REMOTE = { remote: '192.0.2.1' } as Partial<IpipInfo>
  const LOCAL = { local: '192.0.2.2' } as Partial<IpipInfo>
  it.each<[string, InterfaceParts[], string]>([
    ['both ends before one', [tunnel('r', REMOTE), tunnel('b', both), tunnel('l', LOCAL)], 'b'],
    ['remote before local', [tunnel('l', LOCAL), tunnel('r', REMOTE)], 'r'],
    ['local before any', [tunnel('tunl0'), tunnel('l', LOCAL)], 'l'],
    ['the fallback takes the rest', [tunnel('tunl0'), tunnel('o', { remote: '192.0.2.9' as never })], 'tunl0'],
    ['bound to the device it came by', [tunnel('tunl0'), tunnel('k', { link: 'eth0' })], 'k'],
    ['not bound to another', [tunnel('tunl0'), tunnel('k', { link: 'lo' })], 'tunl0'],
    ['a device that is down does not count', [tunnel('tunl0'), tunnel('b', both, { up: false })], 'tunl0'],
    ['none at all', [tunnel('o', { remote: '192.0.2.9' as never })], ''],
  ])('%s', (_name, devices, expected) => {
    const w = pair({}, { devices })
    const inner = packet(w.sim, '10.1.0.1', '10.2.0.1')
    inner.push(20)
    const fields = {
      source: ip('192.0.2.1'),
      destination: ip('192.0.2.2'),
      protocol: 4,
      ttl: 64,
      totalLength: inner.len,
    }
    buildIpv4Header(inner.bytes, inner.data, fields)
    const seen: string[] = []
    const { stack } = w.sim
    Object.assign(w.sim, {
      stack: {
        ...stack,
        netifRx: (skb: never, dev: never) => {
          seen.push((dev as { name: string }).name)
          stack.netifRx(skb, dev)
        },
      },
    })
    arrive(w.b, 'eth0', inner)
    expect(seen.filter((name) => name !== 'eth0')).toEqual(expected === '' ? [] : [expected])
    expect(w.drops.includes('b tunnel_none')).toBe(expected === '')
  })
})

describe('sending', () => {
  const nbma = { devices: [tunnel('tunl0'), loop('10.1.0.1/24')] }
  const far = {
    devices: [tunnel('tunl0'), loop('10.2.0.1/24')],
    routes: [route('10.1.0.0/24', { via: '192.0.2.1', dev: 'tunl0', onlink: true })],
  }
  const via = (gateway: string) => [route('10.2.0.0/24', { via: gateway, dev: 'tunl0', onlink: true })]

  it('without a remote the gateway is the outer destination, and it arrives', () => {
    const w = pair({ ...nbma, routes: via('192.0.2.2') }, far)
    const got = receive(w.b)
    out(w, '10.2.0.1', { tos: 2, ttl: 9 })
    expect(outers(w).map((v) => [v.source, v.destination, v.ttl, v.protocol])).toEqual([
      [ip('192.0.2.1'), ip('192.0.2.2'), 8, 4],
    ])
    expect(got).toHaveLength(1)
    expect(w.drops).toEqual([])
  })

  it.each([
    ['no route to the gateway', { ...nbma, routes: via('198.51.100.1') }, 'a tunnel_no_route'],
    [
      'the gateway lies behind the tunnel',
      { ...nbma, routes: [route('198.51.100.0/24', { dev: 'tunl0' }), ...via('198.51.100.1')] },
      'a tunnel_loop',
    ],
  ])('%s', (_name, a, cause) => {
    const w = pair(a, far)
    out(w, '10.2.0.1')
    expect(w.drops).toEqual([cause])
    expect(outers(w)).toEqual([])
  })

  it('a packet that is no IPv4 does not fit', () => {
    const w = pair({ ...nbma, routes: via('192.0.2.2') }, far)
    const skb = packet(w.sim, '10.1.0.1', '10.2.0.1')
    skb.bytes[skb.data] = 0x60
    w.sim.stack.tunnelXmit(skb, w.a.byName.get('tunl0') as never)
    expect(w.drops).toEqual(['a tunnel_wrong_protocol'])
  })

  it.each([
    [0, 0, 0],
    [1, 1, 1],
    [2, 2, 2],
    [3, 2, 3],
  ])('ECN %i inside is %i outside', (inner, outer) => {
    const w = pair({ ...nbma, routes: via('192.0.2.2') }, far)
    out(w, '10.2.0.1', { tos: inner })
    expect(outers(w).map((v) => v.tos & 3)).toEqual([outer])
  })

  it('a router on the way that needs smaller packets is heard: the next inner packet is answered', () => {
    const a = { ...nbma, routes: [route('10.2.0.0/24', { via: '192.0.3.2', dev: 'tunl0', onlink: true })] }
    const w = routed(a, { ...far, routes: [] }, 1300)
    const big = { df: true, ttl: 9 }
    const answers: number[] = []
    const { stack } = w.sim
    Object.assign(w.sim, {
      stack: {
        ...stack,
        icmpSend: (skb: never, type: number, code: number, info: number) => {
          if (code === 4) answers.push(type * 100 + code, info)
          stack.icmpSend(skb, type, code, info)
        },
      },
    })
    out(w, '10.2.0.1', big, 1300)
    expect(answers).toEqual([304, 1300])
    answers.length = 0
    out(w, '10.2.0.1', big, 1300)
    expect(answers).toEqual([304, 1280])
    out(w, '10.2.0.1', big, 1260)
    expect(answers).toHaveLength(2)
    expect(outers(w).filter((v) => readU16(v.bytes, 2) === 1300)).not.toEqual([])
  })

  // @linux net/ipv4/route.c __ip_rt_update_pmtu: known for `mtu_expires`; told anew once half of that is over.
  it('what fits through is told anew by what goes through, so that it is not forgotten while it is needed', () => {
    const a = { ...nbma, routes: [route('10.2.0.0/24', { via: '192.0.3.2', dev: 'tunl0', onlink: true })] }
    const w = routed(a, { ...far, routes: [] }, 1300)
    const left = () => w.a.cache4.dump().find(({ dst }) => dst === '10.2.0.1')?.expires
    out(w, '10.2.0.1', { df: true }, 1300)
    out(w, '10.2.0.1', { df: true }, 1260)
    w.run(100)
    const before = left()
    expect(before).toBeGreaterThan(450)
    out(w, '10.2.0.1', { df: true }, 100)
    expect(left()).toBeLessThan(before as number)
    w.run(250)
    out(w, '10.2.0.1', { df: true }, 100)
    expect(left()).toBeGreaterThan(590)
  })
})

describe('ECN on the way in', () => {
  it.each([
    [3, 0, 'drop'],
    [3, 2, 3],
    [1, 2, 1],
    [0, 2, 2],
    [2, 0, 0],
  ])('outer %i, inner %i: %s', (outer, inner, expected) => {
    const w = pair(
      {},
      { devices: [tunnel('tunl0'), loop('10.2.0.1/24')], routes: [route('10.1.0.0/24', { dev: 'tunl0' })] },
    )
    const got = receive(w.b)
    const skb = packet(w.sim, '10.1.0.1', '10.2.0.1', { tos: inner })
    skb.push(20)
    const fields = { source: ip('192.0.2.1'), destination: ip('192.0.2.2'), protocol: 4, ttl: 64, totalLength: skb.len }
    buildIpv4Header(skb.bytes, skb.data, { ...fields, tos: outer })
    arrive(w.b, 'eth0', skb)
    expect(got.map((bytes) => bytes[1])).toEqual(expected === 'drop' ? [] : [expected])
    expect(w.drops).toEqual(expected === 'drop' ? ['b tunnel_ecn'] : [])
  })
})
