import { describe, expect, test } from 'vitest'
import type { Policy } from '../../../src/control/policy/model.ts'
import {
  context,
  host,
  linesOf,
  policy,
  policyRule,
  profile,
  rulesetOf,
  textsOf,
  tierOf,
  workload,
} from './node-policies.ts'

const A = policy('a', { id: 'knp/a', selector: 'a' })
const B = policy('b', { id: 'knp/b', selector: 'b' })
const STAGED = policy('s', { id: 'sknp/s', selector: 'a', staged: true })

const ESTABLISHED = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const INVALID = '-m conntrack --ctstate INVALID -j DROP'
const CLEAR = '-j MARK --set-xmark 0x0/0x30000'
const START = '-m comment --comment "Start of tier default" -j MARK --set-xmark 0x0/0x20000'
const END =
  '-m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP'
const RETURN = '-m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 -j RETURN'
const asks = (chain: string) => [`-m mark --mark 0x0/0x20000 -j ${chain}`, RETURN]
const PROFILE = (chain: string) => [
  `-j ${chain}`,
  '-m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
]
const NOBODY = '-m comment --comment "Drop if no profiles matched" -j DROP'
const KNS = [profile('kns.x')]

/** The chain into a pod with these policies. */
function toPod(ingress: Policy[], version = 'v3.32.0', settings = {}, tier = {}): string[] {
  const pod = workload('cali1', { tiers: [tierOf({ ingress }, tier)], profiles: KNS })
  return textsOf(rulesetOf({ workloads: [pod] }, context(version, {}, settings)), 'filter', 'cali-tw-cali1')
}

describe('the chain of a pod (facts/felix-iptables.md §5)', () => {
  test('policies one by one, the end of the tier, profiles', () => {
    expect(toPod([A, B])).toEqual([
      ESTABLISHED,
      INVALID,
      CLEAR,
      START,
      ...asks('cali-pi-knp/a'),
      ...asks('cali-pi-knp/b'),
      END,
      ...PROFILE('cali-pri-kns.x'),
      NOBODY,
    ])
  })

  test('without policies profiles decide', () => {
    expect(toPod([])).toEqual([ESTABLISHED, INVALID, CLEAR, ...PROFILE('cali-pri-kns.x'), NOBODY])
  })

  test('a staged policy is not asked, and the end of a tier of such is none', () => {
    expect(toPod([STAGED])).toEqual([ESTABLISHED, INVALID, CLEAR, START, ...PROFILE('cali-pri-kns.x'), NOBODY])
    expect(toPod([STAGED, A]).filter((line) => line.includes('-pi-'))).toEqual([asks('cali-pi-knp/a')[0]])
  })

  test('a tier that passes on has no end', () => {
    expect(toPod([A], 'v3.32.0', {}, { defaultAction: 'Pass', name: 'x' })).toEqual([
      ESTABLISHED,
      INVALID,
      CLEAR,
      START.replace('default', 'x'),
      ...asks('cali-pi-knp/a'),
      ...PROFILE('cali-pri-kns.x'),
      NOBODY,
    ])
  })

  test.each<[string, string, string[], string]>([
    ['v3.27.0', '0x0/0x10000', ['-m comment --comment "Start of policies" -j MARK --set-xmark 0x0/0x20000'], ''],
    ['v3.28.0', '0x0/0x30000', [], ''],
    ['v3.29.0', '0x0/0x30000', [START], ''],
    ['v3.30.0', '0x0/0x30000', [START], 'End of tier default. '],
  ])('%s', (version, clears, start, end) => {
    const lines = toPod([A], version)
    expect(lines[2]).toBe(`-j MARK --set-xmark ${clears}`)
    expect(lines.slice(3, 3 + start.length)).toEqual(start)
    expect(lines.find((line) => line.includes('no policies passed'))).toContain(
      `"${end}Drop if no policies passed packet"`,
    )
  })

  test.each<[Readonly<Record<string, unknown>>, string[]]>([
    [{ disableConntrackInvalidCheck: true }, [ESTABLISHED, CLEAR]],
    [
      { iptablesFilterAllowAction: 'Return' },
      [
        '-m conntrack --ctstate RELATED,ESTABLISHED -j MARK --set-xmark 0x10000/0x10000',
        '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
        INVALID,
        CLEAR,
      ],
    ],
    [
      { iptablesFilterDenyAction: 'Reject' },
      [ESTABLISHED, INVALID.replace('DROP', 'REJECT --reject-with icmp-port-unreachable'), CLEAR],
    ],
  ])('%j', (settings, begin) => {
    const lines = toPod([], 'v3.32.0', settings)
    expect(lines.slice(0, begin.length)).toEqual(begin)
  })

  test('with Reject comments say so', () => {
    expect(toPod([A], 'v3.32.0', { iptablesFilterDenyAction: 'Reject' }).slice(-4)).toEqual([
      '-m comment --comment "End of tier default. Reject if no policies passed packet" -m mark --mark 0x0/0x20000 -j REJECT --reject-with icmp-port-unreachable',
      ...PROFILE('cali-pri-kns.x'),
      '-m comment --comment "Reject if no profiles matched" -j REJECT --reject-with icmp-port-unreachable',
    ])
  })

  test.each<[Readonly<Record<string, unknown>>, string[]]>([
    [{}, ['-p udp', '-p ipencap']],
    [{ allowVXLANPacketsFromWorkloads: true }, ['-p ipencap']],
    [{ allowIPIPPacketsFromWorkloads: true }, ['-p udp']],
    [{ allowIPIPPacketsFromWorkloads: true, allowVXLANPacketsFromWorkloads: true }, []],
  ])('what a pod encapsulates by itself, %j', (settings, want) => {
    const node = rulesetOf({ workloads: [workload('cali1')] }, context('v3.32.0', {}, settings))
    const protocols = (chain: string) =>
      textsOf(node, 'filter', chain).flatMap((line) => /^-p \S+/.exec(line)?.[0] ?? [])
    expect([protocols('cali-fw-cali1'), protocols('cali-tw-cali1')]).toEqual([want, []])
  })
})

