// Random clusters with policies of every kind, as objects a user writes, and packets through them. Small, so that what is left
// after shrinking fits a screen.
import fc from 'fast-check'
import type { RawObject, RawProbe } from './objects.ts'

/** Objects, and packets through what they describe. */
export interface RandomPolicyCluster {
  readonly objects: readonly RawObject[]
  readonly probes: readonly RawProbe[]
}

const SPACES = ['one', 'two'] as const
const NODES = ['n1', 'n2'] as const
const OUTSIDE = ['203.0.113.9', '198.51.100.7'] as const
const PORTS = [80, 81, 8080, 9090, 53] as const

const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined })
/** An object of these fields, each of them perhaps absent. */
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

const label = fc.constantFrom('app', 'tier', 'team')
const value = fc.constantFrom('a', 'b', 'c')
const labels = fc.dictionary(label, value, { maxKeys: 2 })
const accountLabels = fc.dictionary(fc.constant('team'), value, { maxKeys: 1 })

const comparison = fc.oneof(
  fc.constant('all()'),
  label.map((key) => `has(${key})`),
  fc
    .tuple(label, fc.constantFrom('==', '!=', 'contains', 'starts with'), value)
    .map(([k, op, v]) => `${k} ${op} '${v}'`),
  fc
    .tuple(label, fc.constantFrom('in', 'not in'), fc.uniqueArray(value, { minLength: 1, maxLength: 2 }))
    .map(([k, op, vs]) => `${k} ${op} {${vs.map((v) => `'${v}'`).join(',')}}`),
)

const selector = fc.oneof(
  { weight: 4, arbitrary: comparison },
  { weight: 1, arbitrary: comparison.map((one) => `!(${one})`) },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map(([a, b]) => `${a} && ${b}`) },
  {
    weight: 1,
    arbitrary: fc.tuple(comparison, comparison).map(([a, b]) => `(${a}) || !${b.startsWith('(') ? b : `(${b})`}`),
  },
)

const labelSelector = fc.oneof(
  fc.constant({}),
  fc.dictionary(label, value, { maxKeys: 1 }).map((matchLabels) => ({ matchLabels })),
  fc
    .tuple(label, fc.constantFrom('In', 'NotIn'), value)
    .map(([key, operator, one]) => ({ matchExpressions: [{ key, operator, values: [one] }] })),
  fc
    .tuple(label, fc.constantFrom('Exists', 'DoesNotExist'))
    .map(([key, operator]) => ({ matchExpressions: [{ key, operator }] })),
)

const net = fc.constantFrom(
  '10.244.1.0/24',
  '10.244.1.0/28',
  '10.244.2.3/32',
  '203.0.113.0/24',
  '198.51.100.0/24',
  '172.18.0.0/16',
  '0.0.0.0/0',
)
const nets = fc.uniqueArray(net, { minLength: 1, maxLength: 2 })
/** None of these: of all addresses it would leave no packet, which the API server refuses. */
const notNets = nets.filter((list) => !list.includes('0.0.0.0/0'))

/** Ports by number, range and name. */
const ports = fc.uniqueArray(
  fc.oneof(fc.constantFrom(...PORTS), fc.constantFrom('80:90', '8000:9999', 'http', 'dns')),
  {
    minLength: 1,
    maxLength: 3,
  },
)

const spaceSelector = fc.oneof(
  fc.constantFrom('all()', "projectcalico.org/name == 'one'", "kubernetes.io/metadata.name != 'one'"),
  comparison,
)
/** Only rules may mean what has no namespace. */
const namespaceSelector = fc.oneof(
  { weight: 4, arbitrary: spaceSelector },
  { weight: 1, arbitrary: fc.constantFrom('global()', "global() || team == 'a'") },
)

