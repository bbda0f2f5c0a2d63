// The verb `felix-state`: which policies and profiles are active on a node, in which order, and what is in the sets they ask.
import { describe, expect, it } from 'vitest'
import { answerCalico, type FelixStateResult } from '../../src/calico/index.ts'
import {
  felixOf,
  hostOf,
  policyOf,
  profileOf,
  rangesOf,
  sliceOf,
  tierOf,
  workloadOf,
} from '../support/felix-objects.ts'

const ME = 'alder'

function stateOf(objects: readonly object[], rest: object = {}): FelixStateResult {
  const answer = answerCalico({ verb: 'felix-state', node: ME, objects, ...rest })
  expect(answer).toHaveProperty('result')
  return (answer as { readonly result: FelixStateResult }).result
}

const idOf = (selector: string): string =>
  (answerCalico({ verb: 'selector', selector }) as { readonly result: { readonly id: string } }).result.id

const HTTP = { name: 'http', protocol: 'TCP', port: 8080 }
const WEB = workloadOf(ME, 'web', ['10.92.4.1/32', 'fd92::1/128'], {
  labels: { app: 'web' },
  profiles: ['base'],
  ports: [HTTP],
})
const DB = workloadOf('birch', 'db', ['10.92.5.1/32'], { labels: { app: 'db' }, ports: [{ ...HTTP, port: 5432 }] })
const CARD = hostOf(ME, 'card', {
  labels: { app: 'card' },
  interfaceName: 'ens3',
  expectedIPs: ['192.0.2.10', '2001:db8::10'],
  profiles: ['hosts'],
})
const IN = { types: ['Ingress'] }
const ALL = { selector: 'all()' }

describe('tiers of an endpoint', () => {
  it.each<[what: string, objects: readonly object[], tiers: readonly string[]]>([
    [
      '[policy.md §10] order decides',
      [policyOf('a', { ...ALL, order: 20 }), policyOf('b', { ...ALL, order: 10 })],
      ['default: b a'],
    ],
    [
      '[policy.md §10] of the same order the name',
      [policyOf('b', { ...ALL, order: 10 }), policyOf('a', { ...ALL, order: 10 })],
      ['default: a b'],
    ],
    [
      '[policy.md §10] without an order last',
      [policyOf('a', ALL), policyOf('b', { ...ALL, order: 1000 })],
      ['default: b a'],
    ],
    [
      '[policy.md §1] tiers by order, without one last, then by name',
      [
        tierOf('late'),
        tierOf('blue', 7),
        tierOf('amber', 7),
        tierOf('first', 1),
        ...['late', 'blue', 'amber', 'first'].map((tier) => policyOf(`p-${tier}`, { ...ALL, tier })),
      ],
      ['first: p-first', 'amber: p-amber', 'blue: p-blue', 'late: p-late'],
    ],
    [
      '[policy.md §2] a tier that is not there behind all that are',
      [
        tierOf('late'),
        policyOf('x', { ...ALL, tier: 'gone', order: 1 }),
        policyOf('y', { ...ALL, tier: 'also-gone', order: 9 }),
        policyOf('z', { ...ALL, tier: 'late', order: 99 }),
      ],
      ['late: z', 'also-gone: y', 'gone: x'],
    ],
    [
      'no tier whose policies select others',
      [tierOf('t', 1), policyOf('x', { selector: "app == 'db'", tier: 't' }), policyOf('y', ALL)],
      ['default: y'],
    ],
    [
      'by direction',
      [policyOf('i', { ...ALL, ...IN }), policyOf('e', { ...ALL, types: ['Egress'] })],
      ['default: i / e'],
    ],
    [
      '[policy.md §3] both directions where nobody filled them in',
      [policyOf('both', { ...ALL, ingress: [{ action: 'Allow' }] })],
      ['default: both'],
    ],
    [
      'a policy for what is forwarded is one like others',
      [policyOf('f', { ...ALL, applyOnForward: true })],
      ['default: f'],
    ],
    [
      'staged policies are sorted among the others',
      [policyOf('b', ALL), { ...policyOf('a', ALL), kind: 'StagedGlobalNetworkPolicy' }],
      ['default: a b'],
    ],
    [
      'but not those that would take another one away',
      [{ ...policyOf('a', { ...ALL, stagedAction: 'Delete' }), kind: 'StagedGlobalNetworkPolicy' }],
      [],
    ],
    ['nothing of a policy whose selector is none', [policyOf('a', { selector: 'app = web' })], []],
    [
      'nothing of a policy with ports of no protocol',
      [policyOf('a', { ...ALL, ingress: [{ action: 'Allow', destination: { ports: [80] } }] })],
      [],
    ],
    ['nothing of a policy that cannot be decoded', [policyOf('a', { ...ALL, ingress: 'none' })], []],
  ])('%s', (_what, objects, tiers) => {
    for (const given of [objects, [...objects].reverse()]) {
      const { endpoints } = stateOf([WEB, ...given])
      const found = endpoints['lab/web/eth0']?.tiers.map(({ tier, ingress, egress }) =>
        ingress.join() === egress.join()
          ? `${tier}: ${ingress.join(' ')}`
          : `${tier}: ${ingress.join(' ')} / ${egress.join(' ')}`,
      )
      expect(found).toEqual(tiers)
    }
  })

  it('before connection tracking and before translation are of host endpoints only', () => {
    const untracked = policyOf('raw', { ...ALL, doNotTrack: true })
    const early = policyOf('early', { ...ALL, preDNAT: true })
    const usual = policyOf('usual', ALL)
    const state = stateOf([WEB, CARD, untracked, early, usual])
    const usualTier = { tier: 'default', ingress: ['usual'], egress: ['usual'] }
    expect(state.endpoints).toEqual({
      'lab/web/eth0': { tiers: [usualTier], untracked: [], preDnat: [] },
      card: {
        tiers: [usualTier],
        untracked: [{ tier: 'default', ingress: ['raw'], egress: ['raw'] }],
        // What comes before translation comes in, whatever the policy says.
        preDnat: [{ tier: 'default', ingress: ['early'], egress: [] }],
      },
    })
    expect(state.activePolicies).toEqual(['early', 'raw', 'usual'])
    expect([state.untrackedPolicies, state.preDnatPolicies]).toEqual([['raw'], ['early']])
  })
})

