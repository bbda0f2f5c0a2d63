import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { jhash2 } from '../../../src/dataplane/netfilter/jhash.ts'
import { conntrackList } from '../../../src/linux/index.ts'
import type { Interface } from '../../../src/model/index.ts'
import { checksum, keyToIpv6, pseudoHeaderSum6, readIp6Key } from '../../../src/wire/index.ts'
import { type Bench, bench, bytesOf, echo, echoOf, flowOf, icmp, icmp6, ip4, table, tcp, udp, udp6 } from './bench.ts'
import { wrongSums } from './sums.ts'

const nat = (...rules: string[]): string => table('nat', ...rules)
const MASQUERADE = '-A POSTROUTING -o out0 -j MASQUERADE'
const DNAT = '-A PREROUTING -d 198.51.100.80/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 203.0.113.9:8080'

/** Sends a packet across and gives it back; its checksums must hold. */
function crossed(b: Bench, skb: PacketBuffer, indev = 'in0'): PacketBuffer {
  expect(b.across(skb, indev)).toBe(true)
  expect(wrongSums(skb)).toEqual([])
  return skb
}

describe('source NAT', () => {
  it.each([
    ['UDP', (b: Bench) => udp(b, 1000, 53), (b: Bench) => udp(b, 53, 1000, { src: '203.0.113.9', dst: '192.0.2.1' })],
    [
      'TCP',
      (b: Bench) => tcp(b, 1000, 53, 'S'),
      (b: Bench) => tcp(b, 53, 1000, 'SA', { src: '203.0.113.9', dst: '192.0.2.1', ack: 1 }),
    ],
  ])('MASQUERADE of %s: there and back', (_, out, back) => {
    const b = bench(nat(MASQUERADE))
    expect(flowOf(crossed(b, out(b)))).toBe('192.0.2.1:1000 > 203.0.113.9:53')
    expect(flowOf(crossed(b, back(b), 'out0'))).toBe('203.0.113.9:53 > 10.0.0.2:1000')
  })

  it('MASQUERADE of ICMP keeps the identifier while it can', () => {
    const b = bench(nat(MASQUERADE))
    expect(echoOf(crossed(b, echo(b, 7)))).toBe('192.0.2.1 > 203.0.113.9 7')
    const other = echoOf(crossed(b, echo(b, 7, { src: '10.0.0.3' })))
    expect(other).toMatch(/^192\.0\.2\.1 > 203\.0\.113\.9 \d+$/)
    expect(other).not.toBe('192.0.2.1 > 203.0.113.9 7')
  })

  it('a UDP datagram without checksum stays without', () => {
    const b = bench(nat(MASQUERADE))
    const skb = crossed(b, udp(b, 1, 2, { checksum: false }))
    expect([...bytesOf(skb).slice(26, 28)]).toEqual([0, 0])
  })

  it('a taken port: another one of its class', () => {
    const b = bench(nat(MASQUERADE))
    const port = (src: string, sport: number): number =>
      Number(/:(\d+) >/.exec(flowOf(crossed(b, udp(b, sport, 53, { src }))))![1])
    expect([port('10.0.0.2', 100), port('10.0.0.2', 700), port('10.0.0.2', 5000)]).toEqual([100, 700, 5000])
    const low = port('10.0.0.3', 100)
    const middle = port('10.0.0.3', 700)
    const high = port('10.0.0.3', 5000)
    expect(low >= 1 && low <= 511 && low !== 100).toBe(true)
    expect(middle >= 600 && middle <= 1023 && middle !== 700).toBe(true)
    expect(high >= 1024 && high !== 5000).toBe(true)
  })

  // @linux net/netfilter/nf_nat_core.c nf_nat_l4proto_unique_tuple: up from a random start, inside the range or the old port's class
  it.each<[string, string, (b: Bench, host: number) => PacketBuffer, number, string[]]>([
    [
      'a range',
      '192.0.2.1:7000-7003',
      (b, host) => udp(b, 9, 53, { src: `10.0.0.${host}` }),
      2,
      ['7002', '7003', '7000', '7001'],
    ],
    ['low ports', '192.0.2.1', (b, host) => udp(b, 500, 53, { src: `10.0.0.${host}` }), 510, ['500', '511', '1', '2']],
    [
      'reserved ports',
      '192.0.2.1',
      (b, host) => udp(b, 600, 53, { src: `10.0.0.${host}` }),
      0,
      ['600', '601', '602', '603'],
    ],
    [
      'ports up to 1023',
      '192.0.2.1',
      (b, host) => udp(b, 1023, 53, { src: `10.0.0.${host}` }),
      423,
      ['1023', '600', '601', '602'],
    ],
    [
      'other ports',
      '192.0.2.1',
      (b, host) => udp(b, 1024, 53, { src: `10.0.0.${host}` }),
      0,
      ['1024', '1025', '1026', '1027'],
    ],
    [
      'the last port',
      '192.0.2.1',
      (b, host) => udp(b, 65_535, 53, { src: `10.0.0.${host}` }),
      64_511,
      ['65535', '1024', '1025', '1026'],
    ],
    ['ICMP identifiers', '192.0.2.1', (b, host) => echo(b, 7, { src: `10.0.0.${host}` }), 5, ['7', '5', '6', '8']],
  ])('taken: %s', (_, to, packet, random, want) => {
    const b = bench(
      nat(`-A POSTROUTING -j SNAT --to-source ${to}`.replace('-j', to.includes(':') ? '-p udp -j' : '-j')),
    )
    Object.assign(b.sim, { random: () => random })
    const chosen = want.map((__, i) => {
      const skb = crossed(b, packet(b, i + 2))
      return skb.bytes[skb.network + 9] === 1 ? echoOf(skb).split(' ')[3] : /:(\d+) >/.exec(flowOf(skb))?.[1]
    })
    expect(chosen).toEqual(want)
  })

  it('DNAT to a range of ports keeps one that lies inside', () => {
    const b = bench(nat('-A PREROUTING -p udp -j DNAT --to-destination 203.0.113.9:50-60'))
    expect(flowOf(crossed(b, udp(b, 1000, 53, { dst: '198.51.100.80' })))).toBe('10.0.0.2:1000 > 203.0.113.9:53')
    const other = flowOf(crossed(b, udp(b, 1000, 70, { dst: '198.51.100.80' })))
    expect(Number(other.split(':').at(-1))).toBeGreaterThanOrEqual(50)
    expect(Number(other.split(':').at(-1))).toBeLessThanOrEqual(60)
  })

  it('the same source keeps its mapping towards somebody else', () => {
    const b = bench(nat('-A POSTROUTING -o out0 -j SNAT --to-source 192.0.2.1:7000-7010'))
    const first = flowOf(crossed(b, udp(b, 1000, 53))).split(' ')[0]
    expect(flowOf(crossed(b, udp(b, 1000, 53, { dst: '203.0.113.10' }))).split(' ')[0]).toBe(first)
    expect(flowOf(crossed(b, udp(b, 1001, 53))).split(' ')[0]).not.toBe(first)
  })

  it('SNAT ports run out: the packet is dropped', () => {
    const b = bench(nat('-A POSTROUTING -p udp -j SNAT --to-source 192.0.2.1:7000-7001'))
    expect([b.across(udp(b, 1, 53)), b.across(udp(b, 2, 53)), b.across(udp(b, 3, 53))]).toEqual([true, true, false])
    expect(b.drops).toEqual(['nat_no_port'])
  })

  it('SNAT to an address range: the choice hangs on both ends only', () => {
    const b = bench(nat('-A POSTROUTING -j SNAT --to-source 192.0.2.16-192.0.2.31'))
    const source = (sport: number, dst: string) => flowOf(crossed(b, udp(b, sport, 53, { dst }))).split(':')[0]!
    const seen = new Set<string>()
    for (let i = 1; i < 40; i++) {
      const chosen = source(100, `203.0.113.${i}`)
      expect(Number(chosen.split('.')[3])).toBeGreaterThanOrEqual(16)
      expect(Number(chosen.split('.')[3])).toBeLessThanOrEqual(31)
      seen.add(chosen)
    }
    expect(source(101, '203.0.113.200')).toBe(source(102, '203.0.113.200'))
    expect(seen.size).toBe(1) // source 10.0.0.2:100 keeps what it was given first
  })

  // Sixteen addresses: the hash of the source, started with the end of the destination, stirred with the rest of it.
  // @linux net/netfilter/nf_nat_core.c find_best_ips_proto
  describe.each([
    { family: 'IPv4', from: '10.0.0.', to: '203.0.113.', range: '192.0.2.16-192.0.2.31', at: 12, length: 4 },
    { family: 'IPv6', from: 'fd00:a::', to: 'fd00:b::', range: 'fd00:b::10-fd00:b::1f', at: 8, length: 16 },
  ])('SNAT to a range of $family', ({ family, from, to, range, at, length }) => {
    /** Words as a little-endian machine reads them. */
    function words(bytes: Uint8Array): number[] {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true))
    }
    function wanted(before: Uint8Array, persistent: boolean): number {
      const source = words(before.slice(at, at + length))
      const destination = words(before.slice(at + length, at + 2 * length))
      const last = destination.pop()!
      const hash = jhash2([...source, 0, 0, 0].slice(0, 4), persistent ? 0 : last)
      const stirred = persistent ? hash : destination.reduce((sum, word) => (sum ^ word) >>> 0, hash)
      return 16 + Math.floor((stirred / 2 ** 32) * 16)
    }
    it.each([
      ['by both ends', ''],
      ['--persistent: by the source alone', ' --persistent'],
    ])('%s', (_, option) => {
      const rules = nat(`-A POSTROUTING -j SNAT --to-source ${range}${option}`)
      const b = family === 'IPv4' ? bench(rules) : bench('', { iptables6: rules })
      const chosen = new Set<number>()
      for (let host = 2; host < 40; host++) {
        const ends = [`${from}${host}`, `${to}${host + 50}`] as const
        const skb = family === 'IPv4' ? udp(b, 7, 53, { src: ends[0], dst: ends[1] }) : udp6(b, 7, 53, ...ends)
        const before = bytesOf(skb)
        const address = bytesOf(crossed(b, skb)).slice(at, at + length)
        expect(address.at(-1)).toBe(wanted(before, option !== ''))
        chosen.add(address.at(-1)!)
      }
      expect(chosen.size).toBeGreaterThan(8)
    })
  })

  it('NETMAP keeps the host part', () => {
    const b = bench(nat('-A POSTROUTING -s 10.0.0.0/24 -j NETMAP --to 192.0.2.0/24'))
    expect(flowOf(crossed(b, udp(b, 1, 2, { src: '10.0.0.77' })))).toBe('192.0.2.77:1 > 203.0.113.9:2')
  })

  it('MASQUERADE ends with the device it was made for', () => {
    const b = bench(nat('-A POSTROUTING -j MASQUERADE'))
    crossed(b, udp(b, 1000, 53, { dst: '203.0.113.9' }))
    expect(b.hook('POSTROUTING', again(b), 'in0', 'in0')).toBe(0)
    expect(b.ns.nf?.conntrack()).toEqual([])
  })

  it('MASQUERADE ends when the address it borrowed is gone, or the device is down', () => {
    const change = (fields: Partial<Interface>): number => {
      const b = bench(nat(MASQUERADE))
      crossed(b, udp(b, 1000, 53))
      expect(b.ns.nf?.conntrack()).toHaveLength(1)
      b.sim.setNetwork(b.sim.network.edit((d) => void Object.assign(d.namespaces['r']!.interfaces['out0']!, fields)))
      return b.sim.netns('r').nf?.conntrack().length ?? -1
    }
    expect(change({ mtu: 1400 })).toBe(1)
    expect(change({ up: false })).toBe(0)
    expect(change({ addresses: [] })).toBe(0)
  })

  function again(b: Bench): PacketBuffer {
    const skb = udp(b, 1000, 53, { dst: '203.0.113.9' })
    skb.dev = b.ns.byName.get('in0')!
    b.hook('PREROUTING', skb, 'in0')
    return skb
  }

  it('--random-fully draws from the seed', () => {
    const ports = (seed: number) => {
      const b = bench(nat('-A POSTROUTING -o out0 -j MASQUERADE --random-fully'), { seed })
      return [1, 2, 3].map((n) => flowOf(crossed(b, udp(b, 2000 + n, 53))))
    }
    expect(ports(1)).toEqual(ports(1))
    expect(ports(1)).not.toEqual(ports(2))
  })
})

