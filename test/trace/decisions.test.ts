import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/index.ts'
import type { IptRule, Network, Ruleset } from '../../src/model/index.ts'
import {
  type Decision,
  decisionsOf,
  describeDecision,
  isDenial,
  isQuiet,
  natLedgerOf,
  type Trace,
} from '../../src/trace/index.ts'
import {
  CLUSTER_IP,
  DENY,
  type EndpointParts,
  filterTable,
  GLOBAL,
  guarded,
  MASQUERADE_SERVICE,
  NAT_OUTGOING,
  natTable,
  policyRules,
  rule,
  SVC,
  WEB,
} from './firewall.ts'
import { POD_B } from './two-nodes.ts'

const ping = (network: Network): Trace => Lab.fromNetwork(network).ping('a', POD_B).trace
const tcp = (network: Network): Trace => Lab.fromNetwork(network).tcp('a', CLUSTER_IP, 5432).trace
const lines = (trace: Trace, loud = false): string[] =>
  decisionsOf(trace)
    .filter((one) => !loud || !isQuiet(one))
    .map(describeDecision)

/** What the node of pod b asks about packets into it. */
const into = (parts: Omit<EndpointParts, 'direction' | 'endpoint'>): Network =>
  guarded({ n2: filterTable({ direction: 'ingress', endpoint: 'b', ...parts }) })
const tier = (tier: string, ...rules: readonly IptRule[][]) => ({
  tier,
  policies: rules.map((own, i) => ({ ref: { ...(i === 0 ? DENY : WEB), tier }, rules: own })),
})

const ADMITTED = 'policy: what follows passes as part of a connection that was admitted before'

const POLICIES: readonly {
  readonly name: string
  readonly network: Network
  readonly said: readonly string[]
  readonly ok?: boolean
}[] = [
  {
    name: 'a rule that denies',
    network: into({ tiers: [tier('default', policyRules(DENY, 'ingress', 1, 'Deny'))] }),
    ok: false,
    said: ['policy: default/deny-db-access ingress rule 1 denies (tier default), on n2 at cali1 → b'],
  },
  {
    name: 'a rule that allows takes two rules and is one decision; the way back is said once',
    network: guarded({
      n2: filterTable(
        { direction: 'ingress', endpoint: 'b', tiers: [tier('default', policyRules(DENY, 'ingress', 2, 'Allow'))] },
        { direction: 'egress', endpoint: 'b' },
      ),
      n1: filterTable(
        { direction: 'egress', endpoint: 'a', tiers: [tier('default', [], policyRules(WEB, 'egress', 1, 'Allow'))] },
        { direction: 'ingress', endpoint: 'a' },
      ),
    }),
    said: [
      'policy: default/allow-web egress rule 1 allows (tier default), on n1 at a → cali1',
      'policy: default/deny-db-access ingress rule 2 allows (tier default), on n2 at cali1 → b',
      ADMITTED,
    ],
  },
  {
    name: 'the end of a tier names all policies that select the endpoint',
    network: into({
      tiers: [tier('default', [], policyRules(WEB, 'ingress', 1, 'Deny', { kind: 'protocol', protocol: 6 }))],
    }),
    ok: false,
    said: [
      'policy: end of tier default denies: default/deny-db-access, default/allow-web select this pod and none of their ingress rules matched, on n2 at cali1 → b',
    ],
  },
  {
    name: 'log, then pass to the next tier, and its end',
    network: into({
      tiers: [
        {
          tier: 'platform',
          policies: [
            {
              ref: GLOBAL,
              rules: [...policyRules(GLOBAL, 'ingress', 1, 'Log'), ...policyRules(GLOBAL, 'ingress', 2, 'Pass')],
            },
          ],
        },
        tier('default', []),
      ],
    }),
    ok: false,
    said: [
      'policy: GlobalNetworkPolicy baseline ingress rule 1 logs (tier platform), on n2 at cali1 → b',
      'policy: GlobalNetworkPolicy baseline ingress rule 2 passes (tier platform), on n2 at cali1 → b',
      'policy: end of tier default denies: default/deny-db-access selects this pod and none of its ingress rules matched, on n2 at cali1 → b',
    ],
  },
  {
    name: 'a profile, where no policy selects the endpoint',
    network: into({}),
    said: ['profile: kns.default ingress allows, no policy selects b for ingress, on n2 at cali1 → b'],
  },
  {
    name: 'a profile, where policies passed the packet on',
    network: into({ tiers: [tier('default', policyRules(DENY, 'ingress', 1, 'Pass'))] }),
    said: [
      'policy: default/deny-db-access ingress rule 1 passes (tier default), on n2 at cali1 → b',
      'profile: kns.default ingress allows, policies passed it on, on n2 at cali1 → b',
    ],
  },
  {
    name: 'a profile that denies',
    network: into({ profile: 'Deny' }),
    ok: false,
    said: ['profile: kns.default ingress denies, no policy selects b for ingress, on n2 at cali1 → b'],
  },
  {
    name: 'no profile',
    network: into({ profile: 'none' }),
    ok: false,
    said: ['policy: denied: no policy selects b, and no profile allows it, on n2 at cali1 → b'],
  },
  {
    name: 'rules without a meaning decide nothing here',
    network: guarded({
      n2: {
        tables: { filter: { chains: { FORWARD: { policy: 'ACCEPT', rules: [rule(undefined, { kind: 'DROP' })] } } } },
      },
    }),
    ok: false,
    said: [],
  },
]

