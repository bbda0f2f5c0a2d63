// A Kubernetes policy in Calico's terms (policy.md §7): a row for each fragment.
import { describe, expect, it } from 'vitest'
import type { CalicoRule, PolicyResource } from '../../../src/control/index.ts'
import { readPolicy } from '../../../src/control/policy/read-policy.ts'
import { admin, clusterOf, knp } from './objects.ts'

type Spec = NonNullable<ReturnType<typeof readPolicy>['spec']>

function read(spec: unknown): Spec {
  const found = readPolicy(knp('dev/p', spec) as unknown as PolicyResource).spec
  if (found === undefined) throw new Error('no policy')
  return found
}

const K8S = "projectcalico.org/orchestrator == 'k8s'"
const APP = { podSelector: { matchLabels: { app: 'web' } } }
const source = (side: CalicoRule['source'], rest: Partial<CalicoRule> = {}): CalicoRule => ({
  action: 'Allow',
  ...rest,
  ...(Object.keys(side ?? {}).length === 0 ? {} : { source: side ?? {} }),
})
const tcp = (...ports: (number | string)[]): Partial<CalicoRule> => ({ protocol: 'TCP', destination: { ports } })

describe('rules for what comes in (policy.md §7)', () => {
  it.each<[what: string, ingress: unknown, rules: CalicoRule[]]>([
    ['none', [], []],
    ['one that says nothing', [{}], [source({})]],
    ['empty lists', [{ from: [], ports: [] }], [source({})]],
    [
      'pods, and ports of one protocol joined',
      [{ from: [APP], ports: [{ port: 81 }, { port: 80 }, { port: 443 }] }],
      [source({ selector: `${K8S} && app == 'web'` }, tcp('80:81', 443))],
    ],
    [
      'two protocols, by name',
      [
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
      [source({}, tcp(53)), source({}, { protocol: 'UDP', destination: { ports: [53] } })],
    ],
    [
      'all namespaces',
      [{ from: [{ namespaceSelector: {} }] }],
      [source({ selector: K8S, namespaceSelector: 'all()' })],
    ],
    [
      'pods of namespaces',
      [{ from: [{ ...APP, namespaceSelector: { matchLabels: { team: 'a' } } }] }],
      [source({ selector: `${K8S} && app == 'web'`, namespaceSelector: "team == 'a'" })],
    ],
    [
      'namespaces or pods: two entries',
      [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }, APP] }],
      [source({ selector: K8S, namespaceSelector: "team == 'a'" }), source({ selector: `${K8S} && app == 'web'` })],
    ],
    [
      'a range without a part, host bits cleared',
      [{ from: [{ ipBlock: { cidr: '10.0.0.7/8', except: ['10.1.0.0/16'] } }] }],
      [source({ nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] })],
    ],
    ['a port by name', [{ ports: [{ port: 'http' }] }], [source({}, tcp('http'))]],
    ['a protocol without a port', [{ ports: [{ protocol: 'UDP' }] }], [source({}, { protocol: 'UDP' })]],
    ['a protocol without a port beside one with', [{ ports: [{ port: 80 }, {}] }], [source({}, { protocol: 'TCP' })]],
    ['a range of ports', [{ ports: [{ port: 8000, endPort: 8100 }] }], [source({}, tcp('8000:8100'))]],
    [
      'names of ports before numbers, ranges that touch joined',
      [{ ports: [{ port: 90, endPort: 95 }, { port: 'http' }, { port: 80, endPort: 89 }, { port: 92 }] }],
      [source({}, tcp('http', '80:95'))],
    ],
  ])('%s', (_what, ingress, rules) => {
    expect(read({ podSelector: {}, ingress }).ingress.map(({ rule }) => rule)).toEqual(rules)
  })

  it('keep their number and place: two peers and two protocols are four rules of one', () => {
    const ports = [{ port: 80 }, { protocol: 'UDP', port: 53 }]
    const { ingress } = read({ podSelector: {}, ingress: [{}, { from: [APP, { namespaceSelector: {} }], ports }] })
    expect(
      ingress.map(({ index, path, rule }) => [index, path.join('.'), rule.protocol, rule.source?.namespaceSelector]),
    ).toEqual([
      [1, 'spec.ingress.0', undefined, undefined],
      [2, 'spec.ingress.1', 'TCP', undefined],
      [2, 'spec.ingress.1', 'TCP', 'all()'],
      [2, 'spec.ingress.1', 'UDP', undefined],
      [2, 'spec.ingress.1', 'UDP', 'all()'],
    ])
  })
})

it('rules for what goes out name destinations', () => {
  const { egress } = read({ podSelector: {}, egress: [{ to: [APP], ports: [{ port: 80 }] }] })
  expect(egress.map(({ rule }) => rule)).toEqual([
    { action: 'Allow', protocol: 'TCP', destination: { selector: `${K8S} && app == 'web'`, ports: [80] } },
  ])
})

