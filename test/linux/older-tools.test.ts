// net-tools, BusyBox and the brief forms of ip: what stands in each column, printed or read, a row a case.
import { describe, expect, it } from 'vitest'
import {
  arp,
  busyboxArp,
  busyboxIfconfig,
  ifconfig,
  linkObjects,
  parseNamespaceDump,
  routeObjects,
  routeTable,
} from '../../src/linux/index.ts'
import {
  address,
  type Interface,
  iface,
  type Namespace,
  namespace,
  neighbour,
  networkOf,
  route,
} from '../../src/model/index.ts'

const view = (ns: Namespace) => ({ network: networkOf([ns]), ns })
const read = (files: Readonly<Record<string, unknown>>): Namespace => {
  const { namespace: ns, issues } = parseNamespaceDump('n', 'host', files)
  expect(issues).toEqual([])
  return ns
}

describe('arp', () => {
  const states = ['PERMANENT', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'INCOMPLETE', 'FAILED', 'NOARP', 'NONE'] as const
  const ns = namespace('n', {
    interfaces: [iface({ name: 'eth0' }), iface({ name: 'eth1' })],
    neighbours: [
      ...states.map((state, i) => neighbour(`10.0.0.${i + 1}`, 'eth0', '02:00:00:00:00:02', state)),
      neighbour('fe80::1', 'eth0', '02:00:00:00:00:02', 'REACHABLE'),
      { dst: '10.0.0.20', dev: 'eth1', state: 'REACHABLE' },
    ] as Namespace['neighbours'],
    proxyNeighbours: [
      { dst: '10.0.0.30', dev: 'eth0' },
      { dst: '10.0.0.31' },
      { dst: 'fd00::1', dev: 'eth0' },
    ] as unknown as Namespace['proxyNeighbours'],
  })

  it('of net-tools: complete, permanent, incomplete, proxies; IPv4 only', () => {
    expect(arp(view(ns)).split('\n')).toEqual([
      'Address                  HWtype  HWaddress           Flags Mask            Iface',
      '10.0.0.1                 ether   02:00:00:00:00:02   CM                    eth0',
      ...[2, 3, 4, 5].map((i) => `10.0.0.${i}                 ether   02:00:00:00:00:02   C                     eth0`),
      ...[6, 7].map((i) => `10.0.0.${i}                         (incomplete)                              eth0`),
      '10.0.0.20                        (incomplete)                              eth1',
      '10.0.0.30                *       <from_interface>    MP                    eth0',
      '10.0.0.31                *       <from_interface>    MP                    *',
      '',
    ])
  })

  it('of BusyBox', () => {
    expect(busyboxArp(view(ns)).split('\n')).toEqual([
      '? (10.0.0.1) at 02:00:00:00:00:02 [ether] PERM  on eth0',
      ...[2, 3, 4, 5].map((i) => `? (10.0.0.${i}) at 02:00:00:00:00:02 [ether]  on eth0`),
      ...[6, 7].map((i) => `? (10.0.0.${i}) at <incomplete>  on eth0`),
      '? (10.0.0.20) at <incomplete>  on eth1',
      '',
    ])
    expect(busyboxArp(view(ns), { dev: 'eth1' })).toBe('? (10.0.0.20) at <incomplete>  on eth1\n')
  })

  it('prints no head over nothing', () => expect(arp(view(namespace('n', {})))).toBe(''))
})

