// The verb `convert`: NetworkPolicies, namespaces, service accounts and label selectors of Kubernetes in Calico's terms.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'

const UID = '8b1f0d3c-5a67-4e21-9f04-d2c6b7a89e10'
/** Every byte's bits in reverse, but those of version and variant. */
const DERIVED = 'd1f8b03c-5ae6-4e84-9f20-4b63ed157908'
const K8S = "projectcalico.org/orchestrator == 'k8s'"

const ask = (object: object, rest: object = {}): object => answerCalico({ verb: 'convert', object, ...rest })
const policy = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'guard', namespace: 'dev', ...metadata },
  spec: { podSelector: {}, ...spec },
})

describe('a policy [policy.md §7]', () => {
  it('is one of tier default and order 1000 that says nothing of its namespace in its selector', () => {
    const given = policy(
      { podSelector: { matchLabels: { tier: 'db', app: 'shop' } }, policyTypes: ['Egress', 'Ingress'], egress: [{}] },
      { uid: UID, resourceVersion: '77', labels: { team: 'red' }, annotations: { note: 'x' } },
    )
    expect(ask(given)).toEqual({
      result: {
        object: {
          apiVersion: 'projectcalico.org/v3',
          kind: 'NetworkPolicy',
          metadata: { name: 'guard', namespace: 'dev', uid: DERIVED, resourceVersion: '77' },
          spec: {
            tier: 'default',
            order: 1000,
            selector: `${K8S} && app == 'shop' && tier == 'db'`,
            types: ['Ingress', 'Egress'],
            egress: [{ action: 'Allow' }],
          },
        },
        errors: [],
      },
    })
  })

  it('of a UID that is none cannot be converted', () => {
    const error = 'failed to parse UID for resource: invalid UUID length: 3'
    expect(ask(policy({}, { uid: 'abc' }))).toEqual({ result: { object: null, errors: [error] } })
  })

  it.each<[what: string, spec: object, types: string[]]>([
    ['none', {}, ['Ingress']],
    ['none, beside egress rules: an API server would have filled them in', { egress: [{}] }, ['Ingress']],
    ['one', { policyTypes: ['Egress'] }, ['Egress']],
    ['a word that is none', { policyTypes: ['Sideways'] }, ['Ingress']],
  ])('has the directions its types name: %s', (_what, spec, types) => {
    expect(ask(policy(spec))).toMatchObject({ result: { object: { spec: { types } } } })
  })

  it.each<[version: string, metadata: object, tier: unknown]>([
    ['v3.34.0', { name: 'guard', uid: DERIVED }, 'default'],
    ['v3.31.2', { name: 'knp.default.guard', uid: DERIVED }, undefined],
    ['v3.27.0', { name: 'knp.default.guard', uid: UID }, undefined],
  ])('is called as its release calls it: %s', (calicoVersion, metadata, tier) => {
    const answer = ask(policy({}, { uid: UID }), { calicoVersion })
    expect(answer).toMatchObject({ result: { object: { metadata } } })
    if (tier === undefined) expect(answer).not.toHaveProperty('result.object.spec.tier')
    else expect(answer).toHaveProperty('result.object.spec.tier', tier)
  })
})

const WEB = { podSelector: { matchLabels: { app: 'web' } } }
const TEAM = { namespaceSelector: { matchLabels: { team: 'a' } } }
const web = { selector: `${K8S} && app == 'web'` }
const allow = (protocol: string | undefined, source: object | undefined, ...ports: (string | number)[]): object => ({
  action: 'Allow',
  ...(protocol && { protocol }),
  ...(source && { source }),
  ...(ports.length > 0 && { destination: { ports } }),
})

