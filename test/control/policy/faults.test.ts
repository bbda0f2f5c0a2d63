// What Calico's validator refuses: each field with what would be right, and the object is not enforced (policy.md §4).
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../src/model/index.ts'
import { admin, clusterOf, gnp, knp, np, object } from './objects.ts'

type Fields = Parameters<typeof clusterOf>[0][number]

const rule = (fields: object): Fields => gnp('p', { ingress: [{ action: 'Allow', ...fields }] })

describe('a rule of Calico', () => {
  it.each<[what: string, fields: object, path: string, expected: string]>([
    [
      'numbers of ports without a protocol',
      { destination: { ports: [80] } },
      'destination.ports',
      'protocol TCP, UDP or SCTP beside ports that are numbers or ranges',
    ],
    [
      'other ports without a protocol',
      { source: { notPorts: ['1:2'] } },
      'source.notPorts',
      'protocol TCP, UDP or SCTP beside ports that are numbers or ranges',
    ],
    [
      'ports of a protocol that has none',
      { protocol: 'ICMP', destination: { ports: ['http'] } },
      'destination.ports',
      'protocol TCP, UDP or SCTP beside ports',
    ],
    [
      'ports of UDPLite',
      { protocol: 'UDPLite', destination: { ports: [80] } },
      'destination.ports',
      'protocol TCP, UDP or SCTP beside ports',
    ],
    [
      'a port too high',
      { protocol: 'TCP', destination: { ports: [70000] } },
      'destination.ports.0',
      'ports up to 65535',
    ],
    [
      'a range upside down',
      { protocol: 'TCP', destination: { ports: ['90:80'] } },
      'destination.ports.0',
      'a range whose first port is not behind its last, e.g. 80:90',
    ],
    [
      'no port',
      { protocol: 'TCP', destination: { ports: ['a b'] } },
      'destination.ports.0',
      'a port up to 65535, a range such as 80:90, or the name of a port',
    ],
    [
      'no protocol',
      { protocol: 'TPC' },
      'protocol',
      'one of TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite, or a number from 1 to 255',
    ],
    [
      'protocol 0',
      { notProtocol: 0 },
      'notProtocol',
      'one of TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite, or a number from 1 to 255',
    ],
    [
      'ranges of both families',
      { source: { nets: ['10.0.0.0/8', 'fd00::/8'] } },
      'source.nets.1',
      'an IPv4 range as the others of the rule',
    ],
    [
      'ranges of both families on two sides',
      { source: { nets: ['fd00::/8'] }, destination: { notNets: ['10.0.0.0/8'] } },
      'destination.notNets.0',
      'an IPv6 range as the others of the rule',
    ],
    [
      'a range of the other version',
      { ipVersion: 6, source: { nets: ['10.0.0.0/8'] } },
      'source.nets.0',
      'an IPv6 range, as ipVersion says',
    ],
    ['host bits', { source: { nets: ['10.0.0.1/8'] } }, 'source.nets.0', 'a CIDR whose host bits are zero'],
    [
      'an address without its length',
      { source: { nets: ['10.0.0.1'] } },
      'source.nets.0',
      'a CIDR whose host bits are zero, here 10.0.0.1/32',
    ],
    [
      'not in all addresses',
      { source: { notNets: ['0.0.0.0/0'] } },
      'source.notNets.0',
      'a range that leaves something: not in all addresses matches no packet',
    ],
    ['a code without a type', { protocol: 'ICMP', icmp: { code: 1 } }, 'icmp', 'a type beside the code'],
    ['a type too high', { protocol: 'ICMP', icmp: { type: 255 } }, 'icmp.type', 'a number from 0 to 254'],
    [
      'a code too high',
      { protocol: 'ICMP', notICMP: { type: 3, code: 256 } },
      'notICMP.code',
      'a number from 0 to 255',
    ],
    ['a message of no protocol', { icmp: { type: 8 } }, 'icmp', 'protocol ICMP or ICMPv6 beside icmp'],
    ['a message of TCP', { protocol: 'TCP', icmp: { type: 8 } }, 'icmp', 'protocol ICMP or ICMPv6 beside icmp'],
    ['ICMP of IPv6', { protocol: 'ICMP', ipVersion: 6 }, 'ipVersion', '4 beside protocol ICMP'],
    ['ICMPv6 of IPv4', { notProtocol: 58, ipVersion: 4 }, 'ipVersion', '6 beside notProtocol ICMPv6'],
    [
      'no selector',
      { source: { selector: "a = 'b'" } },
      'source.selector',
      'a selector: at character 2 a comparison and a quoted value',
    ],
    [
      'no selector of accounts',
      { source: { serviceAccounts: { selector: '(' } } },
      'source.serviceAccounts.selector',
      'a selector: at character 2 a label, has(…), all() or "("',
    ],
    [
      'global() among endpoints',
      { source: { selector: 'global()' } },
      'source.selector',
      'no global(): only the namespaceSelector of a rule may have it',
    ],
    [
      'a Service on the wrong side',
      { destination: { services: { name: 'a', namespace: 'b' } } },
      'destination.services',
      'services of the source',
    ],
    [
      'a Service without a name',
      { source: { services: { namespace: 'b' } } },
      'source.services.name',
      'the name of a Service',
    ],
    [
      'a Service without a namespace',
      { source: { services: { name: 'a' } } },
      'source.services.namespace',
      'the namespace of the Service: the policy has none',
    ],
    [
      'a Service and a selector',
      { source: { services: { name: 'a', namespace: 'b' }, selector: 'has(x)' } },
      'source.selector',
      'nothing else beside services',
    ],
    [
      'a Service and ranges',
      { source: { services: { name: 'a', namespace: 'b' }, nets: ['10.0.0.0/8'] } },
      'source.nets',
      'nothing else beside services',
    ],
    [
      'a Service and accounts',
      { source: { services: { name: 'a', namespace: 'b' }, serviceAccounts: {} } },
      'source.serviceAccounts',
      'nothing else beside services',
    ],
    ['http that denies', { action: 'Deny', http: { methods: ['GET'] } }, 'http', 'action Allow beside http'],
    ['http of UDP', { protocol: 'UDP', http: { methods: ['GET'] } }, 'http', 'protocol TCP, or none, beside http'],
  ])('with %s', (_what, fields, path, expected) => {
    const { findings, policies } = clusterOf([rule(fields)])
    expect(findings.faults).toMatchObject([
      { kind: 'invalid', file: 'cluster.json', line: 1, object: 'GlobalNetworkPolicy/p' },
    ])
    expect([findings.faults[0]?.path.join('.'), findings.faults[0]?.expected]).toEqual([
      `spec.ingress.0.${path}`,
      expected,
    ])
    expect(policies.policies).toEqual([])
  })

  it.each<[what: string, fields: object]>([
    ['names of ports without a protocol', { destination: { ports: ['http'] } }],
    ['ports of a protocol by number', { protocol: 132, destination: { ports: [0, '1:2', 'x'] } }],
    [
      'a Service and ports of the other side',
      { source: { services: { name: 'a', namespace: 'b' } }, protocol: 'TCP', destination: { ports: [80] } },
    ],
    ['global() and namespaces', { source: { namespaceSelector: "global() || a == 'b'" } }],
    ['ICMP by number', { protocol: 58, icmp: { type: 128 } }],
    ['not in a part of all addresses', { source: { nets: ['0.0.0.0/0'], notNets: ['0.0.0.0/1'] } }],
  ])('with %s is right', (_what, fields) => {
    const { findings, policies } = clusterOf([rule(fields)])
    expect([findings.faults, policies.policies.length]).toEqual([[], 1])
  })
})

