// Routes, rules and interfaces of a dump that are not modelled make the answers undecided that they could turn, and no others.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { describeNote } from '../../src/model/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'

type Row = Readonly<Record<string, unknown>>

const SYSCTLS = 'net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.forwarding = 1\nnet.ipv4.conf.default.forwarding = 1\n'

const address = (local: string, prefixlen: number): Row => ({ family: 'inet', local, prefixlen, scope: 'global' })
const eth = (name: string, ifindex: number, addresses: readonly Row[], more: Row = {}): Row => ({
  ifindex,
  ifname: name,
  flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
  mtu: 1500,
  link_type: 'ether',
  address: `02:00:00:00:${name.endsWith('0') ? '01' : '02'}:${addresses[0]?.['local']?.toString().split('.')[3]?.padStart(2, '0') ?? '99'}`,
  addr_info: addresses,
  ...more,
})
const connected = (dst: string, dev: string, src: string): Row => ({
  dst,
  dev,
  protocol: 'kernel',
  scope: 'link',
  prefsrc: src,
  flags: [],
})
const via = (dst: string, gateway: string, dev = 'eth0', more: Row = {}): Row => ({
  dst,
  gateway,
  dev,
  protocol: 'bird',
  flags: [],
  ...more,
})

interface Machine {
  readonly links: readonly Row[]
  readonly routes: readonly Row[]
  readonly rules?: readonly Row[]
}

/** Two machines on one Ethernet, each with a container network behind it; `a` has more of what a row adds. */
function lab(more: Partial<Machine>): Lab {
  const machine = (n: number, extra: Partial<Machine>): Machine => ({
    links: [
      eth('eth0', 2, [address(`10.0.0.${n}`, 24)]),
      eth('dummy1', 3, [address(`10.9.${n}.1`, 24)], { linkinfo: { info_kind: 'dummy' } }),
      ...(extra.links ?? []),
    ],
    routes: [
      connected('10.0.0.0/24', 'eth0', `10.0.0.${n}`),
      connected(`10.9.${n}.0/24`, 'dummy1', `10.9.${n}.1`),
      via(`10.9.${3 - n}.0/24`, `10.0.0.${3 - n}`),
      ...(extra.routes ?? []),
    ],
    rules: [
      { priority: 0, src: 'all', table: 'local' },
      ...(extra.rules ?? []),
      { priority: 32766, src: 'all', table: 'main' },
      { priority: 32767, src: 'all', table: 'default' },
    ],
  })
  const files: [string, string][] = ['a', 'b'].flatMap((name, i): [string, string][] => {
    const { links, routes, rules } = machine(i + 1, i === 0 ? more : {})
    const bare = links.map(({ addr_info: _, ...link }) => link)
    const json: Record<string, unknown> = { link: bare, addr: links, route: routes, rule: rules, neigh: [] }
    return [
      ...Object.entries(json).map(([file, value]): [string, string] => [`${name}/${file}.json`, JSON.stringify(value)]),
      [`${name}/sysctl.txt`, SYSCTLS],
      [`${name}/iptables.txt`, '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n'],
    ]
  })
  return Lab.fromDumps(Object.fromEntries(files.map(([path, text]) => [path, encodeUtf8(text)])))
}

function undecided(of: Lab, to: string): string[] {
  return of
    .ping('a', to)
    .notes.filter(({ effect }) => effect === 'undecided')
    .map(describeNote)
}

const BOND = { linkinfo: { info_kind: 'bond' } }

