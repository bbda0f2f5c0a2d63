import { describe, expect, it } from 'vitest'
import { loadDump } from '../../src/dumps/index.ts'
import { felixMeanings } from '../../src/dumps/meanings/felix.ts'
import type { Known } from '../../src/dumps/meanings/known.ts'
import { kubeProxyMeanings } from '../../src/dumps/meanings/kube-proxy.ts'
import { policyRef } from '../../src/dumps/meanings/policy-name.ts'
import { iptablesRuleText, parseIptablesSave } from '../../src/linux/index.ts'
import type { RuleMeaning, TableName } from '../../src/model/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'

const known: Known = {
  podBehind: (dev) => (dev === 'cali1' ? 'shop/db-0' : undefined),
  podAt: (address) => (address === '10.0.0.7' ? { pod: 'shop/web-0', node: 'n2' } : {}),
}

/** What each rule of a chain stands for; `undefined` for rules that stand for nothing. */
function told(table: TableName, text: string, chain: string): (RuleMeaning | undefined)[] {
  const place = { file: 'iptables.txt', issues: [], path: [] } as never
  const chains = parseIptablesSave(`*${table}\n${text}COMMIT\n`, place, 'inet').tables[table]?.chains ?? {}
  const meanings = new Map([...felixMeanings(chains, known), ...kubeProxyMeanings(chains, known)])
  return (chains[chain]?.rules ?? []).map((rule) => meanings.get(rule))
}

const ENDPOINT = `:FORWARD ACCEPT [0:0]
:cali-to-wl-dispatch - [0:0]
:cali-tw-cali1 - [0:0]
:cali-pi-_hash - [0:0]
:cali-pi-gnp/base - [0:0]
:cali-gi-g1 - [0:0]
:cali-pri-kns.shop - [0:0]
-A FORWARD -m comment --comment "cali:S93" -m comment --comment "Policy explicitly accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT
-A FORWARD -m comment --comment "cali:mp7" -j MARK --set-xmark 0x10000/0x10000
-A cali-to-wl-dispatch -o cali1 -m comment --comment "cali:a" -g cali-tw-cali1
-A cali-to-wl-dispatch -m comment --comment "cali:b" -m comment --comment "Unknown interface" -j DROP
-A cali-tw-cali1 -m comment --comment "cali:1" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A cali-tw-cali1 -m comment --comment "cali:2" -m conntrack --ctstate INVALID -j DROP
-A cali-tw-cali1 -m comment --comment "cali:3" -j MARK --set-xmark 0x0/0x30000
-A cali-tw-cali1 -m comment --comment "cali:4" -m comment --comment "Start of tier first" -j MARK --set-xmark 0x0/0x20000
-A cali-tw-cali1 -m comment --comment "cali:5" -m mark --mark 0x0/0x20000 -j cali-gi-g1
-A cali-tw-cali1 -m comment --comment "cali:6" -m mark --mark 0x10000/0x10000 -j RETURN
-A cali-tw-cali1 -m comment --comment "cali:7" -m comment --comment "Start of tier default" -j MARK --set-xmark 0x0/0x20000
-A cali-tw-cali1 -m comment --comment "cali:8" -m mark --mark 0x0/0x20000 -j cali-pi-_hash
-A cali-tw-cali1 -m comment --comment "cali:9" -m mark --mark 0x10000/0x10000 -j RETURN
-A cali-tw-cali1 -m comment --comment "cali:10" -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP
-A cali-tw-cali1 -m comment --comment "cali:11" -j cali-pri-kns.shop
-A cali-tw-cali1 -m comment --comment "cali:12" -m mark --mark 0x10000/0x10000 -j RETURN
-A cali-tw-cali1 -m comment --comment "cali:13" -m comment --comment "Drop if no profiles matched" -j DROP
-A cali-gi-g1 -m comment --comment "cali:g" -m mark --mark 0x0/0x30000 -j cali-pi-gnp/base
-A cali-pi-gnp/base -p tcp -m comment --comment "cali:p1" -m comment --comment "GlobalNetworkPolicy base ingress" -m multiport --dports 22 -j MARK --set-xmark 0x40000/0x40000
-A cali-pi-gnp/base -m comment --comment "cali:p2" -m mark --mark 0x40000/0x40000 -j DROP
-A cali-pi-gnp/base -m comment --comment "cali:p3" -j MARK --set-xmark 0x20000/0x20000
-A cali-pi-_hash -m comment --comment "cali:h0" -m comment --comment "KubernetesNetworkPolicy shop/only-web ingress" -j MARK --set-xmark 0x0/0x80000
-A cali-pi-_hash -s 10.1.0.0/16 -m comment --comment "cali:h1" -j MARK --set-xmark 0x80000/0x80000
-A cali-pi-_hash -m comment --comment "cali:h2" -m mark --mark 0x80000/0x80000 -j MARK --set-xmark 0x10000/0x10000
-A cali-pi-_hash -m comment --comment "cali:h3" -m mark --mark 0x10000/0x10000 -j RETURN
-A cali-pi-_hash -p udp -m comment --comment "cali:h4" -j DROP
-A cali-pri-kns.shop -m comment --comment "cali:k" -m comment --comment "Profile kns.shop ingress" -j MARK --set-xmark 0x10000/0x10000
`