describe('a policy of Calico', () => {
  const egress = [{ action: 'Allow' }]
  it.each<[what: string, policy: Fields, path: string, expected: string]>([
    [
      'preDNAT and doNotTrack',
      gnp('p', { preDNAT: true, doNotTrack: true, applyOnForward: true }),
      'spec.doNotTrack',
      'preDNAT or doNotTrack, not both',
    ],
    [
      'preDNAT with egress rules',
      gnp('p', { preDNAT: true, applyOnForward: true, types: ['Ingress'], egress }),
      'spec.egress',
      'no egress rules in a preDNAT policy',
    ],
    [
      'preDNAT of egress',
      gnp('p', { preDNAT: true, applyOnForward: true, types: ['Egress'] }),
      'spec.types',
      'Ingress alone in a preDNAT policy',
    ],
    [
      'preDNAT of what is not forwarded',
      gnp('p', { preDNAT: true }),
      'spec.preDNAT',
      'applyOnForward: true beside preDNAT',
    ],
    [
      'doNotTrack of what is not forwarded',
      gnp('p', { doNotTrack: true }),
      'spec.doNotTrack',
      'applyOnForward: true beside doNotTrack',
    ],
    ['a type twice', np('dev/p', { types: ['Ingress', 'Ingress'] }), 'spec.types', 'each type once'],
    [
      'no selector',
      np('dev/p', { selector: 'x' }),
      'spec.selector',
      'a selector: at character 2 a comparison and a quoted value',
    ],
    [
      'no selector of namespaces',
      gnp('p', { namespaceSelector: 'x' }),
      'spec.namespaceSelector',
      'a selector: at character 2 a comparison and a quoted value',
    ],
    [
      'no selector of accounts',
      np('dev/p', { serviceAccountSelector: 'x' }),
      'spec.serviceAccountSelector',
      'a selector: at character 2 a comparison and a quoted value',
    ],
    [
      'global() for itself',
      gnp('p', { namespaceSelector: 'global()' }),
      'spec.namespaceSelector',
      'no global(): only the namespaceSelector of a rule may have it',
    ],
    [
      'http in what goes out',
      gnp('p', { egress: [{ action: 'Allow', http: {} }] }),
      'spec.egress.0.http',
      'http in ingress rules only',
    ],
    [
      'a Service as source of what goes out',
      np('dev/p', { egress: [{ action: 'Allow', source: { services: { name: 'a' } } }] }),
      'spec.egress.0.source.services',
      'services of the destination',
    ],
    [
      'a Service and ports of its own',
      np('dev/p', {
        egress: [{ action: 'Allow', protocol: 'TCP', destination: { services: { name: 'a' }, ports: [80] } }],
      }),
      'spec.egress.0.destination.ports',
      'nothing else beside services',
    ],
    [
      'staged or not',
      object('StagedNetworkPolicy', 'dev/p', { selector: 'x' }),
      'spec.selector',
      'a selector: at character 2 a comparison and a quoted value',
    ],
    [
      'a profile',
      object('Profile', 'p', { ingress: [{ action: 'Allow', protocol: 0 }] }),
      'spec.ingress.0.protocol',
      'one of TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite, or a number from 1 to 255',
    ],
    [
      'a host endpoint of no node',
      object('HostEndpoint', 'h', { interfaceName: 'eth0' }),
      'spec.node',
      'the name of a node',
    ],
    [
      'a host endpoint of no interface',
      object('HostEndpoint', 'h', { node: 'n1' }),
      'spec',
      'interfaceName or expectedIPs',
    ],
    [
      'a tier with a dot in its name',
      object('Tier', 'a.b', {}),
      'metadata.name',
      'a name of at most 63 lower-case letters, digits and "-": those of policies begin with it',
    ],
    [
      'a set of what are no ranges',
      object('GlobalNetworkSet', 's', { nets: ['10.0.0.0/8', '10.0.0.1', 'example.com'] }),
      'spec.nets.2',
      'a CIDR or an address',
    ],
    [
      'a set with a label of Calico’s',
      object('NetworkSet', 'dev/s', {}, { labels: { 'projectcalico.org/namespace': 'x' } }),
      'metadata.labels.projectcalico.org/namespace',
      "no label projectcalico.org/namespace: Calico makes it of the set's namespace",
    ],
  ])('%s', (_what, policy, path, expected) => {
    const { findings, policies } = clusterOf([policy])
    expect(findings.faults.map((fault) => [fault.path.join('.'), fault.expected])).toEqual([[path, expected]])
    expect([policies.policies, policies.of('n1').hosts]).toEqual([[], []])
  })
})

