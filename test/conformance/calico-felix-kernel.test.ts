// The verb felix-kernel: what Felix gives to Linux, from what it calculated.
import { describe, expect, it } from 'vitest'
import { answerCalico, type FelixKernelResult } from '../../src/calico/index.ts'

function asked(request: object): FelixKernelResult {
  const answer = answerCalico({ verb: 'felix-kernel', node: 'a', ...request } as never)
  if (!('result' in answer)) throw new Error(JSON.stringify(answer))
  return answer.result
}

const UPLINK = { parent: { device: 'eth0', address: '172.18.0.2' } }
const HOSTS = { a: '172.18.0.2', b: '172.18.0.3', c: '172.18.0.4' }
const VTEPS = [
  { node: 'a', mac: '66:07:01:14:06:90', ipv4: '192.168.82.0', parentIpv4: '172.18.0.2' },
  { node: 'b', mac: '66:46:b3:ce:05:5d', ipv4: '192.168.162.128', parentIpv4: '172.18.0.3' },
]
const TO_B = { dst: '192.168.162.128/26', types: ['remote-workload'], node: 'b', nodeIp: '172.18.0.3' }
const OWN = { dst: '192.168.82.0/26', types: ['local-workload'], node: 'a', nodeIp: '172.18.0.2' }
const VXLAN = { vxlan: { mtu: 1450 }, vteps: VTEPS }
const IPIP = { ipip: { address: '192.168.82.0', mtu: 1480 }, hosts: HOSTS }
const NONE = { dev: null, gw: null, onlink: false, mtu: null }
const ENABLED = { felix: { programClusterRoutes: 'Enabled' } }

