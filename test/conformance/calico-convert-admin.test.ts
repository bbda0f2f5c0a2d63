// The verb `convert`: administrators' policies of Kubernetes as GlobalNetworkPolicies, by release.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

const K8S = "projectcalico.org/orchestrator == 'k8s'"
const ALL = { namespaces: {} }
type Rules = readonly object[]

function ask(kind: string, spec: object, rest: object = {}): object {
  const metadata = { name: 'fence', labels: { team: 'red' } }
  const object = { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind, metadata, spec }
  return answerCalico({ verb: 'convert', object, ...rest })
}
const cluster = (spec: object): object =>
  ask('ClusterNetworkPolicy', { tier: 'Admin', priority: 7, subject: ALL, ...spec })
const rules = (ingress: Rules): object => cluster({ ingress })

describe('a ClusterNetworkPolicy [policy.md §7]', () => {
  it('is for pods, in a tier of its own, with its priority as order', () => {
    const spec = { tier: 'Baseline', priority: 0, subject: { namespaces: { matchLabels: { env: 'prod' } } } }
    expect(ask('ClusterNetworkPolicy', { ...spec, egress: [{ action: 'Deny', to: [ALL] }] })).toEqual({
      result: {
        object: {
          apiVersion: 'projectcalico.org/v3',
          kind: 'GlobalNetworkPolicy',
          metadata: { name: 'fence' },
          spec: {
            tier: 'kube-baseline',
            order: 0,
            selector: K8S,
            namespaceSelector: "env == 'prod'",
            types: ['Egress'],
            egress: [{ action: 'Deny', destination: { namespaceSelector: 'all()' } }],
          },
        },
        errors: [],
      },
    })
  })

  it.each<[what: string, subject: object, selector: string, namespaceSelector: string]>([
    ['all namespaces', { namespaces: {} }, K8S, 'all()'],
    ['pods of all namespaces', { pods: { podSelector: { matchLabels: { a: '1' } } } }, `${K8S} && a == '1'`, 'all()'],
    ['pods of some', { pods: { namespaceSelector: { matchLabels: { b: '2' } }, podSelector: {} } }, K8S, "b == '2'"],
    [
      'both: namespaces',
      { namespaces: { matchLabels: { b: '2' } }, pods: { podSelector: { matchLabels: { a: '1' } } } },
      K8S,
      "b == '2'",
    ],
  ])('is for its subject: %s', (_what, subject, selector, namespaceSelector) => {
    expect(cluster({ subject })).toMatchObject({ result: { object: { spec: { selector, namespaceSelector } } } })
  })

  it('without rules is for no direction', () => {
    expect(cluster({})).not.toHaveProperty('result.object.spec.types')
  })

  it.each([
    ['another tier', { tier: 'Other' }],
    ['no tier', { tier: null }],
    ['nobody', { subject: {} }],
  ])('of %s is none, and no error', (_what, spec) => {
    expect(cluster(spec)).toEqual({ result: { object: null, errors: [] } })
  })
})

