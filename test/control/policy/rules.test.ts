// Rules as they are handed on, and the members of the sets they ask (policy.md §4, §5; felix-iptables.md §8).
import { describe, expect, it } from 'vitest'
import type { CalicoRule, Cluster, PolicyRule, SetId } from '../../../src/control/index.ts'
import { ANY_SIDE } from '../../../src/control/policy/profiles.ts'
import { clusterOf, gnp, knp, namespace, np, object, pod } from './objects.ts'

type Fields = Parameters<typeof clusterOf>[0][number]

function rulesOf(object: Fields, more: readonly Fields[] = []): { cluster: Cluster; rules: readonly PolicyRule[] } {
  const cluster = clusterOf([object, ...more])
  const [policy] = cluster.policies.policies
  return { cluster, rules: [...(policy?.ingress ?? []), ...(policy?.egress ?? [])] }
}

const globalRule = (
  rule: Partial<CalicoRule>,
  more: readonly Fields[] = [],
): { cluster: Cluster; rule: PolicyRule } => {
  const { cluster, rules } = rulesOf(gnp('p', { ingress: [{ action: 'Allow', ...rule }] }), more)
  return { cluster, rule: rules[0]! }
}

const members = (cluster: Cluster, [id]: readonly SetId[], family: 4 | 6 = 4): readonly string[] =>
  cluster.policies.set(id!, family).members

describe('a rule', () => {
  it.each<[what: string, rule: Partial<CalicoRule>, found: Partial<PolicyRule>]>([
    ['that says nothing', {}, { action: 'Allow', source: ANY_SIDE, destination: ANY_SIDE }],
    ['Pass', { action: 'Pass' }, { action: 'Pass' }],
    ['Log', { action: 'Log' }, { action: 'Log' }],
    ['of a protocol by name', { protocol: 'TCP' }, { protocol: { number: 6, name: 'tcp' } }],
    ['of a protocol in other letters', { protocol: 'udplite' }, { protocol: { number: 136, name: 'udplite' } }],
    ['of a protocol by number', { protocol: 6 }, { protocol: { number: 6 } }],
    ['of other protocols', { notProtocol: 'UDP' }, { notProtocol: { number: 17, name: 'udp' } }],
    ['of an IP version', { ipVersion: 6 }, { ipVersion: 6 }],
    ['of ICMP is of IPv4', { protocol: 'ICMP' }, { ipVersion: 4, protocol: { number: 1, name: 'icmp' } }],
    ['of ICMPv6 is of IPv6', { protocol: 'ICMPv6' }, { ipVersion: 6 }],
    ['of a message', { protocol: 'ICMP', icmp: { type: 8 } }, { icmp: { type: 8 } }],
    ['of a message with its code', { protocol: 'ICMP', icmp: { type: 3, code: 1 } }, { icmp: { type: 3, code: 1 } }],
    ['of other messages', { protocol: 'ICMP', notICMP: { type: 8, code: 0 } }, { notIcmp: { type: 8, code: 0 } }],
    [
      'of ranges',
      { source: { nets: ['10.0.0.0/8', '192.0.2.0/24'], notNets: ['10.1.0.0/16'] } },
      {
        source: {
          ...ANY_SIDE,
          nets: ['10.0.0.0/8', '192.0.2.0/24'],
          notNets: ['10.1.0.0/16'],
        } as unknown as PolicyRule['source'],
      },
    ],
    [
      'of ports',
      { protocol: 'TCP', destination: { ports: [80, '90:95', '443'], notPorts: ['92:93'] } },
      {
        destination: {
          ...ANY_SIDE,
          ports: [
            { low: 80, high: 80 },
            { low: 90, high: 95 },
            { low: 443, high: 443 },
          ],
          notPorts: [{ low: 92, high: 93 }],
        },
      },
    ],
  ])('%s', (_what, rule, found) => {
    expect(globalRule(rule).rule).toMatchObject(found)
  })

  it('by number alone is of no IP version, though ICMP has one', () => {
    expect(globalRule({ protocol: 1 }).rule.ipVersion).toBeUndefined()
  })

  it('knows its number and its line', () => {
    const { rules } = rulesOf(
      knp('dev/p', { podSelector: {}, ingress: [{}, { ports: [{ port: 1 }, { protocol: 'UDP', port: 2 }] }] }),
    )
    expect(rules.map(({ index, origin }) => [index, origin.object, origin.field, origin.file, origin.line])).toEqual([
      [1, 'NetworkPolicy/dev/p', 'spec.ingress.0', 'cluster.json', 1],
      [2, 'NetworkPolicy/dev/p', 'spec.ingress.1', 'cluster.json', 1],
      [2, 'NetworkPolicy/dev/p', 'spec.ingress.1', 'cluster.json', 1],
    ])
  })
})