describe('routes (facts/felix-routes.md §2, §3)', () => {
  it.each<[name: string, request: object, routes: readonly object[]]>([
    [
      'VXLAN: by the tunnel address, and a blackhole for the own block',
      { ...UPLINK, ...VXLAN, routes: [TO_B, OWN].map((one) => ({ ...one, poolType: 'VXLAN' })) },
      [
        {
          dst: TO_B.dst,
          type: 'unicast',
          dev: 'vxlan.calico',
          gw: '192.168.162.128',
          onlink: true,
          protocol: 3,
          mtu: 1450,
        },
        { dst: OWN.dst, type: 'blackhole', ...NONE, protocol: 80 },
      ],
    ],
    [
      'VXLAN, same subnet: by the node itself',
      { ...UPLINK, ...VXLAN, routes: [{ ...TO_B, poolType: 'VXLAN', sameSubnet: true }] },
      [{ dst: TO_B.dst, type: 'unicast', dev: 'eth0', gw: '172.18.0.3', onlink: true, protocol: 80, mtu: null }],
    ],
    [
      'VXLAN, same subnet, but the uplink is not known: by the tunnel',
      { ...VXLAN, routes: [{ ...TO_B, poolType: 'VXLAN', sameSubnet: true }] },
      [
        {
          dst: TO_B.dst,
          type: 'unicast',
          dev: 'vxlan.calico',
          gw: '192.168.162.128',
          onlink: true,
          protocol: 3,
          mtu: 1450,
        },
      ],
    ],
    [
      'VXLAN: none to a node without a device',
      { ...UPLINK, ...VXLAN, routes: [{ ...TO_B, node: 'c', poolType: 'VXLAN' }] },
      [],
    ],
    [
      'VXLAN: a tunnel address outside its own block is behind no other',
      {
        ...UPLINK,
        ...VXLAN,
        routes: [
          { dst: '192.168.9.1', types: ['remote-tunnel'], poolType: 'VXLAN', node: 'b', borrowed: true },
          { dst: '192.168.9.2', types: ['remote-tunnel'], poolType: 'VXLAN', node: 'b' },
        ],
      },
      [
        {
          dst: '192.168.9.1/32',
          type: 'unicast',
          dev: 'vxlan.calico',
          gw: null,
          onlink: false,
          protocol: 3,
          mtu: 1450,
        },
      ],
    ],
    [
      'IPIP: by the node, into tunl0',
      { ...UPLINK, ...IPIP, routes: [TO_B, OWN].map((one) => ({ ...one, poolType: 'IPIP' })) },
      [
        { dst: TO_B.dst, type: 'unicast', dev: 'tunl0', gw: '172.18.0.3', onlink: true, protocol: 80, mtu: 1480 },
        { dst: OWN.dst, type: 'blackhole', ...NONE, protocol: 80 },
      ],
    ],
    [
      'IPIP: a borrowed tunnel address goes by the node, too',
      {
        ...UPLINK,
        ...IPIP,
        routes: [{ dst: '192.168.9.1', types: ['remote-tunnel'], poolType: 'IPIP', node: 'b', borrowed: true }],
      },
      [
        {
          dst: '192.168.9.1/32',
          type: 'unicast',
          dev: 'tunl0',
          gw: '172.18.0.3',
          onlink: true,
          protocol: 80,
          mtu: 1480,
        },
      ],
    ],
    [
      'IPIP: none to a node whose address nobody knows',
      { ...UPLINK, ...IPIP, hosts: { a: '172.18.0.2' }, routes: [{ ...TO_B, poolType: 'IPIP' }] },
      [],
    ],
    [
      'IPIP up to v3.32 is left to BIRD',
      {
        ...UPLINK,
        ...IPIP,
        calicoVersion: 'v3.32.1',
        routes: [TO_B, OWN].map((one) => ({ ...one, poolType: 'IPIP' })),
      },
      [],
    ],
    [
      'no encapsulation is left to BIRD',
      { ...UPLINK, hosts: HOSTS, routes: [TO_B, OWN].map((one) => ({ ...one, poolType: 'NO_ENCAP' })) },
      [],
    ],
    [
      'unless Felix is told to: by the node itself, in whatever subnet',
      { ...UPLINK, ...ENABLED, routes: [TO_B, OWN].map((one) => ({ ...one, poolType: 'NO_ENCAP' })) },
      [
        { dst: TO_B.dst, type: 'unicast', dev: 'eth0', gw: '172.18.0.3', onlink: true, protocol: 80, mtu: null },
        { dst: OWN.dst, type: 'blackhole', ...NONE, protocol: 80 },
      ],
    ],
    [
      'a chosen protocol is that of all',
      {
        ...UPLINK,
        ...VXLAN,
        felix: { deviceRouteProtocol: 12 },
        routes: [
          { ...TO_B, poolType: 'VXLAN' },
          { ...OWN, poolType: 'VXLAN' },
        ],
        workloads: [{ interface: 'cali1', ipv4: '192.168.82.9' }],
      },
      [
        { dst: '192.168.82.9/32', type: 'unicast', ...NONE, dev: 'cali1', protocol: 12 },
        {
          dst: TO_B.dst,
          type: 'unicast',
          dev: 'vxlan.calico',
          gw: '192.168.162.128',
          onlink: true,
          protocol: 12,
          mtu: 1450,
        },
        { dst: OWN.dst, type: 'blackhole', ...NONE, protocol: 12 },
      ],
    ],
    [
      'no blackhole for single addresses and for pods',
      {
        ...UPLINK,
        ...VXLAN,
        routes: [
          { ...OWN, dst: '192.168.82.7/32', poolType: 'VXLAN' },
          { ...OWN, dst: '192.168.82.8/30', poolType: 'VXLAN', localWorkload: true },
        ],
      },
      [],
    ],
    [
      'before v3.20 no blackhole, before v3.31 no MTU',
      {
        ...UPLINK,
        ...VXLAN,
        calicoVersion: 'v3.19.4',
        routes: [
          { ...TO_B, poolType: 'VXLAN' },
          { ...OWN, poolType: 'VXLAN' },
        ],
      },
      [
        {
          dst: TO_B.dst,
          type: 'unicast',
          dev: 'vxlan.calico',
          gw: '192.168.162.128',
          onlink: true,
          protocol: 3,
          mtu: null,
        },
      ],
    ],
    [
      'what another pool type, or the other family, says is nobody’s',
      {
        ...UPLINK,
        ...VXLAN,
        routes: [
          { ...TO_B, poolType: 'IPIP' },
          { ...TO_B, dst: 'fd00::/122', poolType: 'VXLAN' },
        ],
      },
      [],
    ],
    [
      'a range that two pools want is given once: VXLAN first',
      { ...UPLINK, ...VXLAN, ...IPIP, routes: ['IPIP', 'VXLAN'].map((poolType) => ({ ...TO_B, poolType })) },
      [
        {
          dst: TO_B.dst,
          type: 'unicast',
          dev: 'vxlan.calico',
          gw: '192.168.162.128',
          onlink: true,
          protocol: 3,
          mtu: 1450,
        },
      ],
    ],
  ])('%s', (_name, request, routes) => {
    expect(asked(request).routes).toEqual(routes)
  })

  it('[felix-routes.md §13] of IPv6, by devices of its own', () => {
    const request = {
      ipVersion: 6,
      vxlan: { mtu: 1430 },
      vteps: [{ node: 'b', mac6: '66:49:30:91:8e:81', ipv6: 'fd00:9::0', parentIpv6: 'fd00:1::3' }],
      routes: [{ dst: 'fd00:9::0/122', types: ['remote-workload'], poolType: 'VXLAN', node: 'b', nodeIp: 'fd00:1::3' }],
    }
    const { routes, fdb, devices } = asked({ ...request, parent: { device: 'eth0' } })
    const [dev, gw] = ['vxlan-v6.calico', 'fd00:9::']
    expect(routes).toEqual([{ dst: 'fd00:9::/122', type: 'unicast', dev, gw, onlink: true, protocol: 3, mtu: 1430 }])
    expect(fdb).toEqual([{ mac: '66:49:30:91:8e:81', dst: 'fd00:1::3', neighbour: 'fd00:9::' }])
    expect(devices).toEqual([dev])
  })
})

