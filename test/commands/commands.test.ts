import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { ipRoute, iptablesRuleText } from '../../src/linux/index.ts'
import { cable, iface, type Namespace, type Network, namespace, networkOf } from '../../src/model/index.ts'

const start = networkOf(
  [
    namespace('n', {
      interfaces: [iface({ name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'], mac: '02:00:00:00:00:01' })],
    }),
    namespace('far', { interfaces: [iface({ name: 'eth0', mac: '02:00:00:00:00:02' })] }),
  ],
  [cable(['n', 'eth0'], ['far', 'eth0'])],
)

/** The network after a command; it must succeed. */
function applied(network: Network, netns: string, command: string): Network {
  const result = applyCommand(network, netns, command)
  if ('refused' in result) throw new TypeError(`${command}: ${result.refused}`)
  return result.network
}

/** Runs commands in `n`; each must succeed. */
function run(...commands: string[]): Network {
  return commands.reduce((network, command) => applied(network, 'n', command), start)
}

function ns(network: Network): Namespace {
  return network.namespaces['n']!
}

/** `ip route` as lines. */
function routes(network: Network, family: 'inet' | 'inet6' = 'inet'): string[] {
  return ipRoute({ network, ns: ns(network) }, { family })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

describe('what the kernel does besides what it is told', () => {
  it('routes come and go with the link; neighbours and IPv6 addresses go', () => {
    const before = run('ip route add default via 10.0.0.254', 'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0')
    expect(routes(before)).toEqual([
      'default via 10.0.0.254 dev eth0',
      '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1',
    ])
    const down = applied(before, 'n', 'ip link set eth0 down')
    expect(routes(down)).toEqual([])
    expect(ns(down).routes.some((route) => route.type === 'local' && route.dst === '10.0.0.1/32')).toBe(true)
    expect(ns(down).neighbours).toEqual([])
    expect(ns(down).interfaces['eth0']!.addresses.map((address) => address.family)).toEqual(['inet'])
    const up = applied(down, 'n', 'ip link set eth0 up')
    expect(routes(up)).toEqual(['10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1'])
    expect(ns(up).interfaces['eth0']!.addresses.at(-1)?.local).toBe('fe80::ff:fe00:1')
    expect(routes(up, 'inet6')).toEqual(['fe80::/64 dev eth0 proto kernel metric 256 pref medium'])
  })

  it('the far end of a wire loses its carrier', () => {
    const down = applied(start, 'far', 'ip link set eth0 down')
    expect(ns(down).interfaces['eth0']!.carrier).toBe(false)
    expect(routes(down)).toEqual(['10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 linkdown'])
  })

  it('a second address of a subnet is secondary and goes with the first', () => {
    const two = run('ip addr add 10.0.0.2/24 dev eth0')
    expect(ns(two).interfaces['eth0']!.addresses.find((address) => address.local === '10.0.0.2')?.secondary).toBe(true)
    const none = applied(two, 'n', 'ip addr del 10.0.0.1/24 dev eth0')
    expect(ns(none).interfaces['eth0']!.addresses.filter((address) => address.family === 'inet')).toEqual([])
    expect(routes(none)).toEqual([])
  })

  it('a route that prefers an address as source goes with it', () => {
    const with2 = run('ip addr add 10.1.0.1/24 dev eth0', 'ip route add 10.9.0.0/16 via 10.0.0.9 src 10.1.0.1')
    const without = applied(with2, 'n', 'ip addr del 10.1.0.1/24 dev eth0')
    expect(routes(without)).toEqual(['10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1'])
  })

  it('the last address of an interface takes every IPv4 route of it along', () => {
    const before = run(
      'ip route add default via 10.0.0.254',
      'ip route add 10.5.0.0/24 dev eth0',
      'ip route add 10.6.0.0/24 nexthop via 10.0.0.2 nexthop via 10.0.0.3',
      'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0',
    )
    const second = applied(before, 'n', 'ip addr add 10.1.0.1/24 dev eth0')
    expect(routes(applied(second, 'n', 'ip addr del 10.1.0.1/24 dev eth0'))).toHaveLength(6)
    const none = applied(before, 'n', 'ip addr del 10.0.0.1/24 dev eth0')
    expect(routes(none)).toEqual([])
    expect(ns(none).neighbours).toEqual([])
  })

  it('ip_forward reaches every interface and turns redirects off', () => {
    const { sysctls } = ns(run('sysctl -w net.ipv4.ip_forward=1'))
    expect(sysctls).toMatchObject({
      'net.ipv4.conf.all.forwarding': '1',
      'net.ipv4.conf.default.forwarding': '1',
      'net.ipv4.conf.eth0.forwarding': '1',
      'net.ipv4.conf.all.accept_redirects': '0',
    })
    expect(ns(run('sysctl -w net.ipv4.conf.all.rp_filter=1')).sysctls['net.ipv4.conf.eth0.rp_filter']).toBeUndefined()
  })

  it('IPv6 forwarding joins the anycast address of each subnet, and leaves it', () => {
    const anycast = (network: Network): number => ns(network).routes.filter((route) => route.type === 'anycast').length
    const on = run('sysctl -w net.ipv6.conf.all.forwarding=1')
    expect(anycast(on)).toBe(1)
    expect(anycast(applied(on, 'n', 'sysctl -w net.ipv6.conf.eth0.forwarding=0'))).toBe(0)
  })

  it('disable_ipv6 takes addresses and routes away', () => {
    const off = run('sysctl net/ipv6/conf/all/disable_ipv6=1')
    expect(ns(off).routes.filter((route) => route.family === 'inet6')).toEqual([])
    expect(ns(off).interfaces['eth0']!.addresses).toHaveLength(1)
  })

  it('echo writes /proc/sys, dots in names included', () => {
    const vx = run(
      'ip link add vx.1 type vxlan id 1 dev eth0 dstport 4789',
      'echo 1 > /proc/sys/net/ipv4/conf/vx.1/proxy_arp',
    )
    expect(ns(vx).sysctls['net.ipv4.conf.vx/1.proxy_arp']).toBe('1')
  })

  it('a veth goes with its other end, a tunnel with the device below it', () => {
    const made = run('ip link add v0 type veth peer name v1', 'ip link add vx type vxlan id 1 dev v0 dstport 4789')
    expect(ns(made).interfaces['vx']!.mtu).toBe(1450)
    const gone = applied(made, 'n', 'ip link del v1')
    expect(Object.keys(ns(gone).interfaces)).toEqual(['lo', 'eth0'])
    expect(gone.wires).toHaveLength(1)
  })

  it('a port has state, a bridge carrier', () => {
    const bridge = run('ip link add br0 type bridge', 'ip link set br0 up', 'ip link set eth0 master br0')
    expect(ns(bridge).interfaces['eth0']!.port?.state).toBe('forwarding')
    expect(ns(bridge).interfaces['br0']!.carrier).toBe(true)
    const off = applied(bridge, 'far', 'ip link set eth0 down')
    expect(ns(off).interfaces['eth0']!.port?.state).toBe('disabled')
    expect(ns(off).interfaces['br0']!.carrier).toBe(false)
  })

  it('renaming takes everything along', () => {
    const renamed = run('ip link set eth0 down', 'ip link set eth0 name uplink', 'ip link set uplink up')
    expect(renamed.wires[0]!.ends[0]).toEqual({ netns: 'n', dev: 'uplink' })
    expect(routes(renamed)).toEqual(['10.0.0.0/24 dev uplink proto kernel scope link src 10.0.0.1'])
  })
})

describe('iptables', () => {
  const rules = (network: Network, chain = 'FORWARD'): string[] =>
    ns(network).iptables!.tables.filter!.chains[chain]!.rules.map((rule) => iptablesRuleText(chain, rule, 'inet'))

  it('writes rules as iptables-save would', () => {
    const network = run(
      'iptables -N MINE',
      'iptables -A FORWARD -p udp --dport 53 -s 10.0.0.7/24 -m comment --comment "two words" -j REJECT',
      'iptables -I FORWARD -p 4 -j MINE',
      'iptables -A FORWARD -p tcp --syn -m state --state NEW -j MARK --set-mark 0x10/0xf0',
    )
    expect(rules(network)).toEqual([
      '-A FORWARD -p ipencap -j MINE',
      '-A FORWARD -s 10.0.0.0/24 -p udp -m udp --dport 53 -m comment --comment "two words" -j REJECT --reject-with icmp-port-unreachable',
      '-A FORWARD -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j MARK --set-xmark 0x10/0xf0',
    ])
  })

  it('deletes by number and by being equal, replaces, flushes, sets policies', () => {
    const network = run('iptables -A FORWARD -p 4 -j DROP', 'iptables -A FORWARD -j ACCEPT')
    const rulesAfter = (...commands: string[]): string[] => {
      let next = network
      for (const command of commands) next = applied(next, 'n', command)
      return rules(next)
    }
    expect(rulesAfter('iptables -D FORWARD 1')).toEqual(['-A FORWARD -j ACCEPT'])
    expect(rulesAfter('iptables -D FORWARD -p ipencap -j DROP')).toEqual(['-A FORWARD -j ACCEPT'])
    expect(rulesAfter('iptables -R FORWARD 2 -j DROP')).toEqual(['-A FORWARD -p ipencap -j DROP', '-A FORWARD -j DROP'])
    expect(rulesAfter('iptables -F')).toEqual([])
    expect(
      ns(applied(network, 'n', 'iptables -P FORWARD DROP')).iptables!.tables.filter!.chains['FORWARD']!.policy,
    ).toBe('DROP')
  })

  it('nat goes to its own table, ipsets are made, filled and emptied', () => {
    const network = run(
      'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE',
      'ipset create s hash:ip',
      'ipset add s 10.0.0.1',
      'ipset add s 10.0.0.2',
      'ipset del s 10.0.0.1',
    )
    expect(Object.keys(ns(network).iptables!.tables)).toEqual(['nat'])
    expect(ns(network).ipsets!['s']).toMatchObject({ type: 'hash:ip', family: 'inet', members: ['10.0.0.2'] })
  })
})

describe('a refused command says so in the words of the tool', () => {
  it.each([
    ['ip link set nope up', 'Cannot find device "nope"'],
    ['ip link set eth0 mtu', 'Command line is not complete. Try option "help"'],
    ['ip link add x', 'Not enough information: "type" argument is required'],
    ['ip link add v type vxlan dstport 4789', 'vxlan: missing virtual network identifier'],
    ['ip route add 10.9.0.0/16 via 99.0.0.1', 'Error: Nexthop has invalid gateway.'],
    ['ip route add 10.9.0.0/16 via 10.0.0.1 dev eth0 onlink', 'Error: Nexthop has invalid gateway.'],
    ['ip route add 10.0.0.0/24 dev eth0', 'RTNETLINK answers: File exists'],
    ['ip route add 10.9.0.1/16 dev eth0', 'Error: Invalid prefix for given prefix length.'],
    ['ip route add 10.9/16 dev eth0 src 9.9.9.9', 'Error: Invalid prefsrc address.'],
    [
      'ip route add blackhole 10.9.0.0/16 dev eth0',
      'Error: Gateway, device and multipath can not be specified for this route type.',
    ],
    ['ip route add 10.9.0.0/16 via 10.0.0.9 scope host', 'Error: Route with host scope can not have a gateway.'],
    ['ip route add 10.9.0.0/16 dev eth0 proto what', 'Error: argument "what" is wrong: "protocol" value is invalid'],
    ['ip route flush', '"ip route flush" requires arguments.'],
    ['ip neigh flush', 'Flush requires arguments.'],
    ['ip neigh add 10.0.0.9 dev eth0', 'Error: No link layer address given.'],
    ['ip route del 10.9.0.0/16', 'RTNETLINK answers: No such process'],
    ['ip route change 10.9.0.0/16 dev eth0', 'RTNETLINK answers: No such file or directory'],
    ['ip route add 10.9.0.0/16 dev nope', 'Cannot find device "nope"'],
    ['ip route add 10.9.0.0/16', 'RTNETLINK answers: No such device'],
    ['ip route add fd00:9::/64 via 10.0.0.1', 'Error: inet6 address is expected rather than "10.0.0.1".'],
    [
      'ip route add fd00:9::/64 nexthop via fd00::9 nexthop via 10.0.0.1 dev eth0',
      'Error: inet6 address is expected rather than "10.0.0.1".',
    ],
    ['ip route add fd00:9::/64 dev eth0 src 10.0.0.1', 'Error: inet6 address is expected rather than "10.0.0.1".'],
    ['ip route add 10.9.0.0/16 dev eth0 src fd00::1', 'Error: inet address is expected rather than "fd00::1".'],
    ['ip addr add 10.0.0.1/24 dev eth0', 'RTNETLINK answers: File exists'],
    ['ip addr del 10.7.7.7/24 dev eth0', 'RTNETLINK answers: Cannot assign requested address'],
    ['ip addr add 10.0.0/24 dev eth0', 'Error: any valid prefix is expected rather than "10.0.0/24".'],
    ['ip rule del pref 55', 'RTNETLINK answers: No such file or directory'],
    ['ip neigh del 10.0.0.9 dev eth0', 'RTNETLINK answers: No such file or directory'],
    ['bridge fdb del 02:00:00:00:00:09 dev eth0', 'RTNETLINK answers: No such file or directory'],
    ['ip link add eth0 type dummy', 'RTNETLINK answers: File exists'],
    ['ip link add x type foo', 'Error: Unknown device type.'],
    ['ip link set eth0 master lo', 'RTNETLINK answers: Operation not supported'],
    ['ip foo', 'Object "foo" is unknown, try "ip help".'],
    [
      'sysctl -w net.ipv4.conf.nope.rp_filter=1',
      'sysctl: cannot stat /proc/sys/net/ipv4/conf/nope/rp_filter: No such file or directory',
    ],
    ['iptables -A NOPE -j DROP', 'iptables: No chain/target/match by that name.'],
    ['ip6tables -A NOPE -j DROP', 'ip6tables: No chain/target/match by that name.'],
    [
      'iptables -t what -A INPUT -j DROP',
      "iptables v1.8.9 (legacy): can't initialize iptables table `what': Table does not exist (do you need to insmod?)\nPerhaps iptables or your kernel needs to be upgraded.",
    ],
    ['ipset add nope 10.0.0.1', 'ipset v7.17: The set with the given name does not exist'],
  ])('%s', (command, refused) => {
    expect(applyCommand(start, 'n', command)).toMatchObject({ refused })
  })
})

describe('where the tool has no words, a refused command says what would have been right', () => {
  it.each([
    ['ip route add 10.9.0.0/16 via inet6 fe80::1 dev eth0', 'expected a gateway of family inet, received fe80::1'],
    ['ip route add 10.9.0.0/16 nexthop via inet6 fe80::1', 'expected a gateway of family inet, received fe80::1'],
    [
      'ip link set eth0 netns far',
      'expected an interface that stays where it is, received moving eth0 to another namespace',
    ],
    ['rm -rf /', 'expected ip, bridge, sysctl, echo, iptables, ip6tables, ipset, modprobe or rmmod, received rm'],
    ['', 'expected ip, bridge, sysctl, echo, iptables, ip6tables, ipset, modprobe or rmmod, received nothing'],
  ])('%s', (command, words) => {
    expect(applyCommand(start, 'n', command)).toMatchObject({
      refused: command === '' ? words : `${command}: ${words}`,
    })
  })

  it('and changes nothing in a namespace that is not there', () => {
    expect(applyCommand(start, 'zzz', 'ip link set lo up')).toMatchObject({
      refused: 'ip link set lo up: expected a namespace of the network, received zzz',
    })
  })
})
