import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { type NamespaceDump, parseNamespaceDump } from '../../src/linux/index.ts'
import { describeIssue, InputError, iface, namespace, networkOf } from '../../src/model/index.ts'
import { parseScenario } from '../../src/replay/index.ts'
import { listScenarios, readScenario, scenarioText } from '../support/captures.ts'

function issuesOf(files: Record<string, unknown>): string[] {
  return parseNamespaceDump('n', 'node', files).issues.map(describeIssue)
}

const LINK = { ifindex: 2, ifname: 'eth0', flags: ['UP', 'LOWER_UP'], mtu: 1500, address: '02:00:00:00:00:01' }

describe('a dump with a fault says where it is', () => {
  it.each([
    ['no JSON', { 'link.json': '[{' }, 'expected JSON, received [{'],
    ['a line of it', { 'route.json': '[\n{"dst":\n]' }, 'expected JSON, received [ {'],
    ['no list', { 'link.json': { a: 1 } }, 'n/link.json: expected a list of objects, received {"a":1}'],
    ['no objects', { 'link.json': [7] }, 'n/link.json: 0: expected an object, received 7'],
    [
      'no name',
      { 'link.json': [{ ifindex: 2 }] },
      'n/link.json: 0.ifname: expected an interface name, received nothing',
    ],
    [
      'no MAC',
      { 'link.json': [{ ...LINK, address: 'x' }] },
      'n/link.json: 0.address: expected a link-layer address, received x',
    ],
    ['a twin', { 'link.json': [LINK, LINK] }, 'n/link.json: 1.ifname: expected each interface once, received eth0'],
    [
      'an unknown kind',
      { 'link.json': [{ ...LINK, linkinfo: { info_kind: 'macvlan' } }] },
      'n/link.json: 0.linkinfo.info_kind: expected eth0 to be of a kind packetwalk models (veth, bridge, dummy, ipip, vxlan, wireguard), received macvlan',
    ],
    [
      'VLAN filtering',
      { 'link.json': [{ ...LINK, linkinfo: { info_kind: 'bridge', info_data: { vlan_filtering: 1 } } }] },
      'n/link.json: 0.linkinfo.info_data.vlan_filtering: expected a bridge without VLAN filtering, received vlan_filtering 1',
    ],
    [
      'a bad prefix length',
      {
        'link.json': [LINK],
        'addr.json': [{ ifname: 'eth0', addr_info: [{ family: 'inet', local: '10.0.0.1', prefixlen: 33 }] }],
      },
      'n/addr.json: 0.addr_info.0.prefixlen: expected a prefix length up to 32, received 33',
    ],
    [
      'host bits',
      { 'route.json': [{ dst: '10.0.0.1/24', dev: 'eth0' }] },
      'n/route.json: 0.dst: expected a destination prefix, received 10.0.0.1/24',
    ],
    [
      'a route type',
      { 'route.json': [{ type: 'nat', dst: '10.0.0.0/24' }] },
      'n/route.json: 0.type: expected unicast, local',
    ],
    [
      'a number',
      { 'route.json': [{ dst: '10.0.0.0/24', metric: 'x' }] },
      'n/route.json: 0.metric: expected a number, received x',
    ],
    [
      'encap',
      { 'route.json': [{ dst: '10.0.0.0/24', encap: 'mpls' }] },
      'n/route.json: 0.encap: expected a route without "encap", received mpls',
    ],
    [
      'a mixed gateway',
      { 'route.json': [{ dst: '10.0.0.0/24', via: { family: 'inet6', host: 'fe80::1' }, dev: 'eth0' }] },
      'n/route.json: 0.via: expected a gateway of family inet, received fe80::1',
    ],
    [
      'a source of the other family',
      { 'route.json': [{ dst: '10.0.0.0/24', dev: 'eth0', prefsrc: 'fe80::1' }] },
      'n/route.json: 0.prefsrc: expected a source address of family inet, received fe80::1',
    ],
    ...(['address', 'broadcast'] as const).map((key): [string, Record<string, unknown>, string] => [
      `an address whose ${key} is of the other family`,
      {
        'addr.json': [
          {
            ifindex: 2,
            ifname: 'eth0',
            addr_info: [{ family: 'inet', local: '10.0.0.1', prefixlen: 24, [key]: '::' }],
          },
        ],
      },
      `expected an address of family inet, received ::`,
    ]),
    [
      'l3mdev',
      { 'rule.json': [{ priority: 1, src: 'all', l3mdev: null }] },
      'n/rule.json: 0.l3mdev: expected a rule without "l3mdev", received null',
    ],
    [
      'a rule of the other family',
      { 'rule.json': [{ priority: 1, src: 'fe80::1', table: 'main' }] },
      'n/rule.json: 0.src: expected an IPv4 address, received fe80::1',
    ],
    [
      'a state',
      { 'neigh.json': [{ dst: '10.0.0.1', dev: 'eth0', state: ['WELL'] }] },
      'n/neigh.json: 0.state: expected PERMANENT',
    ],
    [
      'an fdb entry',
      { 'fdb.json': [{ ifname: 'eth0' }] },
      'n/fdb.json: 0.mac: expected a link-layer address, received nothing',
    ],
    [
      'sysctl',
      { 'sysctl.txt': 'net.ipv4.ip_forward = 1\nwhat' },
      'n/sysctl.txt:2: expected key = value, received what',
    ],
    ['an ipset type', { 'ipset.txt': 'create a hash:ip,mark' }, 'n/ipset.txt:1: expected hash:ip, hash:net'],
    ['a set', { 'ipset.txt': 'add a 10.0.0.1' }, 'n/ipset.txt:1: expected add SET MEMBER, received add a 10.0.0.1'],
    [
      'conntrack',
      { 'conntrack.txt': 'udp 17 30 src=10.0.0.1' },
      'n/conntrack.txt:1: expected a line of conntrack -L, received udp 17 30 src=10.0.0.1',
    ],
    ['wg', { 'wg.txt': 'wg0\tx' }, 'n/wg.txt:1: expected a line of wg show all dump, received 2 columns'],
    [
      'a chain',
      { 'iptables.txt': '*filter\n-A X -j ACCEPT' },
      'n/iptables.txt:2: expected a chain of this table, received X',
    ],
    [
      'a table',
      { 'iptables.txt': '*what' },
      'n/iptables.txt:1: expected a table raw, mangle, nat, filter or security, received what',
    ],
    [
      'no table',
      { 'iptables.txt': ':INPUT ACCEPT' },
      'n/iptables.txt:1: expected *TABLE before chains and rules, received :INPUT ACCEPT',
    ],
    [
      'a quote',
      { 'iptables.txt': '*filter\n:INPUT ACCEPT\n-A INPUT -m comment --comment "x' },
      'n/iptables.txt:3: expected -A CHAIN …',
    ],
    [
      'a network',
      { 'iptables.txt': '*filter\n:INPUT ACCEPT\n-A INPUT -s 1.2.3 -j DROP' },
      'n/iptables.txt:3: expected a network, not 1.2.3',
    ],
    ['binary', { 'iptables.txt': 7 }, 'n/iptables.txt: expected text, received 7'],
  ] as const)('%s', (_, files, expected) => {
    expect(issuesOf(files)[0]).toContain(expected)
  })

  it('keeps the rest', () => {
    const { namespace: ns } = parseNamespaceDump('n', 'node', {
      'link.json': [LINK, { ...LINK, ifname: 'mv0', ifindex: 3, linkinfo: { info_kind: 'macvlan' } }],
    })
    expect(Object.keys(ns.interfaces)).toEqual(['eth0'])
  })

  it('keeps rules it does not model, marked', () => {
    const { namespace: ns, issues } = parseNamespaceDump('n', 'node', {
      'iptables.txt':
        '*filter\n:INPUT ACCEPT\n-A INPUT -p tcp -m quota --quota 1 -m tcp --dport 22 -j TARPIT --tarpit\nCOMMIT',
    })
    const rule = ns.iptables?.tables.filter?.chains['INPUT']?.rules[0]
    expect(issues).toEqual([])
    expect(rule?.matches.map((match) => match.kind)).toEqual(['protocol', 'unsupported', 'tcp'])
    expect(rule?.target).toEqual({ kind: 'unsupported', name: 'TARPIT', text: 'TARPIT --tarpit' })
  })

  it('says which files are missing', () => {
    const wireguard = { ifindex: 3, ifname: 'wg0', flags: [], mtu: 1420, linkinfo: { info_kind: 'wireguard' } }
    expect(
      parseNamespaceDump('n', 'node', { 'link.json': [LINK, wireguard], 'addr.json': [], 'rule.json': [] }).missing,
    ).toEqual(['route.json', 'neigh.json', 'sysctl.txt', 'iptables.txt', 'wg.txt'])
  })

  it('refuses a scenario without its two files', () => {
    expect(() => parseScenario(new Map())).toThrow(InputError)
  })
})