describe('devices and peers (facts/felix-routes.md §5)', () => {
  it('every other VXLAN device has an entry, the own one has none', () => {
    const { fdb, ipSets } = asked({ ...UPLINK, ...VXLAN, felix: { externalNodesList: ['10.9.0.0/16', '10.8.0.1/32'] } })
    expect(fdb).toEqual([{ mac: '66:46:b3:ce:05:5d', dst: '172.18.0.3', neighbour: '192.168.162.128' }])
    expect(ipSets!['cali40all-vxlan-net']).toEqual(['10.9.0.0/16', '10.8.0.1', '172.18.0.3'])
  })

  it('a device without a good MAC is left out', () => {
    const bad = [{ ...VTEPS[1]!, mac: 'mud' }]
    const { fdb, ipSets } = asked({ ...UPLINK, vxlan: {}, vteps: bad })
    expect([fdb, ipSets!['cali40all-vxlan-net']]).toEqual([[], []])
  })

  it.each<[name: string, request: object, devices: readonly string[]]>([
    ['none while the uplink is not known', { ...VXLAN, ...IPIP }, []],
    ['both', { ...UPLINK, ...VXLAN, ...IPIP }, ['tunl0', 'vxlan.calico']],
    ['tunl0 waits for its address', { ...UPLINK, ipip: { mtu: 1480 } }, []],
  ])('set up: %s', (_name, request, devices) => {
    expect(asked(request).devices).toEqual(devices)
  })

  const DEVICE = { vni: 4096, port: 4789, link: 'eth0', local: '172.18.0.2', mac: '66:07:01:14:06:90' }
  it.each<[reason: string | null, change: object]>([
    [null, {}],
    [null, { mac: '66-07-01-14-06-90'.replaceAll('-', ':').toUpperCase() }],
    [null, { port: 0, local: null, group: '239.1.1.1', mac: null }],
    ['vni', { vni: 4097, port: 4790 }],
    ['port', { port: 4790 }],
    ['link', { link: 'eth1', local: '172.18.0.9' }],
    ['local', { local: '172.18.0.9' }],
    ['l2miss', { l2miss: true }],
    ['gbp', { gbp: true }],
    ['mac', { mac: '66:07:01:14:06:91' }],
    ['flowBased', { flowBased: true, vni: 0, link: null }],
  ])('a VXLAN device is made anew for %s when %j is wanted', (reason, change) => {
    const vxlanDevice = { existing: DEVICE, wanted: { ...DEVICE, ...change } }
    expect(asked({ node: null, vxlanDevice })).toEqual({ vxlanDevice: { recreate: reason !== null, reason } })
  })

  it.each<[name: string, question: object, answer: object]>([
    [
      'the wanted one stays',
      { existing: ['192.168.82.0/32'], wanted: '192.168.82.0' },
      { kept: ['192.168.82.0'], removed: [], added: [] },
    ],
    [
      'one with another length is another',
      { existing: ['192.168.82.0/26', '10.0.0.1'], wanted: '192.168.82.0' },
      { kept: [], removed: ['192.168.82.0/26', '10.0.0.1'], added: ['192.168.82.0'] },
    ],
    [
      'none is wanted: the kernel keeps its own of IPv6',
      { existing: ['169.254.7.7/16', 'fe80::1/64'] },
      { kept: ['fe80::1/64'], removed: ['169.254.7.7/16'], added: [] },
    ],
    [
      'the other family is not looked at',
      { existing: ['fd00::1', '10.0.0.1', 'fe80::1/64'], wanted: 'fd00::2' },
      { kept: ['10.0.0.1', 'fe80::1/64'], removed: ['fd00::1'], added: ['fd00::2'] },
    ],
  ])('addresses of a tunnel device: %s', (_name, tunnelAddresses, answer) => {
    expect(asked({ node: null, tunnelAddresses })).toEqual({ tunnelAddresses: answer })
  })
})

const pool = (name: string, spec: object): object => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec,
})