describe('rules of a ClusterNetworkPolicy', () => {
  const from = [{ namespaces: { matchLabels: { n: '1' } } }]
  const source = { namespaceSelector: "n == '1'" }
  const tcp = (destinationPort: object): object => ({ tcp: { destinationPort } })

  it.each<[what: string, rule: object, expected: Rules]>([
    ['Accept', { action: 'Accept', from }, [{ action: 'Allow', source }]],
    [
      'Pass, with a name',
      { action: 'Pass', name: 'ask the team', from },
      [{ action: 'Pass', metadata: { annotations: { name: 'ask the team' } }, source }],
    ],
    ['no peers: no rules', { action: 'Deny', from: [] }, []],
    [
      'pods beat namespaces',
      { action: 'Deny', from: [{ ...from[0], pods: { podSelector: {} } }] },
      [{ action: 'Deny', source: { selector: K8S, namespaceSelector: 'all()' } }],
    ],
    [
      'numbers and ranges of protocols, by name',
      {
        action: 'Deny',
        from,
        protocols: [{ udp: {} }, tcp({ number: 81 }), tcp({ range: { start: 82, end: 90 } }), { sctp: null, tcp: {} }],
      },
      [
        { action: 'Deny', protocol: 'TCP', source },
        { action: 'Deny', protocol: 'UDP', source },
      ],
    ],
    [
      'ports joined',
      { action: 'Deny', from, protocols: [tcp({ number: 81 }), tcp({ range: { start: 82, end: 90 } })] },
      [{ action: 'Deny', protocol: 'TCP', source, destination: { ports: ['81:90'] } }],
    ],
    [
      'names have no protocol, and stay names',
      { action: 'Deny', from, protocols: [{ destinationNamedPort: 'web' }, { destinationNamedPort: '8081' }] },
      [{ action: 'Deny', source, destination: { ports: ['web', '8081'] } }],
    ],
    [
      'an entry that says nothing takes in all',
      { action: 'Deny', from, protocols: [tcp({ number: 80 }), {}, tcp({ range: { start: 9, end: 1 } })] },
      [{ action: 'Deny', source }],
    ],
    [
      'the number 0 is no port',
      { action: 'Deny', from, protocols: [tcp({ number: 0 })] },
      [{ action: 'Deny', protocol: 'TCP', source }],
    ],
  ])('%s', (_what, rule, expected) => {
    const spec = expected.length === 0 ? {} : { ingress: expected }
    expect(rules([rule])).toMatchObject({ result: { object: { spec }, errors: [] } })
    if (expected.length === 0) expect(rules([rule])).not.toHaveProperty('result.object.spec.ingress')
  })

  it.each<[what: string, rule: object, words: string]>([
    ['a peer of another sort', { from: [{ nodes: {} }] }, "none of supported fields in 'From' is set."],
    [
      'a range of ports that runs backwards',
      { from, protocols: [tcp({ range: { start: 9, end: 1 } })] },
      'failed to parse k8s protocol: minimum port number (9) is greater than maximum port number (1) in port range',
    ],
    [
      'a name that is none',
      { from, protocols: [{ destinationNamedPort: 'no name' }] },
      'failed to parse k8s protocol: invalid name for named port (no name)',
    ],
  ])(
    'that cannot be converted are left out where they would accept, and deny everything else: %s',
    (_what, rule, words) => {
      const errors = [`ingress rule 1: k8s rule couldn't be converted: ${words}`]
      expect(rules([{ action: 'Accept', ...rule }])).toMatchObject({ result: { object: { spec: {} }, errors } })
      expect(rules([{ action: 'Accept', ...rule }])).not.toHaveProperty('result.object.spec.ingress')
      for (const action of ['Deny', 'Pass'])
        expect(rules([{ action, ...rule }])).toMatchObject({
          result: { object: { spec: { ingress: [{ action: 'Deny' }], types: ['Ingress'] } }, errors },
        })
    },
  )

  it('of an unknown action are left out', () => {
    const words = "ingress rule 2: k8s rule couldn't be converted: unsupported cluster network policy action Allow"
    expect(
      rules([
        { action: 'Accept', from },
        { action: 'Allow', from },
      ]),
    ).toMatchObject({
      result: { object: { spec: { ingress: [{ action: 'Allow', source }] } }, errors: [words] },
    })
  })

  it('for what goes out may name ranges', () => {
    const networks = ['10.7.0.1/8', '2001:db8::1/32']
    const out = (to: object): object => cluster({ egress: [{ action: 'Deny', to: [to] }] })
    const destination = { nets: ['10.0.0.0/8', '2001:db8::/32'] }
    expect(out({ networks })).toMatchObject({ result: { object: { spec: { egress: [{ destination }] } }, errors: [] } })
    expect(out({ networks: ['10.0.0.1'] })).toMatchObject({
      result: {
        object: { spec: { egress: [{ action: 'Deny' }] } },
        errors: [expect.stringMatching(/invalid CIDR in ANP rule/) as string],
      },
    })
    expect(out({ networks: [] })).toMatchObject({
      result: { errors: [expect.stringMatching(/'To' is set/) as string] },
    })
    expect(rules([{ action: 'Deny', from: [{ networks }] }])).toMatchObject({
      result: { errors: [expect.stringMatching(/'From' is set/) as string] },
    })
  })
})

describe('kinds of before', () => {
  const spec = { priority: 9, subject: ALL, ingress: [{ action: 'Allow', from: [ALL] }] }

  it.each<[kind: string, calicoVersion: string, name: string, tier: string, order: number]>([
    ['AdminNetworkPolicy', 'v3.29.0', 'kanp.adminnetworkpolicy.fence', 'adminnetworkpolicy', 9],
    ['AdminNetworkPolicy', 'v3.31.4', 'kanp.adminnetworkpolicy.fence', 'adminnetworkpolicy', 9],
    [
      'BaselineAdminNetworkPolicy',
      'v3.30.0',
      'kbanp.baselineadminnetworkpolicy.fence',
      'baselineadminnetworkpolicy',
      1000,
    ],
  ])('%s in %s', (kind, calicoVersion, name, tier, order) => {
    expect(ask(kind, spec, { calicoVersion })).toMatchObject({
      result: { object: { kind: 'GlobalNetworkPolicy', metadata: { name }, spec: { tier, order } } },
    })
  })

  it('have ports of TCP where nothing is said, and names of ports are not read', () => {
    const ports = [
      { portNumber: { port: 80 } },
      { portRange: { start: 81, end: 90 } },
      { portNumber: { protocol: 'udp', port: 53 } },
    ]
    const ask31 = (list: object[]): object =>
      ask(
        'AdminNetworkPolicy',
        { ...spec, ingress: [{ action: 'Deny', from: [ALL], ports: list }] },
        { calicoVersion: 'v3.31.0' },
      )
    const source = { namespaceSelector: 'all()' }
    expect(ask31(ports)).toMatchObject({
      result: {
        object: {
          spec: {
            ingress: [
              { protocol: 'TCP', source, destination: { ports: ['80:90'] } },
              { protocol: 'UDP', source, destination: { ports: [53] } },
            ],
          },
        },
      },
    })
    expect(ask31([...ports, { namedPort: 'web' }])).toMatchObject({
      result: { object: { spec: { ingress: [{ action: 'Deny', source }] } } },
    })
    expect(ask31([{ portRange: { start: 9, end: 1 } }])).toMatchObject({
      result: { errors: [expect.stringMatching(/failed to parse k8s port: minimum port number \(9\)/) as string] },
    })
  })

  it('that a release does not read are not modelled', () => {
    expect(ask('AdminNetworkPolicy', spec)).toEqual({
      unsupported: 'AdminNetworkPolicy, which Calico v3.34.0 does not read',
    })
    expect(ask('ClusterNetworkPolicy', spec, { calicoVersion: 'v3.31.0' })).toHaveProperty('unsupported')
  })
})
