import { describe, expect, it } from 'vitest'
import { compileFilter } from '../../src/shell/pcap-filter.ts'
import {
  arp,
  data,
  echo,
  echo6,
  ethernet,
  frame,
  type Ipv4,
  type Ipv6,
  ipv4,
  ipv6,
  LINK_TYPE,
  type Mac,
  tcp,
  udp,
  vxlan,
} from '../../src/wire/index.ts'

const link = ethernet({ source: '02:00:00:00:00:01' as Mac, destination: '02:00:00:00:00:02' as Mac })
const from = (source: string, destination: string) => ipv4({ source: source as Ipv4, destination: destination as Ipv4 })
const ping = echo({ identifier: 1, sequence: 1 })

/** One frame of each sort. */
const FRAMES = {
  arp: frame(
    link,
    arp({
      operation: 1,
      senderHardware: '02:00:00:00:00:01' as Mac,
      senderProtocol: '10.0.0.1' as Ipv4,
      targetHardware: '00:00:00:00:00:00' as Mac,
      targetProtocol: '10.0.0.2' as Ipv4,
    }),
  ),
  icmp: frame(link, from('10.0.0.1', '10.0.0.2'), ping, data(8)),
  icmp6: frame(
    link,
    ipv6({ source: 'fd00::1' as Ipv6, destination: 'fd00::2' as Ipv6 }),
    echo6({ identifier: 1, sequence: 1 }),
    data(8),
  ),
  dns: frame(link, from('10.0.0.1', '10.1.0.2'), udp({ sourcePort: 40000, destinationPort: 53 }), data(8)),
  http: frame(
    link,
    from('10.1.0.2', '10.0.0.1'),
    tcp({ sourcePort: 80, destinationPort: 40001, sequence: 1, acknowledgment: 1, flags: 0x10 }),
  ),
  vxlan: frame(
    link,
    from('172.16.0.1', '172.16.0.2'),
    udp({ sourcePort: 50000, destinationPort: 4789 }),
    vxlan({ vni: 4096 }),
    link,
    from('10.0.0.1', '10.9.0.9'),
    ping,
    data(8),
  ),
  ipip: frame(link, from('172.16.0.1', '172.16.0.2'), from('10.0.0.1', '10.9.0.9'), ping, data(8)),
}

function passing(filter: string): string[] {
  const test = compileFilter(filter.split(' ').filter((word) => word !== ''))
  if (typeof test === 'string') return [test]
  return Object.entries(FRAMES).flatMap(([name, bytes]) => (test(bytes, LINK_TYPE.ETHERNET) ? [name] : []))
}

const ALL = Object.keys(FRAMES)
const without = (...names: string[]): string[] => ALL.filter((name) => !names.includes(name))

describe('a filter of tcpdump', () => {
  it.each([
    ['', ALL],
    ['arp', ['arp']],
    ['ip', without('arp', 'icmp6')],
    ['ip6', ['icmp6']],
    ['icmp', ['icmp']],
    ['icmp6', ['icmp6']],
    ['udp', ['dns', 'vxlan']],
    ['tcp', ['http']],
    ['vxlan', ['vxlan']],
    ['host 10.1.0.2', ['dns', 'http']],
    ['src host 10.1.0.2', ['http']],
    ['dst 10.1.0.2', ['dns']],
    ['10.1.0.2', ['dns', 'http']],
    ['host 10.0.0.2', ['arp', 'icmp']],
    ['arp host 10.0.0.2', ['arp']],
    ['host fd00::2', ['icmp6']],
    ['net 172.16.0.0/12', ['vxlan', 'ipip']],
    ['src net 10.1.0.0/16', ['http']],
    ['net fd00::/8', ['icmp6']],
    ['port 53', ['dns']],
    ['src port 80', ['http']],
    ['dst port 80', []],
    ['udp port 4789', ['vxlan']],
    ['tcp port 53', []],
    ['proto 4', ['ipip']],
    ['icmp or arp', ['arp', 'icmp']],
    ['icmp || arp', ['arp', 'icmp']],
    ['udp and host 10.0.0.1', ['dns']],
    ['udp && not port 53', ['vxlan']],
    ['not ( udp or arp )', without('arp', 'dns', 'vxlan')],
    // A protocol and what qualifies it are one: `not` is of both.
    ['not udp port 53', without('dns')],
    ['not ip host 10.1.0.2', without('dns', 'http')],
    ['not tcp src port 80', without('http')],
    ['not udp dst port 4789', without('vxlan')],
    ['not ip net 172.16.0.0/12', without('vxlan', 'ipip')],
    ['not ip proto 4', without('ipip')],
    ['src 10.0.0.1 and dst 10.0.0.2', ['arp', 'icmp']],
    ['!arp', without('arp')],
    ['(udp or tcp) and (port 53 or port 80)', ['dns', 'http']],
    ['not udp and not tcp and ip', ['icmp', 'ipip']],
  ])('%j passes %j', (filter, names) => {
    expect(passing(filter)).toEqual(names)
  })

  it.each([
    ['icmpp', '"icmpp"'],
    ['( udp', 'a parenthesis that is not closed'],
    ['udp and', 'a filter that ends too early'],
    ['host', 'host without a value'],
    ['host example.org', 'host example.org (expected an address)'],
    ['net 10.0.0.1/8', 'net 10.0.0.1/8 (expected a prefix, e.g. 10.0.0.0/8)'],
    ['port http', 'port http'],
    ['udp )', '")"'],
  ])('%j is not understood: %s', (filter, what) => {
    expect(passing(filter)).toEqual([what])
  })
})
