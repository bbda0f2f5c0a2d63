// The machines and Ethernets under a cluster, a word at a time.
import { both, type Change, over, type Thing, without } from '../support/whole-cluster.ts'
import type { Variant } from './control-setting-variants.ts'

const shown = (value: unknown): string => JSON.stringify(value)

type Fields = Readonly<Record<string, unknown>>

/** Fields of one entry of a list of the Underlay. */
function entry(list: 'segments' | 'nodes' | 'routers', at: number, fields: Fields): Change {
  return (objects) =>
    objects.map((one) => {
      if (one.kind !== 'Underlay') return one
      const spec = one['spec'] as Readonly<Record<string, readonly Fields[]>>
      return {
        ...one,
        spec: { ...spec, [list]: spec[list]!.map((old, i) => (i === at ? { ...old, ...fields } : old)) },
      } as Thing
    })
}

const FILTERS: readonly object[] = [
  {},
  { action: 'accept' },
  { name: 'named', protocol: 'tcp' },
  { protocol: 4 },
  { protocol: 'ipip', source: '10.1.0.0/24' },
  { protocol: 'tcp', port: 179 },
  { protocol: 'udp', port: '30000-32767', destination: '10.2.0.0/24' },
  { protocol: 'sctp', port: 1 },
  { vni: 4096 },
  { vni: 4096, port: 4790 },
  { source: 'fd0e:1::/64' },
  { protocol: 'icmp', port: 1 },
  { protocol: 'nonsense' },
  { protocol: 256 },
  { protocol: 'tcp', port: 0 },
  { protocol: 'tcp', port: '9-8' },
  { protocol: 'tcp', port: 'x' },
  { protocol: 'tcp', vni: 1 },
  { source: '10.0.0.0/8', destination: 'fd00::/8' },
]

const SEGMENT: readonly Fields[] = [
  { mtu: 68 },
  { mtu: 1280 },
  { mtu: 9000 },
  { isolated: true },
  { isolated: false },
  { sourceCheck: true },
  { gateways: undefined },
  { gateways: ['10.1.0.1'] },
  { gateways: undefined, gateway: '10.1.0.254' },
  { gateways: ['10.1.0.11'] },
  { gateways: ['10.9.9.9'] },
  { gateways: ['10.1.0.1', '10.1.0.2'] },
  { gateways: ['10.1.0.0'] },
  { gateways: ['10.1.0.255'] },
  { cidrs: undefined },
  { cidrs: ['10.1.0.0/24', '10.1.0.0/16'] },
  { cidrs: ['10.2.0.0/24'] },
  { cidrs: undefined, cidr: '10.1.0.0/16' },
  { name: 'b' },
]

const DEVICE: readonly Fields[] = [
  { mtu: 1300 },
  { mtu: 9000 },
  { mac: '02:00:00:00:00:01' },
  { sourceCheck: true },
  { sourceCheck: false },
  { segment: 'none' },
  { segment: undefined },
  { kind: 'bridge' },
  { kind: 'dummy', segment: undefined },
  { kind: 'ethernet' },
  { addresses: undefined, address: '10.1.0.11/24' },
  { addresses: undefined },
  { addresses: ['10.1.0.12/24'] },
  { addresses: ['10.5.0.11/24'] },
  { addresses: ['10.1.0.11/24', '10.1.0.99/24', 'fd0e:1::11/64'] },
  { addresses: ['10.1.0.11/32'] },
  { addresses: ['10.1.0.1/24'] },
  { name: 'lo', segment: undefined },
  { name: 'a-name-that-is-too-long' },
  { name: 'cali123' },
  { name: 'tunl0' },
]

const EXTRA = { name: 'eth0', segment: 'a', addresses: ['10.1.0.11/24', 'fd0e:1::11/64'] }

const MACHINE: readonly Fields[] = [
  ...[
    [],
    ['default via 10.1.0.1 dev eth0'],
    ['default via 10.1.0.1'],
    ['default via 10.9.9.9'],
    ['default via 10.9.9.9 dev eth0 onlink'],
    ['10.9.0.0/16 dev eth0'],
    ['10.9.0.0/16 dev eth9'],
    ['10.9.0.0/16 via 10.1.0.5 dev eth0 proto static src 10.1.0.11 metric 50 mtu 1400 table 7'],
    ['blackhole 10.9.0.0/16', 'unreachable 10.8.0.0/16', 'prohibit 10.7.0.0/16 metric 9'],
    ['default via fe80::1 dev eth0', 'fd99::/64 dev eth0', 'unreachable fd98::/64'],
    ['default nexthop via 10.1.0.1 dev eth0 weight 2 nexthop via 10.1.0.2'],
    ['local 10.9.0.1 dev lo', 'throw 10.9.0.0/16 table 9'],
    ['10.2.0.0/24 via 10.1.0.1 dev eth0', '10.2.0.12/32 dev eth1', 'fd0e:2::/64 via fd0e:1::1 dev eth0'],
    ['10.2.0.0/24 nexthop via 10.1.0.1 dev eth0 weight 1 nexthop dev eth1 weight 1'],
    ['nonsense'],
    ['10.9.0.0/16 via x'],
    ['10.9.0.1/16 dev eth0'],
    ['10.9.0.0/16 dev eth0 src 10.1.0.99'],
    [''],
  ].map((routes) => ({ routes })),
  ...[
    ['100: from 10.1.0.0/24 lookup 100'],
    ['from all fwmark 0x1 lookup 5'],
    ['200: from all to 10.0.0.0/8 iif eth0 lookup main'],
    ['300: from fd00::/8 lookup 9', '300: from all blackhole'],
    ['nonsense'],
    ['0: from all lookup 7'],
  ].map((rules) => ({ rules })),
  ...[
    { 'net.ipv4.ip_forward': '0' },
    { 'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.eth0.rp_filter': '2' },
    { 'net.ipv6.conf.all.forwarding': '0' },
    { 'net.ipv4.conf.eth9.rp_filter': '1' },
    { 'net.ipv4.nothing': '1' },
    { 'net.ipv4.ip_forward': 'x' },
    { 'net/ipv4/ip_forward': '0' },
  ].map((sysctls) => ({ sysctls })),
  { name: 'stranger' },
  { name: 'n2' },
  { interfaces: [] },
  { interfaces: [EXTRA, EXTRA] },
  { interfaces: [EXTRA, { name: 'eth1', segment: 'a', address: '10.1.0.99/24' }] },
  {
    interfaces: [
      EXTRA,
      { name: 'lo', address: '192.0.2.1/32' },
      { name: 'docker0', kind: 'bridge', address: '172.17.0.1/16' },
      { name: 'd0', kind: 'dummy', address: '10.9.9.9/32', mtu: 1000 },
    ],
  },
]