describe('a policy of Kubernetes', () => {
  it.each<[what: string, spec: object, directions: string[], warned: number]>([
    ['without types', {}, ['ingress'], 0],
    ['without types, with egress rules', { egress: [{}] }, ['ingress', 'egress'], 0],
    ['Ingress', { policyTypes: ['Ingress'], ingress: [] }, ['ingress'], 0],
    ['Egress', { policyTypes: ['Egress'] }, ['egress'], 0],
    ['both', { policyTypes: ['Egress', 'Ingress'] }, ['ingress', 'egress'], 0],
    ['egress rules that its types leave out', { policyTypes: ['Ingress'], egress: [{}] }, ['ingress'], 1],
  ])('%s', (_what, spec, directions, warned) => {
    const found = readPolicy(knp('dev/p', { podSelector: {}, ...spec }) as unknown as PolicyResource)
    expect(found.spec?.directions).toEqual(directions)
    expect(found.warnings).toHaveLength(warned)
  })

  it('has order 1000 in tier default, for pods of its namespace', () => {
    expect(read({ podSelector: { matchLabels: { b: '2', a: '1' } } })).toMatchObject({
      tier: 'default',
      order: 1000,
      scope: `(${K8S} && a == '1' && b == '2') && projectcalico.org/namespace == "dev"`,
    })
  })
})