describe('Felix takes for missing', () => {
  const rule = (fields: object): object => policyOf('p', { ...ALL, ingress: [{ action: 'Allow', ...fields }] })

  it.each<[what: string, policy: object]>([
    ['a policy with an action that is none', rule({ action: 'Perhaps' })],
    ['with a protocol that is none', rule({ protocol: 'TPC' })],
    ['with the protocol 0', rule({ notProtocol: 0 })],
    ['with ports of a protocol without ports', rule({ protocol: 'ICMP', source: { ports: ['http'] } })],
    ['with a range that ends before it begins', rule({ protocol: 'TCP', source: { ports: ['90:80'] } })],
    ['with the port 0', rule({ protocol: 'TCP', destination: { notPorts: [0] } })],
    ['with a type of ICMP that there is not', rule({ protocol: 'ICMP', icmp: { type: 255 } })],
    ['with a selector of a rule that is none', rule({ source: { notSelector: 'app' } })],
    ['with a selector of namespaces that is none', rule({ source: { namespaceSelector: '=' } })],
    ['with a hint that nobody knows', policyOf('p', { ...ALL, performanceHints: ['AssumeFast'] })],
  ])('%s', (_what, policy) => {
    expect(stateOf([WEB, policy, policyOf('sound', ALL)]).activePolicies).toEqual(['sound'])
  })

  it('the rules of a profile of which it cannot use one', () => {
    const rules = [
      { action: 'Allow', source: { selector: 'has(app)' } },
      { action: 'Allow', source: { selector: '!' } },
    ]
    expect(stateOf([WEB, profileOf('base', {}, { ingress: rules })])).toMatchObject({
      ipSets: [],
      activeProfiles: ['base'],
    })
  })

  it('endpoints with ports or interfaces that there cannot be', () => {
    const ports = [{ name: 'ping', protocol: 'ICMP', port: 8 }]
    const odd = [
      workloadOf(ME, 'odd', ['10.92.4.3/32'], { ports }),
      hostOf(ME, 'long', { interfaceName: 'an-interface-too-long' }),
    ]
    expect(stateOf(odd).endpoints).toEqual({})
  })
})

