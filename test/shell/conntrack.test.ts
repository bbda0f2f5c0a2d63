// conntrack: which connections are listed and which are forgotten, in the words of the tool.
import { beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type ConntrackEntry, cable, iface, namespace, networkOf } from '../../src/model/index.ts'
import { Shell } from '../../src/shell/index.ts'
import { parseIp } from '../../src/wire/index.ts'

const ip = (text: string) => parseIp(text)!
const tuple = (src: string, dst: string, sport: number, dport: number) => ({ src: ip(src), dst: ip(dst), sport, dport })
const CONNECTIONS: readonly ConntrackEntry[] = [
  {
    family: 'inet',
    protocol: 6,
    timeout: 100,
    state: 'ESTABLISHED',
    original: tuple('10.0.0.1', '10.0.0.2', 1000, 80),
    reply: tuple('10.0.0.2', '10.0.0.1', 80, 1000),
    assured: true,
  },
  {
    family: 'inet',
    protocol: 17,
    timeout: 100,
    original: tuple('10.0.0.1', '10.96.0.10', 1000, 53),
    reply: tuple('10.244.0.5', '10.0.0.1', 53, 1000),
    unreplied: true,
    mark: 5,
  },
  {
    family: 'inet6',
    protocol: 6,
    timeout: 100,
    state: 'CLOSE_WAIT',
    original: tuple('fd00::1', 'fd00::2', 7, 443),
    reply: tuple('fd00::2', 'fd00::9', 443, 7),
  },
]

let shell: Shell
beforeEach(() => {
  const network = networkOf(
    [
      namespace('n', {
        role: 'node',
        interfaces: [iface({ name: 'eth0', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'] })],
        conntrack: CONNECTIONS,
        iptables: { tables: { filter: { chains: {} } }, backend: 'legacy' },
      }),
      namespace('far', { interfaces: [iface({ name: 'eth0', mac: '02:00:00:00:00:02' })] }),
    ],
    [cable(['n', 'eth0'], ['far', 'eth0'])],
  )
  shell = new Shell(Lab.fromNetwork(network), 'n')
})

describe('conntrack -L', () => {
  const ports = (line: string): (string | undefined)[] =>
    [...shell.execute(line).stdout.matchAll(/dport=(\d+) /g)].filter((_, i) => i % 2 === 0).map((found) => found[1])

  it.each([
    ['conntrack -L', ['80', '53', '443']],
    ['conntrack -L -p tcp', ['80', '443']],
    ['conntrack -L -p udp --dport 53', ['53']],
    ['conntrack -L -p tcp --orig-port-src 7', ['443']],
    ['conntrack -L -s 10.0.0.1', ['80', '53']],
    ['conntrack -L -s 10.0.0.0/24 -d 10.0.0.2', ['80']],
    ['conntrack -L --reply-src 10.244.0.5', ['53']],
    ['conntrack -L -g', ['53']],
    ['conntrack -L --dst-nat 10.244.0.5', ['53']],
    ['conntrack -L --dst-nat=10.244.0.6', []],
    ['conntrack -L -n', ['443']],
    ['conntrack -L -j', ['53', '443']],
    ['conntrack -L -p tcp --state ESTABLISHED', ['80']],
    ['conntrack -L -u ASSURED', ['80']],
    ['conntrack -L -u UNREPLIED', ['53']],
    ['conntrack -L -f ipv6', ['443']],
    ['conntrack -L -m 5', ['53']],
    ['conntrack -L expect', []],
  ])('%s', (line, expected) => {
    expect(ports(line).sort()).toEqual([...expected].sort())
    expect(shell.execute(line)).toMatchObject({
      exitCode: 0,
      stderr: `conntrack v1.4.7 (conntrack-tools): ${expected.length} flow entries have been shown.\n`,
    })
  })

  it('-o extended says the family', () => {
    expect(shell.execute('conntrack -L -o extended -p udp').stdout).toMatch(/^ipv4 {5}2 udp {6}17 /)
  })
})

describe('conntrack -D, -F, -C', () => {
  it('forgets what fits, and prints it', () => {
    const run = shell.execute('conntrack -D -p udp --dport 53')
    expect(run.stdout).toMatch(/^udp {6}17 \d+ src=10\.0\.0\.1 dst=10\.96\.0\.10 /)
    expect(run.stderr).toBe('conntrack v1.4.7 (conntrack-tools): 1 flow entries have been deleted.\n')
    expect(shell.execute('conntrack -C').stdout).toBe('2\n')
    expect(shell.execute('conntrack -D -s 10.9.9.9')).toMatchObject({ exitCode: 1, stdout: '' })
    expect(shell.execute('conntrack -F').stderr).toContain('connection tracking table has been emptied')
    expect(shell.execute('conntrack -C').stdout).toBe('0\n')
  })
})

describe('what it does not take', () => {
  it.each([
    ['conntrack -L --dport 80', "unknown option `--dport'"],
    ['conntrack -L -p tcp --state FOO', "unknown TCP state `FOO'"],
    ['conntrack -L -p foo', "`foo' unsupported protocol"],
    ['conntrack -L -s foo', "Invalid IP address `foo'"],
    ['conntrack -L --nonsense', "unknown option `--nonsense'"],
    ['conntrack -L extra', "unknown type `extra'"],
    ['conntrack -D -p tcp --dport', "option `--dport' requires an argument"],
    ['conntrack -L -o xml', 'not as xml'],
  ])('%s', (line, words) => {
    const { stdout, stderr, exitCode } = shell.execute(line)
    expect(stderr).toContain(`conntrack v1.4.7 (conntrack-tools): ${words.startsWith('not') ? 'packetwalk' : words}`)
    expect([stdout, exitCode]).toEqual(['', 2])
  })

  it.each(['conntrack -E', 'conntrack -S', 'conntrack -I -s 10.0.0.1', 'conntrack -U', 'conntrack'])(
    '%s is named',
    (line) => {
      expect(shell.execute(line)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('packetwalk: conntrack'),
      })
    },
  )
})
