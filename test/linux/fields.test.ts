// Every word a tool prints: read from its text, printed again, and the same in its JSON. A row for each field.
import { describe, expect, it } from 'vitest'
import {
  bridgeFdb,
  bridgeLink,
  fdbObjects,
  ipAddr,
  ipLink,
  ipNeigh,
  ipNeighProxy,
  ipRoute,
  ipRule,
  linkObjects,
  neighObjects,
  parseNamespaceDump,
  printNamespaceDump,
  routeObjects,
  ruleObjects,
} from '../../src/linux/index.ts'
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

describe('ip addr: words of an address', () => {
  it.each([
    'inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0',
    'inet 10.0.0.1/32 scope link eth0',
    'inet 10.0.0.1/8 scope host eth0',
    'inet 10.0.0.1/24 scope site eth0',
    'inet 10.0.0.1/24 scope nowhere eth0',
    'inet 10.0.0.1 peer 10.0.0.2/32 scope global eth0',
    'inet 10.0.0.2/24 scope global secondary eth0:1',
    'inet 10.0.0.2/24 scope global noprefixroute eth0',
    'inet6 fd00::1/64 scope global ',
    'inet6 fd00::1 peer fd00::2/128 scope global ',
    'inet6 fd00::1/64 scope global temporary ',
    'inet6 fd00::1/64 scope global tentative ',
    'inet6 fd00::1/64 scope global nodad ',
    'inet6 fd00::1/64 scope global tentative dadfailed ',
    'inet6 fe80::1/64 scope link ',
  ])('%s', (line) => {
    const text = `${ETH0}    ${line}\n       valid_lft forever preferred_lft forever\n`
    const ns = read({ 'link.json': linkObjects(text), 'addr.json': linkObjects(text) })
    expect(ipAddr(view(ns))).toBe(text)
    expect(plain(throughJson(ns).interfaces['eth0'])).toEqual(plain(ns.interfaces['eth0']))
  })

  it('deprecated', () => {
    const text = `${ETH0}    inet6 fd00::1/64 scope global deprecated \n       valid_lft forever preferred_lft 0sec\n`
    const ns = read({ 'link.json': linkObjects(text), 'addr.json': linkObjects(text) })
    expect(ipAddr(view(ns))).toBe(text)
    expect(throughJson(ns).interfaces['eth0']?.addresses[0]?.deprecated).toBe(true)
  })
})