describe('destination NAT', () => {
  it('DNAT: there and back', () => {
    const b = bench(nat(DNAT))
    expect(flowOf(crossed(b, tcp(b, 1000, 80, 'S', { dst: '198.51.100.80' })))).toBe('10.0.0.2:1000 > 203.0.113.9:8080')
    const back = tcp(b, 8080, 1000, 'SA', { src: '203.0.113.9', dst: '10.0.0.2', ack: 1 })
    expect(flowOf(crossed(b, back, 'out0'))).toBe('198.51.100.80:80 > 10.0.0.2:1000')
  })

  it('only the first packet asks the rules', () => {
    const b = bench(nat(DNAT))
    for (const flags of ['S', 'A', 'PA']) b.across(tcp(b, 1000, 80, flags, { dst: '198.51.100.80' }))
    expect(b.hits('nat', 'PREROUTING')).toBe(1)
  })

  it('DNAT and MASQUERADE together (hairpin)', () => {
    const b = bench(
      nat('-A PREROUTING -d 198.51.100.80/32 -j DNAT --to-destination 10.0.0.9', '-A POSTROUTING -o in0 -j MASQUERADE'),
    )
    const there = crossed(b, udp(b, 1000, 53, { dst: '198.51.100.80' }))
    expect(flowOf(there)).toBe('10.0.0.1:1000 > 10.0.0.9:53')
    const back = udp(b, 53, 1000, { src: '10.0.0.9', dst: '10.0.0.1' })
    expect(flowOf(crossed(b, back))).toBe('198.51.100.80:53 > 10.0.0.2:1000')
    expect(conntrackList(b.ns.nf?.conntrack())).toBe(
      'ipv4     2 udp      17 30 src=10.0.0.2 dst=198.51.100.80 sport=1000 dport=53 src=10.0.0.9 dst=10.0.0.1 sport=53 dport=1000 mark=0 use=1\n',
    )
  })

  it('REDIRECT: to the address of the device', () => {
    const b = bench(nat('-A PREROUTING -p udp -j REDIRECT --to-ports 5353'))
    const skb = udp(b, 1000, 53)
    expect(b.inward(skb)).toBe(true)
    expect(flowOf(skb)).toBe('10.0.0.2:1000 > 10.0.0.1:5353')
    expect(wrongSums(skb)).toEqual([])
  })

  it('NETMAP of destinations', () => {
    const b = bench(nat('-A PREROUTING -d 198.51.100.0/24 -j NETMAP --to 203.0.113.0/24'))
    expect(flowOf(crossed(b, udp(b, 1, 2, { dst: '198.51.100.77' })))).toBe('10.0.0.2:1 > 203.0.113.77:2')
  })

  it('a protocol without ports', () => {
    const b = bench(nat('-A PREROUTING -d 198.51.100.80/32 -j DNAT --to-destination 203.0.113.9'))
    const there = crossed(b, ip4(b, 4, new Uint8Array(20), { dst: '198.51.100.80' }))
    expect([...bytesOf(there).slice(16, 20)].join('.')).toBe('203.0.113.9')
    const back = crossed(b, ip4(b, 4, new Uint8Array(20), { src: '203.0.113.9', dst: '10.0.0.2' }), 'out0')
    expect([...bytesOf(back).slice(12, 16)].join('.')).toBe('198.51.100.80')
  })
})