describe('chains that nothing leads to are not there', () => {
  test('policies and profiles only in the directions and tables in which they are asked', () => {
    const pod = workload('cali1', { tiers: [tierOf({ ingress: [A], egress: [B] })], profiles: KNS })
    const node = rulesetOf({ workloads: [pod] }, context('v3.32.0'))
    const names = Object.keys(node.tables.filter!.chains)
    expect(names.filter((name) => /-p[io]-|-pr[io]-|failsafe/.test(name))).toEqual([
      'cali-pi-knp/a',
      'cali-po-knp/b',
      'cali-pri-kns.x',
      'cali-pro-kns.x',
    ])
    expect(Object.keys(node.tables.mangle!.chains).filter((name) => name.includes('-pi-'))).toEqual([])
  })

  test('all that are named are there', () => {
    const tiers = [tierOf({ ingress: [A, B], egress: [A] })]
    const node = rulesetOf(
      {
        workloads: [workload('cali1', { tiers })],
        hosts: [host('eth0', { tiers, forward: tiers, untracked: tiers, preDnat: tiers, profiles: KNS }), host('*')],
      },
      context('v3.32.0', { enabled: ['wireguard.cali'], wireguardHostEncryption: true }),
    )
    for (const { chains } of Object.values(node.tables)) {
      const targets = Object.values(chains).flatMap(({ rules }) =>
        rules.flatMap(({ target }) => (target?.kind === 'jump' || target?.kind === 'goto' ? [target.chain] : [])),
      )
      expect(targets.filter((name) => chains[name] === undefined)).toEqual([])
      const reached = new Set(targets)
      expect(Object.keys(chains).filter((name) => name.startsWith('cali-') && !reached.has(name))).toEqual([])
    }
  })
})

