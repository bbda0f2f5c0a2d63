// What is typed on a machine besides ip: sysctl, cat, ifconfig, arp, conntrack; what Tab offers; what ping is told by a name.
import { beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { cable, iface, namespace, networkOf, route } from '../../src/model/index.ts'
import { Shell } from '../../src/shell/index.ts'

const [LEFT, RIGHT] = ['02:00:00:00:00:01', '02:00:00:00:00:02']
const network = networkOf(
  [
    namespace('left', {
      role: 'node',
      interfaces: [
        iface({ name: 'eth0', mac: LEFT, addresses: ['10.0.0.1/24'] }),
        iface({ name: 'eth0.5', mac: LEFT, kind: 'dummy' }),
        iface({ name: 'spare', mac: '02:00:00:00:00:03', kind: 'dummy', up: false }),
      ],
      routes: [route('10.9.0.0/16', { via: '10.0.0.2', dev: 'eth0' })],
      sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth0/5.rp_filter': '2' },
    }),
    namespace('shop/right', {
      role: 'pod',
      interfaces: [iface({ name: 'eth0', mac: RIGHT, addresses: ['10.0.0.2/24'] })],
    }),
  ],
  [cable(['left', 'eth0'], ['shop/right', 'eth0'])],
)
let shell: Shell
beforeEach(() => {
  shell = new Shell(Lab.fromNetwork(network), 'left')
})

describe('sysctl', () => {
  it.each([
    ['sysctl net.ipv4.ip_forward', 'net.ipv4.ip_forward = 1\n', '', 0],
    ['sysctl net/ipv4/ip_forward', 'net.ipv4.ip_forward = 1\n', '', 0],
    ['sysctl -n net.ipv4.ip_forward', '1\n', '', 0],
    ['sysctl -N net.ipv4.ip_forward', 'net.ipv4.ip_forward\n', '', 0],
    ['sysctl -w net.ipv4.ip_forward=0', 'net.ipv4.ip_forward = 0\n', '', 0],
    ['sysctl -q -w net.ipv4.ip_forward=0', '', '', 0],
    ['sysctl -a -r ip_forw', 'net.ipv4.ip_forward = 1\n', '', 0],
    ['sysctl -w net.ipv4.ip_forward', '', 'sysctl: "net.ipv4.ip_forward" must be of the form name=value\n', 1],
    ['sysctl net.ipv4.conf.eth0/5.rp_filter', 'net.ipv4.conf.eth0/5.rp_filter = 2\n', '', 0],
    ['sysctl net/ipv4/conf/eth0.5/rp_filter', 'net.ipv4.conf.eth0/5.rp_filter = 2\n', '', 0],
    ['sysctl net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.all.rp_filter = 0\n', '', 0],
    ['sysctl net.ipv4.conf.default.rp_filter', 'net.ipv4.conf.default.rp_filter = 0\n', '', 0],
    [
      'sysctl net.ipv4.conf.eth7.rp_filter net.ipv4.ip_forward',
      'net.ipv4.ip_forward = 1\n',
      'sysctl: cannot stat /proc/sys/net/ipv4/conf/eth7/rp_filter: No such file or directory\n',
      1,
    ],
    [
      'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/nope /etc/passwd',
      '1\n',
      'cat: /proc/sys/net/ipv4/nope: No such file or directory\ncat: /etc/passwd: No such file or directory\n',
      1,
    ],
  ])('%s', (line, stdout, stderr, exitCode) => {
    expect(shell.execute(line)).toMatchObject({ stdout, stderr, exitCode })
  })

  it('lists all without a key, and changes with key=value or -w', () => {
    expect(shell.execute('sysctl -a').stdout).toContain('net.ipv4.ip_forward = 1\n')
    expect(shell.execute('sysctl net.ipv4.ip_forward=0').exitCode).toBe(0)
    expect(shell.execute('sysctl net.ipv4.ip_forward').stdout).toBe('net.ipv4.ip_forward = 0\n')
  })
})

describe('ifconfig', () => {
  const devices = (line: string): string[] =>
    shell
      .execute(line)
      .stdout.split('\n')
      .flatMap((text) => /^(\S+?):? .*(?:flags|Link)/.exec(text)?.[1] ?? [])

  it.each([
    ['ifconfig', ['eth0', 'eth0.5', 'lo']],
    ['ifconfig -a', ['eth0', 'eth0.5', 'spare', 'lo']],
    ['ifconfig spare', ['spare']],
  ])('%s', (line, shown) => {
    expect(devices(line).sort()).toEqual([...shown].sort())
  })

  it('knows no device that is not there', () => {
    expect(shell.execute('ifconfig eth1')).toMatchObject({
      stdout: '',
      stderr: 'eth1: error fetching interface information: Device not found (packetwalk: did you mean "eth0"?)\n',
      exitCode: 1,
    })
  })
})

describe('arp, and what a pod has for it', () => {
  beforeEach(() => shell.execute('ping -c 1 10.0.0.2'))

  it('prints columns on a node, and lines as busybox does in a pod', () => {
    expect(shell.execute('arp -n').stdout).toMatch(new RegExp(`^Address .*\\n10\\.0\\.0\\.2 +ether +${RIGHT} `))
    expect(shell.executeOn('shop/right', 'arp -n').stdout).toMatch(
      new RegExp(`^\\S+ \\(10\\.0\\.0\\.1\\) at ${LEFT} \\[ether\\] +on eth0\\n$`),
    )
  })

  it('ping speaks as the tool of the place does', () => {
    expect(shell.execute('ping -c 1 10.0.0.2').stdout).toMatch(
      /^PING 10\.0\.0\.2 \(10\.0\.0\.2\) 56\(84\) bytes of data\.\n/,
    )
    expect(shell.executeOn('shop/right', 'ping -c 1 10.0.0.1').stdout).toMatch(
      /^PING 10\.0\.0\.1 \(10\.0\.0\.1\): 56 data bytes\n/,
    )
  })

  it('ping without a count sends four', () => {
    expect(shell.execute('ping 10.0.0.2').stdout).toContain('4 packets transmitted, 4 received')
  })
})

describe('names instead of addresses', () => {
  it.each([
    ['ping -c 1 right', '10.0.0.2'],
    ['ping -c 1 shop/right', '10.0.0.2'],
    ['traceroute -n left', '10.0.0.1'],
  ])('%s goes to %s', (line, address) => {
    expect(shell.execute(line).stdout).toContain(`(${address})`)
  })
})

describe('Tab', () => {
  it.each([
    ['trac', ['tracepath', 'tracepath6', 'traceroute', 'traceroute6']],
    ['h', ['halt', 'head', 'help', 'history', 'host', 'hostname', 'hosts']],
    ['ping r', ['right']],
    ['ping sh', ['shop/right']],
    ['ip link show s', ['shop/right', 'spare']],
    ['ip addr show dev eth', ['eth0', 'eth0.5']],
    ['ssh l', ['left', 'lo']],
    ['nothing that is', []],
  ])('%s', (line, words) => {
    expect(shell.complete(line)).toEqual(words)
  })

  it('knows the interfaces of the place it is typed at', () => {
    shell.execute('ssh shop/right')
    expect(shell.complete('ip addr show dev eth')).toEqual(['eth0'])
  })
})

describe('filters', () => {
  it.each([
    ['ip -br link | grep -c ETH', '0\n'],
    ['ip -br link | grep -ic ETH', '2\n'],
    ['ip -br link | grep -cw eth', '0\n'],
    ['ip -br link | grep -cF eth0.', '1\n'],
    ['ip -br link | grep -cE "^(lo|spare)"', '2\n'],
    ['ip -br link | grep -vc eth', '2\n'],
    ['hosts | head -1 | wc -l', '1\n'],
    ['hosts | head -n1 | wc -l', '1\n'],
    ['hosts | tail -0', ''],
    ['hosts | tail -n 1', 'pod       shop/right\n'],
    ['hosts | sort', 'node      left\npod       shop/right\n'],
    ['hosts | sort -r', 'pod       shop/right\nnode      left\n'],
    ['hosts | tail -n +2', 'pod       shop/right\n'],
    ['hosts | wc', '      2       4      36\n'],
    ['hosts | wc -l -c', '      2      36\n'],
  ])('%s', (line, stdout) => {
    expect(shell.execute(line).stdout).toBe(stdout)
  })

  it.each([
    'hosts | head -x',
    'hosts | sort -z',
    'hosts | wc -m',
    'hosts | tail -f',
    'hosts | grep',
    'hosts | grep -P a',
  ])('%s is refused', (line) => {
    expect(shell.execute(line)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('packetwalk does not know this filter or its options'),
      exitCode: 127,
    })
  })
})
