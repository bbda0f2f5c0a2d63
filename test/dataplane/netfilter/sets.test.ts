// Members of ipsets as `ipset save` writes them, and packets that are in them or not.
import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { compileSet } from '../../../src/dataplane/netfilter/ipset.ts'
import type { NfPacket } from '../../../src/dataplane/netfilter/packet.ts'
import { lateSet } from '../../../src/model/index.ts'
import { ipv4ToNumber } from '../../../src/wire/index.ts'
import { type Bench, bench, echo, icmp, ip4, ip6, table, tcp, udp, udp6 } from './bench.ts'

/** How many of the packets are in the set. */
function found(
  type: string,
  members: readonly string[],
  dims: string,
  packets: readonly ((b: Bench) => PacketBuffer)[],
): string {
  const rules = table('filter', `-A FORWARD -m set --match-set s ${dims}`)
  const ipset = [`create s ${type}`, ...members.map((member) => `add s ${member}`), ''].join('\n')
  const is6 = type.includes('inet6')
  const b = bench(is6 ? '' : rules, { ipset, ...(is6 ? { iptables6: rules } : {}) })
  return packets
    .map((packet) => {
      const before = b.ns.nf?.counter(is6 ? 'inet6' : 'inet', 'filter', 'FORWARD', 0)[0] ?? 0
      b.hook('FORWARD', packet(b), 'in0', 'out0')
      return (b.ns.nf?.counter(is6 ? 'inet6' : 'inet', 'filter', 'FORWARD', 0)[0] ?? 0) > before ? 'y' : 'n'
    })
    .join('')
}

const from = (src: string) => (b: Bench) => udp(b, 1000, 53, { src })
const port = (dport: number) => (b: Bench) => udp(b, 1000, dport)
const segment = (dport: number) => (b: Bench) => tcp(b, 1000, dport, 'S')
const message = (type: number, code: number) => (b: Bench) => icmp(b, type, code, 0, new Uint8Array(8))
const bare =
  (protocol: number, ...bytes: number[]) =>
  (b: Bench) =>
    ip4(b, protocol, Uint8Array.of(...bytes, ...new Uint8Array(8)))
const later = (b: Bench) => ip4(b, 17, new Uint8Array(24), { fragmentOffset: 24 })
const from6 = (src: string) => (b: Bench) => udp6(b, 1000, 53, src)

describe('hash:ip and hash:net', () => {
  it.each<[string, string[], ((b: Bench) => PacketBuffer)[], string]>([
    ['hash:ip family inet', ['10.0.0.2'], [from('10.0.0.2'), from('10.0.0.3')], 'yn'],
    ['hash:net family inet', ['10.0.0.0/30'], [from('10.0.0.3'), from('10.0.0.4')], 'yn'],
    ['hash:net family inet', ['0.0.0.0/1', '128.0.0.0/1'], [from('1.2.3.4'), from('200.0.0.1')], 'yy'],
    ['hash:net family inet', ['10.0.0.0/8', '10.1.0.0/16 nomatch'], [from('10.2.0.1'), from('10.1.0.1')], 'yn'],
    [
      'hash:net family inet',
      ['10.0.0.1', '10.0.0.2', '10.1.0.0/16', '10.0.0.3'],
      ['10.0.0.3', '10.0.0.1', '10.1.2.3', '10.0.0.2', '10.0.0.4'].map(from),
      'yyyyn',
    ],
    [
      'hash:net family inet',
      ['10.0.0.0/8 nomatch', '10.0.0.2', '10.0.0.3 nomatch', '10.0.0.0/24'],
      ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.9.0.1'].map(from),
      'ynyn',
    ],
    ['hash:net family inet6', ['fd00:a::2', 'fd00:a::3'], [from6('fd00:a::3'), from6('fd00:a::2')], 'yy'],
    ['hash:net family inet6', ['fd00:a::/64'], [from6('fd00:a::7'), from6('fd00:a:0:1::7')], 'yn'],
    ['hash:net family inet6', ['fd00:a::/31'], [from6('fd00:b::7'), from6('fd00:c::7')], 'yn'],
    ['hash:net family inet6', ['fd00:a::2'], [from6('fd00:a::2'), from6('fd00:a::3')], 'yn'],
    [
      'bitmap:ip range 10.0.0.0-10.0.0.255',
      ['10.0.0.2-10.0.0.4'],
      [from('10.0.0.1'), from('10.0.0.2'), from('10.0.0.4'), from('10.0.0.5')],
      'nyyn',
    ],
  ])('%s with %s', (type, members, packets, want) => expect(found(type, members, 'src', packets)).toBe(want))
})

