// The verb felix-chains: which lines Felix' renderer writes for what somebody names.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

const MARKS = { accept: '0x10', pass: '0x20', drop: '0x40', scratch0: '0x80', scratch1: '0x100' }

function asked(request: object): unknown {
  const answer = answerCalico({ verb: 'felix-chains', ...request } as never)
  return 'result' in answer ? answer.result : answer
}

const rulesOf = (rule: object, more: object = {}): unknown => asked({ render: 'rule', marks: MARKS, rule, ...more })
const chainsOf = (request: object): Record<string, readonly string[]> =>
  (asked(request) as { chains: Record<string, readonly string[]> }).chains

const SETS_ACCEPT = '--jump MARK --set-mark 0x10/0x10'
const RETURNS = '-m mark --mark 0x10/0x10 --jump RETURN'
const BOTH_MATCH = '-m mark --mark 0x80/0x80'

describe('a rule becomes lines (facts/felix-iptables.md §6)', () => {
  it.each<[name: string, rule: object, lines: readonly string[]]>([
    ['a rule that asks nothing allows everything', {}, [SETS_ACCEPT, RETURNS]],
    [
      'passing has a mark of its own',
      { action: 'pass', protocol: 'sctp', dstNets: ['198.51.100.0/24'] },
      [
        '-p sctp --destination 198.51.100.0/24 --jump MARK --set-mark 0x20/0x20',
        '-m mark --mark 0x20/0x20 --jump RETURN',
      ],
    ],
    [
      'denying marks, and drops what is marked',
      { action: 'deny', protocol: 47 },
      ['-p 47 --jump MARK --set-mark 0x40/0x40', '-m mark --mark 0x40/0x40 --jump DROP'],
    ],
    [
      'logging goes on with the next rule',
      { action: 'log', srcNets: ['198.51.100.9'] },
      ['--source 198.51.100.9/32 --jump LOG --log-prefix "calico-packet: " --log-level 5'],
    ],
    [
      'ports in one match, ranges by a colon',
      { protocol: 'udp', dstPorts: [53, '5000:5010'] },
      [`-p udp -m multiport --destination-ports 53,5000:5010 ${SETS_ACCEPT}`, RETURNS],
    ],
    [
      'sets get the prefix of their family and are cut to 31 characters',
      { srcIpSets: ['s:abcdefghijklmnopqrstuvwxyz0123'] },
      [`-m set --match-set cali40s:abcdefghijklmnopqrstuvw src ${SETS_ACCEPT}`, RETURNS],
    ],
    [
      'a message of ICMP',
      { protocol: 'icmp', icmp: { type: 3, code: 4 } },
      [`-p icmp -m icmp --icmp-type 3/4 ${SETS_ACCEPT}`, RETURNS],
    ],
    [
      'what is excluded stands in the same line',
      { notProtocol: 'tcp', notSrcNets: ['10.8.0.0/16'], notDstPorts: [25], notDstIpSets: ['s:x'] },
      [
        `! -p tcp ! --source 10.8.0.0/16 -m set ! --match-set cali40s:x dst -m multiport ! --destination-ports 25 ${SETS_ACCEPT}`,
        RETURNS,
      ],
    ],
    [
      'one of two ranges takes a bit of its own',
      { srcNets: ['10.8.0.0/16', '10.9.0.0/16'] },
      [
        '--jump MARK --set-mark 0x0/0x180',
        '--source 10.8.0.0/16 --jump MARK --set-mark 0x80/0x80',
        '--source 10.9.0.0/16 --jump MARK --set-mark 0x80/0x80',
        `${BOTH_MATCH} ${SETS_ACCEPT}`,
        RETURNS,
      ],
    ],
    [
      'two such questions are joined by the second bit, and exclusions take the first away',
      {
        protocol: 'tcp',
        dstPorts: [80],
        dstNamedPortIpSets: ['n:web'],
        dstNets: ['10.8.0.0/16', '10.9.0.0/16'],
        srcNets: ['10.1.0.0/16'],
        notSrcNets: ['10.1.9.0/24'],
      },
      [
        '--jump MARK --set-mark 0x0/0x180',
        '-p tcp -m multiport --destination-ports 80 --jump MARK --set-mark 0x80/0x80',
        '-m set --match-set cali40n:web dst,dst --jump MARK --set-mark 0x80/0x80',
        '--destination 10.8.0.0/16 --jump MARK --set-mark 0x100/0x100',
        '--destination 10.9.0.0/16 --jump MARK --set-mark 0x100/0x100',
        '-m mark --mark 0/0x100 --jump MARK --set-mark 0/0x80',
        '--source 10.1.9.0/24 --jump MARK --set-mark 0/0x80',
        `-p tcp --source 10.1.0.0/16 ${BOTH_MATCH} ${SETS_ACCEPT}`,
        RETURNS,
      ],
    ],
    [
      'annotations are comments of every line',
      { action: 'deny', annotations: { team: 'shop' } },
      [
        '-m comment --comment "team=shop" --jump MARK --set-mark 0x40/0x40',
        '-m comment --comment "team=shop" -m mark --mark 0x40/0x40 --jump DROP',
      ],
    ],
  ])('%s', (_name, rule, lines) => {
    expect(rulesOf(rule)).toEqual({ rules: lines })
  })

  it.each<[name: string, rule: object, ipVersion: 4 | 6]>([
    ['ranges of the other family only', { srcNets: ['10.8.0.0/16'] }, 6],
    ['excluded ranges of the other family only', { notDstNets: ['fd00::/8'] }, 4],
    ['a family of its own', { ipVersion: 4 }, 6],
    ['everything excluded', { notSrcNets: ['0.0.0.0/0'] }, 4],
  ])('nothing for %s', (_name, rule, ipVersion) => {
    expect(rulesOf(rule, { ipVersion })).toEqual({ rules: [] })
  })

  it('sixteen ports are two matches', () => {
    const ports = Array.from({ length: 16 }, (_, i) => 8000 + i)
    const { rules } = rulesOf({ protocol: 'tcp', srcPorts: ports }) as { rules: readonly string[] }
    expect(rules[1]).toContain(
      '--source-ports 8000,8001,8002,8003,8004,8005,8006,8007,8008,8009,8010,8011,8012,8013,8014 ',
    )
    expect(rules[2]).toBe('-p tcp -m multiport --source-ports 8015 --jump MARK --set-mark 0x80/0x80')
  })

  it('what the settings say of denied packets', () => {
    const felix = { iptablesFilterDenyAction: 'Reject' }
    expect(rulesOf({ action: 'deny' }, { felix })).toEqual({
      rules: ['--jump MARK --set-mark 0x40/0x40', '-m mark --mark 0x40/0x40 --jump REJECT'],
    })
  })

  it('before v3.30 denying has no mark', () => {
    expect(rulesOf({ action: 'deny', protocol: 'tcp' }, { calicoVersion: 'v3.29.1' })).toEqual({
      rules: ['-p tcp --jump DROP'],
    })
  })

  it.each<[name: string, request: object, what: string]>([
    ['whose rule it is, which the prefix of the log asks for', { felix: { logPrefix: 'p %n' } }, '%n in logPrefix'],
    ['the eBPF dataplane', { felix: { bpfEnabled: true } }, 'the eBPF dataplane'],
    ['the nftables dataplane', { felix: { nftablesMode: 'Enabled' } }, 'the nftables dataplane'],
  ])('is unsupported where it takes %s', (_name, request, what) => {
    expect(rulesOf({ action: 'log' }, request)).toMatchObject({ unsupported: expect.stringContaining(what) })
  })

  it.each<[name: string, request: object, error: string]>([
    ['a range of ports that runs backwards', { render: 'rule', rule: { dstPorts: ['9:1'] } }, 'rule.dstPorts.0'],
    ['a field nobody knows', { render: 'rule', rule: { dstPort: [9] } }, 'rule.dstPort: no such field'],
    ['something else to render', { render: 'moon' }, 'render: expected one of'],
    ['marks that are none', { render: 'rule', rule: {}, marks: { accept: 'red' } }, 'marks.accept'],
    ['a kind of policy that is none', { render: 'policy', policy: { kind: 'Law', name: 'a' } }, 'policy.kind'],
  ])('is an error for %s', (_name, request, error) => {
    expect(asked(request)).toMatchObject({ error: expect.stringContaining(error) })
  })
})