describe('a set of addresses', () => {
  const nets = (name: string, list: readonly string[], labels: object): Fields =>
    object('GlobalNetworkSet', name, { nets: list }, { labels })

  it.each<[what: string, source: NonNullable<CalicoRule['source']>, more: readonly Fields[], addresses: string[]]>([
    ['pods', { selector: "app == 'db'" }, [], ['10.65.1.1']],
    ['pods of namespaces', { namespaceSelector: "team == 'b'" }, [], ['10.65.0.2', '10.65.1.1']],
    ['pods of an account', { serviceAccounts: { names: ['cook'] } }, [], ['10.65.1.1']],
    ['pods of accounts by label', { serviceAccounts: { selector: "role == 'kitchen'" } }, [], ['10.65.1.1']],
    ['the default account', { serviceAccounts: { names: ['default'] } }, [], ['10.65.0.1', '10.65.0.2']],
    ['pods without some', { selector: 'has(app)', notSelector: "app == 'db'" }, [], ['10.65.0.1', '10.65.0.2']],
    ['nobody', { selector: "app == 'no'" }, [], []],
    [
      'ranges with labels',
      { selector: 'has(list)' },
      [nets('s', ['10.1.0.0/16', '192.0.2.9'], { list: 'a' })],
      ['10.1.0.0/16', '192.0.2.9'],
    ],
    [
      'ranges without those in others, nor pods in them',
      { selector: 'has(list) || has(app)' },
      [nets('s', ['10.65.0.0/16', '10.65.0.0/24', '10.65.9.9'], { list: 'a' })],
      ['10.65.0.0/16'],
    ],
    [
      'all addresses as two halves',
      { selector: 'has(list)' },
      [nets('s', ['0.0.0.0/0'], { list: 'a' })],
      ['0.0.0.0/1', '128.0.0.0/1'],
    ],
    ['host bits are cleared', { selector: 'has(list)' }, [nets('s', ['10.1.2.3/16'], { list: 'a' })], ['10.1.0.0/16']],
    [
      'ranges of a namespace, with its labels',
      { namespaceSelector: "team == 'a'" },
      [object('NetworkSet', 'dev/s', { nets: ['192.0.2.0/24'] })],
      ['10.65.0.1', '192.0.2.0/24'],
    ],
    ['no namespace', { namespaceSelector: 'global()' }, [nets('s', ['192.0.2.0/24'], {})], ['192.0.2.0/24']],
    [
      'host endpoints by their expected addresses',
      { selector: 'has(host)' },
      [
        object(
          'HostEndpoint',
          'h',
          { node: 'n1', interfaceName: 'eth0', expectedIPs: ['172.18.0.11'] },
          { labels: { host: 'y' } },
        ),
      ],
      ['172.18.0.11'],
    ],
    [
      'host endpoints with labels of their profiles',
      { selector: 'has(applied)' },
      [
        object('Profile', 'prof', { labelsToApply: { applied: 'y' } }),
        object('HostEndpoint', 'h', {
          node: 'n1',
          interfaceName: 'eth0',
          expectedIPs: ['172.18.0.11'],
          profiles: ['prof'],
        }),
      ],
      ['172.18.0.11'],
    ],
    [
      'a label of the pod beats that of its namespace',
      { selector: "pcns.team == 'own'" },
      [pod('dev/odd', { 'pcns.team': 'own' }, '10.65.0.77')],
      ['10.65.0.77'],
    ],
  ])('%s', (_what, source, more, addresses) => {
    const { cluster, rule } = globalRule({ source }, more)
    expect(members(cluster, rule.source.sets)).toEqual(addresses)
  })

  it('excluded alone leaves everybody else, and in a namespaced policy the namespace', () => {
    const source = { notSelector: "app == 'db'" }
    const { cluster, rule } = globalRule({ source })
    expect([rule.source.sets, members(cluster, rule.source.notSets)]).toEqual([[], ['10.65.1.1']])
    const own = rulesOf(np('shop/p', { ingress: [{ action: 'Allow', source }] }))
    expect(own.rules[0]?.source.notSets).toEqual([])
    expect(members(own.cluster, own.rules[0]!.source.sets)).toEqual(['10.65.0.2'])
  })

  it('has a name, a type and a family, and is one object', () => {
    const { cluster, rule } = globalRule({ source: { selector: "app == 'db'" } })
    const [id] = rule.source.sets
    expect(cluster.policies.set(id!, 4)).toMatchObject({
      name: `cali40${id}`.slice(0, 31),
      type: 'hash:net',
      family: 'inet',
      options: 'hashsize 1024 maxelem 1048576',
      members: ['10.65.1.1'],
    })
    expect(cluster.policies.set(id!, 6)).toMatchObject({ family: 'inet6', members: [] })
    expect(cluster.policies.set(id!, 4)).toBe(cluster.policies.set(id!, 4))
    expect(() => cluster.policies.set('s:nobody', 4)).toThrow('no rule asks for a set s:nobody')
  })
})

