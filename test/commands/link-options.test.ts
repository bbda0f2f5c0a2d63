// Every option of `ip link add|set|del`: what is typed, and what `ip -d link` shows afterwards.
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { bridgeFdb, ipLink } from '../../src/linux/index.ts'
import { changed, lines, own, start, view } from './changed.ts'

describe('ip link add', () => {
  const shown = (command: string, dev = 'x'): string[] => lines(ipLink(view(changed(command)), { dev, details: true }))
  const csum = 'udpcsum noudp6zerocsumtx noudp6zerocsumrx'

  it.each([
    ['id 5', `id 5 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`, 1500],
    ['vni 5 dstport 4789 dev eth0', `id 5 dev eth0 srcport 0 0 dstport 4789 ttl auto ageing 300 ${csum}`, 1450],
    [
      'id 5 local 10.0.0.1 remote 10.0.0.2 dev eth0',
      `id 5 remote 10.0.0.2 local 10.0.0.1 dev eth0 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`,
      1450,
    ],
    [
      'id 5 local fd00::1 dev eth0',
      `id 5 local fd00::1 dev eth0 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`,
      1430,
    ],
    [
      'id 5 remote fd00::2 dev eth0',
      `id 5 remote fd00::2 dev eth0 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`,
      1430,
    ],
    [
      'id 5 group 239.0.0.1 dev eth0',
      `id 5 group 239.0.0.1 dev eth0 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`,
      1450,
    ],
    ['id 5 srcport 1000 2000', `id 5 srcport 1000 2000 dstport 8472 ttl auto ageing 300 ${csum}`, 1500],
    ['id 5 srcport 0 0', `id 5 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`, 1500],
    ['id 5 nolearning', `id 5 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300 ${csum}`, 1500],
    ['id 5 learning', `id 5 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`, 1500],
    [
      'id 5 noudpcsum udp6zerocsumtx udp6zerocsumrx',
      'id 5 srcport 0 0 dstport 8472 ttl auto ageing 300 noudpcsum udp6zerocsumtx udp6zerocsumrx',
      1500,
    ],
    ['id 5 ttl 9', `id 5 srcport 0 0 dstport 8472 ttl 9 ageing 300 ${csum}`, 1500],
    ['id 5 hoplimit auto', `id 5 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`, 1500],
    ['id 5 ttl inherit', `id 5 srcport 0 0 dstport 8472 ttl inherit ageing 300 ${csum}`, 1500],
    ['id 5 tos 16', `id 5 srcport 0 0 dstport 8472 tos 0x10 ttl auto ageing 300 ${csum}`, 1500],
    ['id 5 tos 1', `id 5 srcport 0 0 dstport 8472 tos inherit ttl auto ageing 300 ${csum}`, 1500],
    ['id 5 dsfield inherit', `id 5 srcport 0 0 dstport 8472 tos inherit ttl auto ageing 300 ${csum}`, 1500],
    ['id 5 ageing 30', `id 5 srcport 0 0 dstport 8472 ttl auto ageing 30 ${csum}`, 1500],
    ['id 5 df set', `id 5 srcport 0 0 dstport 8472 ttl auto df set ageing 300 ${csum}`, 1500],
    ['id 5 df inherit', `id 5 srcport 0 0 dstport 8472 ttl auto df inherit ageing 300 ${csum}`, 1500],
    ['id 5 df unset', `id 5 srcport 0 0 dstport 8472 ttl auto ageing 300 ${csum}`, 1500],
  ])('type vxlan %s', (options, words, mtu) => {
    const [head, , kind] = shown(`ip link add x type vxlan ${options}`)
    expect(kind).toBe(`vxlan ${words}`)
    expect(head).toContain(`: <BROADCAST,MULTICAST> mtu ${mtu} `)
  })

  it.each([
    ['', 'remote any local any ttl inherit pmtudisc', 'link/ipip 0.0.0.0 brd 0.0.0.0', 1480],
    ['local any remote any', 'remote any local any ttl inherit pmtudisc', 'link/ipip 0.0.0.0 brd 0.0.0.0', 1480],
    [
      'local 10.0.0.1 remote 10.0.0.2 dev eth0',
      'remote 10.0.0.2 local 10.0.0.1 dev eth0 ttl inherit pmtudisc',
      'link/ipip 10.0.0.1 peer 10.0.0.2',
      1480,
    ],
    ['ttl 64', 'remote any local any ttl 64 pmtudisc', 'link/ipip 0.0.0.0 brd 0.0.0.0', 1480],
    [
      'hoplimit inherit nopmtudisc',
      'remote any local any ttl inherit nopmtudisc',
      'link/ipip 0.0.0.0 brd 0.0.0.0',
      1480,
    ],
    [
      'tos inherit mode ipip',
      'remote any local any ttl inherit tos inherit pmtudisc',
      'link/ipip 0.0.0.0 brd 0.0.0.0',
      1480,
    ],
    ['dsfield 8 pmtudisc', 'remote any local any ttl inherit tos 0x8 pmtudisc', 'link/ipip 0.0.0.0 brd 0.0.0.0', 1480],
  ])('type ipip %s', (options, words, address, mtu) => {
    const [head, body, kind] = shown(`ip link add x type ipip ${options}`)
    expect(kind).toBe(`ipip any ${words}`)
    expect(body).toBe(address)
    expect(head).toContain(` mtu ${mtu} `)
  })

  it.each([
    ['', 'ageing_time 30000 stp_state 0 vlan_filtering 0 mcast_snooping 1 nf_call_iptables 0 nf_call_ip6tables 0'],
    [
      'ageing_time 1000',
      'ageing_time 1000 stp_state 0 vlan_filtering 0 mcast_snooping 1 nf_call_iptables 0 nf_call_ip6tables 0',
    ],
    [
      'mcast_snooping 0 nf_call_iptables 1 nf_call_ip6tables on',
      'ageing_time 30000 stp_state 0 vlan_filtering 0 mcast_snooping 0 nf_call_iptables 1 nf_call_ip6tables 1',
    ],
    [
      'stp_state 0 vlan_filtering off',
      'ageing_time 30000 stp_state 0 vlan_filtering 0 mcast_snooping 1 nf_call_iptables 0 nf_call_ip6tables 0',
    ],
    ...[
      'forward_delay',
      'hello_time',
      'max_age',
      'priority',
      'group_fwd_mask',
      'group_address',
      'mcast_router',
      'mcast_querier',
      'mcast_query_use_ifaddr',
      'mcast_hash_max',
      'mcast_stats_enabled',
      'vlan_default_pvid',
      'nf_call_arptables',
    ].map(
      (word) =>
        [
          `${word} 1`,
          'ageing_time 30000 stp_state 0 vlan_filtering 0 mcast_snooping 1 nf_call_iptables 0 nf_call_ip6tables 0',
        ] as const,
    ),
  ] as readonly (readonly [string, string])[])('type bridge %s', (options, words) => {
    expect(shown(`ip link add x type bridge ${options}`)[2]).toBe(`bridge ${words}`)
  })

  it.each([
    [
      'ip link add name x type dummy',
      '<BROADCAST,NOARP> mtu 1500 qdisc noqueue state DOWN mode DEFAULT group default qlen 1000',
    ],
    [
      'ip link add x mtu 1400 type dummy',
      '<BROADCAST,NOARP> mtu 1400 qdisc noqueue state DOWN mode DEFAULT group default qlen 1000',
    ],
    [
      'ip link add dev x txqueuelen 5 type dummy',
      '<BROADCAST,NOARP> mtu 1500 qdisc noqueue state DOWN mode DEFAULT group default qlen 5',
    ],
    [
      'ip link add x txqlen 6 numtxqueues 4 numrxqueues 4 type dummy',
      '<BROADCAST,NOARP> mtu 1500 qdisc noqueue state DOWN mode DEFAULT group default qlen 6',
    ],
    [
      'ip link add x qlen 7 type wireguard',
      '<POINTOPOINT,NOARP> mtu 1420 qdisc noqueue state DOWN mode DEFAULT group default qlen 7',
    ],
  ])('%s', (command, head) => {
    expect(shown(command)[0]).toContain(`x: ${head}`)
  })

  it('address, netns and peer of a pair', () => {
    const made = changed(
      'ip link add x address 02:00:00:00:00:aa mtu 1400 type veth peer name y netns far address 02:00:00:00:00:bb',
    )
    expect(own(made).interfaces['x']).toMatchObject({ mac: '02:00:00:00:00:aa', mtu: 1400, kind: 'veth', up: false })
    expect(made.namespaces['far']!.interfaces['y']).toMatchObject({ mac: '02:00:00:00:00:bb', mtu: 1500 })
    expect(made.wires.at(-1)?.ends).toEqual([
      { netns: 'n', dev: 'x' },
      { netns: 'far', dev: 'y' },
    ])
    const pairs = changed('ip link add x type veth', 'ip link add y type veth')
    expect(Object.keys(own(pairs).interfaces).slice(-4)).toEqual(['veth0', 'x', 'veth1', 'y'])
  })

  it('a remote begins as an entry for everything', () => {
    expect(
      lines(bridgeFdb(view(changed('ip link add x type vxlan id 5 remote 10.0.0.2 dev eth0')), { dev: 'x' })),
    ).toEqual(['00:00:00:00:00:00 dst 10.0.0.2 via eth0 self permanent'])
    expect(lines(bridgeFdb(view(changed('ip link add x type vxlan id 5')), { dev: 'x' }))).toEqual([])
  })

  it.each([
    ['ip link add x type', 'Command line is not complete. Try option "help"'],
    ['ip link add type dummy', 'Not enough of information: device name is required'],
    ['ip link add x y type dummy', 'Error: either "dev" is duplicate, or "y" is a garbage.'],
    ['ip link add x type vxlan id 5 df maybe', 'expected set, unset or inherit, received maybe'],
    ['ip link add x type vxlan id 5 gbp', 'expected an option of type vxlan packetwalk models, received gbp'],
    ['ip link add x type vxlan id 5 dev nope', 'Cannot find device "nope"'],
    ['ip link add x type ipip key 5', 'expected an option of type ipip packetwalk models, received key'],
    ['ip link add x type ipip ttl 5 nopmtudisc', 'ttl != 0 and nopmtudisc are incompatible'],
    [
      'ip link add x type bridge vlan_filtering 1',
      'expected a bridge with vlan_filtering 0, received vlan_filtering 1',
    ],
    ['ip link add x type bridge stp_state 1', 'expected a bridge with stp_state 0, received stp_state 1'],
    ['ip link add x type bridge what 1', 'expected a setting of a bridge packetwalk models, received what'],
    ['ip link add x type bridge mcast_snooping maybe', 'expected on or off for mcast_snooping, received maybe'],
    ['ip link add x mtu big type dummy', 'expected an MTU, received big'],
    ['ip link add x address here type dummy', '"here" is invalid lladdr.'],
    ['ip link add x type vxlan id 5 local here', 'Error: any valid address is expected rather than "here".'],
  ])('%s is refused', (command, words) => {
    expect((applyCommand(start, 'n', command) as { refused: string }).refused).toContain(words)
  })
})