const who = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: selector.map((one) => ({ selector: one })) },
  { weight: 1, arbitrary: selector.map((one) => ({ notSelector: one })) },
  { weight: 1, arbitrary: namespaceSelector.map((one) => ({ namespaceSelector: one })) },
  {
    weight: 1,
    arbitrary: fc.tuple(namespaceSelector, selector).map(([a, b]) => ({ namespaceSelector: a, selector: b })),
  },
  { weight: 1, arbitrary: fc.tuple(selector, selector).map(([a, b]) => ({ selector: a, notSelector: b })) },
  { weight: 1, arbitrary: fc.constant({ serviceAccounts: { names: ['cook'] } }) },
  { weight: 1, arbitrary: comparison.map((one) => ({ serviceAccounts: { selector: one } })) },
  { weight: 1, arbitrary: nets.map((one) => ({ nets: one })) },
  { weight: 1, arbitrary: notNets.map((one) => ({ notNets: one })) },
)

const services = fc.constantFrom(...SPACES).map((namespace) => ({ services: { name: 'web', namespace } }))
const portProtocol = fc.constantFrom('TCP', 'UDP', 'SCTP')
const icmp = fc.record({ type: fc.constantFrom(8, 13) })

/** A rule of Calico that its API server would take. */
function calicoRule(direction: 'ingress' | 'egress'): fc.Arbitrary<object> {
  const action = fc.constantFrom('Allow', 'Deny', 'Allow', 'Pass', 'Log')
  const side = fc.tuple(who, some({ ports, notPorts: ports })).map(([a, b]) => ({ ...a, ...b }))
  const withPorts = fc.record({ action, protocol: portProtocol, source: who, destination: side })
  const sourcePorts = fc.record({ action, protocol: portProtocol, source: side, destination: who })
  const plain = fc.record({ action, source: who, destination: who })
  const notProtocol = fc.record({ action, notProtocol: fc.constantFrom('TCP', 'UDP', 'ICMP', 132), source: who })
  const withIcmp = fc
    .tuple(action, icmp, fc.boolean(), who)
    .map(([act, one, not, source]) => ({ action: act, protocol: 'ICMP', [not ? 'notICMP' : 'icmp']: one, source }))
  const byNumber = fc.record({ action, protocol: fc.constantFrom(6, 17, 47), source: who })
  const named = fc.record({ action, source: who, destination: fc.constant({ ports: ['http', 'dns'] }) })
  const ofService = fc.record({ action, [direction === 'ingress' ? 'source' : 'destination']: services })
  const version = fc.record({ action, ipVersion: fc.constantFrom(4, 6) })
  return fc.oneof(
    { weight: 4, arbitrary: withPorts },
    { weight: 1, arbitrary: sourcePorts },
    { weight: 4, arbitrary: plain },
    { weight: 1, arbitrary: notProtocol },
    { weight: 1, arbitrary: withIcmp },
    { weight: 1, arbitrary: byNumber },
    { weight: 1, arbitrary: named },
    { weight: 1, arbitrary: ofService },
    { weight: 1, arbitrary: version },
  )
}

const ruleLists = {
  ingress: fc.array(calicoRule('ingress'), { maxLength: 3 }),
  egress: fc.array(calicoRule('egress'), { maxLength: 3 }),
}
const types = fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress'])
const tier = fc.constantFrom('default', 't1', 't2')
const order = fc.constantFrom(1, 5, 10, 1000)
const space = fc.constantFrom(...SPACES)

const networkPolicy = fc
  .record({
    space,
    kind: fc.constantFrom('NetworkPolicy', 'NetworkPolicy', 'NetworkPolicy', 'StagedNetworkPolicy'),
    spec: some({ selector, types, order, tier, serviceAccountSelector: comparison, ...ruleLists }),
  })
  .map(({ space: namespace, kind, spec }) => policy(kind, namespace, spec))

/** How a policy of host endpoints is applied. */
const stage = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.constant({ applyOnForward: true }) },
  { weight: 1, arbitrary: fc.constant({ applyOnForward: true, preDNAT: true }) },
  { weight: 1, arbitrary: fc.constant({ applyOnForward: true, doNotTrack: true }) },
)