describe('sets (facts/felix-iptables.md §8)', () => {
  const POOLS = [
    pool('a', { cidr: '10.65.0.0/16', natOutgoing: true }),
    {
      kind: 'List',
      items: [pool('b', { cidr: '10.66.7.0/24' }), pool('six', { cidr: 'fd00::/48', natOutgoing: true })],
    },
    pool('inside', { cidr: '10.65.3.0/24', disabled: true }),
    pool('services', { cidr: '10.70.0.0/24', allowedUses: ['LoadBalancer'], natOutgoing: true }),
  ]

  it.each<[release: string, ipVersion: 4 | 6, sets: object]>([
    [
      'v3.34.0',
      4,
      {
        'cali40masq-ipam-pools': ['10.65.0.0/16', '10.70.0.0/24'],
        'cali40network-ip-pools': ['10.65.0.0/16', '10.66.7.0/24'],
      },
    ],
    [
      'v3.32.0',
      4,
      {
        'cali40masq-ipam-pools': ['10.65.0.0/16', '10.70.0.0/24'],
        'cali40all-ipam-pools': ['10.65.0.0/16', '10.66.7.0/24', '10.70.0.0/24'],
      },
    ],
    ['v3.34.0', 6, { 'cali60masq-ipam-pools': ['fd00::/48'], 'cali60network-ip-pools': ['fd00::/48'] }],
  ])('of pools, in %s of IPv%i', (calicoVersion, ipVersion, sets) => {
    expect(asked({ calicoVersion, ipVersion, objects: POOLS }).ipSets).toEqual(sets)
  })

  it.each<[name: string, request: object, members: readonly string[] | undefined]>([
    ['where IPIP is wanted', { ipip: {} }, ['172.18.0.2', '172.18.0.3', '172.18.0.4']],
    ['with strangers', { ipip: {}, felix: { externalNodesList: ['10.9.0.0/16'] }, hosts: {} }, ['10.9.0.0/16']],
    [
      'where it is an exception of natOutgoing',
      { felix: { natOutgoingExclusions: 'IPPoolsAndHostIPs' }, hosts: { a: '172.18.0.2/16', s: 'fd00::1' } },
      ['172.18.0.2'],
    ],
    ['nowhere else', {}, undefined],
  ])('of hosts: %s', (_name, request, members) => {
    expect(asked({ hosts: HOSTS, ...request }).ipSets!['cali40all-hosts-net']).toEqual(members)
  })
})

describe('translation', () => {
  it('[felix-iptables.md §3] of what leaves pools that ask for it', () => {
    const objects = [pool('a', { cidr: '10.65.0.0/16', natOutgoing: true })]
    expect(asked({ objects }).chains!['cali-nat-outgoing']).toEqual([
      '-m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40network-ip-pools dst --jump MASQUERADE',
    ])
    expect(asked({ ipVersion: 6, objects }).chains!['cali-nat-outgoing']).toEqual([])
  })

  const NAT = [
    { external: '203.0.113.9', internal: '10.65.0.4' },
    { external: '203.0.113.10', internal: '10.65.0.4' },
  ]
  const WORKLOAD = { interface: 'cali4', ipv4: ['10.65.0.4/32'], ipv6: 'fd00::4', nat4: NAT }
  const ROUTES = ['10.65.0.4/32', '203.0.113.9/32', '203.0.113.10/32']

  it.each<[name: string, request: object, routes: readonly string[]]>([
    ['are honoured where they are switched on', { felix: { floatingIPs: 'Enabled' }, workloads: [WORKLOAD] }, ROUTES],
    ['of OpenStack are always', { workloads: [{ ...WORKLOAD, orchestrator: 'openstack' }] }, ROUTES],
  ])('[felix-iptables.md §3] floating addresses %s', (_name, request, routes) => {
    const { chains, routes: found } = asked(request)
    expect(found!.map(({ dst }) => dst)).toEqual(routes)
    // In the order of their texts, and the first of them is what the pod has towards itself.
    expect(chains).toEqual({
      'cali-nat-outgoing': [],
      'cali-fip-dnat': [
        '--destination 203.0.113.10/32 --jump DNAT --to-destination 10.65.0.4',
        '--destination 203.0.113.9/32 --jump DNAT --to-destination 10.65.0.4',
      ],
      'cali-fip-snat': ['--destination 10.65.0.4/32 --source 10.65.0.4/32 --jump SNAT --to-source 203.0.113.10'],
    })
  })

  it('a floating address of two pods is that of the one whose address is first as text', () => {
    const workloads = ['10.65.0.9', '10.65.0.10'].map((internal, i) => ({
      interface: `cali${i}`,
      nat4: [{ external: '203.0.113.9', internal }],
    }))
    expect(asked({ felix: { floatingIPs: 'Enabled' }, workloads }).chains!['cali-fip-dnat']).toEqual([
      '--destination 203.0.113.9/32 --jump DNAT --to-destination 10.65.0.10',
    ])
  })

  it('floating addresses that nobody switched on are nothing', () => {
    const { chains, routes } = asked({ workloads: [WORKLOAD] })
    expect(routes!.map(({ dst }) => dst)).toEqual(['10.65.0.4/32'])
    expect(chains).toEqual({ 'cali-nat-outgoing': [], 'cali-fip-dnat': [], 'cali-fip-snat': [] })
  })
})