describe('chains of policies and profiles', () => {
  it('say whose they are, leave a last RETURN out, and are there without a rule', () => {
    const policy = { kind: 'NetworkPolicy', namespace: 'shop', name: 'gate', inbound: [{ protocol: 'tcp' }] }
    expect(chainsOf({ render: 'policy', marks: MARKS, policy })).toEqual({
      'cali-pi-np/shop/gate': [`-m comment --comment "NetworkPolicy shop/gate ingress" -p tcp ${SETS_ACCEPT}`],
      'cali-po-np/shop/gate': ['-m comment --comment "NetworkPolicy shop/gate egress"'],
    })
  })

  it.each<[kind: string, namespace: string | undefined, name: string, chain: string]>([
    ['KubernetesNetworkPolicy', 'default', 'deny-all', 'cali-pi-knp/default/deny-all'],
    ['KubernetesNetworkPolicy', 'default', 'default-deny', 'cali-pi-_hkektpvVyhILpLRsra1'],
    ['NetworkPolicy', 'production', 'allow-web', 'cali-pi-_SCUZKLWFjps0CEpGyyW'],
    ['GlobalNetworkPolicy', undefined, 'base', 'cali-pi-gnp/base'],
    ['KubernetesClusterNetworkPolicy', undefined, 'base', 'cali-pi-kcnp/base'],
  ])('[felix-iptables.md §6, §7] %s %s/%s has the chain %s', (kind, namespace, name, chain) => {
    const policy = { kind, name, ...(namespace === undefined ? {} : { namespace }) }
    expect(Object.keys(chainsOf({ render: 'policy', policy }))[0]).toBe(chain)
  })

  it.each<[release: string, chain: string]>([
    ['v3.28.2', 'cali-pi-_-Wl5cZBkMaJW52alC41'],
    ['v3.30.0', 'cali-pi-_a8Tnfi9CcN2Hw2ASudn'],
  ])('[felix-iptables.md §6] in %s names have tiers: %s', (calicoVersion, chain) => {
    const policy = { kind: 'KubernetesNetworkPolicy', namespace: 'default', name: 'deny-all' }
    expect(Object.keys(chainsOf({ render: 'policy', policy, calicoVersion }))[0]).toBe(chain)
  })

  it('staged policies have none', () => {
    expect(chainsOf({ render: 'policy', policy: { kind: 'StagedNetworkPolicy', namespace: 'a', name: 'b' } })).toEqual(
      {},
    )
  })

  it.each<[name: string, chains: readonly [string, string]]>([
    ['ksa.default.default', ['cali-pri-ksa.default.default', 'cali-pro-ksa.default.default']],
    ['ksa.kube-system.coredns', ['cali-pri-_u2Tn2rSoAPffvE7JO6', 'cali-pro-_u2Tn2rSoAPffvE7JO6']],
    ['projectcalico-default-allow', ['cali-pri-_TI1Jm4dJqQzYb0Rx3u', 'cali-pro-_TI1Jm4dJqQzYb0Rx3u']],
  ])('[felix-iptables.md §7] profile %s', (name, chains) => {
    expect(Object.keys(chainsOf({ render: 'profile', profile: { name } }))).toEqual(chains)
  })

  it('[felix-iptables.md §11] the profile of a namespace is one line a direction', () => {
    const profile = { name: 'kns.default', inbound: [{}], outbound: [{}] }
    expect(chainsOf({ render: 'profile', profile })).toEqual({
      'cali-pri-kns.default': [
        '-m comment --comment "Profile kns.default ingress" --jump MARK --set-mark 0x10000/0x10000',
      ],
      'cali-pro-kns.default': [
        '-m comment --comment "Profile kns.default egress" --jump MARK --set-mark 0x10000/0x10000',
      ],
    })
  })

  it('a group asks for a verdict after every fifth policy; staged ones are not among them', () => {
    const policies = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({
      kind: name === 'b' ? 'StagedGlobalNetworkPolicy' : 'GlobalNetworkPolicy',
      name,
    }))
    const jump = (name: string): string => `-m mark --mark 0/0x30 --jump cali-po-gnp/${name}`
    expect(asked({ render: 'policy-group', marks: MARKS, direction: 'egress', policies })).toEqual({
      rules: [
        '--jump cali-po-gnp/a',
        ...['c', 'd', 'e', 'f'].map(jump),
        '-m comment --comment "Return on verdict" -m mark ! --mark 0/0x30 --jump RETURN',
        '--jump cali-po-gnp/g',
      ],
    })
  })
})