const globalPolicy = fc
  .record({
    kind: fc.constantFrom(
      'GlobalNetworkPolicy',
      'GlobalNetworkPolicy',
      'GlobalNetworkPolicy',
      'StagedGlobalNetworkPolicy',
    ),
    spec: some({ selector, types, order, tier, namespaceSelector: spaceSelector, ...ruleLists }),
    stage,
  })
  .map(({ kind, spec, stage: how }) => {
    const before = 'preDNAT' in how || 'doNotTrack' in how
    const { egress, namespaceSelector: spaces, ...rest } = spec
    // Before translation there is only ingress, and neither may pick namespaces.
    const allowed = 'preDNAT' in how ? { ...rest, types: ['Ingress'] } : { ...rest, ...(egress ? { egress } : {}) }
    return policy(kind, undefined, {
      ...allowed,
      ...(before || spaces === undefined ? {} : { namespaceSelector: spaces }),
      ...how,
    })
  })

const kubernetesPeer = fc.oneof(
  labelSelector.map((podSelector) => ({ podSelector })),
  labelSelector.map((one) => ({ namespaceSelector: one })),
  fc.tuple(labelSelector, labelSelector).map(([a, b]) => ({ namespaceSelector: a, podSelector: b })),
  fc.constantFrom(
    { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } },
    { ipBlock: { cidr: '0.0.0.0/0' } },
    { ipBlock: { cidr: '203.0.113.0/24' } },
  ),
)
const kubernetesPort = fc.oneof(
  fc.record({ protocol: portProtocol }),
  fc.record({ protocol: portProtocol, port: fc.constantFrom(80, 8080, 53) }),
  fc.constantFrom({ port: 'http' }, { port: 'dns', protocol: 'UDP' }, { port: 8000, endPort: 9999 }, { port: 80 }),
)
const kubernetesRules = (peers: 'from' | 'to') =>
  fc.array(
    some({ [peers]: fc.array(kubernetesPeer, { maxLength: 2 }), ports: fc.array(kubernetesPort, { maxLength: 2 }) }),
    {
      maxLength: 2,
    },
  )
const kubernetesPolicy = fc
  .record({
    space,
    podSelector: labelSelector,
    rest: some({ policyTypes: types, ingress: kubernetesRules('from'), egress: kubernetesRules('to') }),
  })
  .map(({ space: namespace, podSelector, rest }) =>
    policy('NetworkPolicy', namespace, { podSelector, ...rest }, 'networking.k8s.io/v1'),
  )

const adminPeer = fc.oneof(
  labelSelector.map((namespaces) => ({ namespaces })),
  fc.tuple(labelSelector, labelSelector).map(([a, b]) => ({ pods: { namespaceSelector: a, podSelector: b } })),
)
const adminProtocol = fc.oneof(
  fc
    .tuple(fc.constantFrom('tcp', 'udp', 'sctp'), fc.constantFrom(80, 8080, 53))
    .map(([protocol, number]) => ({ [protocol]: { destinationPort: { number } } })),
  fc.constantFrom(
    { tcp: {} },
    { destinationNamedPort: 'http' },
    { udp: { destinationPort: { range: { start: 1, end: 99 } } } },
  ),
)
function clusterRules(peers: 'from' | 'to') {
  const peer =
    peers === 'from'
      ? adminPeer
      : fc.oneof(
          adminPeer,
          nets.map((networks) => ({ networks })),
        )
  const rule = fc
    .record({
      action: fc.constantFrom('Accept', 'Deny', 'Pass'),
      who: fc.array(peer, { minLength: 1, maxLength: 2 }),
      protocols: maybe(fc.array(adminProtocol, { minLength: 1, maxLength: 2 })),
    })
    .map(({ action, who: list, protocols }) => ({
      action,
      [peers]: list,
      ...(protocols === undefined ? {} : { protocols }),
    }))
  return fc.array(rule, { maxLength: 2 })
}
const clusterPolicy = fc
  .record({
    tier: fc.constantFrom('Admin', 'Baseline'),
    priority: fc.constantFrom(0, 5, 1000),
    subject: adminPeer,
    rest: some({ ingress: clusterRules('from'), egress: clusterRules('to') }),
  })
  .map(({ tier: where, priority, subject, rest }) =>
    policy(
      'ClusterNetworkPolicy',
      undefined,
      { tier: where, priority, subject, ...rest },
      'policy.networking.k8s.io/v1alpha2',
    ),
  )

