// `ip rule show SELECTOR` and `ip neigh get`: held against iproute2 6.1 with the same rules in a network namespace.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { iface, namespace, networkOf } from '../../src/model/index.ts'
import { Shell } from '../../src/shell/index.ts'

const RULES = {
  1000: '1000:\tfrom 10.1.0.0/16 lookup 100\n',
  1001: '1001:\tfrom 10.1.2.0/24 to 10.9.0.0/16 lookup 200\n',
  1002: '1002:\tfrom all fwmark 0x1/0xff lookup 100\n',
  1003: '1003:\tfrom all iif d0 [detached] lookup main\n',
  1004: '1004:\tfrom 10.1.2.3 blackhole\n',
} as const
const KERNEL = ['0:\tfrom all lookup local\n', '32766:\tfrom all lookup main\n', '32767:\tfrom all lookup default\n']

const shell = new Shell(
  Lab.fromNetwork(
    networkOf([
      namespace('node', {
        role: 'node',
        interfaces: [iface({ name: 'eth0', mac: '02:00:00:00:00:01', kind: 'dummy', addresses: ['10.0.0.1/24'] })],
      }),
    ]),
  ),
  'node',
)
for (const line of [
  'ip rule add from 10.1.0.0/16 table 100 pref 1000',
  'ip rule add from 10.1.2.0/24 to 10.9.0.0/16 table 200 pref 1001',
  'ip rule add fwmark 0x1/0xff table 100 pref 1002',
  'ip rule add iif d0 lookup main pref 1003',
  'ip rule add from 10.1.2.3 blackhole pref 1004',
  'ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev eth0',
  'ip neigh add proxy 10.0.0.9 dev eth0',
])
  shell.execute(line)

const some = (...priorities: (keyof typeof RULES)[]): string => priorities.map((one) => RULES[one]).join('')

describe('ip rule show', () => {
  it.each([
    ['', KERNEL[0] + some(1000, 1001, 1002, 1003, 1004) + KERNEL[1] + KERNEL[2]],
    ['from all', KERNEL[0] + some(1000, 1001, 1002, 1003, 1004) + KERNEL[1] + KERNEL[2]],
    ['table 100', some(1000, 1002)],
    ['lookup 200', some(1001)],
    ['table main', some(1003) + KERNEL[1]],
    ['from 10.1.0.0/16', some(1000, 1001, 1004)],
    ['from 10.1.2.0/24', some(1001, 1004)],
    ['from 10.1.2.3', some(1004)],
    ['to 10.9.0.0/16', some(1001)],
    ['10.9.0.0/16', some(1001)],
    ['to 10.9.9.9', ''],
    ['fwmark 1', some(1002)],
    ['fwmark 0x1/0xff', some(1002)],
    ['fwmark 2', ''],
    ['iif d0', some(1003)],
    ['oif d0', ''],
    ['pref 1000', some(1000)],
    ['priority 1003', some(1003)],
    ['table 100 from 10.1.0.0/16', some(1000)],
  ])('%s', (words, expected) => {
    expect(shell.execute(`ip rule show ${words}`)).toMatchObject({ stdout: expected, exitCode: 0 })
  })

  it.each([
    ['table nope', 'Error: argument "nope" is wrong: table id value is invalid\n', 255],
    ['from nope', 'Error: inet prefix is expected rather than "nope".', 1],
    ['bogus', 'Error: inet prefix is expected rather than "bogus".', 1],
    ['fwmark x', 'Error: argument "x" is wrong: fwmark value is invalid\n', 255],
    ['pref', 'Command line is not complete. Try option "help"', 255],
    ['tos 4', 'packetwalk: ip rule show tos does not select here: grep', 2],
  ])('%s is refused', (words, said, exitCode) => {
    const run = shell.execute(`ip rule show ${words}`)
    expect(run).toMatchObject({ stdout: '', exitCode })
    expect(run.stderr).toContain(said)
  })
})

describe('ip neigh get', () => {
  it.each([
    ['10.0.0.5 dev eth0', '10.0.0.5 dev eth0 lladdr 02:00:00:00:00:05 PERMANENT \n', '', 0],
    ['to 10.0.0.5 dev eth0', '10.0.0.5 dev eth0 lladdr 02:00:00:00:00:05 PERMANENT \n', '', 0],
    ['proxy 10.0.0.9 dev eth0', '10.0.0.9 dev eth0 proxy \n', '', 0],
    ['10.0.0.6 dev eth0', '', 'Error: Neighbour entry not found.', 2],
    ['proxy 10.0.0.5 dev eth0', '', 'Error: Proxy neighbour entry not found.', 2],
    ['10.0.0.5', '', 'Device and address are required arguments.', 1],
    ['dev eth0', '', 'Device and address are required arguments.', 1],
    ['10.0.0.5 dev nope', '', 'Cannot find device "nope"', 1],
    ['nope dev eth0', '', 'Error: any valid address is expected rather than "nope".', 1],
  ])('%s', (words, stdout, said, exitCode) => {
    const run = shell.execute(`ip neigh get ${words}`)
    expect(run).toMatchObject({ stdout, exitCode })
    expect(run.stderr).toContain(said)
  })
})

describe('sysctl -w', () => {
  it.each([
    ['net.ipv4.nope=1', 'sysctl: cannot stat /proc/sys/net/ipv4/nope: No such file or directory'],
    ['net.ipv4.conf.all.nope=1', 'sysctl: cannot stat /proc/sys/net/ipv4/conf/all/nope: No such file or directory'],
    ['net.ipv6.conf.eth0.nope=1', 'sysctl: cannot stat /proc/sys/net/ipv6/conf/eth0/nope: No such file or directory'],
  ])('%s is refused: Linux has no such setting', (assignment, said) => {
    expect(shell.execute(`sysctl -w ${assignment}`).stderr).toContain(said)
  })

  it.each(['net.ipv4.tcp_keepalive_time=600', 'net.ipv4.conf.all.promote_secondaries=1', 'net.core.somaxconn=4096'])(
    '%s is kept, though nothing here reads it',
    (assignment) => {
      expect(shell.execute(`sysctl -w ${assignment}`)).toMatchObject({ exitCode: 0 })
    },
  )
})