describe('chains of a host endpoint', () => {
  const tiers = [tierOf({ ingress: [A], egress: [B] })]
  const of = (parts: Parameters<typeof host>[1], settings = {}, version = 'v3.32.0') =>
    rulesetOf({ hosts: [host('eth0', parts)] }, context(version, {}, settings))

  test('filter: ports that stay open come first, egress out of the host', () => {
    const node = of({ tiers, profiles: KNS })
    expect(textsOf(node, 'filter', 'cali-th-eth0')).toEqual([
      ESTABLISHED,
      INVALID,
      '-j cali-failsafe-out',
      CLEAR,
      START,
      ...asks('cali-po-knp/b'),
      END,
      ...PROFILE('cali-pro-kns.x'),
      NOBODY,
    ])
    expect(textsOf(node, 'filter', 'cali-fh-eth0').filter((line) => /failsafe|-p[io]-/.test(line))).toEqual([
      '-j cali-failsafe-in',
      asks('cali-pi-knp/a')[0],
    ])
  })

  test('without policy and profile all but those ports is dropped, and what is forwarded is not', () => {
    const node = of({})
    expect(textsOf(node, 'filter', 'cali-fh-eth0')).toEqual([
      ESTABLISHED,
      INVALID,
      '-j cali-failsafe-in',
      CLEAR,
      NOBODY,
    ])
    expect(textsOf(node, 'filter', 'cali-fhfw-eth0')).toEqual([
      ESTABLISHED,
      INVALID,
      CLEAR,
      '-m comment --comment "Allow forwarded traffic by default" -j MARK --set-xmark 0x10000/0x10000',
      '-m comment --comment "Return for accepted forward traffic" -j RETURN',
    ])
  })

  test('what is forwarded: no open ports, no profiles', () => {
    expect(textsOf(of({ forward: tiers, profiles: KNS }), 'filter', 'cali-fhfw-eth0')).toEqual([
      ESTABLISHED,
      INVALID,
      CLEAR,
      START,
      ...asks('cali-pi-knp/a'),
      END,
    ])
  })

  test.each([
    ['v3.28.0', true],
    ['v3.29.0', false],
  ])('%s: a tier of the other direction only leaves forwarded packets allowed: %s', (version, allowed) => {
    const node = of({ forward: [tierOf({ egress: [B] })] }, {}, version)
    const lines = textsOf(node, 'filter', 'cali-fhfw-eth0')
    expect(lines.some((line) => line.includes('Allow forwarded traffic'))).toBe(allowed)
  })

  test('mangle: out of the host with RETURN, and policies before translation with no end', () => {
    const node = of({ tiers, preDnat: tiers })
    expect(textsOf(node, 'mangle', 'cali-th-eth0').slice(0, 4)).toEqual([
      '-m conntrack --ctstate RELATED,ESTABLISHED -j MARK --set-xmark 0x10000/0x10000',
      '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
      INVALID,
      '-j cali-failsafe-out',
    ])
    expect(textsOf(node, 'mangle', 'cali-fh-eth0')).toEqual([
      ESTABLISHED,
      INVALID,
      '-j cali-failsafe-in',
      CLEAR,
      START,
      ...asks('cali-pi-knp/a'),
    ])
    expect(textsOf(of({ preDnat: tiers }, { iptablesMangleAllowAction: 'Return' }), 'mangle', 'cali-fh-eth0')[1]).toBe(
      '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
    )
  })

  test('raw: no connections, and what is accepted is not tracked', () => {
    const node = of({ untracked: tiers })
    expect(textsOf(node, 'raw', 'cali-fh-eth0')).toEqual([
      '-j cali-failsafe-in',
      CLEAR,
      START,
      asks('cali-pi-knp/a')[0],
      '-m mark --mark 0x10000/0x10000 -j NOTRACK',
      RETURN,
    ])
  })

  test('the wildcard has no chain in raw', () => {
    const node = rulesetOf({ hosts: [host('*', { untracked: tiers })] }, context('v3.32.0'))
    expect(textsOf(node, 'raw', 'cali-from-host-endpoint')).toEqual([])
    expect(Object.keys(node.tables.raw!.chains).filter((name) => name.startsWith('cali-fh-'))).toEqual([])
  })
})

