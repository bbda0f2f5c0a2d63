// Frames and ICMP messages in the few words a picture has room for: a row for each kind.
import { describe, expect, it } from 'vitest'
import { briefLayers } from '../../src/render/brief.ts'
import { icmpMessage } from '../../src/trace/icmp-words.ts'
import {
  arp,
  data,
  dissectFrame,
  echo,
  echo6,
  ethernet,
  type FramePart,
  frame,
  type Ipv4,
  type Ipv6,
  icmp,
  ipv4,
  ipv6,
  LINK_TYPE,
  type Mac,
  tcp,
  udp,
  vxlan,
  ZERO_MAC,
} from '../../src/wire/index.ts'

const [A, B] = ['10.0.0.1' as Ipv4, '10.0.0.2' as Ipv4]
const [A6, B6] = ['fd00::1' as Ipv6, 'fd00::2' as Ipv6]
const MAC = '02:00:00:00:00:01' as Mac
const ETH = ethernet({ source: MAC, destination: '02:00:00:00:00:02' as Mac })
const IP = ipv4({ source: A, destination: B, ttl: 63 })
const IP6 = ipv6({ source: A6, destination: B6, hopLimit: 62 })
const PING = echo({ identifier: 1, sequence: 1 })
const OUTER = ipv4({ source: '172.17.0.1' as Ipv4, destination: '172.17.0.2' as Ipv4 })

describe('a frame', () => {
  const rows: readonly (readonly [string, readonly FramePart[]])[] = [
    [
      'ARP who has 10.0.0.2?',
      [ETH, arp({ operation: 1, senderHardware: MAC, senderProtocol: A, targetHardware: ZERO_MAC, targetProtocol: B })],
    ],
    [
      'ARP 10.0.0.1 is at 02:00:00:00:00:01',
      [ETH, arp({ operation: 2, senderHardware: MAC, senderProtocol: A, targetHardware: MAC, targetProtocol: B })],
    ],
    ['ICMP echo request, ttl 63', [ETH, IP, PING]],
    ['ICMPv6 echo request, hop limit 62', [ETH, IP6, echo6({ identifier: 1, sequence: 1 })]],
    ['UDP 1000 > 53, ttl 63', [ETH, IP, udp({ sourcePort: 1000, destinationPort: 53 })]],
    [
      'TCP 1000 > 80 [S], ttl 63',
      [ETH, IP, tcp({ sourcePort: 1000, destinationPort: 80, sequence: 1, acknowledgment: 0, flags: 2 })],
    ],
    ['protocol 99, ttl 63', [ETH, ipv4({ source: A, destination: B, ttl: 63, protocol: 99 }), data('abcd')]],
    [
      'IP fragment, ttl 63',
      [ETH, ipv4({ source: A, destination: B, ttl: 63, protocol: 17, fragmentOffset: 1480 }), data('abcd')],
    ],
    ['IPIP 172.17.0.1 > 172.17.0.2 [ICMP echo request, ttl 63]', [ETH, OUTER, IP, PING]],
    [
      'VXLAN 172.17.0.1 > 172.17.0.2 [ICMP echo request, ttl 63]',
      [ETH, OUTER, udp({ sourcePort: 1, destinationPort: 4789 }), vxlan({ vni: 1 }), ETH, IP, PING],
    ],
    [
      'WireGuard 172.17.0.1 > 172.17.0.2',
      [
        ETH,
        OUTER,
        udp({ sourcePort: 51820, destinationPort: 51820 }),
        data(Uint8Array.from([4, ...Array.from({ length: 31 }, () => 0)])),
      ],
    ],
    ['ICMP destination unreachable, ttl 63', [ETH, IP, icmp({ type: 3, code: 1 })]],
  ]
  it.each(rows)('%s', (words, parts) => {
    expect(briefLayers(dissectFrame(frame(...parts), LINK_TYPE.ETHERNET))).toBe(words)
  })

  it('of no known kind has none', () => expect(briefLayers([])).toBe(''))
})

describe('what an ICMP message says', () => {
  const UNREACHABLE = [
    'network unreachable',
    'host unreachable',
    'protocol unreachable',
    'port unreachable',
    'fragmentation needed and DF set',
    'source route failed',
    'destination network unknown',
    'destination host unknown',
    'source host isolated',
    'network administratively prohibited',
    'host administratively prohibited',
    'network unreachable for this type of service',
    'host unreachable for this type of service',
    'communication administratively prohibited',
    'host precedence violation',
    'precedence cutoff in effect',
    'ICMP type 3 code 16',
  ]
  const UNREACHABLE6 = [
    'no route',
    'administratively prohibited',
    'beyond scope of source address',
    'address unreachable',
    'port unreachable',
    'source address failed policy',
    'reject route',
    'ICMP type 1 code 7',
  ]
  it.each([
    ['inet', 0, ['echo reply', 'echo reply']],
    ['inet', 3, UNREACHABLE],
    ['inet', 4, ['ICMP type 4 code 0']],
    ['inet', 5, ['redirect for the network', 'redirect for the host']],
    ['inet', 8, ['echo request']],
    ['inet', 11, ['time to live exceeded in transit', 'fragment reassembly time exceeded']],
    ['inet', 12, ['parameter problem']],
    ['inet', 13, ['ICMP type 13 code 0']],
    ['inet6', 1, UNREACHABLE6],
    ['inet6', 2, ['packet too big']],
    ['inet6', 3, ['hop limit exceeded in transit', 'fragment reassembly time exceeded']],
    ['inet6', 4, ['parameter problem']],
    ['inet6', 128, ['echo request']],
    ['inet6', 129, ['echo reply']],
    ['inet6', 135, ['ICMP type 135 code 0']],
  ] as const)('%s type %i', (family, type, words) => {
    expect(words.map((_, code) => icmpMessage(family, type, code))).toEqual([...words])
  })
})