describe('route -n', () => {
  const rows = [
    [
      'a gateway',
      route('10.1.0.0/16', { via: '10.0.0.1', dev: 'eth0' }),
      '10.1.0.0        10.0.0.1        255.255.0.0     UG    0      0        0 eth0',
    ],
    [
      'a link',
      route('10.1.0.0/16', { dev: 'eth0' }),
      '10.1.0.0        0.0.0.0         255.255.0.0     U     0      0        0 eth0',
    ],
    [
      'a host',
      route('10.1.0.1', { dev: 'eth0' }),
      '10.1.0.1        0.0.0.0         255.255.255.255 UH    0      0        0 eth0',
    ],
    [
      'a host behind a gateway',
      route('10.1.0.1', { via: '10.0.0.1', dev: 'eth0' }),
      '10.1.0.1        10.0.0.1        255.255.255.255 UGH   0      0        0 eth0',
    ],
    [
      'everything',
      route('default', { via: '10.0.0.1', dev: 'eth0', metric: 100 }),
      '0.0.0.0         10.0.0.1        0.0.0.0         UG    100    0        0 eth0',
    ],
    [
      'unreachable',
      route('10.1.0.0/16', { type: 'unreachable' }),
      '10.1.0.0        -               255.255.0.0     !     0      -        0 -',
    ],
    [
      'prohibited',
      route('10.1.0.0/16', { type: 'prohibit' }),
      '10.1.0.0        -               255.255.0.0     !     0      -        0 -',
    ],
    [
      'thrown',
      route('10.1.0.0/16', { type: 'throw' }),
      '10.1.0.0        -               255.255.0.0     !     0      -        0 -',
    ],
    [
      'a black hole',
      route('10.1.0.0/16', { type: 'blackhole' }),
      '10.1.0.0        0.0.0.0         255.255.0.0     U     0      0        0 *',
    ],
  ] as const
  it.each(rows)('prints %s', (_what, one, expected) => {
    const ns = namespace('n', { interfaces: [iface({ name: 'eth0' })], routes: [one] })
    expect(routeTable(view(ns)).split('\n').slice(2)).toEqual([expected, ''])
  })

  const HEAD =
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n'
  it.each([
    [
      'default         10.0.0.1        0.0.0.0         UG    0      0        0 eth0',
      { dst: '0.0.0.0/0', via: '10.0.0.1', dev: 'eth0', type: 'unicast' },
    ],
    [
      '10.1.0.0        0.0.0.0         255.255.0.0     U     7      0        0 eth0',
      { dst: '10.1.0.0/16', metric: 7, scope: 'link' },
    ],
    [
      '10.1.0.1        0.0.0.0         255.255.255.255 UH    0      0        0 eth0',
      { dst: '10.1.0.1/32', scope: 'link' },
    ],
    [
      '10.1.0.0        -               255.255.0.0     !     0      -        0 -',
      { dst: '10.1.0.0/16', type: 'unreachable' },
    ],
  ])('reads %s', (line, expected) => {
    const routes = read({ 'route.json': routeObjects(`${HEAD}${line}\n`) }).routes
    expect(routes).toHaveLength(1)
    expect(routes[0]).toMatchObject(expected)
  })

  it.each([
    ['a mask with a hole', '10.1.0.0        0.0.0.0         255.0.255.0     U     0      0        0 eth0'],
    ['a column too few', '10.1.0.0        0.0.0.0         255.255.0.0     U     0      0        0'],
    ['no address', 'somewhere       0.0.0.0         255.255.0.0     U     0      0        0 eth0'],
  ])('passes over %s', (_what, line) => {
    expect(routeObjects(`${HEAD}${line}\n`)).toEqual([])
  })

  it('reads route -6 -n: neither routes to itself nor to nowhere', () => {
    const text = `Kernel IPv6 routing table
Destination                    Next Hop                   Flag Met Ref Use If
fd00:1::/64                    [::]                       U    256 2   0   eth0
fd00:2::/64                    fe80::1                    UG   1024 1  0   eth0
[::]/0                         fe80::1                    UGDA 1024 1  0   eth0
fd00:3::/64                    [::]                       !    1024 1  0   eth0
fd00:1::5/128                  [::]                       Un   0   3   0   eth0
ff00::/8                       [::]                       U    256 2   0   lo
`
    const routes = routeObjects(text)
    expect(routes).toEqual([
      { dst: 'fd00:1::/64', flags: [], metric: 256, dev: 'eth0' },
      { dst: 'fd00:2::/64', flags: [], gateway: 'fe80::1', metric: 1024, dev: 'eth0' },
      { dst: '::/0', flags: [], gateway: 'fe80::1', metric: 1024, dev: 'eth0' },
      { dst: 'fd00:3::/64', type: 'unreachable', flags: [] },
    ])
  })
})

