import { describe, expect, test } from 'vitest'
import { portSplits } from '../../../src/control/felix/rules/match-block.ts'
import type { PolicyRule } from '../../../src/control/policy/model.ts'
import type { Family, Prefix } from '../../../src/wire/index.ts'
import { context, policy, policyRule, rulesetOf, textsOf, tierOf, workload } from './node-policies.ts'

const TCP = { number: 6, name: 'tcp' }
const nets = (...list: string[]) => list as Prefix[]
const ports = (...list: (number | [number, number])[]) =>
  list.map((one) => (typeof one === 'number' ? { low: one, high: one } : { low: one[0], high: one[1] }))

/** Lines of the chain of a policy with these rules, without the comment that says whose it is. */
function lines(rules: PolicyRule[], version = 'v3.32.0', family: Family = 4, settings = {}): string[] {
  const of = context(version, { family }, settings)
  const made = policy('p', { id: 'knp/p', ingress: rules })
  const ruleset = rulesetOf({ workloads: [workload('cali1', { tiers: [tierOf({ ingress: [made] })] })] }, of)
  return textsOf(ruleset, 'filter', 'cali-pi-knp/p', family === 4 ? 'inet' : 'inet6').map((line) =>
    line.replace(/-m comment --comment "[^"]*" ?/, '').trim(),
  )
}

