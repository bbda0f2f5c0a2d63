// An edit of policies gives the cluster that a build of the edited objects gives. FC_SEED: which clusters.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  collectResources,
  type KnownResource,
  type PolicyResources,
  parseCalicoVersion,
  withPolicies,
} from '../../../src/control/index.ts'
import { randomCluster } from '../../oracle/policy/clusters.ts'
import type { RawObject } from '../../oracle/policy/objects.ts'
import { CLUSTER, gnp, knp, namespace, np, object, pod, tier } from './objects.ts'

const LISTS = ['policies', 'tiers', 'networkSets', 'profiles', 'hostEndpoints'] as const

const resourcesOf = (objects: readonly RawObject[]) => collectResources(objects as unknown as KnownResource[])

/** Everything a cluster says, as plain data: chains, sets, findings, and where each comes from. */
function said({ network, findings, policies }: Cluster): unknown {
  const { faults, warnings, notes } = findings
  return JSON.parse(
    JSON.stringify({ network, faults, warnings, notes, policies: policies.policies, tiers: policies.tiers }),
  )
}

const profile = fc
  .record({
    name: fc.constantFrom('kns.one', 'own', 'ksa.two.default'),
    labelsToApply: fc.dictionary(fc.constantFrom('app', 'team'), fc.constantFrom('a', 'b'), { maxKeys: 1 }),
    action: fc.constantFrom('Allow', 'Deny'),
  })
  .map(({ name, labelsToApply, action }): RawObject => {
    const source = { selector: "app == 'a'" }
    const spec = { labelsToApply, ingress: [{ action, source }], egress: [{ action }] }
    return { apiVersion: 'projectcalico.org/v3', kind: 'Profile', metadata: { name }, spec }
  })

/** What an edit leaves of the objects of policy, in which order, and what it adds or puts in their place. */
const step = fc.record({
  kept: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
  isReversed: fc.boolean(),
  lists: fc.constantFrom(['policies'] as const, ['policies', 'tiers'] as const, LISTS),
  others: randomCluster(),
  profiles: fc.array(profile, { maxLength: 2 }),
})