describe('a port by name', () => {
  const http = (rule: Partial<CalicoRule>): { cluster: Cluster; rule: PolicyRule } => globalRule(rule)

  it('is a set of addresses and the numbers they have for it', () => {
    const { cluster, rule } = http({ protocol: 'TCP', destination: { ports: ['http'] } })
    expect(members(cluster, rule.destination.namedPorts)).toEqual(['10.65.0.2,tcp:8080', '10.65.1.1,tcp:9090'])
    expect(cluster.policies.set(rule.destination.namedPorts[0]!, 4).type).toBe('hash:ip,port')
  })

  it('is of the protocol of the rule, or of any', () => {
    const dns = { destination: { ports: ['dns'] } }
    const of = (rule: Partial<CalicoRule>): readonly string[] => {
      const made = http(rule)
      return members(made.cluster, made.rule.destination.namedPorts)
    }
    expect(of({ ...dns })).toEqual(['10.65.1.1,udp:53'])
    expect(of({ ...dns, protocol: 'UDP' })).toEqual(['10.65.1.1,udp:53'])
    expect(of({ ...dns, protocol: 'TCP' })).toEqual([])
  })

  it('stands for the selector beside it, unless there are numbers, too', () => {
    const side = { selector: "app == 'db'" }
    const alone = http({ protocol: 'TCP', destination: { ...side, ports: ['http'] } })
    expect(members(alone.cluster, alone.rule.destination.namedPorts)).toEqual(['10.65.1.1,tcp:9090'])
    expect(alone.rule.destination.sets).toEqual([])
    const both = http({ protocol: 'TCP', destination: { ...side, ports: ['http', 80] } })
    expect(members(both.cluster, both.rule.destination.sets)).toEqual(['10.65.1.1'])
  })

  it('that is not wanted is looked for among what the selector wants', () => {
    const { cluster, rule } = http({ protocol: 'TCP', destination: { selector: "app == 'db'", notPorts: ['http'] } })
    expect(members(cluster, rule.destination.notNamedPorts)).toEqual(['10.65.1.1,tcp:9090'])
    expect(members(cluster, rule.destination.sets)).toEqual(['10.65.1.1'])
  })

  it('may be one of a host endpoint', () => {
    const ports = [{ name: 'kubelet', protocol: 'TCP', port: 10250 }]
    const host = object('HostEndpoint', 'h', { node: 'n1', interfaceName: 'eth0', expectedIPs: ['172.18.0.11'], ports })
    const { cluster, rule } = globalRule({ protocol: 'TCP', destination: { ports: ['kubelet'] } }, [host])
    expect(members(cluster, rule.destination.namedPorts)).toEqual(['172.18.0.11,tcp:10250'])
  })
})

