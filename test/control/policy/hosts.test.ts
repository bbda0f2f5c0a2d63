// Host endpoints: given and made, which interface has which, and what decides there (policy.md §3, felix-iptables.md §9).
import { describe, expect, it } from 'vitest'
import type { Cluster, HostPolicies } from '../../../src/control/index.ts'
import { clusterOf, gnp, object } from './objects.ts'

type Fields = Parameters<typeof clusterOf>[0][number]

const hep = (name: string, spec: object, labels: object = { host: 'y' }): Fields =>
  object('HostEndpoint', name, { node: 'n1', ...spec }, { labels })
const auto = (spec: object): Fields =>
  object('KubeControllersConfiguration', 'default', { controllers: { node: { hostEndpoint: spec } } })

const hostsOf = (cluster: Cluster, node = 'n1'): string[] =>
  cluster.policies.of(node).hosts.map(({ dev, name }) => `${dev} ${name}`)

describe('an interface has', () => {
  it.each<[what: string, hosts: readonly Fields[], found: string[]]>([
    ['the host endpoint that names it', [hep('a', { interfaceName: 'eth0' })], ['eth0 a']],
    ['the one that has its address', [hep('a', { expectedIPs: ['172.18.0.11'] })], ['eth0 a']],
    ['none with another address', [hep('a', { expectedIPs: ['172.18.0.99'] })], []],
    [
      'none that names another, though it has the address',
      [hep('a', { interfaceName: 'eth1', expectedIPs: ['172.18.0.11'] })],
      ['eth1 a'],
    ],
    [
      'the first by name, be it by address',
      [hep('b', { interfaceName: 'eth0' }), hep('a', { expectedIPs: ['172.18.0.11'] })],
      ['eth0 a'],
    ],
    [
      'that of all interfaces besides, of several the first',
      [hep('z', { interfaceName: '*' }), hep('y', { interfaceName: '*' }), hep('e', { interfaceName: 'eth0' })],
      ['eth0 e', '* y'],
    ],
    ['none of another node', [hep('a', { node: 'n2', interfaceName: 'eth0' })], []],
  ])('%s', (_what, hosts, found) => {
    expect(hostsOf(clusterOf(hosts)).sort()).toEqual([...found].sort())
  })
})

describe('a tunnel has', () => {
  const annotations = {
    'projectcalico.org/IPv4IPIPTunnelAddr': '10.65.9.1',
    'projectcalico.org/IPv4VXLANTunnelAddr': '10.66.9.1',
  }
  const base: Fields[] = [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1', annotations },
      status: { addresses: [{ type: 'InternalIP', address: '172.18.0.11' }] },
    },
    object('IPPool', 'p', { cidr: '10.65.0.0/16', ipipMode: 'Always' }),
    object('IPPool', 'v', { cidr: '10.66.0.0/16', vxlanMode: 'Always' }),
  ]

  it.each<[address: string, found: string[]]>([
    ['10.65.9.1', ['tunl0 a']],
    ['10.66.9.1', ['vxlan.calico a']],
    ['10.66.9.2', []],
  ])('the host endpoint with its address: %s', (address, found) => {
    expect(hostsOf(clusterOf([hep('a', { expectedIPs: [address] })], undefined, base))).toEqual(found)
  })
})