describe('an edit of policies', () => {
  it.each([
    ['whole', undefined],
    ['made late', 0],
  ])('gives what a build of the edited objects gives, namespaces being %s', { timeout: 600_000 }, (_, eagerLimit) => {
    const options = eagerLimit === undefined ? {} : { eagerLimit }
    fc.assert(
      fc.property(
        randomCluster(),
        fc.array(step, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (first, steps, isRead) => {
          let resources = resourcesOf(first.objects)
          let edited = buildCluster(resources, options)
          const seen = [[edited, JSON.stringify(said(buildCluster(resources, options)))]] as [Cluster, string][]
          for (const { kept, isReversed, lists: changed, others, profiles } of steps) {
            if (isRead) said(edited)
            const mine = LISTS.flatMap((list): KnownResource[] => [...resources[list]]).filter(
              (_one, i) => kept[i] !== false,
            )
            const fresh = resourcesOf([...others.objects, ...profiles])
            const all = [
              ...(isReversed ? mine.reverse() : mine),
              ...LISTS.flatMap((list): KnownResource[] => [...fresh[list]]),
            ]
            const lists: Partial<PolicyResources> = Object.fromEntries(
              changed.map((list) => [list, collectResources(all)[list]]),
            )
            resources = { ...resources, ...lists }
            edited = withPolicies(edited, lists)
            seen.push([edited, JSON.stringify(said(buildCluster(resources, options)))])
          }
          for (const [cluster, built] of seen) expect(said(cluster)).toEqual(JSON.parse(built))
        },
      ),
      {
        seed: Number(process.env['FC_SEED'] ?? 20201013),
        numRuns: Number(process.env['PACKETWALK_POLICY_CLUSTERS'] ?? 20),
      },
    )
  })
})

const OBJECTS = [
  namespace('one'),
  namespace('two'),
  pod('one/a', { app: 'a' }, '10.65.1.2', 'n1'),
  pod('two/b', { app: 'b' }, '10.65.2.2', 'n2'),
  knp('one/first', { podSelector: {}, ingress: [{}] }),
  knp('one/second', { podSelector: {}, ingress: [] }),
  np('two/sets', { selector: 'all()', ingress: [{ action: 'Allow', source: { selector: "app == 'a'" } }] }),
  gnp('late', { selector: "app == 'b'", order: 5, ingress: [{ action: 'Deny' }] }),
]

const built = (version = 'v3.31.0'): Cluster =>
  buildCluster(resourcesOf([...CLUSTER, ...OBJECTS] as unknown as RawObject[]), {
    calicoVersion: parseCalicoVersion(version)!,
  })

/** A cluster of these objects after others were applied. */
function applied(cluster: Cluster, ...objects: readonly object[]): Cluster {
  return withPolicies(cluster, resourcesOf([...CLUSTER, ...OBJECTS, ...objects] as unknown as RawObject[]))
}

describe('of a cluster with other policies', () => {
  it.each<[what: string, objects: readonly object[], n1: 'same' | 'other', n2: 'same' | 'other']>([
    ['nothing that was edited', [], 'same', 'same'],
    ['a policy of a namespace on the first node', [knp('one/first', { podSelector: {} })], 'other', 'same'],
    ['a policy of a namespace on the second node', [np('two/new', { selector: 'all()' })], 'same', 'other'],
    ['a policy of everybody', [gnp('all', { selector: 'all()' })], 'other', 'other'],
    ['a policy that selects nobody', [gnp('none', { selector: "app == 'c'" })], 'same', 'same'],
    ['a policy that selects others than before', [gnp('late', { selector: "app == 'a'" })], 'other', 'other'],
    ['a new tier', [tier('t1', { order: 1 })], 'same', 'same'],
    ['the tier of the release, now an object', [tier('default', {})], 'other', 'other'],
    [
      'a set of ranges, which only rules with sets may ask',
      [object('GlobalNetworkSet', 's', { nets: ['192.0.2.0/24'] })],
      'same',
      'other',
    ],
  ])('%s: the namespaces of nodes whose rules it may be in are others', (_, objects, n1, n2) => {
    const before = built()
    const edited = applied(before, ...objects)
    const isSame = (name: string) =>
      edited.network.namespaces[name] === before.network.namespaces[name] ? 'same' : 'other'
    expect([isSame('n1'), isSame('n2')]).toEqual([n1, n2])
    expect(edited.network.namespaces['one/a']).toBe(before.network.namespaces['one/a'])
    expect(edited.network.wires).toBe(before.network.wires)
  })

  it('the chains of policies that are the same are the same, on nodes that are others, too', () => {
    const before = built()
    const edited = applied(before, np('two/new', { selector: 'all()' }))
    const chains = ({ network }: Cluster) => network.namespaces['n2']!.iptables!.tables.filter!.chains
    const names = Object.keys(chains(before)).filter((name) => name.startsWith('cali-'))
    const others = names.filter((name) => chains(before)[name] !== chains(edited)[name])
    expect(others.filter((name) => /^cali-(pi|po|pri|pro)-/.test(name))).toEqual([])
    expect(others.some((name) => name.startsWith('cali-tw-'))).toBe(true)
  })

  it('a group keeps its name when a policy of it says something else, and its chain is that of the new policy', () => {
    const before = built('v3.30.0')
    const edited = applied(before, knp('one/first', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }))
    const group = ({ network }: Cluster) =>
      Object.entries(network.namespaces['n1']!.iptables!.tables.filter!.chains).filter(([name]) =>
        name.startsWith('cali-gi-'),
      )
    const [[name, chain]] = group(before) as [[string, unknown]]
    expect(group(edited)).toEqual([[name, chain]])
    expect(group(edited)[0]![1]).not.toBe(chain)
    expect(applied(before, gnp('other', {})).network.namespaces['n1']!.iptables!.tables.filter!.chains[name]).toBe(
      chain,
    )
  })

  it('a cluster that buildCluster did not make is refused', () => {
    expect(() => withPolicies({ ...built() }, {})).toThrow('a cluster that buildCluster did not make')
  })
})