/** [policy.md §7], and what stands next to its rows. */
describe('rules', () => {
  it.each<[what: string, ingress: object[], rules: object[]]>([
    ['one that says nothing', [{}], [allow(undefined, undefined)]],
    ['lists that are empty', [{ from: [], ports: [] }], [allow(undefined, undefined)]],
    ['a peer that says nothing: pods of the namespace', [{ from: [{}] }], [allow(undefined, { selector: K8S })]],
    [
      'ports of one protocol joined',
      [{ from: [WEB], ports: [{ port: 81 }, { port: 443 }, { port: 80, protocol: 'TCP' }] }],
      [allow('TCP', web, '80:81', 443)],
    ],
    [
      'protocols by name, peers inside',
      [{ from: [WEB, TEAM], ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }, { port: 1, protocol: 'SCTP' }] }],
      (
        [
          ['SCTP', 1],
          ['TCP', 53],
          ['UDP', 53],
        ] as const
      ).flatMap(([protocol, port]) => [
        allow(protocol, web, port),
        allow(protocol, { selector: K8S, namespaceSelector: "team == 'a'" }, port),
      ]),
    ],
    ['a protocol in small letters', [{ ports: [{ protocol: 'udp', port: 7 }] }], [allow('UDP', undefined, 7)]],
    ['a port without a number takes in all', [{ ports: [{ port: 80 }, {}, { port: 90 }] }], [allow('TCP', undefined)]],
    ['a name', [{ ports: [{ port: 'http' }, { port: 80 }] }], [allow('TCP', undefined, 'http', 80)]],
    ['a number in text', [{ ports: [{ port: '80' }, { port: 81 }] }], [allow('TCP', undefined, '80:81')]],
    ['a range', [{ ports: [{ port: 8000, endPort: 8100 }] }], [allow('TCP', undefined, '8000:8100')]],
    ['a range of one', [{ ports: [{ port: 8000, endPort: 8000 }] }], [allow('TCP', undefined, 8000)]],
    [
      'all namespaces',
      [{ from: [{ namespaceSelector: {} }] }],
      [allow(undefined, { selector: K8S, namespaceSelector: 'all()' })],
    ],
    [
      'pods of namespaces',
      [{ from: [{ ...WEB, ...TEAM }] }],
      [allow(undefined, { ...web, namespaceSelector: "team == 'a'" })],
    ],
    [
      'a range without parts of it, host bits cleared',
      [{ from: [{ ipBlock: { cidr: '10.7.0.9/8', except: ['10.1.0.3/16', '10.2.0.0/16'] } }] }],
      [allow(undefined, { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16', '10.2.0.0/16'] })],
    ],
    [
      'a range beside pods: only the range',
      [{ from: [{ ...WEB, ipBlock: { cidr: '::/0' } }] }],
      [allow(undefined, { nets: ['::/0'] })],
    ],
    [
      'a range that is none: anybody',
      [{ from: [{ ipBlock: { cidr: '10.0.0.0/33' } }] }],
      [allow(undefined, undefined)],
    ],
    [
      'an exception that is none ends them',
      [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', 'x', '10.2.0.0/16'] } }] }],
      [allow(undefined, { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] })],
    ],
  ])('for what comes in: %s', (_what, ingress, rules) => {
    expect(ask(policy({ ingress }))).toMatchObject({ result: { object: { spec: { ingress: rules } }, errors: [] } })
  })

  it('for what goes out name destinations', () => {
    const egress = [{ to: [WEB], ports: [{ port: 80 }] }, { ports: [{ port: 53, protocol: 'UDP' }] }]
    const rules = [
      { action: 'Allow', protocol: 'TCP', destination: { ...web, ports: [80] } },
      { action: 'Allow', protocol: 'UDP', destination: { ports: [53] } },
    ]
    expect(ask(policy({ egress, policyTypes: ['Egress'] }))).toMatchObject({
      result: { object: { spec: { egress: rules } } },
    })
  })

  it.each<[what: string, port: object, words: string]>([
    ['no name', { port: '1:2:3' }, 'invalid port 1:2:3: invalid name for named port (1:2:3)'],
    ['too much', { port: 70000 }, 'invalid port 70000: invalid port format (70000)'],
    ['the name of a range', { port: 'web', endPort: 9 }, 'invalid port web:9: invalid name for named port (web:9)'],
    [
      'a range that runs backwards',
      { port: 20, endPort: 10 },
      'invalid port 20:10: minimum port number (20) is greater than maximum port number (10) in port range',
    ],
    [
      'a range beyond all ports',
      { port: 1, endPort: 65536 },
      'invalid port 1:65536: invalid maximum port number in range (1:65536)',
    ],
  ])('with a port that is none allow nothing, and are told: %s', (_what, port, words) => {
    const ingress = [{ ports: [{ port: 80 }, port] }, { ports: [{ port: 81 }] }]
    expect(ask(policy({ ingress }))).toMatchObject({
      result: {
        object: { spec: { ingress: [allow('TCP', undefined, 81)] } },
        errors: [`ingress rule 1: k8s rule couldn't be converted: failed to parse k8s port: ${words}`],
      },
    })
  })
})

describe('profiles [policy.md §6]', () => {
  const profile = (kind: string, metadata: object, rest: object = {}): object =>
    ask({ apiVersion: 'v1', kind, metadata }, rest)

  it('of a namespace allows everything and passes on its labels', () => {
    const labels = { zone: 'blue', 'projectcalico.org/name': 'liar' }
    expect(profile('Namespace', { name: 'dev', uid: UID, labels, annotations: { x: 'y' } })).toEqual({
      result: {
        object: {
          apiVersion: 'projectcalico.org/v3',
          kind: 'Profile',
          metadata: { name: 'kns.dev', uid: DERIVED },
          spec: {
            ingress: [{ action: 'Allow' }],
            egress: [{ action: 'Allow' }],
            labelsToApply: { 'pcns.zone': 'blue', 'pcns.projectcalico.org/name': 'dev' },
          },
        },
        errors: [],
      },
    })
  })

  it.each([
    ['dev', 'ksa.dev.builder'],
    [undefined, 'ksa.default.builder'],
  ])('of a service account of namespace %s has no rules', (namespace, name) => {
    expect(profile('ServiceAccount', { name: 'builder', namespace, uid: UID, labels: { role: 'ci' } })).toEqual({
      result: {
        object: {
          apiVersion: 'projectcalico.org/v3',
          kind: 'Profile',
          metadata: { name, uid: DERIVED },
          spec: { labelsToApply: { 'pcsa.role': 'ci', 'pcsa.projectcalico.org/name': 'builder' } },
        },
        errors: [],
      },
    })
  })

  it.each(['Namespace', 'ServiceAccount'])('of a %s is none without a UID, which v3.28 began to derive', (kind) => {
    expect(profile(kind, { name: 'dev' })).toMatchObject({
      result: { object: null, errors: [expect.stringMatching(/length: 0/) as string] },
    })
    expect(profile(kind, { name: 'dev' }, { calicoVersion: 'v3.27.0' })).toMatchObject({ result: { errors: [] } })
  })
})

describe('a UID', () => {
  it.each([
    [UID, DERIVED],
    [DERIVED, UID],
    [UID.toUpperCase(), DERIVED],
    [`{${UID}}`, DERIVED],
    [`urn:uuid:${UID}`, DERIVED],
    [UID.replaceAll('-', ''), DERIVED],
  ])('%s becomes another one', (uid, derived) => {
    expect(ask(policy({}, { uid }))).toMatchObject({ result: { object: { metadata: { uid: derived } } } })
  })

  it.each([UID.replace('8', 'g'), UID.replaceAll('-', '_'), UID.slice(1)])('%s is none', (uid) => {
    expect(ask(policy({}, { uid }))).toMatchObject({ result: { object: null } })
  })
})

describe('a label selector', () => {
  const one = (key: string, operator: string, ...values: string[]): object => ({
    matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
  })

  it.each<[selector: object | null, pod: string, namespace: string]>([
    [null, '', ''],
    [{}, '', 'all()'],
    [{ matchLabels: {}, matchExpressions: [] }, '', 'all()'],
    [{ matchLabels: { b: '2', a: '1', B: '' } }, "B == '' && a == '1' && b == '2'", "B == '' && a == '1' && b == '2'"],
    [one('zone', 'In', 'b', 'a'), "zone in { 'b', 'a' }", "zone in { 'b', 'a' }"],
    [one('zone', 'NotIn', 'b'), "zone not in { 'b' }", "zone not in { 'b' }"],
    [one('zone', 'In'), "zone in { '' }", "zone in { '' }"],
    [one('zone', 'Exists'), 'has(zone)', 'has(zone)'],
    [one('zone', 'DoesNotExist'), '! has(zone)', '! has(zone)'],
    [one('zone', 'Gt', '1'), '', ''],
    [{ matchLabels: { a: '1' }, ...one('z', 'Exists') }, "a == '1' && has(z)", "a == '1' && has(z)"],
  ])('%j', (labelSelector, pod, namespace) => {
    const over = (of: string): object => answerCalico({ verb: 'convert', labelSelector, of })
    expect(over('pod')).toEqual({ result: { selector: [K8S, pod].filter((text) => text !== '').join(' && ') } })
    expect(over('namespace')).toEqual({ result: { selector: namespace } })
  })
})

describe('a request that cannot be answered', () => {
  it.each<[what: string, fields: object, error: string]>([
    ['neither object nor selector', {}, 'of: expected'],
    ['both', { object: policy({}), of: 'pod' }, 'of: no such field'],
    ['another kind', { object: { kind: 'Service', metadata: {} } }, 'object.kind: expected NetworkPolicy, '],
    ['a policy of Calico', { object: { ...policy({}), apiVersion: 'projectcalico.org/v3' } }, 'object.apiVersion'],
    ['a field of another sort', { object: policy({ ingress: 3 }) }, 'object.spec.ingress: expected a list'],
    [
      'half a port',
      { object: policy({ ingress: [{ ports: [{ port: 1.5 }] }] }) },
      'object.spec.ingress.0.ports.0.port',
    ],
  ])('%s', (_what, fields, error) => {
    expect(answerCalico({ verb: 'convert', ...fields })).toMatchObject({
      error: expect.stringContaining(error) as string,
    })
  })
})