/** The same where Felix tells a collector of flows, and the pod may have so many packets a second. */
const LOGGED = ENDPOINT.replace(
  /(-A cali-pi-gnp\/base -m comment --comment "cali:p2")/,
  '-A cali-pi-gnp/base -m comment --comment "cali:n1" -m mark --mark 0x40000/0x40000 -j NFLOG --nflog-prefix "DPI0|gnp/base" --nflog-group 1 --nflog-size 80\n$1',
).replace(
  /(-A cali-tw-cali1 -m comment --comment "cali:1")/,
  '-A cali-tw-cali1 -m comment --comment "cali:r" -m comment --comment "Drop packets over ingress packet rate limit" -m mark --mark 0x0/0x80000 -j DROP\n$1',
)

const BASE = { kind: 'GlobalNetworkPolicy', api: 'calico', name: 'base', tier: 'first' } as const
const ONLY_WEB = {
  kind: 'NetworkPolicy',
  api: 'kubernetes',
  namespace: 'shop',
  name: 'only-web',
  tier: 'default',
} as const
const ingress = 'ingress' as const

describe('rules of Felix in a dump', () => {
  it('mean the same with logs of flows between them', () => {
    const deny = { kind: 'policy', policy: BASE, direction: ingress, rule: 1, action: 'Deny' }
    expect(told('filter', LOGGED, 'cali-pi-gnp/base')).toEqual([
      deny,
      undefined,
      deny,
      { ...deny, rule: 2, action: 'Pass' },
    ])
  })

  it('that drop packets over a limit are no end of a tier', () => {
    expect(told('filter', LOGGED, 'cali-tw-cali1').slice(0, 3)).toEqual([
      undefined,
      { kind: 'established' },
      { kind: 'invalid' },
    ])
  })

  it.each<[string, (RuleMeaning | undefined)[]]>([
    ['FORWARD', [{ kind: 'allowed-before' }, undefined]],
    [
      'cali-to-wl-dispatch',
      [
        { kind: 'endpoint', direction: ingress, endpoint: 'shop/db-0', host: false, dev: 'cali1' },
        { kind: 'unknown-interface' },
      ],
    ],
    [
      'cali-tw-cali1',
      [
        { kind: 'established' },
        { kind: 'invalid' },
        undefined,
        { kind: 'tier', tier: 'first', direction: ingress, policies: [BASE] },
        undefined,
        undefined,
        { kind: 'tier', tier: 'default', direction: ingress, policies: [ONLY_WEB] },
        undefined,
        undefined,
        { kind: 'tier-end', tier: 'default', direction: ingress, policies: [ONLY_WEB] },
        undefined,
        undefined,
        { kind: 'no-profile', direction: ingress },
      ],
    ],
    [
      'cali-pi-gnp/base',
      [
        { kind: 'policy', policy: BASE, direction: ingress, rule: 1, action: 'Deny' },
        { kind: 'policy', policy: BASE, direction: ingress, rule: 1, action: 'Deny' },
        { kind: 'policy', policy: BASE, direction: ingress, rule: 2, action: 'Pass' },
      ],
    ],
    [
      'cali-pi-_hash',
      [
        undefined,
        undefined,
        { kind: 'policy', policy: ONLY_WEB, direction: ingress, rule: 1, action: 'Allow' },
        { kind: 'policy', policy: ONLY_WEB, direction: ingress, rule: 1, action: 'Allow' },
        { kind: 'policy', policy: ONLY_WEB, direction: ingress, rule: 2, action: 'Deny' },
      ],
    ],
    ['cali-pri-kns.shop', [{ kind: 'profile', profile: 'kns.shop', direction: ingress, action: 'Allow' }]],
  ])('%s', (chain, expected) => {
    expect(told('filter', ENDPOINT, chain)).toEqual(expected)
  })

  it.each<[string, TableName, string, string, RuleMeaning]>([
    [
      'what a pod sends to its node',
      'filter',
      'cali-wl-to-host',
      '-j DROP',
      { kind: 'endpoint-to-host', action: 'DROP' },
    ],
    ['IPIP between nodes', 'filter', 'cali-INPUT', '-p 4 -m addrtype --dst-type LOCAL -j ACCEPT', { kind: 'tunnel' }],
    [
      'a range of Services',
      'filter',
      'cali-cidr-block',
      '-d 10.96.0.0/12 -j DROP',
      { kind: 'service-loop', cidr: '10.96.0.0/12' },
    ],
    [
      'ports never closed',
      'filter',
      'cali-failsafe-in',
      '-p tcp -m multiport --dports 22 -j ACCEPT',
      { kind: 'failsafe', direction: 'ingress' },
    ],
    ['encapsulated by a pod', 'filter', 'cali-fw-cali9', '-p 4 -j DROP', { kind: 'encapsulated' }],
    [
      'sources that are not the pod’s',
      'raw',
      'cali-PREROUTING',
      '-m rpfilter --validmark --invert -j DROP',
      { kind: 'rpf' },
    ],
    ['out of the pools', 'nat', 'cali-nat-outgoing', '-j MASQUERADE', { kind: 'nat-outgoing' }],
    ['into a tunnel', 'nat', 'cali-POSTROUTING', '-o tunl0 -j MASQUERADE', { kind: 'tunnel-source' }],
  ])('%s', (_what, table, chain, rule, expected) => {
    expect(told(table, `:${chain} - [0:0]\n-A ${chain} ${rule}\n`, chain)).toEqual([expected])
  })
})