describe('the shape of an object', () => {
  it.each<[what: string, object: Fields, path: string, expected: RegExp]>([
    ['an action that is none', rule({ action: 'Permit' }), 'spec.ingress.0.action', /^one of Allow, Deny, Log, Pass/],
    ['an IP version that is none', rule({ ipVersion: 5 }), 'spec.ingress.0.ipVersion', /^4 or 6$/],
    ['rules that are no list', gnp('p', { ingress: {} }), 'spec.ingress', /^a list$/],
    ['a type that is none', gnp('p', { types: ['In'] }), 'spec.types.0', /^one of Ingress, Egress/],
    [
      'a default action that is none',
      object('Tier', 't', { defaultAction: 'Allow' }),
      'spec.defaultAction',
      /^one of Deny, Pass/,
    ],
    ['an order that is no number', object('Tier', 't', { order: 'x' }), 'spec.order', /^a number$/],
    [
      'a port with a number too high',
      knp('dev/p', { ingress: [{ ports: [{ port: 65536 }] }] }),
      'spec.ingress.0.ports.0.port',
      /^a port: a whole number from 1 to 65535$/,
    ],
    [
      'a range of ports by name',
      knp('dev/p', { ingress: [{ ports: [{ port: 'a', endPort: 9 }] }] }),
      'spec.ingress.0.ports.0.endPort',
      /^the last port of a range/,
    ],
    [
      'a range of ports upside down',
      knp('dev/p', { ingress: [{ ports: [{ port: 9, endPort: 8 }] }] }),
      'spec.ingress.0.ports.0.endPort',
      /^the last port of a range/,
    ],
    [
      'a protocol Kubernetes does not know',
      knp('dev/p', { ingress: [{ ports: [{ protocol: 'ICMP' }] }] }),
      'spec.ingress.0.ports.0.protocol',
      /^one of TCP, UDP, SCTP/,
    ],
    [
      'a range that is none',
      knp('dev/p', { egress: [{ to: [{ ipBlock: { cidr: '10.0.0/8' } }] }] }),
      'spec.egress.0.to.0.ipBlock.cidr',
      /^a CIDR, e\.g\. 10\.0\.0\.0\/8/,
    ],
    [
      'an empty peer',
      knp('dev/p', { ingress: [{ from: [{}] }] }),
      'spec.ingress.0.from.0',
      /^podSelector, namespaceSelector or both, or else ipBlock$/,
    ],
    [
      'a peer that is pods and a range',
      knp('dev/p', { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] }),
      'spec.ingress.0.from.0',
      /^podSelector, namespaceSelector or both, or else ipBlock$/,
    ],
    [
      'In without a value',
      knp('dev/p', { podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
      'spec.podSelector.matchExpressions.0.values',
      /^at least one value beside In and NotIn, and none beside Exists and DoesNotExist$/,
    ],
    [
      'Exists with a value',
      knp('dev/p', { podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } }),
      'spec.podSelector.matchExpressions.0.values',
      /^at least one value beside In and NotIn, and none beside Exists and DoesNotExist$/,
    ],
    [
      'a priority too high',
      admin('AdminNetworkPolicy', 'a', { priority: 1001, subject: { namespaces: {} } }),
      'spec.priority',
      /^a priority: a whole number from 0 to 1000$/,
    ],
  ])('%s', (_what, given, path, expected) => {
    const load = (): unknown => clusterOf([given])
    expect(load).toThrow(InputError)
    try {
      load()
    } catch (error) {
      const [issue] = (error as InputError).issues
      expect(issue?.path.join('.')).toBe(path)
      expect(issue?.expected).toMatch(expected)
    }
  })

  it('has unknown fields, and they do not matter', () => {
    const odd = { action: 'Allow', source: { future: true }, future: 1 }
    const { findings, policies } = clusterOf([gnp('p', { ingress: [odd], performanceHints: ['x'], future: {} })])
    expect([findings.faults, policies.policies[0]?.ingress.length]).toEqual([[], 1])
  })
})