describe('kube-controllers make', () => {
  it('one for all interfaces of each node, with its labels and the profile that allows everything', () => {
    const cluster = clusterOf([auto({ autoCreate: 'Enabled' }), gnp('p', { selector: "role == 'node'" })])
    expect([hostsOf(cluster), hostsOf(cluster, 'n2')]).toEqual([['* n1-auto-hep'], ['* n2-auto-hep']])
    const [host] = cluster.policies.of('n1').hosts
    expect(host?.profiles).toMatchObject([{ name: 'projectcalico-default-allow', ingress: [{ action: 'Allow' }] }])
    expect(host?.tiers[0]?.ingress.map(({ id }) => id)).toEqual(['gnp/p'])
    expect(host?.origin.object).toBe('KubeControllersConfiguration/default')
  })

  it.each<[what: string, spec: object, found: string[]]>([
    ['none by default', {}, []],
    ['none where that is off', { autoCreate: 'Enabled', createDefaultHostEndpoint: 'Disabled' }, []],
    [
      'one of a template for the addresses in its ranges',
      {
        autoCreate: 'Enabled',
        createDefaultHostEndpoint: 'Disabled',
        templates: [{ generateName: 't', interfaceCIDRs: ['172.18.0.0/16'] }],
      },
      ['eth0 n1-t-auto-hep'],
    ],
    [
      'none where no address is in them',
      {
        autoCreate: 'Enabled',
        createDefaultHostEndpoint: 'Disabled',
        templates: [{ generateName: 't', interfaceCIDRs: ['10.0.0.0/8'] }],
      },
      [],
    ],
    [
      'one an interface its pattern takes',
      {
        autoCreate: 'Enabled',
        createDefaultHostEndpoint: 'Disabled',
        templates: [{ generateName: 't', interfacePattern: '^eth' }],
      },
      ['eth0 n1-t-eth0-auto-hep'],
    ],
    [
      'none on nodes its selector leaves out',
      { autoCreate: 'Enabled', templates: [{ generateName: 't', interfacePattern: 'eth0', nodeSelector: 'has(no)' }] },
      ['* n1-auto-hep'],
    ],
  ])('%s', (_what, spec, found) => {
    expect(hostsOf(clusterOf([auto(spec)]))).toEqual(found)
  })

  it('nothing that is there already', () => {
    const given = hep('n1-auto-hep', { interfaceName: 'eth0' })
    expect(hostsOf(clusterOf([auto({ autoCreate: 'Enabled' }), given]))).toEqual(['eth0 n1-auto-hep'])
  })
})

describe('what decides at an interface', () => {
  const FLAGS = { selector: 'has(host)', types: ['Ingress', 'Egress'] }
  const host = (policy: object, more: readonly Fields[] = []): HostPolicies => {
    const [found] = clusterOf([hep('a', { interfaceName: 'eth0' }), gnp('p', policy), ...more]).policies.of('n1').hosts
    if (found === undefined) throw new Error('no host endpoint')
    return found
  }
  const counts = (found: HostPolicies): Record<string, string> =>
    Object.fromEntries(
      (['tiers', 'forward', 'untracked', 'preDnat'] as const).map((list) => [
        list,
        found[list].map(({ ingress, egress }) => `${ingress.length}/${egress.length}`).join(' '),
      ]),
    )

  it.each<[what: string, policy: object, found: Record<string, string>]>([
    ['an ordinary policy', FLAGS, { tiers: '1/1', forward: '', untracked: '', preDnat: '' }],
    [
      'applyOnForward',
      { ...FLAGS, applyOnForward: true },
      { tiers: '1/1', forward: '1/1', untracked: '', preDnat: '' },
    ],
    [
      'doNotTrack',
      { ...FLAGS, applyOnForward: true, doNotTrack: true },
      { tiers: '', forward: '', untracked: '1/1', preDnat: '' },
    ],
    [
      'preDNAT',
      { ...FLAGS, types: ['Ingress'], applyOnForward: true, preDNAT: true },
      { tiers: '', forward: '', untracked: '', preDnat: '1/0' },
    ],
    ['all()', { selector: 'all()' }, { tiers: '1/0', forward: '', untracked: '', preDnat: '' }],
    ['all pods', { namespaceSelector: 'all()' }, { tiers: '', forward: '', untracked: '', preDnat: '' }],
  ])('%s', (_what, policy, found) => {
    expect(counts(host(policy))).toEqual(found)
  })

  it('is nothing where no profile is named, and a denial where the profile is not there', () => {
    expect(host(FLAGS).profiles).toEqual([])
    const named = clusterOf([hep('a', { interfaceName: 'eth0', profiles: ['gone'] })]).policies.of('n1').hosts[0]
    expect(named?.profiles).toMatchObject([
      { name: 'gone', ingress: [{ action: 'Deny' }], egress: [{ action: 'Deny' }] },
    ])
  })

  it('is what an own profile says', () => {
    const profile = object('Profile', 'own', { ingress: [{ action: 'Deny', protocol: 'TCP' }] })
    const [found] = clusterOf([hep('a', { interfaceName: 'eth0', profiles: ['own'] }), profile]).policies.of('n1').hosts
    expect(found?.profiles).toMatchObject([
      { name: 'own', ingress: [{ action: 'Deny', protocol: { number: 6 }, index: 1 }], egress: [] },
    ])
  })
})