describe('a policy by the words of a dump', () => {
  it.each<[string, string, readonly string[], unknown]>([
    ['v3.32, readable', 'knp/default/deny-all', [], ['NetworkPolicy', 'kubernetes', 'default', 'deny-all', 't']],
    ['v3.32, hashed', '_x', ['NetworkPolicy prod/web ingress'], ['NetworkPolicy', 'calico', 'prod', 'web', 't']],
    ['v3.32, global', 'gnp/base', [], ['GlobalNetworkPolicy', 'calico', undefined, 'base', 't']],
    [
      'v3.29, hashed',
      '_x',
      ['Policy default/knp.default.deny egress'],
      ['NetworkPolicy', 'kubernetes', 'default', 'deny', 'default'],
    ],
    ['v3.28, global with tier', 'sec.base', [], ['GlobalNetworkPolicy', 'calico', undefined, 'base', 'sec']],
    ['v3.28, namespaced', 'prod/default.web', [], ['NetworkPolicy', 'calico', 'prod', 'web', 'default']],
    ['v3.29, namespaced, tier first', 'sec/prod/sec.web', [], ['NetworkPolicy', 'calico', 'prod', 'web', 'sec']],
    [
      'v3.30, admin',
      '_x',
      ['Policy kanp.adminnetworkpolicy.a ingress'],
      ['AdminNetworkPolicy', 'kubernetes', undefined, 'a', 'adminnetworkpolicy'],
    ],
  ])('%s', (_what, suffix, comments, expected) => {
    const ref = policyRef(suffix, comments, 't')
    expect([ref?.kind, ref?.api, ref?.namespace, ref?.name, ref?.tier]).toEqual(expected)
  })

  it('a hash without a comment says nothing', () => {
    expect(policyRef('_x', [], 'default')).toBeUndefined()
  })
})