type Unnamed = (name: string) => RawObject

function policy(
  kind: string,
  namespace: string | undefined,
  spec: object,
  apiVersion = 'projectcalico.org/v3',
): Unnamed {
  return (name) => ({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec })
}

/** A policy without its name. */
export const anyPolicy: fc.Arbitrary<Unnamed> = fc.oneof(
  { weight: 3, arbitrary: networkPolicy },
  { weight: 4, arbitrary: globalPolicy },
  { weight: 2, arbitrary: kubernetesPolicy },
  { weight: 1, arbitrary: clusterPolicy },
)

const tiers = some({
  t1: some({ order: fc.constantFrom(1, 500, 2_000_000), defaultAction: fc.constantFrom('Pass', 'Deny') }),
  t2: some({ order: fc.constantFrom(1, 700), defaultAction: fc.constantFrom('Pass', 'Deny') }),
})

const PORTS_OF_PODS = [
  [{ name: 'http', containerPort: 8080 }],
  [
    { name: 'http', containerPort: 9090, protocol: 'TCP' },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ],
  [],
]
const pod = fc.record({
  space,
  node: fc.constantFrom(...NODES),
  labels,
  ports: fc.constantFrom(...PORTS_OF_PODS),
  account: fc.constantFrom('default', 'cook'),
})

const hostEndpoint = fc.record({
  node: fc.constantFrom(...NODES),
  interfaceName: fc.constantFrom('eth0', '*'),
  labels,
  profiles: fc.constantFrom([], ['projectcalico-default-allow']),
})

const networkSet = fc.record({ space: maybe(space), labels, nets })
const felix = some({
  defaultEndpointToHostAction: fc.constantFrom('Accept', 'Drop', 'Return'),
  failsafeInboundHostPorts: fc.constantFrom([], [{ protocol: 'tcp', port: 80 }]),
})

/** What a packet is, without its ends. */
const packet: fc.Arbitrary<Omit<RawProbe, 'from' | 'to'>> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        protocol: portProtocol,
        port: fc.constantFrom(...PORTS, 22, 179),
        sourcePort: maybe(fc.constantFrom(80, 8080)),
      })
      .map(({ sourcePort, ...rest }) => ({ ...rest, ...(sourcePort === undefined ? {} : { sourcePort }) })),
  },
  { weight: 1, arbitrary: fc.constantFrom(8, 13, 3).map((icmpType) => ({ protocol: 'ICMP', icmpType, icmpCode: 0 })) },
  { weight: 1, arbitrary: fc.constantFrom(47, 253).map((protocol) => ({ protocol })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(80, 81).map((port) => ({ protocol: 'TCP', port, state: 'established' as const })),
  },
  { weight: 1, arbitrary: fc.constant({ protocol: 'TCP', port: 80, state: 'invalid' as const }) },
)

const object = (kind: string, name: string, rest: object, api = 'projectcalico.org/v3'): RawObject =>
  ({ apiVersion: api, kind, metadata: { name }, ...rest }) as RawObject

const inSpace = (kind: string, name: string, namespace: string, own: object, rest: object, api = 'v1'): RawObject =>
  ({ apiVersion: api, kind, metadata: { name, namespace, labels: own }, ...rest }) as RawObject

/** How random clusters are made. */
export interface RandomOptions {
  /** Whether there are host endpoints; absent = yes. */
  readonly hosts?: boolean
  /** Policies; absent = of every kind. */
  readonly policies?: fc.Arbitrary<Unnamed>
}