const FIRST = [
  '-m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT',
  '-m conntrack --ctstate INVALID --jump DROP',
  '--jump MARK --set-mark 0/0x30000',
]
const PROFILES = (way: 'pri' | 'pro'): string[] => [
  ...['kns.default', 'ksa.default.default'].flatMap((name) => [
    `--jump cali-${way}-${name}`,
    '-m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN',
  ]),
  '-m comment --comment "Drop if no profiles matched" --jump DROP',
]

describe('chains of endpoints', () => {
  it('[felix-iptables.md §11] of a pod with one policy that isolates it', () => {
    const policy = { kind: 'KubernetesNetworkPolicy', namespace: 'default', name: 'deny-all' }
    const chains = chainsOf({
      render: 'workload',
      interface: 'calic440f455693',
      tiers: [{ name: 'default', defaultAction: 'Deny', ingress: [policy] }],
      profiles: ['kns.default', 'ksa.default.default'],
    })
    expect(chains).toEqual({
      'cali-tw-calic440f455693': [
        ...FIRST,
        '-m comment --comment "Start of tier default" --jump MARK --set-mark 0/0x20000',
        '-m mark --mark 0/0x20000 --jump cali-pi-knp/default/deny-all',
        '-m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 --jump RETURN',
        '-m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0/0x20000 --jump DROP',
        ...PROFILES('pri'),
      ],
      'cali-fw-calic440f455693': [
        ...FIRST,
        '-m comment --comment "Drop VXLAN encapped packets originating in workloads" -p 17 -m multiport --destination-ports 4789 --jump DROP',
        '-m comment --comment "Drop IPinIP encapped packets originating in workloads" -p 4 --jump DROP',
        ...PROFILES('pro'),
      ],
    })
  })

  it('of a pod that is switched off', () => {
    const off = ['-m comment --comment "Endpoint admin disabled" --jump DROP']
    expect(chainsOf({ render: 'workload', interface: 'cali9', adminUp: false, profiles: ['p'] })).toEqual({
      'cali-tw-cali9': off,
      'cali-fw-cali9': off,
    })
  })

  const TIERS = [
    {
      name: 'net',
      defaultAction: 'Pass',
      ingress: ['a', 'b'].map((name) => ({ kind: 'GlobalNetworkPolicy', name })),
      egress: [{ kind: 'StagedGlobalNetworkPolicy', name: 'c' }],
    },
  ]

  it.each<[name: string, policyGroups: boolean | undefined, jumps: number]>([
    ['one by one where groups are not wanted', false, 2],
    ['one by one where nobody says what they select', undefined, 2],
    ['in one chain where groups are wanted', true, 1],
  ])('policies are asked %s', (_name, policyGroups, jumps) => {
    const more = policyGroups === undefined ? {} : { policyGroups }
    const lines = chainsOf({ render: 'workload', interface: 'cali9', tiers: TIERS, ...more })['cali-tw-cali9']!
    expect(lines.filter((line) => /--jump cali-(pi|gi)-/.test(line))).toHaveLength(jumps)
    expect(lines.some((line) => line.includes('End of tier'))).toBe(false)
  })

  it.each<[table: string, chains: readonly string[]]>([
    ['filter', ['cali-th-eth7', 'cali-fh-eth7', 'cali-thfw-eth7', 'cali-fhfw-eth7']],
    ['raw', ['cali-th-eth7', 'cali-fh-eth7']],
    ['mangle-prednat', ['cali-fh-eth7']],
    ['mangle-egress', ['cali-th-eth7']],
  ])('[felix-iptables.md §5] of a host endpoint in %s: %s', (table, chains) => {
    expect(Object.keys(chainsOf({ render: 'host', interface: 'eth7', table, tiers: TIERS }))).toEqual(chains)
  })

  it('[felix-iptables.md §5] before connection tracking an accepted packet is not tracked, and nothing is dropped', () => {
    const lines = chainsOf({ render: 'host', interface: 'eth7', table: 'raw', tiers: TIERS })['cali-fh-eth7']!
    expect(lines).toContain('-m mark --mark 0x10000/0x10000 --jump NOTRACK')
    expect(lines.some((line) => line.includes('DROP') || line.includes('conntrack'))).toBe(false)
  })

  it('[felix-iptables.md §5] what is forwarded is let through where no tier is about it', () => {
    const lines = chainsOf({ render: 'host', interface: 'eth7', tiers: TIERS })['cali-thfw-eth7']!
    expect(lines.slice(-2)).toEqual([
      '-m comment --comment "Allow forwarded traffic by default" --jump MARK --set-mark 0x10000/0x10000',
      '-m comment --comment "Return for accepted forward traffic" --jump RETURN',
    ])
  })
})