test('annotations of a rule are comments of all that it becomes, before that of the chain', () => {
  const noted = policyRule('Deny', { source: { nets: nets('10.0.0.0/8', '11.0.0.0/8') }, comments: ['a=b', 'c=d e'] })
  const of = context('v3.32.0')
  const made = policy('p', { id: 'knp/p', ingress: [noted, policyRule('Allow')] })
  const ruleset = rulesetOf({ workloads: [workload('cali1', { tiers: [tierOf({ ingress: [made] })] })] }, of)
  const comments = textsOf(ruleset, 'filter', 'cali-pi-knp/p').map((line) =>
    [...line.matchAll(/--comment (?:"([^"]*)"|(\S+))/g)].map(([, quoted, bare]) => quoted ?? bare),
  )
  const own = ['a=b', 'c=d e']
  expect(comments).toEqual([[...own, 'KubernetesNetworkPolicy default/p ingress'], own, own, own, own, []])
})

const ACCEPT = '-j MARK --set-xmark 0x10000/0x10000'
/** What an allowing rule ends in where it is not the last of its chain. */
const END = ['-j MARK --set-xmark 0x10000/0x10000']

describe('what a rule asks (facts/felix-iptables.md §6)', () => {
  const source = (parts: Partial<PolicyRule['source']>, rest: Partial<PolicyRule> = {}): PolicyRule =>
    policyRule('Allow', { ...rest, source: parts })
  const destination = (parts: Partial<PolicyRule['destination']>, rest: Partial<PolicyRule> = {}): PolicyRule =>
    policyRule('Allow', { ...rest, destination: parts })

  test.each<[string, PolicyRule, string]>([
    ['nothing', policyRule('Allow'), ''],
    ['a protocol by name', policyRule('Allow', { protocol: TCP }), '-p tcp'],
    ['a protocol by number', policyRule('Allow', { protocol: { number: 47 } }), '-p gre'],
    ['another protocol', policyRule('Allow', { notProtocol: { number: 17, name: 'udp' } }), '! -p udp'],
    ['a range of addresses', source({ nets: nets('10.0.0.0/8') }), '-s 10.0.0.0/8'],
    ['every address', source({ nets: nets('0.0.0.0/0') }), ''],
    ['none of a range', destination({ notNets: nets('10.0.0.0/8') }), '! -d 10.0.0.0/8'],
    ['a set', source({ sets: ['s:a'] }), '-m set --match-set cali40s:a src'],
    [
      'two sets, both of them',
      source({ sets: ['s:a', 's:b'] }),
      '-m set --match-set cali40s:a src -m set --match-set cali40s:b src',
    ],
    [
      'none of two sets',
      source({ notSets: ['s:a', 's:b'] }),
      '-m set ! --match-set cali40s:a src -m set ! --match-set cali40s:b src',
    ],
    [
      'ports',
      destination({ ports: ports(80, [8000, 8100]) }, { protocol: TCP }),
      '-p tcp -m multiport --dports 80,8000:8100',
    ],
    ['source ports', source({ ports: ports(53) }, { protocol: TCP }), '-p tcp -m multiport --sports 53'],
    ['other ports', destination({ notPorts: ports(80) }, { protocol: TCP }), '-p tcp -m multiport ! --dports 80'],
    ['a named port', destination({ namedPorts: ['n:http'] }), '-m set --match-set cali40n:http dst,dst'],
    ['a named port of the source', source({ namedPorts: ['n:http'] }), '-m set --match-set cali40n:http src,src'],
    ['none of a named port', destination({ notNamedPorts: ['n:http'] }), '-m set ! --match-set cali40n:http dst,dst'],
    ['a Service', destination({ ipPortSets: ['svc:a'] }), '-m set --match-set cali40svc:a dst,dst'],
    [
      'an ICMP type',
      policyRule('Allow', { protocol: { number: 1, name: 'icmp' }, icmp: { type: 8 } }),
      '-p icmp -m icmp --icmp-type 8',
    ],
    [
      'and code',
      policyRule('Allow', { protocol: { number: 1, name: 'icmp' }, icmp: { type: 3, code: 4 } }),
      '-p icmp -m icmp --icmp-type 3/4',
    ],
    [
      'none of an ICMP type',
      policyRule('Allow', { protocol: { number: 1, name: 'icmp' }, notIcmp: { type: 8 } }),
      '-p icmp -m icmp ! --icmp-type 8',
    ],
    [
      'everything at once, in the order of the tool',
      policyRule('Allow', {
        protocol: TCP,
        source: { nets: nets('10.1.0.0/16'), sets: ['s:a'], notSets: ['s:x'] },
        destination: { nets: nets('10.2.0.0/16'), sets: ['s:b'], ports: ports(80), notPorts: ports(81) },
      }),
      '-s 10.1.0.0/16 -d 10.2.0.0/16 -p tcp -m set --match-set cali40s:a src -m set --match-set cali40s:b dst -m multiport --dports 80 -m set ! --match-set cali40s:x src -m multiport ! --dports 81',
    ],
    [
      'a long name of a set is cut',
      source({ sets: ['s:0123456789012345678901234567890'] }),
      '-m set --match-set cali40s:01234567890123456789012 src',
    ],
  ])('%s', (_, rule, want) => {
    expect(lines([rule])).toEqual([`${want} ${ACCEPT}`.trim()])
  })

  test('more ports than one match takes: in parts, a range has two places', () => {
    expect(
      portSplits(ports(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, [15, 16], 17)).map((split) => split.length),
    ).toEqual([14, 2])
    expect(portSplits([])).toEqual([])
  })
})

describe('what one rule cannot ask takes several, and two bits of the mark', () => {
  const RESET = '-j MARK --set-xmark 0x0/0x180000'
  const RESET_TRUE = '-j MARK --set-xmark 0x80000/0x180000'
  const ALL = '-j MARK --set-xmark 0x80000/0x80000'
  const THIS = '-j MARK --set-xmark 0x100000/0x100000'
  const AND = '-m mark --mark 0x0/0x100000 -j MARK --set-xmark 0x0/0x80000'
  const CLEAR = '-j MARK --set-xmark 0x0/0x80000'
  const IF = '-m mark --mark 0x80000/0x80000'

  test.each<[string, PolicyRule, string[]]>([
    [
      'one of two ranges',
      policyRule('Allow', { source: { nets: nets('10.0.0.0/8', '11.0.0.0/8') } }),
      [RESET, `-s 10.0.0.0/8 ${ALL}`, `-s 11.0.0.0/8 ${ALL}`, `${IF} ${ACCEPT}`],
    ],
    [
      'one of two ranges on either side',
      policyRule('Allow', {
        source: { nets: nets('10.0.0.0/8', '11.0.0.0/8') },
        destination: { nets: nets('12.0.0.0/8', '13.0.0.0/8') },
      }),
      [
        RESET,
        `-s 10.0.0.0/8 ${ALL}`,
        `-s 11.0.0.0/8 ${ALL}`,
        `-d 12.0.0.0/8 ${THIS}`,
        `-d 13.0.0.0/8 ${THIS}`,
        AND,
        `${IF} ${ACCEPT}`,
      ],
    ],
    [
      'none of two ranges',
      policyRule('Allow', { source: { notNets: nets('10.0.0.0/8', '11.0.0.0/8') } }),
      [RESET_TRUE, `-s 10.0.0.0/8 ${CLEAR}`, `-s 11.0.0.0/8 ${CLEAR}`, `${IF} ${ACCEPT}`],
    ],
    [
      'a range without a part of it',
      policyRule('Allow', { destination: { nets: nets('10.0.0.0/8'), notNets: nets('10.1.0.0/16') } }),
      [RESET_TRUE, `-d 10.1.0.0/16 ${CLEAR}`, `-d 10.0.0.0/8 ${IF} ${ACCEPT}`],
    ],
    [
      'ports, numbered or named',
      policyRule('Allow', { protocol: TCP, destination: { ports: ports(80), namedPorts: ['n:http'] } }),
      [
        RESET,
        `-p tcp -m multiport --dports 80 ${ALL}`,
        `-m set --match-set cali40n:http dst,dst ${ALL}`,
        `-p tcp ${IF} ${ACCEPT}`,
      ],
    ],
    [
      'ports of either side and two ranges: the first answer stands where all are kept',
      policyRule('Allow', {
        protocol: TCP,
        source: { namedPorts: ['n:a', 'n:b'], nets: nets('10.0.0.0/8', '11.0.0.0/8') },
        destination: { notNets: nets('12.0.0.0/8', '13.0.0.0/8') },
      }),
      [
        RESET,
        `-m set --match-set cali40n:a src,src ${ALL}`,
        `-m set --match-set cali40n:b src,src ${ALL}`,
        `-s 10.0.0.0/8 ${THIS}`,
        `-s 11.0.0.0/8 ${THIS}`,
        AND,
        `-d 12.0.0.0/8 ${CLEAR}`,
        `-d 13.0.0.0/8 ${CLEAR}`,
        `-p tcp ${IF} ${ACCEPT}`,
      ],
    ],
  ])('%s', (_, rule, want) => {
    expect(lines([rule])).toEqual(want)
  })
})

describe('which family a rule is for', () => {
  test.each<[string, PolicyRule, boolean, boolean]>([
    ['no address', policyRule('Allow'), true, true],
    ['IP version 4', policyRule('Allow', { ipVersion: 4 }), true, false],
    ['IP version 6', policyRule('Allow', { ipVersion: 6 }), false, true],
    ['an IPv4 range', policyRule('Allow', { source: { nets: nets('10.0.0.0/8') } }), true, false],
    ['an IPv6 range', policyRule('Allow', { source: { nets: nets('fd00::/8') } }), false, true],
    ['ranges of both', policyRule('Allow', { source: { nets: nets('10.0.0.0/8', 'fd00::/8') } }), true, true],
    ['an IPv4 range that is left out', policyRule('Allow', { source: { notNets: nets('10.0.0.0/8') } }), true, false],
    ['nothing outside of everything', policyRule('Allow', { source: { notNets: nets('0.0.0.0/0') } }), false, false],
    [
      'nor of everything beside a range',
      policyRule('Allow', { destination: { notNets: nets('::/0', 'fd00::/8') } }),
      false,
      false,
    ],
  ])('%s', (_, rule, four, six) => {
    const has = (family: Family): boolean => lines([rule], 'v3.32.0', family).join() !== ''
    expect([has(4), has(6)]).toEqual([four, six])
  })

  test('sets and ICMP are those of the family', () => {
    const rule = policyRule('Allow', {
      protocol: { number: 58, name: 'icmpv6' },
      icmp: { type: 128 },
      source: { sets: ['s:a'] },
    })
    expect(lines([rule], 'v3.32.0', 6)).toEqual([
      `-p ipv6-icmp -m set --match-set cali60s:a src -m icmp6 --icmpv6-type 128 ${ACCEPT}`,
    ])
  })
})

describe('what a rule does', () => {
  const actions = [policyRule('Pass'), policyRule('Deny'), policyRule('Log'), policyRule('Allow')]

  test('from v3.30 on every verdict is a bit', () => {
    expect(lines(actions)).toEqual([
      '-j MARK --set-xmark 0x20000/0x20000',
      '-m mark --mark 0x20000/0x20000 -j RETURN',
      '-j MARK --set-xmark 0x40000/0x40000',
      '-m mark --mark 0x40000/0x40000 -j DROP',
      '-j LOG --log-prefix "calico-packet: " --log-level 5',
      ...END,
    ])
  })

  test('before, a denying rule drops by itself', () => {
    expect(lines(actions, 'v3.28.0')).toEqual([
      '-j MARK --set-xmark 0x20000/0x20000',
      '-m mark --mark 0x20000/0x20000 -j RETURN',
      '-j DROP',
      '-j LOG --log-prefix "calico-packet: " --log-level 5',
      ...END,
    ])
  })

  test('up to v3.27 RETURN at the end is left', () => {
    expect(lines([policyRule('Allow')], 'v3.27.0')).toEqual([...END, '-m mark --mark 0x10000/0x10000 -j RETURN'])
  })

  test.each([
    [
      { iptablesFilterDenyAction: 'Reject' },
      'Deny',
      '-m mark --mark 0x40000/0x40000 -j REJECT --reject-with icmp-port-unreachable',
    ],
    [{ logPrefix: '%t %k %p %n %x' }, 'Log', '-j LOG --log-prefix "default knp default/p p %x: " --log-level 5'],
    [
      { logActionRateLimit: '10/second' },
      'Log',
      '-m limit --limit 10/sec -j LOG --log-prefix "calico-packet: " --log-level 5',
    ],
    [
      { logActionRateLimit: '1/hour', logActionRateLimitBurst: 9 },
      'Log',
      '-m limit --limit 1/hour --limit-burst 9 -j LOG --log-prefix "calico-packet: " --log-level 5',
    ],
  ] as const)('%j', (settings, action, want) => {
    expect(lines([policyRule(action)], 'v3.32.0', 4, settings).at(-1)).toBe(want)
  })

  test.each([
    ['v3.21.0', 'default/knp.default.p', ''],
    ['v3.22.0', 'default/knp.default.p', 'Policy default/knp.default.p ingress'],
    ['v3.29.0', 'default/default/knp.default.p', 'Policy default/knp.default.p ingress'],
    ['v3.32.0', 'knp/default/p', 'KubernetesNetworkPolicy default/p ingress'],
  ])('%s: the first rule says whose chain it is', (version, id, want) => {
    const made = policy('p', { id, ingress: [policyRule('Allow')] })
    const node = rulesetOf(
      { workloads: [workload('cali1', { tiers: [tierOf({ ingress: [made] })] })] },
      context(version),
    )
    const name = Object.keys(node.tables.filter!.chains).find((one) => one.startsWith('cali-pi-'))!
    expect(/-m comment --comment "([^"]*)"/.exec(textsOf(node, 'filter', name)[0]!)?.[1] ?? '').toBe(want)
  })

  test('what shells could read is no comment', () => {
    const made = policy('p', { ref: { kind: 'GlobalNetworkPolicy', api: 'calico', name: `a"b$c`, tier: 'default' } })
    const node = rulesetOf(
      { workloads: [workload('cali1', { tiers: [tierOf({ ingress: [made] })] })] },
      context('v3.32.0'),
    )
    expect(textsOf(node, 'filter', 'cali-pi-knp/default/p')).toEqual([
      '-m comment --comment "GlobalNetworkPolicy a_b_c ingress"',
    ])
  })
})