/** A cluster with one to four policies, and packets through it. */
export function randomCluster({
  hosts = true,
  policies = anyPolicy,
}: RandomOptions = {}): fc.Arbitrary<RandomPolicyCluster> {
  return fc
    .record({
      spaces: fc.tuple(labels, labels),
      accounts: fc.tuple(accountLabels, accountLabels),
      pods: fc.array(pod, { minLength: 2, maxLength: 4 }),
      policies: fc.array(policies, { minLength: 1, maxLength: 4 }),
      tiers,
      sets: fc.array(networkSet, { maxLength: 2 }),
      hosts: fc.array(hostEndpoint, { maxLength: hosts ? 2 : 0 }),
      felix,
      flows: fc.array(fc.tuple(fc.nat(), fc.nat(), packet, fc.nat(9)), { minLength: 5, maxLength: 8 }),
    })
    .map((made): RandomPolicyCluster => {
      const nodes = NODES.map((name, i) =>
        object('Node', name, { status: { addresses: [{ type: 'InternalIP', address: `172.18.0.${11 + i}` }] } }, 'v1'),
      )
      const pods = made.pods.map((one, i) =>
        inSpace('Pod', `p${i}`, one.space, one.labels, {
          spec: {
            nodeName: one.node,
            serviceAccountName: one.account,
            containers: [{ name: 'c', ports: one.ports }],
          },
          status: { podIP: `10.244.${one.node === 'n1' ? 1 : 2}.${i + 3}` },
        }),
      )
      const used = made.policies.map((name, i) => name(`policy-${i}`))
      const objects = [
        ...nodes,
        ...SPACES.map((name, i) => ({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, labels: made.spaces[i]! },
        })),
        ...SPACES.map((name, i) => inSpace('ServiceAccount', 'cook', name, made.accounts[i]!, {})),
        ...SPACES.map((name) =>
          inSpace(
            'Service',
            'web',
            name,
            {},
            { spec: { selector: { app: 'a' }, ports: [{ port: 80, targetPort: 8080 }] } },
          ),
        ),
        ...pods,
        ...Object.entries(made.tiers).map(([name, spec]) => object('Tier', name, { spec })),
        ...made.sets.map(({ space: where, labels: own, nets: list }, i) =>
          where === undefined
            ? {
                ...object('GlobalNetworkSet', `s${i}`, { spec: { nets: list } }),
                metadata: { name: `s${i}`, labels: own },
              }
            : inSpace('NetworkSet', `s${i}`, where, own, { spec: { nets: list } }, 'projectcalico.org/v3'),
        ),
        ...made.hosts.map(({ node, interfaceName, labels: own, profiles }, i) => ({
          ...object('HostEndpoint', `h${i}`, {
            spec: { node, interfaceName, profiles, expectedIPs: [`172.18.0.${node === 'n1' ? 11 : 12}`] },
          }),
          metadata: { name: `h${i}`, labels: own },
        })),
        ...used,
        object('FelixConfiguration', 'default', { spec: made.felix }),
      ]
      return { objects, probes: probesOf(pods, made.flows) }
    })
}

type Flow = readonly [number, number, Omit<RawProbe, 'from' | 'to'>, number]

/** Packets between pods, hosts and addresses outside; some of them translated on the way. */
function probesOf(pods: readonly RawObject[], flows: readonly Flow[]): RawProbe[] {
  const inside = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
  // Pods are where policy is; every one of them counts twice.
  const ends = [...inside, ...inside, 'host:n1', 'host:n2', ...OUTSIDE]
  return flows.flatMap(([a, b, what, turn]): RawProbe[] => {
    const from = ends[a % ends.length]!
    const to = ends[b % ends.length]!
    const isOutside = (end: string): boolean => (OUTSIDE as readonly string[]).includes(end)
    if (isOutside(from) && isOutside(to)) return []
    if (from.startsWith('host:') && from === to) return []
    const isPod = inside.includes(to)
    const isNatural = what.state === undefined && (what.protocol === 'TCP' || what.protocol === 'UDP')
    const via = turn === 0 && isPod && isNatural ? { via: { to: '10.96.0.50', port: 7777 } } : {}
    return [{ from, to, ...what, ...via }]
  })
}