describe('active on a node are', () => {
  it('policies that select an endpoint there, and those that are needed everywhere', () => {
    const everywhere = { selector: "app == 'db'", performanceHints: ['AssumeNeededOnEveryNode'] }
    const policies = [policyOf('mine', { selector: "app == 'web'" }), policyOf('theirs', { selector: "app == 'db'" })]
    const state = stateOf([WEB, DB, ...policies, policyOf('hinted', everywhere)])
    expect(state.activePolicies).toEqual(['hinted', 'mine'])
    expect(Object.keys(state.endpoints)).toEqual(['lab/web/eth0'])
  })

  it('profiles that endpoints there name, whether or not they are there', () => {
    expect(stateOf([WEB, CARD, DB, profileOf('other', {})]).activeProfiles).toEqual(['base', 'hosts'])
  })

  it('policies by labels that endpoints inherit; a label of their own is stronger, then the first profile', () => {
    const two = workloadOf(ME, 'two', ['10.92.4.2/32'], { labels: { own: 'mine' }, profiles: ['p1', 'p2'] })
    const profiles = [profileOf('p1', { own: 'p1', zone: 'p1' }), profileOf('p2', { zone: 'p2', rack: 'p2' })]
    const policies = ["own == 'mine'", "own == 'p1'", "zone == 'p1'", "zone == 'p2'", "rack == 'p2'"].map(
      (selector, i) => policyOf(`s${i}`, { selector }),
    )
    expect(stateOf([two, ...profiles, ...policies]).activePolicies).toEqual(['s0', 's2', 's4'])
  })

  it('policies of a namespace by its own workloads', () => {
    const metadata = { name: 'alder-k8s-web-eth0', namespace: 'shop' }
    const pod = { apiVersion: 'projectcalico.org/v3', kind: 'WorkloadEndpoint', metadata }
    const policy = { ...policyOf('within', { selector: 'all()' }), kind: 'NetworkPolicy' }
    const within = (namespace: string): object => ({ ...policy, metadata: { name: `in-${namespace}`, namespace } })
    const names = { node: ME, orchestrator: 'k8s', pod: 'web', endpoint: 'eth0', interfaceName: 'cali1' }
    const spec = { ...names, ipNetworks: ['10.92.4.1/32'] }
    const state = stateOf([{ ...pod, spec }, within('shop'), within('office')])
    expect(state.activePolicies).toEqual(['in-shop'])
    expect(Object.keys(state.endpoints)).toEqual(['k8s/shop/web/eth0'])
  })

  it('policies by the labels of namespaces', () => {
    const pod = {
      ...workloadOf(ME, 'web', ['10.92.4.1/32'], { profiles: ['kns.shop'] }),
      metadata: { name: 'alder-lab-web-eth0', namespace: 'shop', labels: { 'pcns.team': 'faked' } },
    }
    const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'sales' } } }
    const policies = ['sales', 'faked'].map((team) => policyOf(team, { namespaceSelector: `team == '${team}'` }))
    expect(stateOf([pod, shop, ...policies]).activePolicies).toEqual(['sales'])
  })
})