describe('groups of policies (facts/felix-iptables.md §5, from v3.28)', () => {
  const selector = 'projectcalico.org/namespace == "default"'
  const knp = (name: string, parts: Partial<Policy> = {}) => policy(name, { selector, ...parts })

  test.each<[string, string, Policy[], string[]]>([
    ['two in a row with one selector', 'v3.32.0', [knp('a'), knp('b')], ['cali-gi-gJDNpnRhquBZu_boZTGv']],
    ['up to v3.27 each by itself', 'v3.27.0', [knp('a'), knp('b')], ['cali-pi-knp/default/a', 'cali-pi-knp/default/b']],
    [
      'v3.29 has the tier in the digest, and names without it',
      'v3.29.0',
      [knp('a', { id: 'default/default/knp.default.a' }), knp('b', { id: 'default/default/knp.default.b' })],
      ['cali-gi-6ipUwTgscPC9sOuk8byU'],
    ],
    [
      'v3.28 the same, with other ids',
      'v3.28.0',
      [knp('a', { id: 'default/knp.default.a' }), knp('b', { id: 'default/knp.default.b' })],
      ['cali-gi-6ipUwTgscPC9sOuk8byU'],
    ],
    [
      'another selector between them',
      'v3.32.0',
      [knp('a'), knp('x', { selector: 'x' }), knp('b')],
      ['cali-pi-knp/default/a', 'cali-pi-knp/default/x', 'cali-pi-knp/default/b'],
    ],
    ['of two one of which is staged', 'v3.32.0', [knp('a'), knp('b', { staged: true })], ['cali-pi-knp/default/a']],
  ])('%s', (_, version, policies, want) => {
    const lines = toPod(policies, version)
    expect(lines.flatMap((line) => /-j (cali-[gp]i-\S+)/.exec(line)?.[1] ?? [])).toEqual(want)
  })

  test('its kind, and its direction', () => {
    const gnp = policy('b', {
      selector,
      ref: { kind: 'GlobalNetworkPolicy', api: 'calico', name: 'b', tier: 'default' },
    })
    const pod = workload('cali1', { tiers: [tierOf({ egress: [knp('a'), gnp] })] })
    const node = rulesetOf({ workloads: [pod] }, context('v3.32.0'))
    expect(Object.keys(node.tables.filter!.chains)).toContain('cali-go-0UNl20xCVfF3vLzj5URS')
  })

  test('inside, a verdict leaves after every fifth policy', () => {
    const policies = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => knp(name, { staged: name === 'b' }))
    const pod = workload('cali1', { tiers: [tierOf({ ingress: policies })] })
    const node = rulesetOf({ workloads: [pod] }, context('v3.32.0'))
    const name = Object.keys(node.tables.filter!.chains).find((one) => one.startsWith('cali-gi-'))!
    const next = (policyName: string) => `-m mark --mark 0x0/0x30000 -j cali-pi-knp/default/${policyName}`
    expect(textsOf(node, 'filter', name)).toEqual([
      '-j cali-pi-knp/default/a',
      next('c'),
      next('d'),
      next('e'),
      next('f'),
      '-m comment --comment "Return on verdict" -m mark ! --mark 0x0/0x30000 -j RETURN',
      '-j cali-pi-knp/default/g',
    ])
  })
})

