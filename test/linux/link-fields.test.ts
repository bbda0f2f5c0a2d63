// Devices as ip and bridge print them: every setting read from its text, printed again, and the same in its JSON.
import { describe, expect, it } from 'vitest'
import { bridgeLink, ipLink, linkObjects, parseNamespaceDump, printNamespaceDump } from '../../src/linux/index.ts'
import { type Interface, type Namespace, networkOf } from '../../src/model/index.ts'

/** A namespace from the texts of the tools; nothing of them may be in doubt. */
function read(files: Readonly<Record<string, unknown>>): Namespace {
  const { namespace, issues } = parseNamespaceDump('n', 'host', files)
  expect(issues).toEqual([])
  return namespace
}

const view = (ns: Namespace) => ({ network: networkOf([ns]), ns })

/** Facts without where they were read. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part: unknown) => (/origin/i.test(key) ? undefined : part)))

/** The same facts after a trip through the JSON files of a dump. */
function throughJson(ns: Namespace): Namespace {
  return read(printNamespaceDump(networkOf([ns]), ns))
}

const ETH0 =
  '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000\n' +
  '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n'

describe('ip -d link: what a kind of device has', () => {
  const vxlan = (words: string) => [
    '7: vx: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000',
    '    link/ether 02:00:00:00:00:07 brd ff:ff:ff:ff:ff:ff',
    `    vxlan ${words} `,
  ]
  const ipip = (words: string, flags = 'NOARP,UP,LOWER_UP', address = '0.0.0.0 brd 0.0.0.0', at = 'NONE') => [
    `8: tun: <${flags}> mtu 1480 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000`.replace(
      'tun',
      `tun@${at}`,
    ),
    `    link/ipip ${address}`,
    `    ipip any ${words} `,
  ]
  const port = (words: string) => [
    '9: p: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel master br state UP mode DEFAULT group default qlen 1000',
    '    link/ether 02:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff',
    `    bridge_slave ${words} `,
  ]
  const bridge = (words: string) => [
    '6: br: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000',
    '    link/ether 02:00:00:00:00:06 brd ff:ff:ff:ff:ff:ff',
    `    bridge ${words} `,
  ]
  const sums = 'udpcsum noudp6zerocsumtx noudp6zerocsumrx'
  const rows: readonly (readonly [what: string, lines: readonly string[], dev: string, fields: object])[] = [
    [
      'no more than an id',
      vxlan(`id 5 srcport 0 0 dstport 8472 ttl auto ${sums}`),
      'vx',
      {
        vxlan: {
          id: 5,
          ttl: 0,
          learning: true,
          dstport: 8472,
          tos: 0,
          df: 'unset',
          udpcsum: true,
          udp6zerocsumtx: false,
          udp6zerocsumrx: false,
        },
      },
    ],
    [
      'one other end',
      vxlan(`id 5 remote 10.0.0.2 local 10.0.0.1 dev eth0 srcport 0 0 dstport 4789 nolearning ttl auto ${sums}`),
      'vx',
      { vxlan: { remote: '10.0.0.2', local: '10.0.0.1', link: 'eth0', dstport: 4789, learning: false } },
    ],
    [
      'the lowest group',
      vxlan(`id 5 group 224.0.0.1 dev eth0 srcport 0 0 dstport 8472 ttl auto ${sums}`),
      'vx',
      { vxlan: { remote: '224.0.0.1' } },
    ],
    [
      'the highest group',
      vxlan(`id 5 group 239.255.255.255 dev eth0 srcport 0 0 dstport 8472 ttl auto ${sums}`),
      'vx',
      { vxlan: { remote: '239.255.255.255' } },
    ],
    [
      'an address below the groups',
      vxlan(`id 5 remote 223.0.0.1 srcport 0 0 dstport 8472 ttl auto ${sums}`),
      'vx',
      { vxlan: { remote: '223.0.0.1' } },
    ],
    [
      'an address above them',
      vxlan(`id 5 remote 240.0.0.1 srcport 0 0 dstport 8472 ttl auto ${sums}`),
      'vx',
      { vxlan: { remote: '240.0.0.1' } },
    ],
    [
      'a group of IPv6',
      vxlan(`id 5 group ff02::7 dev eth0 srcport 0 0 dstport 8472 ttl auto noudpcsum udp6zerocsumtx udp6zerocsumrx`),
      'vx',
      { vxlan: { remote: 'ff02::7', udpcsum: false, udp6zerocsumtx: true, udp6zerocsumrx: true } },
    ],
    [
      'ends of IPv6',
      vxlan(
        `id 5 remote fd00::2 local fd00::1 srcport 0 0 dstport 8472 ttl auto noudpcsum udp6zerocsumtx noudp6zerocsumrx`,
      ),
      'vx',
      { vxlan: { remote: 'fd00::2', local: 'fd00::1' } },
    ],
    [
      'source ports',
      vxlan(`id 5 srcport 1000 2000 dstport 8472 ttl auto ${sums}`),
      'vx',
      { vxlan: { portRange: { low: 1000, high: 2000 } } },
    ],
    ['a TTL', vxlan(`id 5 srcport 0 0 dstport 8472 ttl 9 ${sums}`), 'vx', { vxlan: { ttl: 9 } }],
    [
      'an inherited TTL',
      vxlan(`id 5 srcport 0 0 dstport 8472 ttl inherit ${sums}`),
      'vx',
      { vxlan: { ttl: 'inherit' } },
    ],
    ['a TOS', vxlan(`id 5 srcport 0 0 dstport 8472 tos 0x10 ttl auto ${sums}`), 'vx', { vxlan: { tos: 16 } }],
    [
      'an inherited TOS',
      vxlan(`id 5 srcport 0 0 dstport 8472 tos inherit ttl auto ${sums}`),
      'vx',
      { vxlan: { tos: 'inherit' } },
    ],
    ['DF', vxlan(`id 5 srcport 0 0 dstport 8472 ttl auto df set ${sums}`), 'vx', { vxlan: { df: 'set' } }],
    [
      'an inherited DF',
      vxlan(`id 5 srcport 0 0 dstport 8472 ttl auto df inherit ${sums}`),
      'vx',
      { vxlan: { df: 'inherit' } },
    ],
    ['ageing', vxlan(`id 5 srcport 0 0 dstport 8472 ttl auto ageing 30 ${sums}`), 'vx', { vxlan: { ageing: 30 } }],
    [
      'ipip of any ends',
      ipip('remote any local any ttl inherit nopmtudisc'),
      'tun',
      { ipip: { ttl: 0, tos: 0, pmtudisc: false } },
    ],
    ['ipip with a TTL', ipip('remote any local any ttl 64 pmtudisc'), 'tun', { ipip: { ttl: 64, pmtudisc: true } }],
    ['ipip with a TOS', ipip('remote any local any ttl inherit tos 0x8 pmtudisc'), 'tun', { ipip: { tos: 8 } }],
    [
      'ipip that inherits the TOS',
      ipip('remote any local any ttl inherit tos inherit pmtudisc'),
      'tun',
      { ipip: { tos: 'inherit' } },
    ],
    [
      'ipip between two',
      ipip(
        'remote 10.0.0.2 local 10.0.0.1 dev eth0 ttl inherit pmtudisc',
        'POINTOPOINT,NOARP,UP,LOWER_UP',
        '10.0.0.1 peer 10.0.0.2',
        'eth0',
      ),
      'tun',
      { ipip: { remote: '10.0.0.2', local: '10.0.0.1', link: 'eth0' } },
    ],
    ['a bridge without more', bridge('stp_state 0'), 'br', { bridge: { stp: false } }],
    [
      'a bridge',
      bridge('ageing_time 30000 stp_state 0 vlan_filtering 0 mcast_snooping 1 nf_call_iptables 0 nf_call_ip6tables 1'),
      'br',
      {
        bridge: {
          ageingTime: 300,
          stp: false,
          vlanFiltering: false,
          mcastSnooping: true,
          nfCallIptables: false,
          nfCallIp6tables: true,
        },
      },
    ],
    ...(['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const).map(
      (state) =>
        [
          `a port that is ${state}`,
          port(`state ${state} hairpin off`),
          'p',
          { port: { state, hairpin: false } },
        ] as const,
    ),
    ...(
      [
        ['hairpin', 'hairpin'],
        ['learning', 'learning'],
        ['flood', 'flood'],
        ['mcast_flood', 'mcastFlood'],
        ['bcast_flood', 'bcastFlood'],
        ['neigh_suppress', 'neighSuppress'],
        ['isolated', 'isolated'],
      ] as const
    ).flatMap(([word, name]) =>
      [true, false].map(
        (on) =>
          [`a port with ${word} ${on}`, port(`${word} ${on ? 'on' : 'off'}`), 'p', { port: { [name]: on } }] as const,
      ),
    ),
  ]
  const others = `${ETH0}${bridge('stp_state 0').slice(0, 2).join('\n')}\n    bridge stp_state 0 \n`
  // A bridge has carrier when a port has.
  const around = (dev: string) => (dev === 'br' ? ETH0.replace('state', 'master br state') : others)

  it.each(rows)('%s', (_what, lines, dev, fields) => {
    const text = `${lines.join('\n')}\n`
    const ns = read({ 'link.json': linkObjects(`${around(dev)}${text}`) })
    expect(ns.interfaces[dev]).toMatchObject(fields)
    expect(ipLink(view(ns), { dev, details: true })).toBe(text)
    expect(plain(throughJson(ns).interfaces[dev])).toEqual(plain(ns.interfaces[dev]))
  })

  it.each(['external', 'gbp', 'gpe', 'proxy', 'rsc'])('a VXLAN device with "%s" is refused by name', (word) => {
    const { issues } = parseNamespaceDump('n', 'host', {
      'link.json': linkObjects(`${vxlan(`id 5 srcport 0 0 dstport 8472 ${word} ttl auto ${sums}`).join('\n')}\n`),
    })
    expect(issues).toMatchObject([{ kind: 'unsupported', expected: `a VXLAN device without "${word}"` }])
  })
})

describe('ip -d link: kinds that are not modelled', () => {
  it.each(['bond', 'macvlan', 'ipvlan', 'vlan', 'tun', 'gre', 'sit', 'ip6tnl', 'vrf', 'vti', 'geneve'])(
    '%s is refused by name',
    (kind) => {
      const text = `3: x0: <UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff\n    ${kind} mode 1 \n`
      const { namespace, issues } = parseNamespaceDump('n', 'host', { 'link.json': linkObjects(text) })
      expect(issues).toMatchObject([{ kind: 'unsupported', received: kind, line: 1 }])
      expect(namespace.interfaces).toEqual({})
    },
  )
})

describe('ip link without -d: kinds are guessed', () => {
  it.each([
    ['a tunnel', '3: t@NONE: <NOARP,UP,LOWER_UP> mtu 1480\n    link/ipip 0.0.0.0 brd 0.0.0.0\n', 't', 'ipip'],
    ['a device without addresses', '3: w: <NOARP,UP,LOWER_UP> mtu 1420\n    link/none \n', 'w', 'wireguard'],
    [
      'one end of a pair',
      '3: v@if4: <UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff link-netnsid 2\n',
      'v',
      'veth',
    ],
    [
      'a master',
      `3: b: <UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff\n${ETH0.replace('state', 'master b state')}`,
      'b',
      'bridge',
    ],
    ['a card', ETH0, 'eth0', 'ethernet'],
    [
      'the loopback',
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n',
      'lo',
      'loopback',
    ],
  ])('%s', (_what, text, dev, kind) => {
    expect(read({ 'link.json': linkObjects(text) }).interfaces[dev]?.kind).toBe(kind)
  })

  it('what a kind has without being asked', () => {
    const links = read({
      'link.json': linkObjects(
        '3: t@NONE: <NOARP,UP,LOWER_UP> mtu 1480\n    link/ipip 0.0.0.0 brd 0.0.0.0\n4: w: <NOARP,UP,LOWER_UP> mtu 1420\n    link/none \n',
      ),
    }).interfaces
    expect(links['t']?.ipip).toEqual({ ttl: 0, tos: 0, pmtudisc: true })
    expect(links['w']?.wireguard).toEqual({ listenPort: 0, fwmark: 0, peers: [] })
  })

  it('a pair inside a namespace and one to another', () => {
    const ends = (a: string, b: string, tail = '') =>
      `3: ${a}: <UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff${tail}\n` +
      (b === '' ? '' : `4: ${b}: <UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:04 brd ff:ff:ff:ff:ff:ff\n`)
    const here = read({ 'link.json': linkObjects(ends('a@b', 'b@a')) }).interfaces
    expect([here['a']?.linkIndex, here['b']?.linkIndex, here['a']?.linkNetnsid]).toEqual([4, 3, undefined])
    const away = read({ 'link.json': linkObjects(ends('a@if9', '', ' link-netnsid 2')) }).interfaces
    expect(away['a']).toMatchObject({ linkIndex: 9, linkNetnsid: 2 })
  })
})

describe('flags and states of devices', () => {
  const link = (fields: object): Interface => ({
    ...read({ 'link.json': linkObjects(ETH0) }).interfaces['eth0']!,
    ...fields,
  })
  const rows: readonly (readonly [what: string, fields: object, flags: string, state: string])[] = [
    ['a card', {}, 'BROADCAST,MULTICAST,UP,LOWER_UP', 'UP'],
    ['a card without a cable', { carrier: false }, 'NO-CARRIER,BROADCAST,MULTICAST,UP', 'DOWN'],
    ['a card that is down', { up: false, carrier: false }, 'BROADCAST,MULTICAST', 'DOWN'],
    ['a card without ARP', { noarp: true }, 'BROADCAST,MULTICAST,NOARP,UP,LOWER_UP', 'UP'],
    [
      'a veth without its other end',
      { kind: 'veth', carrier: false },
      'NO-CARRIER,BROADCAST,MULTICAST,UP',
      'LOWERLAYERDOWN',
    ],
    ['a bridge without ports', { kind: 'bridge' }, 'NO-CARRIER,BROADCAST,MULTICAST,UP', 'DOWN'],
    ['a dummy', { kind: 'dummy' }, 'BROADCAST,NOARP,UP,LOWER_UP', 'UNKNOWN'],
    ['wireguard', { kind: 'wireguard' }, 'POINTOPOINT,NOARP,UP,LOWER_UP', 'UNKNOWN'],
    ['loopback', { kind: 'loopback' }, 'LOOPBACK,UP,LOWER_UP', 'UNKNOWN'],
  ]
  it.each(rows)('%s', (_what, fields, flags, state) => {
    const eth0 = link(fields)
    const ns = { ...read({ 'link.json': [] }), interfaces: { eth0 } }
    const out = ipLink(view(ns))
    expect([/<(.*)>/.exec(out)?.[1], /state (\S+)/.exec(out)?.[1]]).toEqual([flags, state])
  })
})

describe('bridge -d link: settings of a port', () => {
  const settings = [
    ['hairpin', 'hairpin', 'off'],
    ['learning', 'learning', 'on'],
    ['flood', 'flood', 'on'],
    ['mcast_flood', 'mcastFlood', 'on'],
    ['bcast_flood', 'bcastFlood', 'on'],
    ['neigh_suppress', 'neighSuppress', 'off'],
    ['isolated', 'isolated', 'off'],
  ] as const
  const port = (fields: object, link: object = {}): string => {
    const eth0 = {
      ...read({ 'link.json': linkObjects(ETH0) }).interfaces['eth0']!,
      ...link,
      master: 'br',
      port: fields,
    }
    const ns = { ...read({ 'link.json': [] }), interfaces: { eth0 } }
    return bridgeLink(view(ns), { details: true })
  }
  it.each(settings)('%s', (word, name, standard) => {
    const said = (text: string) => new RegExp(` ${word} (\\w+) `).exec(text)?.[1]
    expect([said(port({})), said(port({ [name]: true })), said(port({ [name]: false }))]).toEqual([
      standard,
      'on',
      'off',
    ])
  })
  it.each([
    ['up', {}, {}, 'forwarding'],
    ['without carrier', {}, { carrier: false }, 'disabled'],
    ['down', {}, { up: false }, 'disabled'],
    ['blocked', { state: 'blocking' }, {}, 'blocking'],
  ])('%s', (_what, fields, link, state) => {
    expect(/ state (\w+) priority 32 cost 2 \n/.exec(port(fields, link))?.[1]).toBe(state)
  })
})
