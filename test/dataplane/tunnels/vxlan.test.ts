import { describe, expect, it } from 'vitest'
import { type FdbEntry, type InterfaceParts, route, type VxlanInfo } from '../../../src/model/index.ts'
import { checksum, readU16 } from '../../../src/wire/index.ts'
import { arrive, ipv4Frames, type NodeParts, packet, pair, receive, type World } from './underlay.ts'

const MAC = { a: '66:00:00:00:00:0a', b: '66:00:00:00:00:0b' } as const
const INFO: VxlanInfo = {
  id: 4096,
  dstport: 4789,
  learning: false,
  ttl: 0,
  tos: 0,
  df: 'unset',
  udpcsum: true,
  udp6zerocsumtx: false,
  udp6zerocsumrx: false,
}

const entry = (mac: string, dst: string, more: Partial<FdbEntry> = {}): FdbEntry =>
  ({ mac, dev: 'vx', dst, self: true, state: 'permanent', ...more }) as FdbEntry

function node(me: 'a' | 'b', info: Partial<VxlanInfo> = {}, fdb: readonly FdbEntry[] = [], six = false): NodeParts {
  const [own, other] = me === 'a' ? ([1, 2] as const) : ([2, 1] as const)
  const local = six ? `fd00::${own}` : `192.0.2.${own}`
  const vx: InterfaceParts = {
    name: 'vx',
    kind: 'vxlan',
    mtu: 1430,
    mac: MAC[me],
    vxlan: { ...INFO, local: local as never, ...info },
  }
  return {
    addresses: six ? [`fd00::${own}/64`] : [`192.0.2.${own}/24`],
    devices: [vx, { name: 'dummy0', kind: 'dummy', addresses: [`10.${own}.0.1/24`] }],
    routes: [route(`10.${other}.0.0/24`, { via: `10.${other}.0.0`, dev: 'vx', onlink: true })],
    neighbours: [[`10.${other}.0.0`, 'vx', MAC[me === 'a' ? 'b' : 'a']]],
    fdb,
  }
}

function out(of: World, payload = 8): void {
  arrive(of.a, 'dummy0', packet(of.sim, '10.1.0.9', '10.2.0.1', {}, payload))
  of.run(0.1)
}

const TO_B = entry(MAC.b, '192.0.2.2')
const ZERO = '00:00:00:00:00:00'
const udp = (of: World): Uint8Array[] => ipv4Frames(of, 17, 'a')

describe('where a frame goes', () => {
  it.each<[string, Partial<VxlanInfo>, readonly FdbEntry[], readonly [host: number, port: number, vni: number][]]>([
    ['its entry', {}, [TO_B], [[2, 4789, 4096]]],
    ['its entry before the default one', {}, [entry(ZERO, '192.0.2.7'), TO_B], [[2, 4789, 4096]]],
    ['the default entry', {}, [entry(ZERO, '192.0.2.2')], [[2, 4789, 4096]]],
    ["the device's remote", { remote: '192.0.2.2' as never }, [], [[2, 4789, 4096]]],
    ['port and VNI of the entry', {}, [entry(MAC.b, '192.0.2.2', { port: 4790, vni: 7 })], [[2, 4790, 7]]],
    ['nowhere', {}, [], []],
  ])('%s', (_name, info, fdb, expected) => {
    const w = pair(node('a', info, fdb), node('b'))
    out(w)
    const seen = udp(w).map((b) => [b[19], readU16(b, 22), ((b[32] ?? 0) << 16) | readU16(b, 33)])
    expect(seen).toEqual(expected)
    expect(w.drops.includes('a vxlan_no_fdb')).toBe(expected.length === 0)
  })

  it('to every remote of an address', () => {
    const w = pair(node('a', {}, [entry(ZERO, '192.0.2.2'), entry(ZERO, '192.0.2.2', { vni: 9 })]), node('b'))
    out(w)
    expect(udp(w).map((b) => readU16(b, 33))).toEqual(expect.arrayContaining([4096, 9]))
    expect(w.drops).toContain('b vxlan_no_vni')
  })
})

describe('what arrives', () => {
  it.each([true, false])('UDP checksum over IPv4 (%s) and the packet gets through', (udpcsum) => {
    const w = pair(node('a', { udpcsum }, [TO_B]), node('b'))
    const got = receive(w.b)
    out(w)
    expect(udp(w).map((b) => readU16(b, 26) !== 0)).toEqual([udpcsum])
    expect(got).toHaveLength(1)
  })

  it.each([
    [false, false, 1],
    [true, true, 1],
    [true, false, 0],
  ])('over IPv6, zero checksums sent %s and taken %s', (udp6zerocsumtx, udp6zerocsumrx, count) => {
    const fdb = [entry(MAC.b, 'fd00::2')]
    const w = pair(node('a', { udp6zerocsumtx }, fdb, true), node('b', { udp6zerocsumrx }, [], true))
    const got = receive(w.b)
    out(w)
    w.run(3)
    expect(got).toHaveLength(count)
    expect(w.drops.includes('b udp6_checksum')).toBe(count === 0)
  })

  it.each<[string, (bytes: Uint8Array) => void, string]>([
    ['without the VNI flag', (b) => b.fill(0, 28, 29), 'vxlan_flags'],
    ['with a reserved flag', (b) => b.fill(0x0c, 28, 29), 'vxlan_flags'],
    ['of an unknown VNI', (b) => b.fill(9, 32, 33), 'vxlan_no_vni'],
    ['from our own MAC address', (b) => b.fill(0x0b, 47, 48), 'vxlan_own_mac'],
  ])('a frame %s is dropped', (_name, damage, cause) => {
    const w = pair(node('a', { udpcsum: false }, [TO_B]), node('b'))
    out(w)
    const bytes = udp(w)[0]?.slice() ?? new Uint8Array()
    damage(bytes)
    const skb = w.sim.newSkb(bytes.length)
    skb.bytes.set(bytes, skb.data)
    w.drops.length = 0
    arrive(w.b, 'eth0', skb)
    expect(w.drops).toEqual([`b ${cause}`])
  })
})