const ROWS: readonly [what: string, more: Partial<Machine>, to: string, notes: readonly RegExp[]][] = [
  ['nothing left out', {}, '10.9.2.1', []],
  [
    'a longer route with an encapsulation',
    { routes: [via('10.9.2.1', '10.0.0.2', 'eth0', { encap: 'mpls' })] },
    '10.9.2.1',
    [/^a: the route to 10\.9\.2\.1\/32 of table main is left out: expected a route without "encap", received mpls$/],
  ],
  [
    '… does not concern other destinations',
    { routes: [via('10.9.2.7', '10.0.0.2', 'eth0', { encap: 'mpls' })] },
    '10.9.2.1',
    [],
  ],
  [
    '… nor one that a longer prefix beats',
    { routes: [via('10.0.0.0/8', '10.0.0.9', 'eth0', { realm: '7' })] },
    '10.9.2.1',
    [],
  ],
  [
    'the only route there is',
    { routes: [via('10.8.0.0/16', '10.0.0.2', 'eth0', { realm: '7' })] },
    '10.8.1.1',
    [/^a: the route to 10\.8\.0\.0\/16 of table main is left out/],
  ],
  [
    'routes that lack the same are one note',
    { routes: [7, 8].map((n) => via(`10.9.2.${n % 8}/32`, '10.0.0.2', 'eth0', { encap: 'mpls' })) },
    '10.9.2.7',
    [/^a: 2 routes of table main are left out/],
  ],
  [
    'a policy rule by user',
    { rules: [{ priority: 100, src: 'all', uid_start: 0, uid_end: 0, table: '7' }] },
    '10.9.2.1',
    [/^a: a policy rule is left out: expected a rule without "uid_start"/],
  ],
  [
    '… of other sources concerns nothing from here',
    { rules: [{ priority: 100, src: '10.77.0.0', srclen: 16, uid_start: 0, table: '7' }] },
    '10.9.2.1',
    [],
  ],
  ['the rule of VRFs, without a VRF', { rules: [{ priority: 1000, src: 'all', l3mdev: null }] }, '10.9.2.1', []],
  [
    'a macvlan with a subnet of its own, for its subnet',
    {
      links: [eth('macvlan0', 7, [address('10.5.0.1', 24)], { linkinfo: { info_kind: 'macvlan' } })],
      routes: [connected('10.5.0.0/24', 'macvlan0', '10.5.0.1')],
    },
    '10.5.0.9',
    [/^a: macvlan0 is left out: expected macvlan0 to be of a kind packetwalk models/, /a may be reached through it$/],
  ],
  [
    '… not for others',
    {
      links: [eth('macvlan0', 7, [address('10.5.0.1', 24)], { linkinfo: { info_kind: 'macvlan' } })],
      routes: [connected('10.5.0.0/24', 'macvlan0', '10.5.0.1')],
    },
    '10.9.2.1',
    [],
  ],
  ['a bond without addresses and ports', { links: [eth('bond0', 7, [], BOND)] }, '10.9.2.1', []],
  [
    'a bond that holds a card: whatever fails may go through it',
    {
      links: [
        eth('bond0', 7, [], BOND),
        eth('eth9', 8, [], { master: 'bond0', linkinfo: { info_slave_kind: 'bond' } }),
      ],
    },
    '10.7.7.7',
    [/^a: bond0 is left out: .* received bond; a may be reached through it$/],
  ],
]

describe('what a dump holds and is not modelled', () => {
  it.each(ROWS)('%s', (_what, more, to, notes) => {
    const found = undecided(lab(more), to)
    expect(found).toEqual(notes.map((pattern) => expect.stringMatching(pattern)))
  })

  it('a card held by a VRF: packets out of it, with the rule of VRFs', () => {
    const { ifname: _, ...rest } = eth('eth0', 2, [address('10.0.0.1', 24)])
    const held = { ...rest, ifname: 'eth0', master: 'red', linkinfo: { info_slave_kind: 'vrf' } }
    const of = lab({
      links: [
        { ...held, ifindex: 22, ifname: 'eth7', address: '02:00:00:00:00:77', addr_info: [address('10.4.0.1', 24)] },
      ],
      routes: [connected('10.4.0.0/24', 'eth7', '10.4.0.1')],
      rules: [{ priority: 1000, src: 'all', l3mdev: null }],
    })
    expect(undecided(of, '10.9.2.1')).toEqual([])
    expect(undecided(of, '10.4.0.9')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/a policy rule is left out: expected a rule without "l3mdev"/),
        expect.stringMatching(/eth7 is not modelled in full: expected a port of a bridge, received vrf/),
      ]),
    )
  })
})