// Texts of the tools, cut and spliced: every parser must stay typed, finite and quiet about bugs of its own.
const state = JSON.parse(scenarioText(readScenario('18-services-ipip'), 'state.json')) as Record<
  string,
  Record<string, unknown>
>
const node = state['node01']!
const WG = 'wg0\t(hidden)\tpub\t51820\toff\nwg0\tpeer\t(none)\t[fd00::1]:51820\t10.0.0.0/8,fd00::/8\t0\t0\t0\t25\n'
const CT =
  'ipv4     2 tcp      6 97 TIME_WAIT src=1.2.3.4 dst=5.6.7.8 sport=1 dport=2 src=5.6.7.8 dst=1.2.3.4 sport=2 dport=1 [ASSURED] mark=0 use=1\n'
const texts: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries(node).map(([name, content]) => [
      name,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  ),
  'wg.txt': WG,
  'conntrack.txt': CT,
}

function mutate(text: string, cuts: readonly (readonly [number, number, string])[]): string {
  let out = text
  for (const [at, length, insert] of cuts) {
    const start = Math.floor(at * out.length)
    out = out.slice(0, start) + insert + out.slice(start + length)
  }
  return out
}

const cuts = fc.array(
  fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(40),
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        '!',
        '"',
        '-m',
        '-j ',
        '\n',
        '/',
        ':',
        '0x',
        '[',
        '{}',
        'null',
        '__proto__',
        '-A INPUT ',
        'constructor',
      ),
    ),
  ),
  { minLength: 1, maxLength: 6 },
)