describe('ifconfig', () => {
  const links: Interface[] = [
    iface({ name: 'br0', kind: 'bridge', mac: '02:00:00:00:00:0b', addresses: ['10.3.0.1/24', 'fd00::1/64'] }),
    iface({ name: 'down0', up: false, mac: '02:00:00:00:00:0d' }),
    iface({ name: 'dum0', kind: 'dummy', mac: '02:00:00:00:00:0c' }),
    iface({
      name: 'eth0',
      mac: '02:00:00:00:00:01',
      txqlen: 500,
      addresses: [
        address('10.0.0.1/24', { broadcast: true }),
        address('10.0.0.2/24', { label: 'eth0:1' }),
        address('fe80::1/64', { scope: 'link' }),
        address('fec0::1/64', { scope: 'site' }),
        address('fd00::9/128', { scope: 'host' }),
      ],
    }),
    iface({
      name: 'tun1',
      kind: 'ipip',
      addresses: [address('10.2.0.1/32')],
      ipip: { ttl: 0, tos: 0, pmtudisc: true, local: '10.0.0.1', remote: '10.0.0.9' } as Interface['ipip'] & object,
    }),
    iface({
      name: 'wg0',
      kind: 'wireguard',
      addresses: ['10.4.0.1/32'],
      wireguard: { listenPort: 0, fwmark: 0, peers: [] },
    }),
  ]
  const ns = namespace('n', { interfaces: links })
  const block = (text: string, name: string) => text.split('\n\n').find((part) => part.startsWith(name))

  it('of net-tools says the flags as a number and by name', () => {
    const heads = [...ifconfig(view(ns), { all: true }).matchAll(/^(\S+): flags=(\d+)<([^>]*)>/gm)]
    expect(heads.map(([, name, bits, flags]) => [name, Number(bits), flags])).toEqual([
      ['br0', 0x1 + 0x2 + 0x1000, 'UP,BROADCAST,MULTICAST'],
      ['down0', 0x2 + 0x1000, 'BROADCAST,MULTICAST'],
      ['dum0', 0x1 + 0x2 + 0x40 + 0x80, 'UP,BROADCAST,RUNNING,NOARP'],
      ['eth0', 0x1 + 0x2 + 0x40 + 0x1000, 'UP,BROADCAST,RUNNING,MULTICAST'],
      ['eth0:1', 0x1 + 0x2 + 0x40 + 0x1000, 'UP,BROADCAST,RUNNING,MULTICAST'],
      ['lo', 0x1 + 0x8 + 0x40, 'UP,LOOPBACK,RUNNING'],
      ['tun1', 0x1 + 0x10 + 0x40 + 0x80, 'UP,POINTOPOINT,RUNNING,NOARP'],
      ['wg0', 0x1 + 0x10 + 0x40 + 0x80, 'UP,POINTOPOINT,RUNNING,NOARP'],
    ])
  })

  it('of net-tools prints the addresses and the hardware of each kind', () => {
    const text = ifconfig(view(ns))
    expect(block(text, 'eth0: ')?.split('\n').slice(1, 6)).toEqual([
      '        inet 10.0.0.1  netmask 255.255.255.0  broadcast 10.0.0.255',
      '        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>',
      '        inet6 fec0::1  prefixlen 64  scopeid 0x40<site>',
      '        inet6 fd00::9  prefixlen 128  scopeid 0x10<host>',
      '        ether 02:00:00:00:00:01  txqueuelen 500  (Ethernet)',
    ])
    expect(block(text, 'eth0:1')?.split('\n').slice(1)).toEqual([
      '        inet 10.0.0.2  netmask 255.255.255.0  broadcast 0.0.0.0',
      '        ether 02:00:00:00:00:01  txqueuelen 500  (Ethernet)',
    ])
    expect(block(text, 'tun1')).toContain(
      '\n        inet 10.2.0.1  netmask 255.255.255.255  destination 10.2.0.1\n        tunnel   txqueuelen ',
    )
    expect(block(text, 'wg0')).toContain(
      '\n        unspec 00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00  txqueuelen ',
    )
    expect(block(text, 'lo')).toContain('\n        inet 127.0.0.1  netmask 255.0.0.0\n')
    expect(block(text, 'br0')).toContain('\n        inet6 fd00::1  prefixlen 64  scopeid 0x0<global>\n')
    expect(block(text, 'down0')).toBeUndefined()
  })

  it('asked for one device, shows no alias', () => {
    expect(ifconfig(view(ns), { dev: 'eth0' })).not.toContain('eth0:1')
    expect(ifconfig(view(ns), { dev: 'down0' })).toContain('down0: flags=')
  })

  it('of BusyBox', () => {
    const text = busyboxIfconfig(view(ns))
    expect(block(text, 'eth0')?.split('\n').slice(0, 6)).toEqual([
      'eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01  ',
      '          inet addr:10.0.0.1  Bcast:10.0.0.255  Mask:255.255.255.0',
      '          inet6 addr: fe80::1/64 Scope:Link',
      '          inet6 addr: fec0::1/64 Scope:Site',
      '          inet6 addr: fd00::9/128 Scope:Host',
      '          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1',
    ])
    expect(block(text, 'tun1')).toContain(
      'Link encap:IPIP Tunnel  HWaddr   \n          inet addr:10.2.0.1  P-t-P:10.2.0.1  Mask:255.255.255.255\n',
    )
    expect(block(text, 'wg0')).toContain(
      'Link encap:UNSPEC  HWaddr 00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00  \n',
    )
    expect(block(text, 'br0')).toContain('\n          inet6 addr: fd00::1/64 Scope:Global\n')
  })

  const counters = { eth0: { rxPackets: 1, rxBytes: 2000, rxDropped: 3, txPackets: 4, txBytes: 5, txDropped: 6 } }
  it('shows what a device has counted', () => {
    expect(
      block(ifconfig(view(ns), { counters }), 'eth0')
        ?.split('\n')
        .slice(-4),
    ).toEqual([
      '        RX packets 1  bytes 2000 (1.9 KiB)',
      '        RX errors 0  dropped 3  overruns 0  frame 0',
      '        TX packets 4  bytes 5 (5.0 B)',
      '        TX errors 0  dropped 6 overruns 0  carrier 0  collisions 0',
    ])
    expect(
      block(busyboxIfconfig(view(ns), { counters }), 'eth0')
        ?.split('\n')
        .slice(-4),
    ).toEqual([
      '          RX packets:1 errors:0 dropped:3 overruns:0 frame:0',
      '          TX packets:4 errors:0 dropped:6 overruns:0 carrier:0',
      '          collisions:0 txqueuelen:500 ',
      '          RX bytes:2000 (1.9 KiB)  TX bytes:5 (5.0 B)',
    ])
  })
})