describe('ip -d route: words of a route', () => {
  const rows = [
    ...['unicast', 'local', 'broadcast', 'anycast', 'multicast'].map(
      (type) => `${type} 10.1.0.0/16 dev eth0 proto static scope link `,
    ),
    ...['blackhole', 'unreachable', 'prohibit', 'throw'].map((type) => `${type} 10.1.0.0/16 proto bird scope global `),
    'unicast default via 10.0.0.1 dev eth0 proto boot scope global ',
    'unicast 10.1.0.1 dev eth0 proto kernel scope link src 10.0.0.9 ',
    'unicast 10.1.0.0/16 tos 0x08 dev eth0 proto boot scope link ',
    'unicast 10.1.0.0/16 tos 0x10 dev eth0 proto boot scope link ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link metric 100 ',
    'unicast 10.1.0.0/16 via 10.9.0.1 dev eth0 proto bird scope global onlink ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link mtu 1400 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link mtu lock 1400 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link advmss 1360 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope link mtu 1400 advmss 1360 ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope host ',
    'unicast 10.1.0.0/16 dev eth0 proto boot scope site ',
    'unicast 10.1.0.0/16 proto bird scope global \n\tnexthop via 10.0.0.1 dev eth0 weight 1 \n\tnexthop via 10.0.0.2 dev eth0 weight 3 onlink ',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'route.json': routeObjects(`${line}\n`) })
    const table = ns.routes[0]!.table
    expect(ipRoute(view(ns), { details: true, table })).toBe(`${line}\n`)
    const again = throughJson(ns).routes
    // `ip -j` does not say that an MTU is locked, nor that a hop of several is on the link.
    const kept = (routes: unknown): unknown =>
      JSON.parse(JSON.stringify(plain(routes), (key, value: unknown) => (key === 'mtuLock' ? undefined : value)))
    expect(kept(again)).toEqual(kept(ns.routes))
  })

  it.each([
    'unicast fd01::/64 dev eth0 proto kernel scope global metric 256 pref medium',
    'unicast fd01::/64 via fe80::1 dev eth0 proto ra scope global metric 1024 pref low',
    'unicast default via fe80::1 dev eth0 proto ra scope global metric 1024 pref high',
    'unreachable fd01::/64 dev lo proto bird scope global metric 1024 pref medium',
  ])('IPv6: %s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'route6.json': routeObjects(`${line}\n`) })
    expect(ipRoute(view(ns), { details: true, family: 'inet6' })).toBe(`${line}\n`)
    expect(plain(throughJson(ns).routes)).toEqual(plain(ns.routes))
  })

  it.each(['encap', 'from', 'nhid', 'realm', 'realms'])('a route with "%s" is refused by name', (word) => {
    const line = `10.1.0.0/16 ${word} 5 via 10.0.0.1\n`
    const { issues, namespace } = parseNamespaceDump('n', 'host', { 'route.json': routeObjects(line) })
    expect(issues).toMatchObject([{ kind: 'unsupported', expected: `a route without "${word}"`, received: '5' }])
    expect(namespace.routes).toEqual([])
  })

  it.each([
    ['on a device that is down', { up: false, carrier: false }, 'dead linkdown'],
    ['on a device without carrier', { carrier: false }, 'linkdown'],
  ])('%s', (_what, fields, flags) => {
    const ns = read({
      'link.json': linkObjects(ETH0),
      'route.json': routeObjects(
        '10.1.0.0/16 via 10.0.0.1 dev eth0 onlink\nlocal 10.0.0.9 dev eth0 table main\nanycast 10.0.0.8 dev eth0 table main\n',
      ),
    })
    const eth0 = { ...ns.interfaces['eth0']!, ...fields }
    const words = ['onlink', ...flags.split(' ')]
    const sorted = ['dead', 'onlink', 'linkdown'].filter((flag) => words.includes(flag))
    expect(ipRoute(view({ ...ns, interfaces: { eth0 } }))).toBe(
      `anycast 10.0.0.8 dev eth0 \nlocal 10.0.0.9 dev eth0 scope host \n10.1.0.0/16 via 10.0.0.1 dev eth0 ${sorted.join(' ')} \n`,
    )
  })
})

describe('ip rule: words of a rule', () => {
  const rows = [
    '0:\tfrom all lookup local',
    '32766:\tfrom all lookup main',
    '100:\tfrom 10.0.0.0/8 lookup 7',
    '100:\tfrom 10.0.0.1 to 10.1.0.0/16 lookup main',
    '100:\tfrom all to 10.1.0.1 lookup main',
    '100:\tfrom 0.0.0.0/0 to 0.0.0.0/0 lookup main',
    '100:\tnot from all fwmark 0x1/0xff lookup 7',
    '100:\tfrom all fwmark 0x10 lookup 7',
    '100:\tfrom all tos 0x10 lookup 7',
    '100:\tfrom all iif eth0 oif eth0 lookup 7',
    '100:\tfrom all iif gone [detached] lookup 7',
    '100:\tfrom all oif gone [detached] lookup 7',
    '100:\tfrom all ipproto tcp lookup 7',
    '100:\tfrom all ipproto udp sport 53 dport 1-1024 lookup 7',
    '100:\tfrom all sport 1-2 dport 80 lookup 7',
    '100:\tfrom all goto 200',
    '100:\tfrom all nop',
    '100:\tfrom all blackhole',
    '100:\tfrom all unreachable',
    '100:\tfrom all prohibit',
    '100:\tfrom all lookup main suppress_prefixlength 0',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'rule.json': ruleObjects(`${line}\n`) })
    expect(ipRule(view(ns))).toBe(`${line}\n`)
    expect(plain(throughJson(ns).rules)).toEqual(plain(ns.rules))
  })

  it.each(['100:\tfrom fd00::/8 to fd01::1 lookup main', '100:\tfrom ::/0 lookup main'])('IPv6: %s', (line) => {
    const ns = read({ 'rule6.json': ruleObjects(`${line}\n`) })
    expect(ipRule(view(ns), 'inet6')).toBe(`${line}\n`)
  })

  it.each([
    ['from all lookup main suppress_ifgroup 1', 'suppress_ifgroup', '1'],
    ['from all uidrange 0-100 lookup 7', 'uid_start', '0-100'],
    ['from all lookup [l3mdev-table]', 'l3mdev', 'null'],
  ])('what is not modelled is refused by name: %s', (words, key, received) => {
    const text = words.replace('lookup [', '[')
    const { issues } = parseNamespaceDump('n', 'host', { 'rule.json': ruleObjects(`100:\t${text}\n`) })
    expect(issues).toMatchObject([{ kind: 'unsupported', expected: `a rule without "${key}"`, received }])
  })
})