describe('mutated dumps', () => {
  it.each(Object.keys(texts).sort())('%s gives issues, never an exception', (file) => {
    fc.assert(
      fc.property(cuts, (list) => {
        const dump: NamespaceDump = parseNamespaceDump('n', 'node', { [file]: mutate(texts[file]!, list) })
        for (const issue of dump.issues) expect(issue.file).toBe(`n/${file}`)
      }),
      { numRuns: 60 },
    )
  })

  it('random JSON values as any file', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'link.json',
          'addr.json',
          'route.json',
          'rule.json',
          'neigh.json',
          'fdb.json',
          'neigh-proxy.json',
        ),
        fc.jsonValue(),
        (file, value) => {
          expect(
            Array.isArray(
              parseNamespaceDump('n', 'node', {
                [file]: [value, { ifname: value, dst: value, linkinfo: value, addr_info: value }],
              }).issues,
            ),
          ).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('a long line of anything takes no time', () => {
    const long = `*filter\n:INPUT ACCEPT\n-A INPUT ${'-m '.repeat(20_000)}${'! '.repeat(20_000)}${'a'.repeat(50_000)}\n`
    const files = {
      'iptables.txt': long,
      'conntrack.txt': 'x='.repeat(50_000),
      'ipset.txt': `create ${'a '.repeat(50_000)}`,
      'sysctl.txt': 'a.'.repeat(50_000),
    }
    expect(parseNamespaceDump('n', 'node', files).issues.length).toBeGreaterThan(2)
  })
})

describe('random commands', () => {
  const start = networkOf([
    namespace('n', {
      interfaces: [
        iface({ name: 'eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] }),
        iface({ name: 'br0', kind: 'bridge' }),
      ],
    }),
  ])
  const words = fc.constantFrom(
    ...'ip -6 link addr route rule neigh add del set flush replace dev eth0 br0 lo nope up down mtu 1400 master type veth peer name vxlan id 7 via 10.0.0.9 fd00::9 10.1.0.0/16 default proto bird onlink table 100 from to lookup pref nud stale lladdr 02:00:00:00:00:01 bridge fdb append dst self sysctl -w net.ipv4.ip_forward=1 iptables -t nat -A -I -D -F FORWARD INPUT -p udp --dport 53 -j DROP ACCEPT ipset create hash:ip'.split(
      ' ',
    ),
  )
  it('change the network or say why they do not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(words, fc.string({ maxLength: 8 })), { maxLength: 12 }),
        fc.constantFrom('ip', 'bridge', 'iptables', 'sysctl', 'ipset', ''),
        (rest, tool) => {
          const result = applyCommand(start, 'n', [tool, ...rest].join(' '))
          if ('refused' in result) expect(result.refused.length).toBeGreaterThan(10)
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('are many scenarios', () => expect(listScenarios().length).toBe(105))
})