describe('addresses of a large set', () => {
  const packet = (address: string) => ({ family: 'inet', src: ipv4ToNumber(address) }) as NfPacket

  /** A set that counts which of its members were read. */
  function counted(members: readonly string[]) {
    const read = new Set<string>()
    const find = function* (): Iterable<string> {
      for (const member of members) {
        read.add(member)
        yield member
      }
    }
    const set = compileSet(lateSet({ name: 's', type: 'hash:net', family: 'inet' }, find), () => undefined, false)
    return { set, read }
  }

  it('are read until one is the packet’s', () => {
    const { set, read } = counted(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'])
    expect(read.size).toBe(0)
    const has = (address: string) => [set.test(packet(address), [true]), read.size]
    expect(['10.0.0.2', '10.0.0.1', '10.0.0.3', '10.0.0.9', '10.0.0.4'].map(has)).toEqual([
      [true, 2],
      [true, 2],
      [true, 3],
      [false, 4],
      [true, 4],
    ])
  })

  it('are all there for who adds, removes, or remembers them', () => {
    const { set } = counted(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
    const has = (address: string) => set.test(packet(address), [true])
    expect(has('10.0.0.1')).toBe(true)
    const putBack = set.keep()
    set.del(packet('10.0.0.3'), [true])
    set.add(packet('10.0.0.9'), [true])
    expect(['10.0.0.2', '10.0.0.3', '10.0.0.9'].map(has)).toEqual([true, false, true])
    putBack()
    expect(['10.0.0.2', '10.0.0.3', '10.0.0.9'].map(has)).toEqual([true, true, false])
  })
})

// @linux net/netfilter/ipset/ip_set_getport.c ip_set_get_ip4_port
describe('protocol and port', () => {
  it.each<[string, ((b: Bench) => PacketBuffer)[], string]>([
    ['203.0.113.9,tcp:80', [segment(80), segment(81), port(80)], 'ynn'],
    ['203.0.113.9,80', [segment(80), port(80)], 'yn'],
    ['203.0.113.9,tcp:80-82', [segment(79), segment(80), segment(82), segment(83)], 'nyyn'],
    ['203.0.113.9,udp:53', [port(53), port(54), later], 'ynn'],
    ['203.0.113.9,sctp:80', [bare(132, 0, 7, 0, 80), bare(132, 0, 7, 0, 81)], 'yn'],
    ['203.0.113.9,udplite:80', [bare(136, 0, 7, 0, 80), bare(17, 0, 7, 0, 80)], 'yn'],
    ['203.0.113.9,icmp:echo-request', [echo, message(0, 0)], 'yn'],
    ['203.0.113.9,icmp:ping', [echo], 'y'],
    ['203.0.113.9,icmp:pong', [message(0, 0), echo], 'yn'],
    ['203.0.113.9,icmp:3/1', [message(3, 1), message(3, 2), message(4, 1)], 'ynn'],
    ['203.0.113.9,icmp:11', [message(11, 0), message(11, 1)], 'yn'],
    ['203.0.113.9,gre:0', [bare(47), bare(50)], 'yn'],
    ['203.0.113.9,47:0', [bare(47), bare(50)], 'yn'],
  ])('%s', (member, packets, want) =>
    expect(found('hash:ip,port family inet', [member], 'dst,dst', packets)).toBe(want),
  )

  it('ICMPv6 by its name', () => {
    const request = (type: number) => (b: Bench) => ip6(b, 58, Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0))
    const packets = [request(128), request(129)]
    expect(found('hash:ip,port family inet6', ['fd00:b::9,icmpv6:128/0'], 'dst,dst', packets)).toBe('yn')
    expect(found('hash:ip,port family inet6', ['fd00:b::9,ipv6-icmp:129/0'], 'dst,dst', packets)).toBe('ny')
  })

  it.each<[string, string[], ((b: Bench) => PacketBuffer)[], string]>([
    [
      'bitmap:port range 0-65535',
      ['53', '80-82'],
      [port(53), segment(53), port(79), port(80), port(82), port(83)],
      'yynyyn',
    ],
    ['bitmap:port range 0-65535', ['2048'], [echo, bare(132, 0, 7, 8, 0)], 'nn'], // TCP and UDP only
    ['hash:net,port family inet', ['203.0.113.0/24,udp:53'], [port(53), segment(53)], 'yn'],
  ])('%s with %s', (type, members, packets, want) =>
    expect(found(type, members, type.startsWith('bitmap') ? 'dst' : 'dst,dst', packets)).toBe(want),
  )
})

it('the most specific of several prefixes decides, in the first dimension before the second', () => {
  const members = ['10.0.0.0/8,203.0.113.9', '10.0.0.0/24,203.0.113.0/24 nomatch']
  expect(found('hash:net,net family inet', members, 'src,dst', [from('10.1.0.1'), from('10.0.0.2')])).toBe('yn')
})

it('a list holds what one of its sets holds', () => {
  const ipset =
    'create a hash:ip\nadd a 10.0.0.2\ncreate b hash:ip\nadd b 10.0.0.3\ncreate l list:set size 8\nadd l a\nadd l b\n'
  const b = bench(table('filter', '-A FORWARD -m set --match-set l src'), { ipset })
  for (const src of ['10.0.0.2', '10.0.0.3', '10.0.0.4']) b.hook('FORWARD', udp(b, 1, 2, { src }), 'in0', 'out0')
  expect(b.hits('filter', 'FORWARD')).toBe(2)
})