describe('ip link set', () => {
  const link = (dev: string, ...commands: string[]) => own(changed(...commands)).interfaces[dev]
  it.each([
    ['dev eth0 mtu 68', 'eth0', { mtu: 68 }],
    ['eth0 mtu 65535', 'eth0', { mtu: 65535 }],
    ['eth0 address 02:00:00:00:00:99', 'eth0', { mac: '02:00:00:00:00:99' }],
    ['eth0 addr 02:00:00:00:00:99', 'eth0', { mac: '02:00:00:00:00:99' }],
    ['eth0 txqueuelen 5', 'eth0', { txqlen: 5 }],
    ['eth0 qlen 6', 'eth0', { txqlen: 6 }],
    ['eth0 txqlen 7', 'eth0', { txqlen: 7 }],
    ['eth0 arp off', 'eth0', { noarp: true }],
    ['eth0 addrgenmode none', 'eth0', { addrGenMode: 'none' }],
    ['eth0 addrgenmode stable_secret', 'eth0', { addrGenMode: 'stable_secret' }],
    ['eth0 addrgenmode random', 'eth0', { addrGenMode: 'random' }],
    ['br0 type bridge ageing_time 500 mcast_snooping 0', 'br0', { bridge: { ageingTime: 5, mcastSnooping: false } }],
    ...(
      [
        ['hairpin', 'hairpin'],
        ['learning', 'learning'],
        ['flood', 'flood'],
        ['mcast_flood', 'mcastFlood'],
        ['bcast_flood', 'bcastFlood'],
        ['isolated', 'isolated'],
        ['neigh_suppress', 'neighSuppress'],
      ] as const
    ).flatMap(([word, name]) => [
      [`p0 type bridge_slave ${word} on`, 'p0', { port: { [name]: true } }] as const,
      [`p0 type bridge_slave ${word} off`, 'p0', { port: { [name]: false } }] as const,
    ]),
    ...['disabled', 'listening', 'learning', 'forwarding', 'blocking'].flatMap((state, i) => [
      [`p0 type bridge_slave state ${state}`, 'p0', { port: { state } }] as const,
      [`p0 type bridge_slave state ${i}`, 'p0', { port: { state } }] as const,
    ]),
    [
      'eth0 master br0',
      'eth0',
      {
        master: 'br0',
        port: {
          hairpin: false,
          learning: true,
          flood: true,
          mcastFlood: true,
          bcastFlood: true,
          neighSuppress: false,
          isolated: false,
          state: 'forwarding',
        },
      },
    ],
  ] as readonly (readonly [string, string, object])[])('%s', (options, dev, fields) => {
    expect(link(dev, `ip link set ${options}`)).toMatchObject(fields)
  })

  it.each([
    'multicast on',
    'allmulticast on',
    'promisc on',
    'alias x',
    'group 5',
    'trailers on',
    'dynamic on',
    'arp on',
    'addrgenmode eui64',
    'nomaster',
  ])('eth0 %s changes nothing', (option) => {
    expect(changed(`ip link set eth0 ${option}`).toJSON()).toEqual(start.toJSON())
  })

  it('what was set is unset', () => {
    expect(link('eth0', 'ip link set eth0 arp off', 'ip link set eth0 arp on')).not.toHaveProperty('noarp')
    expect(link('eth0', 'ip link set eth0 addrgenmode none', 'ip link set eth0 addrgenmode eui64')).not.toHaveProperty(
      'addrGenMode',
    )
    const out = link('p0', 'ip link set p0 nomaster')
    expect([out?.master, out?.port]).toEqual([undefined, undefined])
    expect(link('br0', 'ip link set p0 nomaster')?.carrier).toBe(false)
  })

  it('a flush of a bridge and a port that leaves forget what was learned', () => {
    const entries = [
      'bridge fdb add 02:00:00:00:00:aa dev p0 master dynamic',
      'bridge fdb add 02:00:00:00:00:ab dev p0 master static',
      'bridge fdb add 02:00:00:00:00:ac dev p0',
    ]
    const left = (...commands: string[]) => own(changed(...entries, ...commands)).fdb.map(({ mac }) => mac.slice(-2))
    expect(left()).toEqual(['aa', 'ab', 'ac'])
    expect(left('ip link set br0 type bridge fdb_flush')).toEqual(['ab', 'ac'])
    expect(left('ip link set p0 nomaster')).toEqual(['ac'])
    expect(left('bridge fdb flush dev p0')).toEqual(['ab', 'ac'])
  })

  it('a new name goes everywhere', () => {
    const network = changed(
      'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0',
      'ip neigh add proxy 10.0.0.8 dev eth0',
      'ip route add 10.9.0.0/16 nexthop via 10.0.0.9 nexthop via 10.0.0.8',
      'bridge fdb add 02:00:00:00:00:aa dev eth0',
      'sysctl -w net.ipv4.conf.eth0.rp_filter=2',
      'ip link add i type ipip dev eth0',
      'ip link add t type vxlan id 5 remote 10.0.0.9 dev eth0',
      'ip link set br0 name br1',
      'ip link set eth0 name up0',
    )
    const ns = own(network)
    expect([ns.neighbours[0]?.dev, ns.proxyNeighbours[0]?.dev, ns.fdb[0]?.dev]).toEqual(['up0', 'up0', 'up0'])
    expect(ns.routes.find(({ dst }) => dst === '10.9.0.0/16')?.nexthops?.map(({ dev }) => dev)).toEqual(['up0', 'up0'])
    expect(ns.interfaces['p0']?.master).toBe('br1')
    expect(ns.routes.map(({ dev }) => dev)).not.toContain('eth0')
    expect(ns.sysctls).toEqual({ 'net.ipv4.conf.up0.rp_filter': '2' })
    expect(Object.keys(ns.sysctlOrigins ?? {})).toEqual(['net.ipv4.conf.up0.rp_filter'])
    expect([ns.interfaces['t']?.vxlan?.link, ns.interfaces['i']?.ipip?.link, ns.fdb.at(-1)?.via]).toEqual([
      'up0',
      'up0',
      'up0',
    ])
    expect(network.namespaces['far']!.interfaces['eth0']?.name).toBe('eth0')
  })

  it.each([
    ['eth0 mtu 67', 'Error: mtu less than device minimum.'],
    ['eth0 mtu 65536', 'Error: mtu greater than device maximum.'],
    ['eth0 what', 'Error: either "dev" is duplicate, or "what" is a garbage.'],
    ['eth0 addrgenmode what', 'expected eui64, none, stable_secret or random, received what'],
    ['eth0 name p0', 'RTNETLINK answers: File exists'],
    ['lo master br0', 'RTNETLINK answers: Operation not supported'],
    ['br0 master br0', 'RTNETLINK answers: Operation not supported'],
    ['eth0 master p0', 'RTNETLINK answers: Operation not supported'],
    ['eth0 type bridge ageing_time 5', 'expected type bridge or bridge_slave of such an interface, received bridge'],
    [
      'eth0 type bridge_slave hairpin on',
      'expected type bridge or bridge_slave of such an interface, received bridge_slave',
    ],
    ['p0 type bridge_slave what on', 'expected a setting of a bridge port packetwalk models, received what'],
    ['p0 type bridge_slave state 5', 'expected disabled, listening, learning, forwarding, blocking, received 5'],
    ['eth0 arp maybe', 'expected on or off for arp, received maybe'],
  ])('%s is refused', (options, words) => {
    expect((applyCommand(start, 'n', `ip link set ${options}`) as { refused: string }).refused).toContain(words)
  })
})

