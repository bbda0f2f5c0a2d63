// `ip route get`, line for line as iproute2 6.1.0 on Linux 6.1 answered on a machine of the same addresses, routes and rules.
import { beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { iface, Network, namespace } from '../../src/model/index.ts'

const SYSCTLS = { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' }

/** The machine: `ip tuntap add t0`, and what was typed then. */
const TYPED = [
  'ip addr add 10.1.0.1/24 dev t0',
  'ip addr add fd01::1/64 dev t0 nodad',
  'ip route add default via 10.1.0.254 table 100 mtu 1400 advmss 1200',
  'ip rule add to 10.7.0.0/16 lookup 100',
  'ip route add 10.6.0.0/16 via 10.1.0.253 mtu lock 1300 metric 50',
  'ip route add blackhole 10.4.0.0/16',
  'ip route add prohibit 10.3.0.0/16',
  'ip route add unreachable 10.2.0.0/16',
  'ip -6 route add fd02::/64 via fd01::2',
  'ip -6 route add fd03::/64 via fd01::2 table 7',
  'ip -6 rule add to fd03::/64 lookup 7',
  'ip -6 route add blackhole fd04::/64',
  'ip -6 route add unreachable fd05::/64',
]

const made = (): Lab =>
  Lab.fromNetwork(
    new Network({
      namespaces: {
        n: namespace('n', {
          role: 'node',
          interfaces: [iface({ name: 't0', ifindex: 2, mac: '02:00:00:00:00:01', carrier: false, addresses: [] })],
          routes: [],
          sysctls: SYSCTLS,
        }),
      },
    }),
  )

let lab: Lab
beforeAll(() => {
  lab = made()
  for (const line of TYPED) expect([line, lab.sh('n', line).stderr]).toEqual([line, ''])
})

/** What the real tool said on its standard output. */
const ANSWERS: readonly (readonly [line: string, answer: string])[] = [
  [
    'ip route get 10.7.1.1',
    '10.7.1.1 via 10.1.0.254 dev t0 table 100 src 10.1.0.1 uid 0 \n    cache mtu 1400 advmss 1200 \n',
  ],
  [
    'ip -d route get 10.7.1.1',
    'unicast 10.7.1.1 via 10.1.0.254 dev t0 table 100 src 10.1.0.1 uid 0 \n    cache mtu 1400 advmss 1200 \n',
  ],
  [
    'ip -j route get 10.7.1.1',
    '[{"dst":"10.7.1.1","gateway":"10.1.0.254","dev":"t0","table":"100","prefsrc":"10.1.0.1","flags":[],"uid":0,"cache":[],"metrics":[{"mtu":1400,"advmss":1200}]}]\n',
  ],
  ['ip route get 10.6.1.1', '10.6.1.1 via 10.1.0.253 dev t0 src 10.1.0.1 uid 0 \n    cache mtu lock 1300 \n'],
  [
    'ip -d route get 10.6.1.1',
    'unicast 10.6.1.1 via 10.1.0.253 dev t0 table main src 10.1.0.1 uid 0 \n    cache mtu lock 1300 \n',
  ],
  ['ip route get 10.1.0.255', 'broadcast 10.1.0.255 dev t0 table local src 10.1.0.1 uid 0 \n    cache <local,brd> \n'],
  ['ip route get 10.1.0.1', 'local 10.1.0.1 dev lo table local src 10.1.0.1 uid 0 \n    cache <local> \n'],
  ['ip route get 10.1.0.9 from 10.1.0.1', '10.1.0.9 from 10.1.0.1 dev t0 uid 0 \n    cache \n'],
  [
    'ip route get 10.6.0.9 from 10.1.0.77 iif t0',
    '10.6.0.9 from 10.1.0.77 via 10.1.0.253 dev t0 \n    cache <redirect> mtu lock 1300 iif t0 \n',
  ],
  [
    'ip route get 10.1.0.1 from 10.1.0.77 iif t0',
    'local 10.1.0.1 from 10.1.0.77 dev lo table local \n    cache <local> iif t0 \n',
  ],
  [
    'ip -j route get 10.1.0.1 from 10.1.0.77 iif t0',
    '[{"type":"local","dst":"10.1.0.1","from":"10.1.0.77","dev":"lo","table":"local","flags":[],"cache":["local"],"iif":"t0"}]\n',
  ],
  [
    'ip route get 10.6.0.9 uid 1000',
    '10.6.0.9 via 10.1.0.253 dev t0 src 10.1.0.1 uid 1000 \n    cache mtu lock 1300 \n',
  ],
  [
    'ip route get to 10.6.0.9 tos 0x10',
    '10.6.0.9 via 10.1.0.253 dev t0 src 10.1.0.1 uid 0 \n    cache mtu lock 1300 \n',
  ],
  [
    'ip route get 10.6.0.9 ipproto tcp sport 4 dport 80',
    '10.6.0.9 via 10.1.0.253 dev t0 src 10.1.0.1 uid 0 \n    cache mtu lock 1300 \n',
  ],
  ['ip route get 10.6.0.9 mark 3 fibmatch', '10.6.0.0/16 via 10.1.0.253 dev t0 metric 50 linkdown mtu lock 1300 \n'],
  ['ip route get default', 'local 0.0.0.0 dev lo src 127.0.0.1 uid 0 \n    cache <local> \n'],
  ['ip -6 route get fd02::5', 'fd02::5 from :: via fd01::2 dev t0 src fd01::1 metric 1024 pref medium\n'],
  ['ip route get fd02::5', 'fd02::5 from :: via fd01::2 dev t0 src fd01::1 metric 1024 pref medium\n'],
  ['ip -6 route get fd03::5', 'fd03::5 from :: via fd01::2 dev t0 table 7 src fd01::1 metric 1024 pref medium\n'],
  ['ip -6 route get fd01::7', 'fd01::7 from :: dev t0 proto kernel src fd01::1 metric 256 pref medium\n'],
  [
    'ip -6 route get fd01::1',
    'local fd01::1 from :: dev lo table local proto kernel src fd01::1 metric 0 pref medium\n',
  ],
  [
    'ip -6 route get fd01::7 from fd01::1',
    'fd01::7 from fd01::1 dev t0 proto kernel src fd01::1 metric 256 pref medium\n',
  ],
  [
    'ip -d -6 route get fd02::5',
    'unicast fd02::5 from :: via fd01::2 dev t0 table main proto boot scope global src fd01::1 metric 1024 pref medium\n',
  ],
  [
    'ip -6 route get fd02::5 from fd01::9 iif t0',
    'fd02::5 from fd01::9 via fd01::2 dev t0 metric 1024 iif t0 pref medium\n',
  ],
  ['ip -6 route get fd02::5 mark 3', 'fd02::5 from :: via fd01::2 dev t0 src fd01::1 metric 1024 pref medium\n'],
  ['ip -6 route get fd02::5 fibmatch', 'fd02::/64 via fd01::2 dev t0 metric 1024 linkdown pref medium\n'],
]

/** What it said on standard error, and its status. */
const REFUSALS: readonly (readonly [line: string, says: string, status: number])[] = [
  ['ip route get 10.4.1.1', 'RTNETLINK answers: Invalid argument\n', 2],
  ['ip route get 10.3.1.1', 'RTNETLINK answers: Permission denied\n', 2],
  ['ip route get 10.2.1.1', 'RTNETLINK answers: No route to host\n', 2],
  ['ip route get 10.9.1.1', 'RTNETLINK answers: Network is unreachable\n', 2],
  ['ip route get 224.0.0.5', 'RTNETLINK answers: Network is unreachable\n', 2],
  ['ip route get to 10.6.0.9 from 10.5.5.5', 'RTNETLINK answers: Network is unreachable\n', 2],
  ['ip -6 route get fd04::5', 'RTNETLINK answers: Invalid argument\n', 2],
  ['ip -6 route get fd05::5', 'RTNETLINK answers: No route to host\n', 2],
  ['ip -6 route get fd09::5', 'RTNETLINK answers: Network is unreachable\n', 2],
  ['ip route get 10.6.0.9 iif nope', 'Cannot find device "nope"\n', 1],
  ['ip route get 10.6.0.9 dev nope', 'Cannot find device "nope"\n', 1],
  ['ip -4 route get fd02::5', 'Error: inet prefix is expected rather than "fd02::5".\n', 1],
  ['ip -6 route get 10.1.0.1', 'Error: inet6 prefix is expected rather than "10.1.0.1".\n', 1],
  ['ip route get 300.1.1.1', 'Error: any valid prefix is expected rather than "300.1.1.1".\n', 1],
  ['ip route get 10.6.0.9 vrf x', 'Error: argument "x" is wrong: Invalid VRF\n', 1],
  ['ip route get', 'need at least a destination address\n', 1],
  ['ip route get 10.6.0.9 foo', 'Error: inet prefix is expected rather than "foo".\n', 1],
]

describe('ip route get', () => {
  it.each(ANSWERS)('%s', (line, answer) => {
    const run = lab.sh('n', line)
    expect(run).toMatchObject({ stdout: answer, stderr: '', exitCode: 0 })
  })

  it.each(REFUSALS)('%s: %s', (line, says, status) => {
    expect(lab.sh('n', line)).toMatchObject({ stdout: '', stderr: says, exitCode: status })
  })

  it('passes over a length, and says so', () => {
    expect(lab.sh('n', 'ip route get 10.6.0.9/24')).toMatchObject({
      stdout: '10.6.0.9 via 10.1.0.253 dev t0 src 10.1.0.1 uid 0 \n    cache mtu lock 1300 \n',
      stderr: 'Warning: /24 as prefix is invalid, only /32 (or none) is supported.\n',
      exitCode: 0,
    })
  })

  it('without rules of its own, table local is part of main and is not named', () => {
    const alone = made()
    alone.sh('n', 'ip addr add 10.1.0.1/24 dev t0')
    expect(alone.sh('n', 'ip route get 127.0.0.1').stdout).toBe(
      'local 127.0.0.1 dev lo src 127.0.0.1 uid 0 \n    cache <local> \n',
    )
    expect(alone.sh('n', 'ip -j route get 127.0.0.1').stdout).toBe(
      '[{"type":"local","dst":"127.0.0.1","dev":"lo","prefsrc":"127.0.0.1","flags":[],"uid":0,"cache":["local"]}]\n',
    )
    expect(alone.sh('n', 'ip route get 10.1.0.9 mark 1').stdout).toBe(
      '10.1.0.9 dev t0 src 10.1.0.1 mark 1 uid 0 \n    cache \n',
    )
    expect(alone.sh('n', 'ip route get 8.8.8.8 iif lo').stderr).toBe('RTNETLINK answers: Invalid argument\n')
  })

  it('a source that would not come back by that way is refused, as rp_filter does', () => {
    const strict = made()
    for (const line of ['ip addr add 10.1.0.1/24 dev t0', 'sysctl -w net.ipv4.conf.t0.rp_filter=1'])
      strict.sh('n', line)
    expect(strict.sh('n', 'ip route get 10.1.0.9 from 10.77.1.1 iif t0')).toMatchObject({
      stderr: 'RTNETLINK answers: Invalid cross-device link\n',
      exitCode: 2,
    })
  })

  it('records nothing, and changes nothing', () => {
    const { now } = lab.simulation.clock
    lab.sh('n', 'ip route get 10.6.0.9 from 10.1.0.77 iif t0')
    expect(lab.trace().hops).toEqual([])
    expect(lab.simulation.clock.now).toBe(now)
  })
})