describe('dispatch (facts/felix-iptables.md §4)', () => {
  const UNKNOWN = '-m comment --comment "Unknown interface" -j DROP'
  const from = (...devs: string[]) => rulesetOf({ workloads: devs.map((dev) => workload(dev)) }, context('v3.32.0'))

  test('interfaces that begin alike share a chain', () => {
    const node = from('caliabd', 'cali123', 'caliabc')
    expect(textsOf(node, 'filter', 'cali-from-wl-dispatch')).toEqual([
      '-i cali123 -g cali-fw-cali123',
      '-i calia+ -g cali-from-wl-dispatch-a',
      UNKNOWN,
    ])
    expect(textsOf(node, 'filter', 'cali-from-wl-dispatch-a')).toEqual([
      '-i caliabc -g cali-fw-caliabc',
      '-i caliabd -g cali-fw-caliabd',
      UNKNOWN,
    ])
    expect(textsOf(node, 'filter', 'cali-to-wl-dispatch-a')).toEqual([
      '-o caliabc -g cali-tw-caliabc',
      '-o caliabd -g cali-tw-caliabd',
      UNKNOWN,
    ])
  })

  test.each<[string, string[], string[]]>([
    ['none', [], [UNKNOWN]],
    ['one', ['cali1'], ['-i cali1 -g cali-fw-cali1', UNKNOWN]],
    [
      'one that is the beginning of another',
      ['cali1', 'cali'],
      ['-i cali -g cali-fw-cali', '-i cali1 -g cali-fw-cali1', UNKNOWN],
    ],
    ['one twice', ['cali1', 'cali1'], ['-i cali1 -g cali-fw-cali1', UNKNOWN]],
  ])('%s', (_, devs, want) => {
    expect(textsOf(from(...devs), 'filter', 'cali-from-wl-dispatch')).toEqual(want)
  })

  test('hosts: no end, and what has no endpoint of its own goes to the wildcard', () => {
    const named = rulesetOf({ hosts: [host('eth1'), host('eth0')] }, context('v3.32.0'))
    expect(textsOf(named, 'filter', 'cali-from-host-endpoint')).toEqual([
      '-i eth0 -g cali-fh-eth0',
      '-i eth1 -g cali-fh-eth1',
    ])
    const all = rulesetOf(
      { hosts: [host('eth0'), host('*', { preDnat: [tierOf({ ingress: [A] })] })] },
      context('v3.32.0'),
    )
    const other = 'cali-fhfw-_Nqh4HyA73udmyanQI'
    expect(textsOf(all, 'filter', 'cali-from-hep-forward')).toEqual(['-i eth0 -g cali-fhfw-eth0', `-g ${other}`])
    expect(textsOf(all, 'filter', 'cali-to-host-endpoint').at(-1)).toBe('-g cali-th-any-interface-at-all')
    expect(textsOf(all, 'mangle', 'cali-to-host-endpoint').slice(1)).toEqual([
      '-o cali+ -m comment --comment "Skip egress WHEP policy for traffic to local workload" -j RETURN',
      '-g cali-th-any-interface-at-all',
    ])
    expect(textsOf(all, 'mangle', 'cali-from-host-endpoint')).toEqual(['-g cali-fh-any-interface-at-all'])
  })
})