describe('ifconfig and brief forms, read', () => {
  const links = (text: string) => read({ 'link.json': linkObjects(text), 'addr.json': linkObjects(text) }).interfaces

  it.each([
    [
      'net-tools',
      'eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 9001\n        inet 10.0.0.1  netmask 255.255.255.0  broadcast 10.0.0.255\n        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>\n        ether 02:00:00:00:00:01  txqueuelen 1000  (Ethernet)\n',
    ],
    [
      'BusyBox',
      'eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01\n          inet addr:10.0.0.1  Bcast:10.0.0.255  Mask:255.255.255.0\n          inet6 addr: fe80::1%32763/64 Scope:Link\n          UP BROADCAST RUNNING MULTICAST  MTU:9001  Metric:1\n',
    ],
  ])('ifconfig of %s', (_which, text) => {
    expect(links(text)['eth0']).toMatchObject({
      ifindex: 1,
      kind: 'ethernet',
      mac: '02:00:00:00:00:01',
      mtu: 9001,
      up: true,
      carrier: true,
      addresses: [
        { local: '10.0.0.1', prefixlen: 24, broadcast: '10.0.0.255', scope: 'global' },
        { local: 'fe80::1', prefixlen: 64, scope: 'link' },
      ],
    })
  })

  it('tunnels, the loopback, aliases, devices without a cable', () => {
    const text = `eth0: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500
        ether 02:00:00:00:00:01  txqueuelen 1000  (Ethernet)

eth0:1: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500
        inet 10.0.0.2  netmask 255.255.255.0

lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536
        inet 127.0.0.1  netmask 255.0.0.0
        inet6 ::1  prefixlen 128  scopeid 0x10<host>
        loop  txqueuelen 1000  (Local Loopback)

tunl0: flags=193<UP,RUNNING,NOARP>  mtu 1480
        inet 10.2.0.1  netmask 255.255.255.255
        tunnel   txqueuelen 1000  (IPIP Tunnel)
`
    const found = links(text)
    expect(Object.values(found).map(({ name, ifindex, kind, carrier }) => [name, ifindex, kind, carrier])).toEqual([
      ['eth0', 1, 'ethernet', false],
      ['lo', 2, 'loopback', true],
      ['tunl0', 3, 'ipip', true],
    ])
    expect(found['eth0']?.addresses).toMatchObject([{ local: '10.0.0.2', label: 'eth0:1' }])
    expect(found['lo']?.addresses).toMatchObject([{ scope: 'host' }, { local: '::1', scope: 'host' }])
  })

  it.each([
    [
      'lo               UNKNOWN        127.0.0.1/8 ::1/128 ',
      { kind: 'loopback', mtu: 65536, up: true, addresses: [{ scope: 'host' }, { scope: 'host' }] },
    ],
    [
      'eth0             UP             10.0.0.1/24 fe80::1/64 ',
      {
        kind: 'ethernet',
        mtu: 1500,
        up: true,
        carrier: true,
        addresses: [
          { scope: 'global', prefixlen: 24 },
          { scope: 'link', prefixlen: 64 },
        ],
      },
    ],
    ['eth0             DOWN           ', { up: false, carrier: false }],
    ['eth0             UNKNOWN        ', { up: true, carrier: true }],
    ['eth0             LOWERLAYERDOWN ', { up: true, carrier: false }],
    ['tunl0@NONE       UNKNOWN        10.2.0.1/32 ', { kind: 'ipip', up: true }],
    ['cali1@if3        UP             ', { kind: 'veth', linkIndex: 3 }],
    [
      'eth0             UP             02:00:00:00:00:0a <BROADCAST,MULTICAST,UP> ',
      { mac: '02:00:00:00:00:0a', up: true, carrier: false },
    ],
  ])('ip -br: %s', (line, expected) => {
    const [link] = Object.values(links(`${line}\n`))
    expect(link).toMatchObject(expected)
  })
})