describe('the source port tells inner flows apart', () => {
  const port = (of: World): number => readU16(udp(of).at(-1) ?? new Uint8Array(40), 20)
  /** Ports that packets with these inner fields leave by. */
  function ports(
    info: Partial<VxlanInfo>,
    changes: readonly Parameters<typeof packet>[3][],
    first: readonly number[] = [],
  ): number[] {
    const w = pair(node('a', info, [TO_B]), node('b'))
    return changes.map((fields, i) => {
      const inner = packet(w.sim, '10.1.0.9', '10.2.0.1', { protocol: 17, ...fields }, 8)
      inner.bytes[inner.data + 21] = first[i] ?? 0
      arrive(w.a, 'dummy0', inner)
      w.run(0.01)
      return port(w)
    })
  }
  it('the same for the same', () => expect(new Set(ports({}, [{}, {}, { ttl: 9 }, { tos: 4 }])).size).toBe(1))
  it('another for other ports', () => expect(new Set(ports({}, [{}, {}], [1, 2])).size).toBe(2))
  it('another for another protocol', () => expect(new Set(ports({}, [{ protocol: 6 }, { protocol: 17 }])).size).toBe(2))
  it('the same for other bytes of a protocol without ports', () => {
    expect(new Set(ports({}, [{ protocol: 253 }, { protocol: 253 }], [1, 2])).size).toBe(1)
  })
  it('the same for all fragments, whatever they hold', () => {
    expect(new Set(ports({}, [{ mf: true }, { mf: true }], [1, 2])).size).toBe(1)
  })
  it('from the local range, or the one of the device', () => {
    const many = Array.from({ length: 40 }, () => ({}))
    const count = many.map((_, i) => i)
    for (const one of ports({}, many, count)) expect(one >= 32768 && one <= 60999).toBe(true)
    const narrow = ports({ portRange: { low: 50_000, high: 50_003 } }, many, count)
    for (const one of narrow) expect(one >= 50_000 && one <= 50_003).toBe(true)
    expect(new Set(narrow).size).toBeGreaterThan(1)
    for (const one of ports({ portRange: { low: 0, high: 0 } }, [{}])) expect(one).toBeGreaterThanOrEqual(32768)
  })
})

describe('congestion marks of the outer header', () => {
  // @rfc 6040 §4.2
  it.each([
    [0, 2, 2],
    [3, 2, 3],
    [3, 1, 3],
    [1, 2, 1],
    [3, 0, 'drop'],
    [2, 0, 0],
  ])('outer %i, inner %i: %s', (outer, inner, want) => {
    const w = pair(node('a', { udpcsum: false }, [TO_B]), node('b'))
    const got = receive(w.b)
    arrive(w.a, 'dummy0', packet(w.sim, '10.1.0.9', '10.2.0.1', { tos: inner }))
    w.run(0.1)
    const bytes = udp(w)[0]?.slice() ?? new Uint8Array()
    got.length = 0
    w.drops.length = 0
    bytes[1] = outer
    bytes.fill(0, 10, 12)
    const sum = checksum(bytes, 0, 20)
    bytes.set([sum >> 8, sum & 255], 10)
    const skb = w.sim.newSkb(bytes.length)
    skb.bytes.set(bytes, skb.data)
    arrive(w.b, 'eth0', skb)
    expect(got.map((packetBytes) => packetBytes[1])).toEqual(want === 'drop' ? [] : [want])
    expect(w.drops).toEqual(want === 'drop' ? ['b tunnel_ecn'] : [])
  })
})

describe('what is too short for a frame', () => {
  it.each([
    ['no whole VXLAN header', 35, 'vxlan_short'],
    ['no whole Ethernet header', 36 + 13, 'vxlan_short'],
  ])('%s', (_, length, cause) => {
    const w = pair(node('a', { udpcsum: false }, [TO_B]), node('b'))
    out(w)
    const bytes = udp(w)[0]?.slice(0, length) ?? new Uint8Array()
    bytes.set([length >> 8, length & 255], 2)
    bytes.set([0, length - 20], 24)
    bytes.fill(0, 10, 12)
    const sum = checksum(bytes, 0, 20)
    bytes.set([sum >> 8, sum & 255], 10)
    w.drops.length = 0
    const skb = w.sim.newSkb(bytes.length)
    skb.bytes.set(bytes, skb.data)
    arrive(w.b, 'eth0', skb)
    expect(w.drops).toEqual([`b ${cause}`])
  })
})

describe('learning', () => {
  it.each([
    ['off', false, 0, 0],
    ['on', true, 0, 1],
    ['on, 299 s later', true, 299, 1],
    ['on, 301 s later', true, 301, 0],
  ])('%s', (_name, learning, wait, sent) => {
    const w = pair(node('b', { learning }), node('a', {}, [TO_B]))
    // Here a has the addresses of node b and the other way round: b speaks first.
    arrive(w.b, 'dummy0', packet(w.sim, '10.1.0.9', '10.2.0.1'))
    w.run(0.1 + wait)
    w.frames.length = 0
    arrive(w.a, 'dummy0', packet(w.sim, '10.2.0.9', '10.1.0.1'))
    w.run(0.1)
    expect(udp(w)).toHaveLength(sent)
  })
})
