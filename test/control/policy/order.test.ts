// Directions, tiers, order and names (policy.md §2, §3, felix-iptables.md §6).
import { describe, expect, it } from 'vitest'
import { admin, clusterOf, gnp, knp, np, object, onlyPolicy, selectedBy, tier } from './objects.ts'

const CRD = 'crd.projectcalico.org/v1'
const ALLOW = { action: 'Allow' }

describe('directions of a Calico policy', () => {
  it.each<[what: string, spec: object, apiVersion: string, directions: string[]]>([
    ['nothing said', {}, 'projectcalico.org/v3', ['ingress']],
    ['empty lists', { ingress: [], egress: [] }, 'projectcalico.org/v3', ['ingress']],
    ['ingress rules', { ingress: [ALLOW] }, 'projectcalico.org/v3', ['ingress']],
    ['egress rules', { egress: [ALLOW] }, 'projectcalico.org/v3', ['egress']],
    ['both', { ingress: [ALLOW], egress: [ALLOW] }, 'projectcalico.org/v3', ['ingress', 'egress']],
    ['types', { types: ['Egress'], ingress: [ALLOW] }, 'projectcalico.org/v3', ['egress']],
    ['nothing said in a CRD', {}, CRD, ['ingress', 'egress']],
    ['types in a CRD', { types: ['Ingress'] }, CRD, ['ingress']],
  ])('%s', (_what, spec, apiVersion, directions) => {
    expect(onlyPolicy(np('dev/p', spec, apiVersion)).directions).toEqual(directions)
  })
})

describe('tiers', () => {
  const tiersOf = (objects: Parameters<typeof clusterOf>[0], version?: string): string[] =>
    clusterOf(objects, version).policies.tiers.map(
      ({ name, order, defaultAction }) => `${name} ${order} ${defaultAction}`,
    )

  it.each<[version: string, tiers: string[]]>([
    ['v3.28.0', ['default Infinity Deny']],
    ['v3.29.0', ['adminnetworkpolicy 1000 Pass', 'default 1000000 Deny']],
    ['v3.31.0', ['adminnetworkpolicy 1000 Pass', 'default 1000000 Deny', 'baselineadminnetworkpolicy 10000000 Pass']],
    ['v3.32.0', ['kube-admin 1000 Pass', 'default 1000000 Deny', 'kube-baseline 10000000 Pass']],
  ])('that %s has of itself', (version, tiers) => {
    expect(tiersOf([], version)).toEqual(tiers)
  })

  it('come by order, then by name, those without an order last, those nobody made behind them', () => {
    const given = [
      tier('z', { order: 5 }),
      tier('b', { order: 5, defaultAction: 'Pass' }),
      tier('last', {}),
      gnp('p', { tier: 'gone' }),
      gnp('q', { tier: 'away' }),
    ]
    expect(tiersOf(given)).toEqual([
      'b 5 Pass',
      'z 5 Deny',
      'kube-admin 1000 Pass',
      'default 1000000 Deny',
      'kube-baseline 10000000 Pass',
      'last Infinity Deny',
      'away Infinity Deny',
      'gone Infinity Deny',
    ])
    expect(clusterOf(given).findings.warnings.map(({ path, received }) => [path.join('.'), received])).toEqual([
      ['spec.tier', 'gone'],
      ['spec.tier', 'away'],
    ])
  })

  it('of administrators’ policies are there where such policies are, whatever the release', () => {
    const policy = admin('AdminNetworkPolicy', 'a', { priority: 1, subject: { namespaces: {} } })
    expect(tiersOf([policy])).toEqual([
      'adminnetworkpolicy 1000 Pass',
      'kube-admin 1000 Pass',
      'default 1000000 Deny',
      'kube-baseline 10000000 Pass',
    ])
  })

  it.each<[what: string, spec: object, path: string]>([
    ['order', { order: 7 }, 'spec.order'],
    ['default action', { defaultAction: 'Pass' }, 'spec.defaultAction'],
  ])('that are built in keep their %s', (_what, spec, path) => {
    const { findings, policies } = clusterOf([tier('default', spec)])
    expect(findings.faults.map((fault) => [fault.object, fault.path.join('.')])).toEqual([['Tier/default', path]])
    expect(policies.tiers[1]).toMatchObject({ order: 1_000_000, defaultAction: 'Deny' })
  })

  it('are built in all the same where somebody writes them down', () => {
    const { findings, policies } = clusterOf([tier('default', { order: 1_000_000, defaultAction: 'Deny' })])
    expect(findings.faults).toEqual([])
    expect(policies.tiers[1]).toMatchObject({
      name: 'default',
      origin: { object: 'Tier/default', file: 'cluster.json' },
    })
  })
})

describe('policies come in order', () => {
  const inOrder = (objects: Parameters<typeof clusterOf>[0], version?: string): string[] =>
    clusterOf(objects, version).policies.policies.map(({ id }) => id)

  it('by tier, then by order, those without one last', () => {
    const given = [
      gnp('none', {}),
      gnp('late', { order: 20 }),
      knp('dev/k', { podSelector: {} }),
      gnp('early', { order: 10.5 }),
      gnp('first', { tier: 't', order: 99 }),
      tier('t', { order: 1 }),
    ]
    expect(inOrder(given)).toEqual(['gnp/first', 'gnp/early', 'gnp/late', 'knp/dev/k', 'gnp/none'])
  })

  it('of the same order by the text name/namespace/kind', () => {
    const given = [gnp('a', {}), np('dev/a', {}), np('shop/a', {}), gnp('a-b', {}), gnp('b', {})]
    expect(inOrder(given)).toEqual(['gnp/a-b', 'gnp/a', 'np/dev/a', 'np/shop/a', 'gnp/b'])
  })

  it('and up to v3.31 by the name Felix had for them', () => {
    const given = [np('shop/a', {}), gnp('z', {}), np('dev/b', {})]
    expect(inOrder(given, 'v3.31.0')).toEqual(['default/default.z', 'default/dev/default.b', 'default/shop/default.a'])
  })

  it('whatever the order in the input', () => {
    const given = [gnp('b', { order: 1 }), gnp('a', { order: 1 }), np('dev/c', { order: 1 })]
    expect(inOrder([...given].reverse())).toEqual(inOrder(given))
  })
})