describe('dispatch by interface', () => {
  it('[felix-iptables.md §4] names that share a character more than all share a chain', () => {
    const unknown = '-m comment --comment "Unknown interface" --jump DROP'
    const chains = chainsOf({ render: 'workload-dispatch', interfaces: ['caliabd', 'cali123', 'caliabc', 'cali123'] })
    expect(chains['cali-from-wl-dispatch-a']).toEqual([
      '--in-interface caliabc --goto cali-fw-caliabc',
      '--in-interface caliabd --goto cali-fw-caliabd',
      unknown,
    ])
    expect(chains['cali-to-wl-dispatch']).toEqual([
      '--out-interface cali123 --goto cali-tw-cali123',
      '--out-interface calia+ --goto cali-to-wl-dispatch-a',
      unknown,
    ])
  })

  it.each<[table: string, chains: readonly string[]]>([
    ['filter', ['cali-from-host-endpoint', 'cali-to-host-endpoint', 'cali-from-hep-forward', 'cali-to-hep-forward']],
    ['untracked', ['cali-from-host-endpoint', 'cali-to-host-endpoint']],
    ['preDNAT', ['cali-from-host-endpoint']],
  ])('to host endpoints in %s: %s', (table, chains) => {
    expect(Object.keys(chainsOf({ render: 'host-dispatch', interfaces: ['eth7'], table }))).toEqual(chains)
  })

  it('[felix-iptables.md §4] a wildcard is the last way, but not towards pods outside the filter table', () => {
    const untracked = chainsOf({
      render: 'host-dispatch',
      defaultChain: 'any',
      table: 'untracked',
      prefixes: ['cali', 'tap'],
    })
    const skip = (dev: string): string =>
      `-m comment --comment "Skip egress WHEP policy for traffic to local workload" --out-interface ${dev} --jump RETURN`
    expect(untracked['cali-to-host-endpoint']).toEqual([skip('cali+'), skip('tap+'), '--goto cali-th-any'])
    expect(untracked['cali-from-host-endpoint']).toEqual(['--goto cali-fh-any'])
    const filter = chainsOf({ render: 'host-dispatch', defaultChain: 'any-interface-at-all', table: 'filter' })
    expect(filter['cali-to-hep-forward']).toEqual(['--goto cali-thfw-_Nqh4HyA73udmyanQI'])
  })
})