const SERVICES = `:KUBE-SERVICES - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-SVC-A - [0:0]
:KUBE-EXT-A - [0:0]
:KUBE-SEP-1 - [0:0]
:KUBE-SEP-2 - [0:0]
:KUBE-POSTROUTING - [0:0]
-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-A
-A KUBE-NODEPORTS -p tcp -m comment --comment "shop/web:http" -m tcp --dport 30080 -j KUBE-EXT-A
-A KUBE-EXT-A -m comment --comment "masquerade traffic for shop/web:http external destinations" -j KUBE-MARK-MASQ
-A KUBE-EXT-A -j KUBE-SVC-A
-A KUBE-SVC-A ! -s 10.0.0.0/16 -d 10.96.0.9/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-A -m comment --comment "shop/web:http -> 10.0.0.7:8080" -m statistic --mode random --probability 0.5 -j KUBE-SEP-1
-A KUBE-SVC-A -m comment --comment "shop/web:http -> 10.0.0.8:8080" -j KUBE-SEP-2
-A KUBE-SEP-1 -s 10.0.0.7/32 -m comment --comment "shop/web:http" -j KUBE-MARK-MASQ
-A KUBE-SEP-1 -p tcp -m comment --comment "shop/web:http" -m tcp -j DNAT --to-destination 10.0.0.7:8080
-A KUBE-SEP-2 -s 10.0.0.8/32 -m comment --comment "shop/web:http" -j KUBE-MARK-MASQ
-A KUBE-SEP-2 -p tcp -m comment --comment "shop/web:http" -m tcp -j DNAT --to-destination 10.0.0.8:8080
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
`
const WEB = { namespace: 'shop', name: 'web', portName: 'http', protocol: 'tcp', port: 80 } as const
const BACKENDS = [
  { address: '10.0.0.7', port: 8080, pod: 'shop/web-0', node: 'n2' },
  { address: '10.0.0.8', port: 8080 },
] as never

describe('rules of kube-proxy in a dump', () => {
  it.each<[string, (RuleMeaning | undefined)[]]>([
    ['KUBE-SERVICES', [{ kind: 'service', service: WEB, door: 'ClusterIP' }]],
    ['KUBE-NODEPORTS', [{ kind: 'service', service: { ...WEB, port: 30080 }, door: 'NodePort' }]],
    ['KUBE-EXT-A', [{ kind: 'masquerade-mark', service: { ...WEB, port: 30080 }, why: 'external' }, undefined]],
    [
      'KUBE-SVC-A',
      [
        { kind: 'masquerade-mark', service: WEB, why: 'off-cluster' },
        { kind: 'backend', service: WEB, chosen: 1, backends: BACKENDS },
        { kind: 'backend', service: WEB, chosen: 2, backends: BACKENDS },
      ],
    ],
    [
      'KUBE-SEP-1',
      [
        { kind: 'masquerade-mark', service: WEB, why: 'hairpin' },
        { kind: 'service-dnat', service: WEB, backend: BACKENDS[0] },
      ],
    ],
    ['KUBE-POSTROUTING', [{ kind: 'service-masquerade' }]],
  ])('%s', (chain, expected) => {
    expect(told('nat', SERVICES, chain)).toEqual(expected)
  })

  it('no endpoints: refused', () => {
    const rule =
      '-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m comment --comment "shop/web:http has no endpoints" -m tcp --dport 80 -j REJECT'
    expect(told('filter', `:KUBE-SERVICES - [0:0]\n${rule}\n`, 'KUBE-SERVICES')).toEqual([
      { kind: 'no-backend', service: WEB, door: 'ClusterIP', local: false },
    ])
  })
})

it('a dump that is loaded carries what its rules stand for, and prints the words of the dump', () => {
  const save = `*filter\n${ENDPOINT}COMMIT\n`
  const link = JSON.stringify([
    {
      ifindex: 2,
      ifname: 'eth0',
      mtu: 1500,
      operstate: 'UP',
      link_type: 'ether',
      address: '02:00:00:00:00:01',
      flags: ['UP', 'LOWER_UP'],
    },
  ])
  const files = new Map([
    ['n1/link.json', encodeUtf8(link)],
    ['n1/iptables.txt', encodeUtf8(save)],
  ])
  const rules =
    loadDump(files).network.namespaces['n1']?.iptables?.tables.filter?.chains['cali-pi-gnp/base']?.rules ?? []
  expect(rules[0]?.meaning).toMatchObject({ kind: 'policy', rule: 1, action: 'Deny' })
  expect(rules.map((rule) => iptablesRuleText('cali-pi-gnp/base', rule, 'inet'))[1]).toBe(
    '-A cali-pi-gnp/base -m comment --comment "cali:p2" -m mark --mark 0x40000/0x40000 -j DROP',
  )
})