/** One rule at the front of a hook of n1. */
function single(hook: 'INPUT' | 'FORWARD' | 'PREROUTING', one: IptRule): Network {
  const empty = { policy: 'ACCEPT' as const, rules: [] }
  const chains = {
    ...(hook === 'PREROUTING' ? { PREROUTING: empty } : { INPUT: empty, FORWARD: empty, OUTPUT: empty }),
    [hook]: { policy: 'ACCEPT' as const, rules: [one] },
  }
  const tables: Ruleset['tables'] = hook === 'PREROUTING' ? { raw: { chains } } : { filter: { chains } }
  return guarded({ n1: { tables } })
}

const SINGLE: readonly {
  readonly name: string
  readonly network: Network
  readonly said: readonly string[]
  readonly quiet?: boolean
}[] = [
  {
    name: 'rpf',
    network: single('PREROUTING', rule({ kind: 'rpf' }, { kind: 'DROP' })),
    said: ['policy: source check: a reply to 10.1.0.2 would not leave by cali1: dropped, on n1'],
  },
  {
    name: 'encapsulated',
    network: single('FORWARD', rule({ kind: 'encapsulated' }, { kind: 'DROP' })),
    said: ['policy: a pod may not send packets of a tunnel (IPIP or VXLAN) itself: dropped, on n1 at tunl0'],
  },
  {
    name: 'tunnel',
    network: single('FORWARD', rule({ kind: 'tunnel' }, { kind: 'DROP' })),
    said: ['policy: packets of a tunnel come from and go to nodes of the cluster only: dropped, on n1 at tunl0'],
  },
  { name: 'tunnel, let in', network: single('FORWARD', rule({ kind: 'tunnel' }, { kind: 'ACCEPT' })), said: [] },
  {
    name: 'unknown interface',
    network: single('FORWARD', rule({ kind: 'unknown-interface' }, { kind: 'DROP' })),
    said: ['policy: Felix knows no endpoint behind tunl0: dropped, on n1'],
  },
  {
    name: 'invalid',
    network: single('FORWARD', rule({ kind: 'invalid' }, { kind: 'DROP' })),
    said: ['policy: the packet belongs to no connection and begins none: dropped, on n1 at tunl0'],
  },
  {
    name: 'service loop',
    network: single('FORWARD', rule({ kind: 'service-loop', cidr: '10.96.0.0/12' }, { kind: 'DROP' })),
    said: [`policy: no Service has ${POD_B} of a range of Services: dropped, on n1`],
  },
  {
    name: 'to the host',
    network: single('FORWARD', rule({ kind: 'endpoint-to-host', action: 'DROP' }, { kind: 'DROP' })),
    said: ['policy: defaultEndpointToHostAction Drop decides on what a pod sends to its own node, on n1'],
  },
  {
    name: 'failsafe',
    network: single(
      'FORWARD',
      rule({ kind: 'failsafe', direction: 'ingress' }, { kind: 'ACCEPT' }, { kind: 'in-interface', name: 'cali1' }),
    ),
    said: ['policy: a failsafe port: Felix lets it pass whatever policies say, on n1 at tunl0'],
  },
  {
    name: 'no backend',
    network: single(
      'FORWARD',
      rule(
        { kind: 'no-backend', service: SVC, door: 'ClusterIP', local: false },
        { kind: 'REJECT', rejectWith: 'icmp-port-unreachable' },
      ),
    ),
    said: ['service: svc/shop/db:5432 has no endpoint: refused, on n1'],
  },
  {
    name: 'no backend here',
    network: single(
      'FORWARD',
      rule({ kind: 'no-backend', service: SVC, door: 'NodePort', local: true }, { kind: 'DROP' }),
    ),
    said: ['service: svc/shop/db:5432 has no endpoint on n1, and its traffic policy is Local: dropped, on n1'],
  },
  {
    name: 'source range',
    network: single('FORWARD', rule({ kind: 'source-range', service: SVC }, { kind: 'DROP' })),
    said: ['service: svc/shop/db:5432 may not be asked by 10.1.0.2 (loadBalancerSourceRanges): dropped, on n1'],
  },
]