describe('ports that stay open (facts/felix-iptables.md §9)', () => {
  const tiers = [tierOf({ ingress: [A] })]
  const failsafe = (settings: object, table: 'filter' | 'raw', chain: string, family: 4 | 6 = 4) =>
    textsOf(
      rulesetOf(
        { hosts: [host('eth0', { untracked: tiers })] },
        context('v3.32.0', { family }, settings as Record<string, unknown>),
      ),
      table,
      chain,
      family === 4 ? 'inet' : 'inet6',
    )

  test('usually', () => {
    const ports = (lines: string[]) =>
      lines.map((line) => /-p (\S+) -m multiport --([sd])ports (\S+) -j ACCEPT/.exec(line)!.slice(1).join(' '))
    const tcp = [179, 2379, 2380, 5473, 6443, 6666, 6667]
    const inbound = ['tcp d 22', 'udp d 68', ...tcp.map((port) => `tcp d ${port}`)]
    const outbound = ['udp d 53', 'udp d 67', ...tcp.map((port) => `tcp d ${port}`)]
    expect(ports(failsafe({}, 'filter', 'cali-failsafe-in'))).toEqual(inbound)
    expect(ports(failsafe({}, 'filter', 'cali-failsafe-out'))).toEqual(outbound)
    // Before connection tracking answers have to be let through, too.
    const answers = (list: string[]) => list.map((one) => one.replace(' d ', ' s '))
    expect(ports(failsafe({}, 'raw', 'cali-failsafe-in'))).toEqual([...inbound, ...answers(outbound)])
    expect(ports(failsafe({}, 'raw', 'cali-failsafe-out'))).toEqual([...outbound, ...answers(inbound)])
  })

  test.each<[string, unknown, string[]]>([
    ['none', [], []],
    ['none, by a variable', 'none', []],
    ['a port', [{ protocol: 'UDP', port: 7 }], ['-p udp -m multiport --dports 7 -j ACCEPT']],
    [
      'from a range',
      [{ protocol: 'tcp', port: 7, net: '10.0.0.0/8' }],
      ['-s 10.0.0.0/8 -p tcp -m multiport --dports 7 -j ACCEPT'],
    ],
    ['from an IPv6 range', [{ protocol: 'tcp', port: 7, net: 'fd00::/8' }], []],
    [
      'by a variable',
      '22, udp:7,tcp:10.0.0.0/8:8,tcp:[fd00::/8]:9',
      [
        '-p tcp -m multiport --dports 22 -j ACCEPT',
        '-p udp -m multiport --dports 7 -j ACCEPT',
        '-s 10.0.0.0/8 -p tcp -m multiport --dports 8 -j ACCEPT',
      ],
    ],
  ])('inwards: %s', (_, value, want) => {
    expect(failsafe({ failsafeInboundHostPorts: value }, 'filter', 'cali-failsafe-in')).toEqual(want)
  })

  test('outwards the range is where packets go, in raw where they come from', () => {
    const settings = {
      failsafeOutboundHostPorts: [{ protocol: 'tcp', port: 7, net: '10.0.0.0/8' }],
      failsafeInboundHostPorts: [],
    }
    expect(failsafe(settings, 'filter', 'cali-failsafe-out')).toEqual([
      '-d 10.0.0.0/8 -p tcp -m multiport --dports 7 -j ACCEPT',
    ])
    expect(failsafe(settings, 'raw', 'cali-failsafe-in')).toEqual([
      '-s 10.0.0.0/8 -p tcp -m multiport --sports 7 -j ACCEPT',
    ])
  })
})

test('every rule that decides says what it stands for', () => {
  const denies = policy('p', { ingress: [policyRule('Deny'), policyRule('Allow'), policyRule('Log')] })
  const node = rulesetOf(
    { workloads: [workload('cali1', { tiers: [tierOf({ ingress: [denies] })] })] },
    context('v3.32.0'),
  )
  const kinds = (chain: string) => node.tables.filter!.chains[chain]!.rules.map(({ meaning }) => meaning?.kind ?? '')
  expect(kinds('cali-pi-knp/default/p')).toEqual(['', 'policy', 'policy', '', 'policy'])
  expect(kinds('cali-to-wl-dispatch')).toEqual(['endpoint', 'unknown-interface'])
  expect(kinds('cali-tw-cali1')).toEqual([
    'established',
    'invalid',
    '',
    'tier',
    '',
    '',
    'tier-end',
    '',
    '',
    '',
    '',
    'no-profile',
  ])
  expect(node.tables.filter!.chains['cali-tw-cali1']!.rules[6]!.meaning).toEqual({
    kind: 'tier-end',
    tier: 'default',
    direction: 'ingress',
    policies: [denies.ref],
  })
  expect(linesOf(node, 'filter', 'cali-pri-kns.default')).toHaveLength(1)
})