describe('pods', () => {
  const pod = (name: string, rest: object = {}, status: object = { podIPs: [{ ip: '10.92.4.8' }] }): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: {
      nodeName: ME,
      serviceAccountName: 'teller',
      containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }],
      ...rest,
    },
    status,
  })
  const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'sales' } } }
  const teller = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'teller', namespace: 'shop', labels: { rank: '2' } },
  }
  const denied = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'nobody', namespace: 'shop' },
    spec: { podSelector: {} },
  }

  it('are endpoints with the profiles of their namespace and account, and their policies', () => {
    const state = stateOf([
      pod('web'),
      shop,
      teller,
      denied,
      policyOf('by-account', { selector: "pcsa.rank == '2' && pcns.team == 'sales'", ...IN }),
    ])
    expect(state.activeProfiles).toEqual(['kns.shop', 'ksa.shop.teller'])
    expect(state.endpoints).toEqual({
      'k8s/shop/web/eth0': {
        tiers: [{ tier: 'default', ingress: ['nobody', 'by-account'], egress: [] }],
        untracked: [],
        preDnat: [],
      },
    })
    expect(state.routes.map(({ dst, types }) => [dst, types])).toEqual([['10.92.4.8/32', ['local-workload']]])
  })

  it.each<[what: string, object: object]>([
    ['of the network of their node', pod('web', { hostNetwork: true })],
    ['without an address', pod('web', {}, {})],
    ['that have ended', pod('web', {}, { phase: 'Succeeded', podIPs: [{ ip: '10.92.4.8' }] })],
    ['that no node has', pod('web', { nodeName: '' })],
  ])('%s are none', (_what, object) => {
    expect(stateOf([object, shop]).endpoints).toEqual({})
  })

  it('are not asked where workload endpoints are given', () => {
    expect(Object.keys(stateOf([pod('db'), WEB]).endpoints)).toEqual(['lab/web/eth0'])
  })

  it('of an ambient mesh are a set of their own where it is on', () => {
    const labelled = { metadata: { name: 'db', namespace: 'shop', labels: { 'istio.io/dataplane-mode': 'ambient' } } }
    const objects = [pod('web'), { ...pod('db', {}, { podIP: '10.92.4.9' }), ...labelled }]
    expect(stateOf(objects).ipSets).toEqual([])
    const [set] = stateOf([...objects, felixOf({ istioAmbientMode: 'Enabled' })]).ipSets
    expect(set).toMatchObject({ id: 'all-istio-weps', kind: 'selector', members: ['10.92.4.9'] })
  })
})

/** Sets by what they are of, with their members. */
function setsOf(objects: readonly object[]): Readonly<Record<string, readonly string[]>> {
  const named = stateOf(objects).ipSets.map(({ kind, selector, protocol, port, service, members }) => {
    const words = [kind, selector, protocol, port, service].filter((word) => word !== undefined)
    return [words.join(' '), members] as const
  })
  return Object.fromEntries(named)
}

const fromSide = (source: object, rule: object = {}): object =>
  policyOf('p', { selector: "app == 'web'", ...IN, ingress: [{ action: 'Allow', ...rule, source }] })
const ADDRESSES = ['10.92.4.1', '10.92.5.1', '192.0.2.10', '2001:db8::10', 'fd92::1']