describe('decisions of policy', () => {
  it.each(POLICIES)('$name', ({ network, said, ok = true }) => {
    const trace = ping(network)
    expect(lines(trace)).toEqual(said)
    expect(trace.ok).toBe(ok)
    expect(decisionsOf(trace).some(isDenial)).toBe(!ok && said.length > 0)
  })

  it.each(SINGLE)('of Felix and kube-proxy alone: $name', ({ network, said }) => {
    expect(lines(ping(network))).toEqual(said)
  })

  it('carry the line of the file, the packet and the hop that decided', () => {
    const trace = ping(into({ tiers: [tier('default', policyRules(DENY, 'ingress', 1, 'Deny'))] }))
    const [denied] = decisionsOf(trace)
    expect(denied).toMatchObject({
      netns: 'n2',
      origin: { file: 'policies.yaml', line: 12 },
      at: { endpoint: 'b', host: false, dev: 'cali1' },
      seen: { protocol: 'icmp', source: { address: '10.1.0.2', port: 0 }, destination: { address: POD_B, port: 0 } },
    })
    expect(trace.hops[denied!.hop]).toMatchObject({ kind: 'rule', target: 'DROP', meaning: { kind: 'policy' } })
  })

  it('say nothing new where no policy selects anything', () => {
    expect(lines(ping(into({})), true)).toEqual([])
  })
})

describe('decisions of Services and NAT', () => {
  const service = guarded({ n1: { tables: { nat: natTable(1, [MASQUERADE_SERVICE]) } } })

  it('name the endpoint, how many there were, and who translated', () => {
    const trace = tcp(service)
    expect(trace.ok).toBe(true)
    const [port] = [...new Set(decisionsOf(trace).map((one) => one.seen.source.port))]
    expect(lines(trace, true)).toEqual([
      'service: svc/shop/db:5432 → endpoint shop/db-0 10.1.0.66:80, one of 3',
      `nat: source 10.1.0.2:${port} → 10.1.0.1:${port} (masqueraded for svc/shop/db:5432: masqueradeAll)`,
    ])
  })

  it('list every endpoint with its probability', () => {
    const choice = decisionsOf(tcp(service)).find(
      (one): one is Extract<Decision, { kind: 'service' }> => one.kind === 'service',
    )
    expect(choice?.backends.map((one) => [one.pod, one.probability])).toEqual([
      ['shop/db-0', 1 / 3],
      ['shop/db-1', 1 / 3],
      ['shop/db-2', 1 / 3],
    ])
    expect(choice).toMatchObject({
      chosen: 1,
      door: 'ClusterIP',
      affinity: false,
      seen: { destination: { address: CLUSTER_IP, port: 5432 } },
    })
  })

  it('of natOutgoing', () => {
    const network = guarded({
      n1: {
        tables: { nat: { chains: { ...natTable().chains, POSTROUTING: { policy: 'ACCEPT', rules: [NAT_OUTGOING] } } } },
      },
    })
    expect(lines(ping(network), true)).toEqual(['nat: source 10.1.0.2 → 10.1.0.1 (natOutgoing)'])
  })

  it('of a rule nobody put a meaning to', () => {
    const network = guarded({
      n1: {
        tables: {
          nat: {
            chains: {
              ...natTable().chains,
              POSTROUTING: { policy: 'ACCEPT', rules: [{ ...NAT_OUTGOING, meaning: undefined } as never] },
            },
          },
        },
      },
    })
    expect(lines(ping(network), true)).toEqual(['nat: source 10.1.0.2 → 10.1.0.1 (nat POSTROUTING rule 1)'])
  })

  it('stand in a ledger, both ways', () => {
    const trace = tcp(service)
    const port = decisionsOf(trace)[0]!.seen.source.port
    expect(natLedgerOf(trace)).toEqual([
      {
        netns: 'n1',
        role: 'request',
        protocol: 'tcp',
        before: { source: `10.1.0.2:${port}`, destination: '10.96.0.7:5432' },
        after: { source: `10.1.0.1:${port}`, destination: '10.1.0.66:80' },
        by: [
          { kind: 'service', service: SVC },
          { kind: 'service-masquerade', service: SVC, why: 'all' },
        ],
      },
      {
        netns: 'n1',
        role: 'reply',
        protocol: 'tcp',
        before: { source: '10.1.0.66:80', destination: `10.1.0.1:${port}` },
        after: { source: '10.96.0.7:5432', destination: `10.1.0.2:${port}` },
        by: [
          { kind: 'connection', of: { kind: 'service-masquerade', service: SVC, why: 'all' } },
          { kind: 'connection', of: { kind: 'service', service: SVC } },
        ],
      },
    ])
  })
})