describe('a Service in a rule', () => {
  const service = object(
    'Service',
    'shop/web',
    { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
    {},
    'v1',
  )
  const slice: Fields = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.65.7.7'], conditions: { ready: false } }, { addresses: ['10.65.7.8'] }],
    ports: [{ name: '', protocol: 'UDP', port: 7 }, { name: 'any' }],
  }
  const to = (services: object, more: readonly Fields[]): readonly string[] => {
    const { cluster, rules } = rulesOf(np('shop/p', { egress: [{ action: 'Allow', destination: { services } }] }), more)
    return members(cluster, rules[0]!.destination.ipPortSets)
  }

  it('as destination is its endpoints with their ports, ready or not', () => {
    expect(to({ name: 'web', namespace: 'shop' }, [service, slice])).toEqual(['10.65.7.7,udp:7', '10.65.7.8,udp:7'])
  })

  it('without slices is what its selector takes, by the name of the target port', () => {
    expect(to({ name: 'web', namespace: 'shop' }, [service])).toEqual(['10.65.0.2,tcp:8080'])
    expect(to({ name: 'gone', namespace: 'shop' }, [service])).toEqual([])
  })

  it('without a namespace is of the policy’s', () => {
    expect(to({ name: 'web' }, [service])).toEqual(['10.65.0.2,tcp:8080'])
  })

  it('as source is its pods, be it that they have no port of that name', () => {
    const source = { services: { name: 'web', namespace: 'shop' } }
    const ports = [{ port: 80, targetPort: 'nobody-calls-it-so' }]
    const odd = { ...service, spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports } }
    const { cluster, rules } = rulesOf(np('shop/p', { ingress: [{ action: 'Allow', source }] }), [odd])
    expect(members(cluster, rules[0]!.source.sets)).toEqual(['10.65.0.2'])
  })

  it('as source is its addresses, whatever the port', () => {
    const source = { services: { name: 'web', namespace: 'shop' } }
    const { cluster, rules } = rulesOf(np('shop/p', { ingress: [{ action: 'Allow', source }] }), [service, slice])
    expect(members(cluster, rules[0]!.source.sets)).toEqual(['10.65.7.7', '10.65.7.8'])
    expect(cluster.policies.set(rules[0]!.source.sets[0]!, 4).type).toBe('hash:net')
  })
})

describe('profiles', () => {
  it('allow everything where they are those of namespaces, and say nothing where they are those of accounts', () => {
    const [web] = clusterOf([]).policies.of('n2').workloads
    const [space, account] = web!.profiles
    expect(space).toMatchObject({ name: 'kns.shop', ingress: [{ action: 'Allow' }], egress: [{ action: 'Allow' }] })
    expect(account).toMatchObject({ name: 'ksa.shop.cook', ingress: [], egress: [] })
    expect(space?.origin.object).toBe('Namespace/shop')
  })

  it('are shared by the pods that have them', () => {
    const { policies } = clusterOf([pod('shop/web2', {}, '10.65.0.9'), namespace('extra')])
    const [, web, other] = policies.of('n1').workloads
    expect(other?.profiles).toBe(web?.profiles)
  })
})