describe('ip link del', () => {
  it('takes everything along that names the device', () => {
    const before = changed(
      'ip link add x type dummy',
      'ip link set x up',
      'ip addr add 10.7.0.1/24 dev x',
      'ip neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev x',
      'ip neigh add proxy 10.7.0.8 dev x',
      'bridge fdb add 02:00:00:00:00:aa dev x',
      'sysctl -w net.ipv4.conf.x.rp_filter=1',
      'ip link add t type ipip dev x',
      'ip link set p0 nomaster',
      'ip link set p0 master br0',
    )
    const result = applyCommand(before, 'n', 'ip link del dev x')
    const ns = own('network' in result ? result.network : start)
    expect(JSON.stringify(ns)).not.toMatch(/"x"|\.x\.|10\.7\.0/)
    expect(Object.keys(ns.interfaces)).toEqual(['lo', 'eth0', 'br0', 'p0', 'vx'])
  })

  it('a bridge lets its ports go', () => {
    const gone = own(changed('ip link del br0')).interfaces
    expect(gone['p0']).not.toHaveProperty('master')
    expect(gone['p0']).not.toHaveProperty('port')
  })

  it('the loopback stays', () => {
    expect(applyCommand(start, 'n', 'ip link del lo')).toMatchObject({
      refused: 'RTNETLINK answers: Operation not supported',
    })
  })
})