describe('sets', () => {
  it.each<[what: string, objects: readonly object[], sets: Readonly<Record<string, readonly string[]>>]>([
    ['of endpoints of every node', [fromSide(ALL)], { 'selector all()': ADDRESSES }],
    ['that nobody is in', [fromSide({ selector: 'has(nothing)' })], { 'selector has(nothing)': [] }],
    [
      'of what is wanted without what is not',
      [fromSide({ selector: 'has(app)', notSelector: "app == 'db'" })],
      { 'selector (has(app) && !app == "db")': ['10.92.4.1', '192.0.2.10', '2001:db8::10', 'fd92::1'] },
    ],
    [
      'of what is not wanted alone',
      [fromSide({ notSelector: "app == 'db'" })],
      { 'selector app == "db"': ['10.92.5.1'] },
    ],
    [
      '[policy.md §10] of a named port, each endpoint by its own number, in place of the selector',
      [fromSide({ selector: 'has(app)', ports: ['http'] }, { protocol: 'TCP' })],
      { 'named-port has(app) tcp http': ['10.92.4.1,tcp:8080', '10.92.5.1,tcp:5432', 'fd92::1,tcp:8080'] },
    ],
    [
      'of a named port of anybody',
      [fromSide({ ports: ['http'] }, { protocol: 'TCP' })],
      { 'named-port all() tcp http': ['10.92.4.1,tcp:8080', '10.92.5.1,tcp:5432', 'fd92::1,tcp:8080'] },
    ],
    [
      'of a named port of another protocol',
      [fromSide({ ports: ['http'] }, { protocol: 'UDP' })],
      { 'named-port all() udp http': [] },
    ],
    [
      'of a named port of any protocol',
      [fromSide({ selector: "app == 'db'", ports: ['http'] })],
      { 'named-port app == "db" any http': ['10.92.5.1,tcp:5432'] },
    ],
    [
      'of the selector, too, where a number stands beside the name',
      [fromSide({ selector: "app == 'db'", ports: ['http', 443] }, { protocol: 'TCP' })],
      { 'named-port app == "db" tcp http': ['10.92.5.1,tcp:5432'], 'selector app == "db"': ['10.92.5.1'] },
    ],
    [
      'of a port that is not wanted: among the endpoints that are',
      [fromSide({ selector: 'has(app)', notSelector: "app == 'web'", notPorts: ['http'] }, { protocol: 'TCP' })],
      {
        'named-port (has(app) && !app == "web") tcp http': ['10.92.5.1,tcp:5432'],
        'selector (has(app) && !app == "web")': ['10.92.5.1', '192.0.2.10', '2001:db8::10'],
      },
    ],
    [
      'of ranges, each once, however they are written',
      [
        fromSide({ selector: 'has(site)' }),
        rangesOf('a', { site: 'x' }, ['198.51.100.7/24', '198.51.100.0/24', '203.0.113.9']),
        rangesOf('b', { site: 'y' }, ['198.51.100.0/24', 'no range', '2001:db8:0::/40']),
      ],
      { 'selector has(site)': ['198.51.100.0/24', '2001:db8::/40', '203.0.113.9'] },
    ],
    [
      'of everything, in halves',
      [fromSide({ selector: 'has(site)' }), rangesOf('a', { site: 'x' }, ['0.0.0.0/0'])],
      { 'selector has(site)': ['0.0.0.0/1', '128.0.0.0/1'] },
    ],
    [
      'of ranges without those that lie in others',
      [
        fromSide({ selector: 'has(site)' }),
        rangesOf('a', { site: 'x' }, ['198.51.0.0/16', '198.51.100.0/24', '198.51.100.7']),
        rangesOf('b', { site: 'x' }, ['203.0.113.0/25', '203.0.113.0/24']),
      ],
      { 'selector has(site)': ['198.51.0.0/16', '203.0.113.0/24'] },
    ],
    [
      'with all of them where no set of nftables is made',
      [
        felixOf({ nftablesMode: 'Disabled' }),
        fromSide({ selector: 'has(site)' }),
        rangesOf('a', { site: 'x' }, ['198.51.0.0/16', '198.51.100.7']),
      ],
      { 'selector has(site)': ['198.51.0.0/16', '198.51.100.7'] },
    ],
    [
      'of a set of a namespace, by the labels of the namespace',
      [
        fromSide({ selector: "pcns.team == 'sales'" }),
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'sales' } } },
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'NetworkSet',
          metadata: { name: 'n', namespace: 'shop' },
          spec: { nets: ['203.0.113.0/24'] },
        },
      ],
      { 'selector pcns.team == "sales"': ['203.0.113.0/24'] },
    ],
    [
      'of the rules of a profile',
      [profileOf('base', {}, { egress: [{ action: 'Allow', destination: { selector: "app == 'db'" } }] })],
      { 'selector app == "db"': ['10.92.5.1'] },
    ],
    [
      'none of a profile that nobody here has',
      [profileOf('other', {}, { egress: [{ action: 'Allow', destination: ALL }] })],
      {},
    ],
    ['none of rules without selectors', [fromSide({ nets: ['198.51.100.0/24'] })], {}],
  ])('%s', (_what, objects, sets) => {
    const all = [WEB, DB, CARD, ...objects]
    expect(setsOf(all)).toEqual(sets)
    expect(setsOf([...all].reverse()), 'in another order').toEqual(sets)
  })

  // [nftables.md §A1]: what nobody says is Disabled up to v3.31 and Auto from v3.32 on.
  it.each<[calicoVersion: string, mode: string | undefined, members: readonly string[]]>([
    ['v3.28.0', undefined, ['198.51.0.0/16', '198.51.100.7']],
    ['v3.31.0', undefined, ['198.51.0.0/16', '198.51.100.7']],
    ['v3.31.0', 'Enabled', ['198.51.0.0/16']],
    ['v3.32.0', undefined, ['198.51.0.0/16']],
    ['v3.32.0', 'Disabled', ['198.51.0.0/16', '198.51.100.7']],
  ])('join ranges in %s with nftablesMode %s', (calicoVersion, nftablesMode, members) => {
    const settings = nftablesMode === undefined ? [] : [felixOf({ nftablesMode })]
    const ranges = rangesOf('a', { site: 'x' }, ['198.51.0.0/16', '198.51.100.7'])
    const { ipSets } = stateOf([WEB, fromSide({ selector: 'has(site)' }), ranges, ...settings], { calicoVersion })
    expect(ipSets.map((set) => set.members)).toEqual([members])
  })

  it('have the ids of their selectors, and two rules share one', () => {
    const rules = [{ action: 'Allow', source: { selector: "(app)=='db'" } }]
    const policies = [fromSide({ selector: "app=='db'" }), policyOf('q', { selector: "app == 'web'", ingress: rules })]
    expect(stateOf([WEB, ...policies]).ipSets.map(({ id }) => id)).toEqual([idOf("app == 'db'")])
  })

  it('of Services: with ports for destinations, addresses alone for sources', () => {
    const services = { name: 'till', namespace: 'shop' }
    const rules = {
      ingress: [{ action: 'Allow', source: { services } }],
      egress: [{ action: 'Allow', destination: { services } }],
    }
    const slices = [
      sliceOf(
        'till-a',
        'till',
        ['10.92.4.1', '10.92.4.2'],
        [{ port: 80 }, { port: 53, protocol: 'UDP' }, { name: 'any' }],
      ),
      sliceOf('till-b', 'till', ['10.92.4.2', 'till.example'], [{ port: 80, protocol: 'TCP' }]),
      sliceOf('other', 'stock', ['10.92.4.9'], [{ port: 80 }]),
    ]
    const sets = stateOf([WEB, policyOf('p', { ...ALL, ...rules }), ...slices]).ipSets
    expect(sets.map(({ kind, service, members }) => [kind, service, members])).toEqual([
      ['service', 'shop/till', ['10.92.4.1,tcp:80', '10.92.4.1,udp:53', '10.92.4.2,tcp:80', '10.92.4.2,udp:53']],
      ['service', 'shop/till', ['10.92.4.1', '10.92.4.2']],
    ])
    expect(sets.map(({ id }) => id.slice(0, id.indexOf(':')))).toEqual(['svc', 'svcnoport'])
  })

  it('take no workload that asks for sources that the settings do not allow', () => {
    const odd = workloadOf('cedar', 'odd', ['10.92.6.1/32'], {
      labels: { app: 'odd' },
      allowSpoofedSourcePrefixes: ['198.51.100.0/24'],
    })
    const objects = [WEB, odd, fromSide({ selector: "app == 'odd'" })]
    expect(setsOf(objects)).toEqual({ 'selector app == "odd"': [] })
    expect(setsOf([...objects, felixOf({ workloadSourceSpoofing: 'Any' })])).toEqual({
      'selector app == "odd"': ['10.92.6.1'],
    })
  })
})

it('what is no object is an error, and a node nobody knows has nothing', () => {
  expect(answerCalico({ verb: 'felix-state', node: ME, objects: ['web'] })).toHaveProperty('error')
  const { encapsulation, programs, endpoints, ...lists } = stateOf([])
  expect(Object.values(lists)).toEqual(Array.from({ length: 9 }, () => []))
  expect([endpoints, programs, encapsulation]).toEqual([
    {},
    { ipip: false, noEncap: false },
    { ipip: false, vxlan: false, vxlan6: false },
  ])
})