describe('names of policies', () => {
  const K = knp('default/deny-all', { podSelector: {} })
  it.each<[version: string, object: Parameters<typeof clusterOf>[0][number], id: string, name: string]>([
    ['v3.28.0', K, 'default/knp.default.deny-all', 'deny-all'],
    ['v3.31.0', K, 'default/default/knp.default.deny-all', 'deny-all'],
    ['v3.32.0', K, 'knp/default/deny-all', 'deny-all'],
    ['v3.28.0', np('dev/web', {}), 'dev/default.web', 'web'],
    ['v3.28.0', np('dev/default.web', {}, CRD), 'dev/default.web', 'web'],
    ['v3.31.0', gnp('t.web', { tier: 't' }), 't/t.web', 'web'],
    ['v3.31.0', gnp('t.web', { tier: 't' }, CRD), 't/t.web', 'web'],
    ['v3.32.0', np('dev/web', {}), 'np/dev/web', 'web'],
    ['v3.32.0', gnp('t.web', { tier: 't' }), 'gnp/t.web', 't.web'],
    ['v3.32.0', gnp('t.web', { tier: 't' }, CRD), 'gnp/t.web', 'web'],
    ['v3.32.0', object('StagedNetworkPolicy', 'dev/s', {}), 'snp/dev/s', 's'],
    ['v3.32.0', object('StagedGlobalNetworkPolicy', 's', {}), 'sgnp/s', 's'],
    ['v3.32.0', object('StagedKubernetesNetworkPolicy', 'dev/s', { podSelector: {} }), 'sknp/dev/s', 's'],
    ['v3.31.0', object('StagedNetworkPolicy', 'dev/s', {}), 'default/dev/staged:default.s', 's'],
    ['v3.31.0', object('StagedKubernetesNetworkPolicy', 'dev/s', {}), 'default/dev/staged:knp.default.s', 's'],
    [
      'v3.32.0',
      admin('ClusterNetworkPolicy', 'c', { tier: 'Admin', priority: 1, subject: { namespaces: {} } }),
      'kcnp/c',
      'c',
    ],
  ])('%s %o is %s', (version, given, id, name) => {
    const policy = onlyPolicy(given, version)
    expect([policy.id, policy.ref.name]).toEqual([id, name])
  })
})

describe('staged policies', () => {
  it('are in their tiers, and say so', () => {
    const cluster = clusterOf([object('StagedNetworkPolicy', 'shop/s', { types: ['Ingress'] }), np('shop/p', {})])
    const [{ tiers } = { tiers: [] }] = cluster.policies.of('n2').workloads
    expect(tiers[0]?.ingress.map(({ ref, staged }) => [ref.name, staged])).toEqual([
      ['p', false],
      ['s', true],
    ])
  })

  it('that would delete one are nothing', () => {
    expect(clusterOf([object('StagedNetworkPolicy', 'shop/s', { stagedAction: 'Delete' })]).policies.policies).toEqual(
      [],
    )
  })
})

describe('an endpoint has', () => {
  it('the tiers of the policies that select it, one list for all that the same policies select', () => {
    const cluster = clusterOf([gnp('all', { namespaceSelector: 'all()' }), np('shop/db', { selector: "app == 'db'" })])
    const [tool, web] = cluster.policies.of('n1').workloads
    const [db] = cluster.policies.of('n2').workloads
    expect([tool?.netns, web?.netns, db?.netns]).toEqual(['dev/tool', 'shop/web', 'shop/db'])
    expect(web?.tiers).toBe(tool?.tiers)
    expect(db?.tiers.map(({ tier: { name }, ingress }) => [name, ingress.map(({ id }) => id)])).toEqual([
      ['default', ['gnp/all', 'np/shop/db']],
    ])
    expect(db?.profiles.map(({ name }) => name)).toEqual(['kns.shop', 'ksa.shop.cook'])
  })

  it('no tier in a direction in which no policy selects it', () => {
    const cluster = clusterOf([np('shop/p', { egress: [ALLOW] })])
    expect([selectedBy(cluster, 'ingress'), selectedBy(cluster, 'egress')]).toEqual([[], ['shop/web', 'shop/db']])
  })

  it('nothing of policies for hosts that come before its own', () => {
    const flags = { applyOnForward: true, types: ['Ingress'] }
    expect(
      selectedBy(clusterOf([gnp('p', { ...flags, preDNAT: true }), gnp('q', { ...flags, doNotTrack: true })])),
    ).toEqual([])
    expect(selectedBy(clusterOf([gnp('p', { ...flags, selector: "app == 'db'" })]))).toEqual(['shop/db'])
  })
})

it('a policy that selects nothing is worth a warning', () => {
  const { warnings } = clusterOf([np('dev/p', { selector: "app == 'no'" }), np('shop/q', {})]).findings
  expect(warnings.map(({ object: name, expected, received }) => [name, expected, received])).toEqual([
    ['NetworkPolicy/dev/p', 'endpoints that it selects', 'none'],
  ])
})
