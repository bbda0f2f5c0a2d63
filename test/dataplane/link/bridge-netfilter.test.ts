import { beforeEach, describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { Simulation } from '../../../src/dataplane/index.ts'
import { type DropCause, type Interface, Network, type Sysctls } from '../../../src/model/index.ts'
import { buildIpv4Header, checksum, Ipv4View, type Mac, readU32, writeU16 } from '../../../src/wire/index.ts'
import { fake, inject, netns, veth, watch, wire } from './lan.ts'

const ON: Sysctls = { 'net.bridge.bridge-nf-call-iptables': '1' }
const MAC = { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b', c: '02:00:00:00:00:0c' } as const
const BRIDGE = '02:00:00:00:00:ff'
const NAMES = ['PRE_ROUTING', 'LOCAL_IN', 'FORWARD', 'LOCAL_OUT', 'POST_ROUTING']

let sim: Simulation
let hooks: string[]
let drops: DropCause[]
let received: PacketBuffer[]
let onHook: (name: string, skb: PacketBuffer) => number

function build(sysctls: Sysctls, bridge: Interface['bridge'] = {}, mtu = 1500): void {
  const br0: Interface = {
    name: 'br0',
    ifindex: 90,
    kind: 'bridge',
    mac: BRIDGE as Mac,
    mtu,
    up: true,
    carrier: true,
    addresses: [],
    bridge,
  }
  const port = (name: 'a' | 'b' | 'c'): Interface =>
    veth(`p-${name}`, `0a:00:00:00:00:0${name}`, { master: 'br0', mtu: name === 'a' ? 1500 : mtu })
  const host = (name: 'a' | 'b' | 'c') => [name, netns(name, [veth('eth0', MAC[name])])] as const
  const iptables = { tables: [] } as never
  sim = new Simulation(
    new Network({
      namespaces: Object.fromEntries([
        ['sw', netns('sw', [br0, port('a'), port('b'), port('c')], { sysctls, iptables })],
        host('a'),
        host('b'),
        host('c'),
      ]),
      wires: (['a', 'b', 'c'] as const).map((name) => wire(`sw/p-${name}`, `${name}/eth0`)),
    }),
  )
  Object.defineProperty(sim.netns('sw'), 'hasHooks', { value: true })
  hooks = []
  drops = []
  received = []
  onHook = () => 1
  sim.onDrop = (cause) => drops.push(cause)
  fake(sim, {
    ipRcv: (skb) => received.push(skb),
    ipv6Rcv: (skb) => received.push(skb),
    nfHook: (_family, hook, skb, indev, outdev) => {
      const name = NAMES[hook] as string
      hooks.push(
        `${name} ${indev?.name ?? '-'} ${outdev?.name ?? '-'} ${skb.physIn?.name ?? '-'} ${skb.physOut?.name ?? '-'}`,
      )
      return onHook(name, skb)
    },
  })
}

function ipv4(length = 40, df = false): string {
  const bytes = new Uint8Array(length)
  const fields = { source: 0x0a000001, destination: 0x0a000002, protocol: 17, ttl: 64, totalLength: length, df }
  buildIpv4Header(bytes, 0, fields)
  return Buffer.from(bytes).toString('hex')
}

/** Frames that reach hosts. */
function arrivals(to: string, payload = ipv4()): string[] {
  const seen = watch(sim)
  inject(sim, 'a/eth0', `${to}${MAC.a}0800${payload}`)
  sim.taps.pop()
  return seen.filter((line) => /^[abc]\/eth0 in /.test(line)).map((line) => line[0] as string)
}

const THROUGH = ['PRE_ROUTING br0 - p-a -', 'FORWARD br0 br0 p-a p-b', 'POST_ROUTING - br0 p-a p-b']

describe('bridge-nf-call-iptables', () => {
  beforeEach(() => {
    build(ON)
    inject(sim, 'b/eth0', `ffffffffffff${MAC.b}0806`)
    hooks = []
    drops = []
  })

  it('shows a bridged packet to three hooks, with the bridge as device and the ports beside it', () => {
    expect(arrivals(MAC.b)).toEqual(['b'])
    expect(hooks).toEqual(THROUGH)
  })

  it('is off by default, and can be on for one bridge', () => {
    build({})
    expect(arrivals(MAC.b)).toEqual(['c', 'b'])
    expect(hooks).toEqual([])
    build({}, { nfCallIptables: true })
    arrivals(MAC.b)
    expect(hooks[0]).toBe(THROUGH[0])
  })

  it('does not concern ARP', () => {
    inject(sim, 'a/eth0', `${MAC.b}${MAC.a}0806${'00'.repeat(28)}`)
    expect(hooks).toEqual([])
  })

  it.each(['PRE_ROUTING', 'FORWARD', 'POST_ROUTING'])('ends the frame when %s takes it', (where) => {
    onHook = (name) => (name === where ? 0 : 1)
    expect(arrivals(MAC.b)).toEqual([])
  })

  it('refuses what IP would refuse, and cuts off padding', () => {
    expect(arrivals(MAC.b, ipv4().replace('4011', '4111'))).toEqual([])
    expect(drops).toEqual(['netfilter_drop'])
    const seen = watch(sim)
    inject(sim, 'a/eth0', `${MAC.b}${MAC.a}0800${ipv4()}${'00'.repeat(6)}`)
    expect(seen.at(-1)?.split(' ')[2]?.length).toBe((14 + 40) * 2)
  })

  it('hands a frame for the host to IP once PREROUTING has seen it', () => {
    arrivals(BRIDGE)
    expect(hooks).toEqual([THROUGH[0]])
    expect(received.map(({ physIn, dev }) => [physIn?.name, dev?.name])).toEqual([['p-a', 'br0']])
  })
})

describe('bridge-nf-call-ip6tables', () => {
  const HEADER = '60000000001011ff' // version 6, 16 bytes of UDP
  const PACKET = `${HEADER}${'fd00'.padEnd(30, '0')}0a${'fd00'.padEnd(30, '0')}0b${'00'.repeat(16)}`

  function send(payload: string): { hooks: string[]; drops: string[]; lengths: number[] } {
    build({ 'net.bridge.bridge-nf-call-ip6tables': '1' })
    inject(sim, 'b/eth0', `ffffffffffff${MAC.b}0806`)
    hooks = []
    drops = []
    const seen = watch(sim)
    inject(sim, 'a/eth0', `${MAC.b}${MAC.a}86dd${payload}`)
    sim.taps.pop()
    const arrived = seen.filter((line) => line.startsWith('b/eth0 in '))
    return { hooks, drops, lengths: arrived.map((line) => (line.split(' ')[2] as string).length / 2 - 14) }
  }

  // @linux net/bridge/br_netfilter_ipv6.c br_validate_ipv6
  it.each([
    { name: 'a whole packet', payload: PACKET, length: 56 },
    { name: 'padding is cut off', payload: `${PACKET}${'00'.repeat(6)}`, length: 56 },
    { name: 'a header and nothing else', payload: `6000000000003bff${PACKET.slice(16, 80)}`, length: 40 },
  ])('$name is shown to three hooks', ({ payload, length }) => {
    expect(send(payload)).toEqual({ hooks: THROUGH, drops: [], lengths: [length] })
  })

  it.each([
    { name: 'no whole header', payload: PACKET.slice(0, 78) },
    { name: 'another version', payload: `5${PACKET.slice(1)}` },
    { name: 'shorter than it says', payload: PACKET.slice(0, -2) },
  ])('$name is refused', ({ payload }) => {
    expect(send(payload)).toEqual({ hooks: [], drops: ['netfilter_drop'], lengths: [] })
  })

  it('is off by default, can be on for one bridge, and is not what IPv4 asks', () => {
    const seenHooks = (sysctls: Sysctls, bridge: Interface['bridge'], type: string, payload: string): number => {
      build(sysctls, bridge)
      inject(sim, 'a/eth0', `${MAC.b}${MAC.a}${type}${payload}`)
      return hooks.length
    }
    expect(seenHooks({}, {}, '86dd', PACKET)).toBe(0)
    expect(seenHooks({}, { nfCallIp6tables: true }, '86dd', PACKET)).toBeGreaterThan(0)
    expect(seenHooks(ON, { nfCallIptables: true }, '86dd', PACKET)).toBe(0)
    expect(seenHooks({ 'net.bridge.bridge-nf-call-ip6tables': '1' }, {}, '0800', ipv4())).toBe(0)
  })
})

describe('a rewritten destination', () => {
  /** The other hosts are known; PREROUTING sends everything to 10.0.0.3. */
  function rewrite(out: 'br0' | 'p-b', gateway: number | null = null): void {
    build(ON)
    const sw = sim.netns('sw')
    inject(sim, 'c/eth0', `ffffffffffff${MAC.c}0806`)
    hooks = []
    onHook = (name, skb) => {
      if (name !== 'PRE_ROUTING') return 1
      new Ipv4View(skb.bytes, skb.data).destination = 0x0a000003
      writeU16(skb.bytes, skb.data + 10, 0)
      writeU16(skb.bytes, skb.data + 10, checksum(skb.bytes, skb.data, skb.data + 20))
      return 1
    }
    fake(sim, {
      ipRouteInput: (skb) => {
        skb.dst = { kind: 'forward', dev: sw.byName.get(out), gateway, broadcast: false, multicast: false } as never
        return null
      },
    })
    const neighbour = sw.neigh.lookupOrCreate(sw.byName.get('br0') as never, 'inet', gateway ?? 0x0a000003)
    sw.neigh.update(neighbour, 0x0200_0000_000c, 2, 1)
  }

  it('behind the same bridge gets that host’s address and stays bridged', () => {
    rewrite('br0')
    expect(arrivals(MAC.b)).toEqual(['c'])
    expect(hooks.at(-1)).toBe('POST_ROUTING - br0 p-a p-c')
  })

  it('elsewhere goes up to the host, which routes it', () => {
    rewrite('p-b')
    expect(arrivals(MAC.b)).toEqual([])
    expect(received.length).toBe(1)
    expect(readU32(received[0]?.bytes as Uint8Array, (received[0]?.data ?? 0) + 16)).toBe(0x0a000003)
  })
})

describe('a packet longer than the bridge', () => {
  it.each([
    ['is cut when it may be', false, 1],
    ['is dropped when it must not', true, 0],
  ])('%s', (_name, df, cuts) => {
    build(ON, {}, 1000)
    let cut = 0
    fake(sim, {
      ipFragment: (_skb, mtu) => {
        expect(mtu).toBe(1000)
        cut++
      },
    })
    inject(sim, 'b/eth0', `ffffffffffff${MAC.b}0806`)
    drops = []
    expect(arrivals(MAC.b, ipv4(1200, df))).toEqual([])
    expect(cut).toBe(cuts)
    expect(drops).toEqual(df ? ['frag_needed_local'] : [])
  })
})
