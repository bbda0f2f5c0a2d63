import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesBetween, describeChange, headersOf } from '../../src/trace/index.ts'
import {
  arp,
  echo,
  ethernet,
  type FramePart,
  frame,
  type Ipv4,
  type Ipv6,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  LINK_TYPE,
  parseIp,
  parseMac,
  tcp,
  udp,
  vxlan,
} from '../../src/wire/index.ts'

const ip = (text: string): Ipv4 => parseIp(text) as Ipv4
const mac = (last: number) => parseMac(`02:00:00:00:00:0${last}`)!
const eth = (from: number, to: number) => ethernet({ source: mac(from), destination: mac(to) })
const inner = (ttl: number) => [
  ipv4({ source: ip('10.0.0.1'), destination: ip('10.0.0.2'), ttl }),
  echo({ identifier: 1, sequence: 1 }),
]
const outer = ipv4({ source: ip('192.0.2.1'), destination: ip('192.0.2.2'), ttl: 63 })
const headers = (...parts: FramePart[]) => headersOf(frame(...parts), LINK_TYPE.ETHERNET)

function said(before: FramePart[], after: FramePart[]): string[] {
  return changesBetween(headers(...before), headers(...after))
    .filter((change) => change.kind !== 'field' || !change.derived)
    .map(describeChange)
}

describe('changes between two sightings', () => {
  it.each([
    { name: 'none', before: [eth(1, 2), ...inner(64)], after: [eth(1, 2), ...inner(64)], changes: [] },
    {
      name: 'forwarding',
      before: [eth(1, 2), ...inner(64)],
      after: [eth(3, 4), ...inner(63)],
      changes: [
        'ethernet destination 02:00:00:00:00:02→02:00:00:00:00:04',
        'ethernet source 02:00:00:00:00:01→02:00:00:00:00:03',
        'ipv4 ttl 64→63',
      ],
    },
    {
      name: 'IPIP',
      before: [eth(1, 2), ...inner(63)],
      after: [eth(1, 2), outer, ...inner(63)],
      changes: ['+ipv4 192.0.2.1 > 192.0.2.2 ttl 63 protocol 4 (IPIP)'],
    },
    {
      name: 'IPIP undone',
      before: [eth(1, 2), outer, ...inner(63)],
      after: [eth(1, 2), ...inner(63)],
      changes: ['-ipv4 192.0.2.1 > 192.0.2.2 ttl 63 protocol 4 (IPIP)'],
    },
    {
      name: 'VXLAN',
      before: [eth(1, 2), ...inner(63)],
      after: [
        eth(5, 6),
        outer,
        udp({ sourcePort: 50000, destinationPort: 4789, checksum: false }),
        vxlan({ vni: 4096 }),
        eth(1, 2),
        ...inner(63),
      ],
      changes: [
        '+ethernet 02:00:00:00:00:05 > 02:00:00:00:00:06',
        '+ipv4 192.0.2.1 > 192.0.2.2 ttl 63 protocol 17 (UDP)',
        '+udp 50000 > 4789',
        '+vxlan vni 4096',
      ],
    },
  ])('$name', ({ before, after, changes }) => {
    expect(said(before, after)).toEqual(changes)
  })

  const six = ipv6({ source: parseIp('fd00::1') as Ipv6, destination: parseIp('fd00::2') as Ipv6, hopLimit: 9 })
  const ask = arp({
    operation: 1,
    senderHardware: mac(1),
    senderProtocol: ip('10.0.0.1'),
    targetHardware: mac(0),
    targetProtocol: ip('10.0.0.2'),
  })
  const four = (df: boolean) => ipv4({ source: ip('10.0.0.1'), destination: ip('10.0.0.2'), ttl: 7, df })
  const ports = { sourcePort: 40000, destinationPort: 80 }
  it.each([
    ['ARP', [ask], ['+arp 1 (request) for 10.0.0.2']],
    [
      'ICMP',
      [four(false), icmp({ type: 11, code: 1 })],
      ['+ipv4 10.0.0.1 > 10.0.0.2 ttl 7 protocol 1 (ICMP)', '+icmp type 11 (time exceeded) code 1'],
    ],
    [
      'DF, TCP',
      [four(true), tcp({ ...ports, sequence: 1, acknowledgment: 0, flags: 2 })],
      ['+ipv4 10.0.0.1 > 10.0.0.2 ttl 7 DF protocol 6 (TCP)', '+tcp 40000 > 80'],
    ],
    ['IPv6, UDP', [six, udp(ports)], ['+ipv6 fd00::1 > fd00::2 hopLimit 9 nextHeader 17 (UDP)', '+udp 40000 > 80']],
    [
      'ICMPv6',
      [six, icmpv6({ type: 3, code: 0 })],
      ['+ipv6 fd00::1 > fd00::2 hopLimit 9 nextHeader 58 (ICMPv6)', '+icmpv6 type 3 (time exceeded) code 0'],
    ],
  ])('a header that came is told in a few words: %s', (_what, parts, words) => {
    const all = headers(eth(1, 2), ...parts)
    const card = 'ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02'
    expect(changesBetween([], all).map(describeChange)).toEqual([`+${card}`, ...words])
    expect(changesBetween(all, []).map(describeChange)).toEqual([
      `-${card}`,
      ...words.map((line) => `-${line.slice(1)}`),
    ])
  })

  it('a header it has no words for, by its length', () => {
    const layer = {
      protocol: 'data',
      start: 0,
      length: 4,
      fields: [{ name: 'length', text: '4', start: 0, length: 4 }],
    }
    expect(changesBetween([], [layer as never]).map(describeChange)).toEqual(['+data 4'])
  })

  it('marks checksums and lengths as derived', () => {
    const changes = changesBetween(headers(eth(1, 2), ...inner(64)), headers(eth(1, 2), ...inner(63)))
    expect(changes.filter((change) => change.kind === 'field' && change.derived).map((change) => change.layer)).toEqual(
      ['ipv4'],
    )
  })

  it('are none between a frame and itself, whatever its bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(LINK_TYPE.ETHERNET, LINK_TYPE.RAW),
        (bytes, linkType) => {
          expect(changesBetween(headersOf(bytes, linkType), headersOf(bytes, linkType))).toEqual([])
        },
      ),
    )
  })
})