describe('ICMP errors through NAT', () => {
  it.each([
    ['whole', 0],
    ['eight bytes of it', 28],
  ])('the quoted packet is translated back, %s', (_, cut) => {
    const b = bench(nat(MASQUERADE))
    const out = crossed(b, udp(b, 1000, 53))
    const quoted = cut === 0 ? bytesOf(out) : bytesOf(out).slice(0, cut)
    const error = icmp(b, 3, 1, 0, quoted, { src: '203.0.113.1', dst: '192.0.2.1' })
    const bytes = bytesOf(crossed(b, error, 'out0'))
    expect([...bytes.slice(16, 20)].join('.')).toBe('10.0.0.2')
    expect([...bytes.slice(40, 44)].join('.')).toBe('10.0.0.2')
  })

  it('an error about a translated destination', () => {
    const b = bench(nat(DNAT))
    const out = crossed(b, tcp(b, 1000, 80, 'S', { dst: '198.51.100.80' }))
    const error = icmp(b, 3, 3, 0, bytesOf(out), { src: '203.0.113.9', dst: '10.0.0.2' })
    const bytes = bytesOf(crossed(b, error, 'out0'))
    expect([...bytes.slice(12, 16)].join('.')).toBe('198.51.100.80')
    expect([...bytes.slice(44, 48)].join('.')).toBe('198.51.100.80')
    expect((bytes[50]! << 8) | bytes[51]!).toBe(80)
  })

  it('a redirect about a translated connection is dropped', () => {
    const b = bench(nat(MASQUERADE))
    const out = crossed(b, udp(b, 1000, 53))
    expect(b.across(icmp(b, 5, 1, 0x0a000001, bytesOf(out), { src: '203.0.113.1', dst: '192.0.2.1' }), 'out0')).toBe(
      false,
    )
    expect(b.drops).toEqual(['nat_redirect'])
  })
})

