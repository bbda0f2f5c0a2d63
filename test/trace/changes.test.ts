import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesBetween, describeChange, headersOf } from '../../src/trace/index.ts'
import {
  echo,
  ethernet,
  type FramePart,
  frame,
  type Ipv4,
  ipv4,
  LINK_TYPE,
  parseIp,
  parseMac,
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
