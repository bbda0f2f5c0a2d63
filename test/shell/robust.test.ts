// What a session does with words that no tool takes, with Windows line ends, with what it was not asked.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { runTranscript, Shell, transcriptCommands } from '../../src/shell/index.ts'

const YAML = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const shell = () => new Shell(Lab.load(YAML), 'controlplane')
const POD = 'kubectl exec busybox-deployment-8c7dc8548-x6ljh -- '

describe('words that a tool does not take are refused in its own words', () => {
  it.each<[string, string, number]>([
    ['ip', 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }', 255],
    ['ip -4 bogus', 'Object "bogus" is unknown, try "ip help".', 1],
    ['bridge bogus', 'Object "bogus" is unknown, try "bridge help".', 255],
    ['ip -q route', 'Option "-q" is unknown, try "ip -help".', 255],
    ['ip route bogus', 'Command "bogus" is unknown, try "ip route help".', 255],
    ['ip rule bogus', 'Command "bogus" is unknown, try "ip rule help".', 255],
    ['ip neigh bogus', 'Command "bogus" is unknown, try "ip neigh help".', 255],
    ['ip route show bogus', 'Error: any valid prefix is expected rather than "bogus".', 1],
    ['ifconfig --bogus', "ifconfig: unrecognized option '--bogus'", 2],
    ['route --bogus', "route: unrecognized option '--bogus'", 2],
    ['iptables-save --bogus', "iptables-save: unrecognized option '--bogus'", 1],
    ['ip route > /nowhere/x', 'bash: /nowhere/x: No such file or directory', 1],
    ['ip route > $(hostname', '$( is not closed', 2],
    ['ip route | toString', 'toString: packetwalk does not know this filter', 127],
    ['ip route | constructor', 'constructor: packetwalk does not know this filter', 127],
    [
      'ping -c 1 -s 4294967296 172.17.0.40',
      "ping: invalid argument: '4294967296': out of range: 0 <= value <= 65535",
      1,
    ],
    ['ping -c 1 -t 256 172.17.0.40', "ping: invalid argument: '256': out of range: 1 <= value <= 255", 1],
    ['ping -c 1 -t 0 172.17.0.40', 'ping: cannot set unicast time-to-live: Invalid argument', 1],
    [`${POD}ping -c 1 -s 4294967296 172.17.0.40`, "ping: invalid number '4294967296'", 2],
    ['sysctl -w net.ipv4.ip_forward=banana', 'sysctl: setting key "net.ipv4.ip_forward": Invalid argument', 1],
    ['sysctl -w net.ipv4.ip_default_ttl=0', 'sysctl: setting key "net.ipv4.ip_default_ttl": Invalid argument', 1],
    ['sysctl net.ipv4.conf.nope0.rp_filter', 'sysctl: cannot stat /proc/sys/net/ipv4/conf/nope0/rp_filter', 1],
  ])('%s', (line, words, status) => {
    const { stdout, stderr, exitCode } = shell().execute(line)
    expect(stderr).toContain(words)
    expect([stdout, exitCode]).toEqual(['', status])
  })

  it.each([
    'ip route',
    'ip route show table all',
    'ip route list 192.168.196.128/26',
    'ip -6 route show dev ens3',
    'ip neigh show dev ens3',
    'ip rule list',
    'ip addr show ens3',
    'ip link show dev tunl0',
    'route -n',
    'ifconfig -a',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'sysctl -w net.ipv4.tcp_rmem="4096 131072 6291456"',
  ])('but %s is fine', (line) => {
    expect(shell().execute(line)).toMatchObject({ stderr: '', exitCode: 0 })
  })
})

describe('transcripts', () => {
  it.each([
    ['of Windows', '\r\n'],
    ['of an old Mac', '\r'],
    ['of Unix', '\n'],
  ])('with line ends %s, and a byte order mark', (_of, end) => {
    const text = ['\uFEFFcontrolplane$ ip route', 'output', 'node01$ hostname'].join(end)
    expect(transcriptCommands(text)).toEqual([
      { host: 'controlplane', command: 'ip route' },
      { host: 'node01', command: 'hostname' },
    ])
  })

  it('follow a command into its next lines, with or without their prompt', () => {
    const text = [
      'a$ cat <<EOF > f',
      'one',
      'EOF',
      'output',
      'b$ cat <<EOF |',
      '> two',
      '> EOF',
      '> wc -l',
      "c$ echo 'open",
      'output',
      'd$ cat <<EOF',
      'never closed',
      'e$ ls',
    ].join('\n')
    expect(transcriptCommands(text)).toEqual([
      { host: 'a', command: 'cat <<EOF > f\none\nEOF' },
      { host: 'b', command: 'cat <<EOF |\ntwo\nEOF\nwc -l' },
      { host: 'c', command: "echo 'open" },
      { host: 'd', command: 'cat <<EOF' },
      { host: 'e', command: 'ls' },
    ])
  })

  it.each(['fg', ''])('hand over what tcpdump captured, at fg or at the end: %s', (last) => {
    const lines = ['tcpdump -i ens3 -w ping.pcapng &', 'ping -c 1 172.17.0.40', last].filter((line) => line !== '')
    const files: string[] = []
    runTranscript(shell(), lines.map((line) => `controlplane$ ${line}`).join('\n'), (result) => {
      for (const { name, bytes } of result.files ?? []) files.push(`${name} ${bytes.length > 100}`)
    })
    expect(files).toEqual(['ping.pcapng true'])
  })
})

describe('long work', () => {
  it('a ping that outlasts the patience of the lab says that it was interrupted', () => {
    const { stdout, stderr } = shell().execute('ping -c 1000 172.17.0.40 | tail -2')
    expect(stdout).toContain('601 packets transmitted, 601 received')
    expect(stderr).toBe('packetwalk: interrupted after 600 s\n')
  })

  it('a ping that sends more than is recorded says that it was interrupted', { timeout: 120_000 }, () => {
    const { stdout, stderr, exitCode } = shell().execute('ping -c 600 -s 65000 192.168.196.131 | tail -2')
    expect(stdout).toMatch(/^\d\d+ packets transmitted, \d+ received/)
    expect(stderr).toBe('packetwalk: interrupted: its frames took more than 16 MiB of records\n')
    expect(exitCode).toBe(0)
  })

  it('a storm between bridges ends, and is named', () => {
    const session = shell()
    const cable = (a: string, b: string) => [
      `ip link add ${a} type veth peer name ${b}`,
      `ip link set ${a} master br0`,
      `ip link set ${b} master br1`,
      `ip link set ${a} up`,
      `ip link set ${b} up`,
    ]
    const lines = [
      'ip link add br0 type bridge',
      'ip link add br1 type bridge',
      'ip link set br0 up',
      'ip link set br1 up',
      ...cable('a0', 'a1'),
      ...cable('b0', 'b1'),
      'ip addr add 9.0.0.1/24 dev br0',
    ]
    for (const line of lines) session.execute(line)
    expect(session.execute('ping -c 1 -W 1 9.0.0.2').stderr).toContain('a loop of bridges (a broadcast storm)')
  })
})