describe('IPv6', () => {
  it('MASQUERADE, there and back', () => {
    const b = bench('', { iptables6: nat('-A POSTROUTING -o out0 -j MASQUERADE') })
    const out = udp6(b, 1000, 53)
    out.dev = b.ns.byName.get('in0')!
    crossed(b, out)
    const back = udp6(b, 53, 1000, 'fd00:b::9', 'fd00:b::1')
    crossed(b, back, 'out0')
    expect([...bytesOf(back).slice(24, 40)]).toEqual([0xfd, 0, 0, 0x0a, ...new Array(11).fill(0), 2])
  })

  it('SNAT of an echo, and an error about it: translated back, checksums mended', () => {
    const b = bench('', { iptables6: nat('-A POSTROUTING -o out0 -j SNAT --to-source fd00:b::77') })
    const out = crossed(b, icmp6(b, 128, 0x70001, new Uint8Array(16), 'fd00:a::2', 'fd00:b::9'))
    expect(bytesOf(out).slice(8, 24).at(-1)).toBe(0x77)
    const error = crossed(b, icmp6(b, 1, 0, bytesOf(out), 'fd00:b::1', 'fd00:b::77'), 'out0')
    expect([...bytesOf(error).slice(24, 40)]).toEqual([0xfd, 0, 0, 0x0a, ...new Array(11).fill(0), 2])
    const quoted = bytesOf(error).slice(48)
    expect([...quoted.slice(8, 24)]).toEqual([0xfd, 0, 0, 0x0a, ...new Array(11).fill(0), 2])
    const sum = checksum(quoted, 40, quoted.length, pseudoHeaderSum6(quoted, 0, 58, quoted.length - 40))
    expect(sum).toBe(0)
  })

  it.each([
    ['/64', 'fd00:c::/64', 'fd00:c::2'],
    ['/60, within a byte', 'fd00:c:0:f0::/60', 'fd00:c:0:f5::2'],
  ])('NETMAP of %s keeps the host part', (_, to, want) => {
    const b = bench('', { iptables6: nat(`-A POSTROUTING -j NETMAP --to ${to}`) })
    const skb = crossed(b, udp6(b, 1, 2, to.endsWith('/60') ? 'fd00:a:0:5::2' : 'fd00:a::2'))
    expect(keyToIpv6(readIp6Key(skb.bytes, skb.network + 8))).toBe(want)
  })

  it('REDIRECT: to an address of the device, of own packets to loopback', () => {
    const rules = nat('-A PREROUTING -p udp -j REDIRECT --to-ports 5353', '-A OUTPUT -p udp -j REDIRECT')
    const b = bench('', { iptables6: rules })
    const skb = udp6(b, 1000, 53)
    expect(b.inward(skb)).toBe(true)
    expect([keyToIpv6(readIp6Key(skb.bytes, skb.network + 24)), bytesOf(skb)[43]]).toEqual(['fd00:a::1', 5353 & 0xff])
    const own = udp6(b, 1000, 53, 'fd00:b::1')
    Object.assign(b.sim, { stack: { ...b.sim.stack, ip6RouteMeHarder: () => true } })
    expect(b.hook('OUTPUT', own, undefined, 'out0')).toBe(1)
    expect(keyToIpv6(readIp6Key(own.bytes, own.network + 24))).toBe('::1')
  })

  it('DNAT', () => {
    const b = bench('', { iptables6: nat('-A PREROUTING -p udp -j DNAT --to-destination [fd00:b::77]:5353') })
    const skb = crossed(b, udp6(b, 1000, 53))
    const bytes = bytesOf(skb)
    expect([bytes[39], (bytes[42]! << 8) | bytes[43]!]).toEqual([0x77, 5353])
  })
})

it('checksums hold whatever the addresses, ports and payload', () => {
  const octet = fc.integer({ min: 1, max: 254 })
  const port = fc.integer({ min: 1, max: 65535 })
  fc.assert(
    fc.property(octet, octet, port, port, octet, (host, last, sport, dport, to) => {
      const b = bench(
        nat(
          `-A PREROUTING -j DNAT --to-destination 203.0.113.${to}`,
          `-A POSTROUTING -j SNAT --to-source 192.0.2.${to}`,
        ),
      )
      for (const make of [udp, (x: Bench, s: number, d: number, p: object) => tcp(x, s, d, 'S', p)] as (typeof udp)[]) {
        crossed(b, make(b, sport, dport, { src: `10.0.0.${host === 1 ? 2 : host}`, dst: `198.51.100.${last}` }))
      }
    }),
    { numRuns: 60 },
  )
})