describe('an administrator’s policy', () => {
  const all = { namespaces: {} }
  const cnp = (spec: object): ReturnType<typeof readPolicy> =>
    readPolicy(
      admin('ClusterNetworkPolicy', 'x', {
        tier: 'Admin',
        priority: 5,
        subject: all,
        ...spec,
      }) as unknown as PolicyResource,
    )
  const anp = (kind: string, spec: object): ReturnType<typeof readPolicy> =>
    readPolicy(admin(kind, 'x', { priority: 5, subject: all, ...spec }) as unknown as PolicyResource)

  it.each([
    ['Admin', 'kube-admin'],
    ['Baseline', 'kube-baseline'],
  ])('of tier %s is in %s, its priority is its order', (name, found) => {
    expect(cnp({ tier: name }).spec).toMatchObject({ tier: found, order: 5, directions: [] })
  })

  it('of another tier, or of nobody, is none', () => {
    expect(cnp({ tier: 'Other' })).toMatchObject({ warnings: [{ path: ['spec', 'tier'] }] })
    expect(cnp({ tier: 'Other' }).spec).toBeUndefined()
    expect(cnp({ subject: {} })).toMatchObject({ warnings: [{ path: ['spec', 'subject'] }] })
    expect(cnp({ subject: {} }).spec).toBeUndefined()
  })

  it.each<[what: string, subject: object, scope: string]>([
    ['namespaces', { namespaces: { matchLabels: { t: 'a' } } }, `(${K8S}) && pcns.t == "a"`],
    [
      'pods',
      { pods: { namespaceSelector: {}, podSelector: { matchLabels: { a: '1' } } } },
      `(${K8S} && a == '1') && has(projectcalico.org/namespace)`,
    ],
  ])('is for pods, never for hosts: %s', (_what, subject, scope) => {
    expect(cnp({ subject }).spec?.scope).toBe(scope)
  })

  it.each<[what: string, rule: object, expected: object[]]>([
    ['Accept', { action: 'Accept', from: [all] }, [{ action: 'Allow', source: { namespaceSelector: 'all()' } }]],
    ['Deny', { action: 'Deny', from: [all] }, [{ action: 'Deny', source: { namespaceSelector: 'all()' } }]],
    ['Pass', { action: 'Pass', from: [all] }, [{ action: 'Pass', source: { namespaceSelector: 'all()' } }]],
    [
      'ports by number, range and protocol',
      {
        action: 'Accept',
        from: [all],
        protocols: [
          { tcp: { destinationPort: { number: 80 } } },
          { tcp: { destinationPort: { range: { start: 81, end: 90 } } } },
          { udp: {} },
        ],
      },
      [
        { action: 'Allow', protocol: 'TCP', source: { namespaceSelector: 'all()' }, destination: { ports: ['80:90'] } },
        { action: 'Allow', protocol: 'UDP', source: { namespaceSelector: 'all()' } },
      ],
    ],
    [
      'a port by name, of any protocol',
      { action: 'Accept', from: [all], protocols: [{ destinationNamedPort: 'dns' }] },
      [{ action: 'Allow', source: { namespaceSelector: 'all()' }, destination: { ports: ['dns'] } }],
    ],
    ['an unknown peer that would be let in: left out', { action: 'Accept', from: [{ domainNames: ['x'] }] }, []],
    [
      'an unknown peer that would be denied: all are',
      { action: 'Deny', from: [{ domainNames: ['x'] }] },
      [{ action: 'Deny' }],
    ],
    [
      'an unknown peer that would be passed: all are denied',
      { action: 'Pass', from: [{ nodes: {} }] },
      [{ action: 'Deny' }],
    ],
    [
      'a rule with a name, which Felix writes beside it',
      { action: 'Deny', name: 'no-db', from: [all] },
      [
        {
          action: 'Deny',
          metadata: { annotations: { name: 'no-db' } },
          source: { namespaceSelector: 'all()' },
        },
      ],
    ],
    ['an action Calico does not know: left out', { action: 'Allow', from: [all] }, []],
  ])('%s', (_what, rule, expected) => {
    expect(cnp({ ingress: [rule] }).spec?.ingress.map((one) => one.rule)).toEqual(expected)
  })

  it('names ranges in what goes out only', () => {
    const networks = { networks: ['10.1.2.3/8', '::/0'] }
    const out = cnp({ egress: [{ action: 'Deny', to: [networks] }] }).spec?.egress[0]?.rule
    expect(out?.destination).toEqual({ nets: ['10.0.0.0/8', '::/0'] })
    expect(cnp({ ingress: [{ action: 'Accept', from: [networks] }] }).spec?.ingress).toEqual([])
    expect(cnp({ egress: [{ action: 'Accept', to: [{ networks: ['x'] }] }] }).warnings).toMatchObject([
      { path: ['spec', 'egress', 0, 'to', 0, 'networks', 0], received: 'x' },
    ])
  })

  it('of before v1alpha2 says Allow, and has its own ports', () => {
    const ports = [
      { portNumber: { protocol: 'UDP', port: 53 } },
      { portRange: { protocol: 'TCP', start: 1, end: 9 } },
      { namedPort: 'web' },
    ]
    const { spec } = anp('AdminNetworkPolicy', { ingress: [{ action: 'Allow', from: [all], ports }] })
    expect(spec?.tier).toBe('adminnetworkpolicy')
    expect(spec?.ingress.map(({ rule }) => [rule.protocol, rule.destination?.ports])).toEqual([
      [undefined, ['web']],
      ['TCP', ['1:9']],
      ['UDP', [53]],
    ])
    expect(anp('BaselineAdminNetworkPolicy', {}).spec?.tier).toBe('baselineadminnetworkpolicy')
  })

  it.each([
    ['AdminNetworkPolicy', 'Pass', [{ action: 'Pass', source: { namespaceSelector: 'all()' } }]],
    ['BaselineAdminNetworkPolicy', 'Pass', []],
    ['BaselineAdminNetworkPolicy', 'Deny', [{ action: 'Deny', source: { namespaceSelector: 'all()' } }]],
  ] as const)('of kind %s with action %s', (kind, action, rules) => {
    expect(anp(kind, { ingress: [{ action, from: [all] }] }).spec?.ingress.map((one) => one.rule)).toEqual(rules)
  })

  it('has the order 1000 where it is the baseline, and its priority otherwise', () => {
    expect(anp('BaselineAdminNetworkPolicy', {}).spec?.order).toBe(1000)
    expect(anp('AdminNetworkPolicy', { priority: 7 }).spec?.order).toBe(7)
  })

  it.each([
    ['AdminNetworkPolicy', undefined, 'assumed'],
    ['AdminNetworkPolicy', 'v3.32.0', 'undecided'],
    ['AdminNetworkPolicy', 'v3.31.0', undefined],
    ['AdminNetworkPolicy', 'v3.29.0', undefined],
    ['AdminNetworkPolicy', 'v3.28.0', 'undecided'],
    ['BaselineAdminNetworkPolicy', 'v3.30.0', undefined],
    ['BaselineAdminNetworkPolicy', 'v3.29.0', 'undecided'],
    ['ClusterNetworkPolicy', undefined, undefined],
    ['ClusterNetworkPolicy', 'v3.31.0', 'undecided'],
  ] as const)('%s with Calico %s: what it does is %s', (kind, version, effect) => {
    const spec = { tier: 'Admin', priority: 1, subject: { namespaces: {} }, ingress: [{ action: 'Deny', from: [all] }] }
    const { findings, policies } = clusterOf([admin(kind, 'a', spec)], version)
    expect(policies.policies).toHaveLength(1)
    const notes = findings.notes.filter(({ code }) => code === 'policy')
    expect(notes.map((one) => one.effect)).toEqual(effect === undefined ? [] : [effect])
    const warned = findings.warnings.filter(({ kind: of }) => of === 'unsupported')
    expect(warned).toHaveLength(effect === undefined ? 0 : 1)
  })

  it('applies where it has rules', () => {
    const deny = { action: 'Deny', to: [all], from: [all] }
    expect(cnp({ egress: [deny] }).spec?.directions).toEqual(['egress'])
    expect(cnp({ ingress: [deny], egress: [deny] }).spec?.directions).toEqual(['ingress', 'egress'])
  })
})