const ROUTER: readonly Fields[] = [
  { internet: false },
  { masquerade: true },
  { masquerade: true, internet: false },
  { asNumber: undefined },
  { asNumber: 64512 },
  { peers: ['10.2.0.1'] },
  { peers: ['203.0.113.1'] },
  { sourceCheck: true },
  { name: 'n1' },
  { name: 'switch-a' },
  { interfaces: [{ name: 'a', segment: 'a', addresses: ['10.1.0.1/24', 'fd0e:1::1/64'] }] },
  ...FILTERS.map((filter) => ({ filters: [filter] })),
  { filters: FILTERS.slice(0, 6) },
]

/** Two routers, which have a session with each other or not. */
function twoRouters(fields: Fields): Change {
  const one = {
    name: 'r1',
    asNumber: 65001,
    interfaces: [
      { name: 'a', segment: 'a', addresses: ['10.1.0.1/24'] },
      { name: 'c', segment: 'c', address: '10.3.0.1/24' },
    ],
  }
  const two = {
    name: 'r2',
    asNumber: 65002,
    interfaces: [
      { name: 'b', segment: 'b', addresses: ['10.2.0.1/24'] },
      { name: 'c', segment: 'c', address: '10.3.0.2/24' },
    ],
  }
  return (objects) =>
    objects.map((object) => {
      if (object.kind !== 'Underlay') return object
      const spec = object['spec'] as Readonly<Record<string, readonly Fields[]>>
      const segments = [...spec['segments']!, { name: 'c', cidr: '10.3.0.0/24' }]
      return { ...object, spec: { ...spec, segments, routers: [{ ...one, ...fields }, two] } } as Thing
    })
}

/** A router on each segment, both of them with an uplink. */
const twoWaysOut: Change = (objects) =>
  objects.map((object) => {
    if (object.kind !== 'Underlay') return object
    const spec = object['spec'] as Readonly<Record<string, readonly Fields[]>>
    const routers = ['1', '2'].map((number, i) => {
      const addresses = [`10.${number}.0.1/24`, `fd0e:${number}::1/64`]
      return { name: `r${number}`, internet: true, interfaces: [{ name: 'in', segment: 'ab'[i], addresses }] }
    })
    return { ...object, spec: { ...spec, routers } } as Thing
  })

/** All of them. */
export const UNDERLAY_VARIANTS: readonly Variant[] = [
  ...SEGMENT.map((fields): Variant => [`segment ${shown(fields)}`, entry('segments', 0, fields)]),
  ...FILTERS.map(
    (filter): Variant => [`filter of a segment ${shown(filter)}`, entry('segments', 0, { filters: [filter] })],
  ),
  ...DEVICE.map(
    (fields): Variant => [`interface ${shown(fields)}`, entry('nodes', 0, { interfaces: [{ ...EXTRA, ...fields }] })],
  ),
  ...MACHINE.map((fields): Variant => [`machine ${shown(fields)}`, entry('nodes', 0, fields)]),
  ...ROUTER.map((fields): Variant => [`router ${shown(fields)}`, entry('routers', 0, fields)]),
  ...[{}, { peers: ['10.3.0.2'] }, { peers: ['10.3.0.2'], asNumber: 65002 }, { internet: true }].map(
    (fields): Variant => [`two routers ${shown(fields)}`, twoRouters(fields)],
  ),
  [
    'two routers, peers of both',
    both(twoRouters({ peers: ['10.3.0.2'] }), over('BGPPeer', 'r', { spec: { peerIP: '10.1.0.1', asNumber: 65001 } })),
  ],
  ['two ways into the internet', twoWaysOut],
  ['no routers', over('Underlay', 'u', { spec: { routers: undefined } })],
  ['no Underlay', without('Underlay')],
  [
    'no Underlay, one subnet',
    both(
      without('Underlay'),
      over('Node', 'n2', { metadata: { annotations: { 'projectcalico.org/IPv4Address': '10.1.0.12/24' } } }),
    ),
  ],
  [
    'no Underlay, an address alone',
    both(
      without('Underlay'),
      over('Node', 'n2', { metadata: { annotations: { 'projectcalico.org/IPv4Address': '10.1.0.12' } } }),
    ),
  ],
  [
    'no Underlay, no annotations',
    both(
      without('Underlay'),
      over('Node', 'n1', { metadata: { annotations: undefined } }),
      over('Node', 'n2', { metadata: { annotations: undefined } }),
    ),
  ],
  [
    'no Underlay, an address outside',
    both(
      without('Underlay'),
      over('Node', 'n2', { status: { addresses: [{ type: 'ExternalIP', address: '203.0.113.2' }] } }),
    ),
  ],
]