describe('natOutgoing (facts/felix-iptables.md §3)', () => {
  const POOLS = '-m set --match-set cali60masq-ipam-pools src -m set ! --match-set cali60network-ip-pools dst'
  const lines = (request: object): unknown =>
    chainsOf({ render: 'nat-outgoing', ipVersion: 6, active: true, ...request })['cali-nat-outgoing']

  it.each<[name: string, request: object, lines: readonly string[]]>([
    ['no pool asks for it', { active: false }, []],
    ['masquerades', {}, [`${POOLS} --jump MASQUERADE`]],
    ['with ports at random', { randomFully: true }, [`${POOLS} --jump MASQUERADE --random-fully`]],
    [
      'up to v3.32 the set has another name',
      { calicoVersion: 'v3.32.0' },
      [`${POOLS.replace('network-ip', 'all-ipam')} --jump MASQUERADE`],
    ],
    [
      'towards nodes, too, unless told otherwise',
      { felix: { natOutgoingExclusions: 'IPPoolsAndHostIPs' } },
      [`${POOLS} -m set ! --match-set cali60all-hosts-net dst --jump MASQUERADE`],
    ],
    [
      'within a range of ports, to an address',
      { felix: { natPortRange: '4000:5000', natOutgoingAddress: 'fd00::9' } },
      [
        `${POOLS} -p tcp --jump SNAT --to-source [fd00::9]:4000-5000`,
        `${POOLS} -p tcp --jump RETURN`,
        `${POOLS} -p udp --jump SNAT --to-source [fd00::9]:4000-5000`,
        `${POOLS} -p udp --jump RETURN`,
        `${POOLS} --jump SNAT --to-source fd00::9`,
      ],
    ],
  ])('%s', (_name, request, want) => {
    expect(lines(request)).toEqual(want)
  })
})