describe('ip neigh: states and words', () => {
  const states = ['PERMANENT', 'NOARP', 'REACHABLE', 'STALE', 'DELAY', 'PROBE']
  const rows = [
    ...states.map((state) => `10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 ${state} `),
    ...['INCOMPLETE', 'FAILED', 'NONE'].map((state) => `10.0.0.2 dev eth0 ${state} `),
    'fe80::2 dev eth0 lladdr 02:00:00:00:00:02 router REACHABLE ',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'link.json': linkObjects(ETH0), 'neigh.json': neighObjects(`${line}\n`) })
    expect(ipNeigh(view(ns), { all: true })).toBe(`${line}\n`)
    expect(plain(throughJson(ns).neighbours)).toEqual(plain(ns.neighbours))
  })

  it('hides what nobody asked for, and picks by family and device', () => {
    const lines = rows.map((line, i) =>
      line.replace('10.0.0.2', `10.0.0.${i}`).replace('eth0', i % 2 === 0 ? 'eth0' : 'eth1'),
    )
    const ns = read({ 'neigh.json': neighObjects(lines.join('\n')) })
    const shown = (options: object) =>
      ipNeigh(view(ns), options)
        .split('\n')
        .filter((line) => line !== '')
    expect(shown({ all: true })).toEqual(lines)
    expect(shown({})).toEqual(lines.filter((line) => !/ (NOARP|NONE) /.test(line)))
    expect(shown({ all: true, family: 'inet6' })).toEqual(lines.filter((line) => line.startsWith('fe80')))
    expect(shown({ all: true, family: 'inet' })).toEqual(lines.filter((line) => !line.startsWith('fe80')))
    expect(shown({ all: true, dev: 'eth1' })).toEqual(
      lines.filter((line) => line.includes('eth1')).map((line) => line.replace(' dev eth1', '')),
    )
  })

  it.each(['10.0.0.5 dev eth0 proxy \n', '10.0.0.5 proxy \n'])('proxy: %s', (line) => {
    const ns = read({ 'neigh-proxy.json': neighObjects(line) })
    expect(ipNeighProxy(view(ns))).toBe(line)
    expect(plain(throughJson(ns).proxyNeighbours)).toEqual(plain(ns.proxyNeighbours))
  })
})

describe('bridge fdb: words of an entry', () => {
  const rows = [
    '02:00:00:00:00:02 dev vx dst 10.0.0.2 self permanent',
    '02:00:00:00:00:02 dev vx dst 10.0.0.2 port 4789 vni 7 via eth0 self permanent',
    '02:00:00:00:00:02 dev vx vlan 3 master br permanent',
    '02:00:00:00:00:02 dev vx dst 10.0.0.2 self extern_learn permanent',
    '02:00:00:00:00:02 dev vx self static',
    '02:00:00:00:00:02 dev vx master br stale',
    '02:00:00:00:00:02 dev vx master br ',
  ]
  it.each(rows)('%s', (line) => {
    const ns = read({ 'fdb.json': fdbObjects(`${line}\n`) })
    expect(bridgeFdb(view(ns))).toBe(`${line}\n`)
    expect(bridgeFdb(view(ns), { dev: 'vx' })).toBe(`${line.replace(' dev vx', '')}\n`)
    expect(bridgeFdb(view(ns), { dev: 'other' })).toBe('')
    expect(plain(throughJson(ns).fdb)).toEqual(plain(ns.fdb))
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
