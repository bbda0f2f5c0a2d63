// Policies of every kind over a small cluster, each with what it selects told by a function that shares nothing with the reader of
// selectors: text and meaning are made together.
import fc from 'fast-check'

export type Labels = Readonly<Record<string, string>>

/** A text, and what it says of labels. */
interface Said {
  readonly text: string
  /** `every` is what `all()` means. */
  readonly holds: (labels: Labels, every?: boolean) => boolean
}

/** Something policies select: a pod, or a host endpoint. */
export interface End {
  /** As the lab takes it. */
  readonly name: string
  readonly kind: 'pod' | 'host'
  /** Node it runs on, or is. */
  readonly node: string
  readonly labels: Labels
  readonly namespace: string
  readonly spaceLabels: Labels
  readonly account: string
  readonly accountLabels: Labels
}

const SPACES: Readonly<Record<string, Labels>> = { one: { team: 'a' }, two: { team: 'b', tier: 'web' }, three: {} }
const ACCOUNTS: Readonly<Record<string, Labels>> = { cook: { role: 'cook' }, default: {} }

const pod = (namespace: string, name: string, node: string, labels: Labels, account = 'default'): End => ({
  name: `${namespace}/${name}`,
  kind: 'pod',
  node,
  labels,
  namespace,
  spaceLabels: { ...SPACES[namespace], 'kubernetes.io/metadata.name': namespace, 'projectcalico.org/name': namespace },
  account,
  accountLabels: { ...ACCOUNTS[account], 'projectcalico.org/name': account },
})

const host = (node: string, labels: Labels): End => ({
  name: `node/${node}`,
  kind: 'host',
  node,
  labels,
  namespace: '',
  spaceLabels: {},
  account: '',
  accountLabels: {},
})

/** Everybody a policy may select; n3 is a node without a host endpoint. */
export const ENDS: readonly End[] = [
  pod('one', 'a', 'n1', { app: 'a', env: 'prod' }),
  pod('one', 'b', 'n2', { app: 'b' }, 'cook'),
  pod('two', 'c', 'n1', { app: 'a', env: 'dev' }, 'cook'),
  pod('three', 'd', 'n3', {}),
  host('n1', { app: 'a', host: 'n1' }),
  host('n2', { env: 'prod', host: 'n2' }),
]

/** Host endpoints: on one card of n1, on all of n2. */
const HOSTS = [
  { name: 'n1', interfaceName: 'eth0' },
  { name: 'n2', interfaceName: '*' },
]

const LABELS = ['app', 'env', 'team', 'tier', 'role', 'host'] as const
const VALUES = ['a', 'b', 'prod', 'dev', 'web', 'cook', 'n1', ''] as const
const label = fc.constantFrom(...LABELS)
const value = fc.constantFrom(...VALUES)
const values = fc.uniqueArray(value, { maxLength: 3 })

const comparison: fc.Arbitrary<Said> = fc.oneof(
  label.map((key): Said => ({ text: `has(${key})`, holds: (all) => key in all })),
  fc.tuple(label, value).map(([key, one]): Said => ({ text: `${key} == '${one}'`, holds: (all) => all[key] === one })),
  fc.tuple(label, value).map(([key, one]): Said => ({ text: `${key} != "${one}"`, holds: (all) => all[key] !== one })),
  fc.tuple(label, values).map(
    ([key, some]): Said => ({
      text: `${key} in { ${some.map((one) => `'${one}'`).join(', ')} }`,
      holds: (all) => some.some((one) => one === all[key]),
    }),
  ),
  fc.tuple(label, values).map(
    ([key, some]): Said => ({
      text: `${key} not in {${some.map((one) => `"${one}"`).join(',')}}`,
      holds: (all) => !some.some((one) => one === all[key]),
    }),
  ),
  fc
    .tuple(label, fc.constantFrom('o', 'p', 'n'))
    .map(
      ([key, part]): Said => ({ text: `${key} contains '${part}'`, holds: (all) => all[key]?.includes(part) === true }),
    ),
  fc.tuple(label, fc.constantFrom('p', 'c', 'd')).map(
    ([key, part]): Said => ({
      text: `${key} starts with '${part}'`,
      holds: (all) => all[key]?.startsWith(part) === true,
    }),
  ),
  fc.tuple(label, fc.constantFrom('k', 'v', '1')).map(
    ([key, part]): Said => ({
      text: `${key} ends with '${part}'`,
      holds: (all) => all[key]?.endsWith(part) === true,
    }),
  ),
  fc.constant<Said>({ text: 'all()', holds: (_, every = true) => every }),
)

const { selector } = fc.letrec<{ selector: Said }>((tie) => ({
  selector: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    comparison,
    tie('selector').map((one): Said => ({ text: `!(${one.text})`, holds: (all, every) => !one.holds(all, every) })),
    fc.tuple(tie('selector'), tie('selector')).map(
      ([a, b]): Said => ({
        text: `(${a.text}) && (${b.text})`,
        holds: (all, every) => a.holds(all, every) && b.holds(all, every),
      }),
    ),
    fc.tuple(tie('selector'), tie('selector')).map(
      ([a, b]): Said => ({
        text: `(${a.text}) || (${b.text})`,
        holds: (all, every) => a.holds(all, every) || b.holds(all, every),
      }),
    ),
  ),
}))

/** A label selector of Kubernetes, as JSON. */
const labelSelector: fc.Arbitrary<Said> = fc
  .tuple(
    fc.dictionary(label, value, { maxKeys: 2 }),
    fc.array(fc.tuple(label, fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'), values), { maxLength: 2 }),
  )
  .map(([matchLabels, expressions]) => {
    const matchExpressions = expressions.map(([key, operator, some]) =>
      operator === 'In' || operator === 'NotIn' ? { key, operator, values: some } : { key, operator },
    )
    return {
      text: JSON.stringify({ matchLabels, matchExpressions }),
      holds: (all: Labels) =>
        Object.entries(matchLabels).every(([key, one]) => all[key] === one) &&
        expressions.every(([key, operator, some]) => {
          if (operator === 'Exists' || operator === 'DoesNotExist') return key in all === (operator === 'Exists')
          return some.some((one) => one === all[key]) === (operator === 'In')
        }),
    }
  })

/** A policy, whom it selects and what it acts on. */
export interface RandomPolicy {
  readonly object: unknown
  readonly selects: (end: End) => boolean
  readonly directions: readonly ('ingress' | 'egress')[]
  /** On what nodes forward, too. */
  readonly forwarded: boolean
}

const RULE = { action: 'Allow' }
const rules = fc.constantFrom<'none' | 'empty' | 'some'>('none', 'empty', 'some')
const directions = fc.record({
  types: fc.constantFrom<readonly string[] | undefined>(undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
  ingress: rules,
  egress: rules,
})

type Directions = typeof directions extends fc.Arbitrary<infer T> ? T : never

const fields = ({ ingress, egress }: Directions, rule: unknown): object => ({
  ...(ingress === 'none' ? {} : { ingress: ingress === 'some' ? [rule] : [] }),
  ...(egress === 'none' ? {} : { egress: egress === 'some' ? [rule] : [] }),
})

function acting({ types, ingress, egress }: Directions, onlyEgress: boolean): ('ingress' | 'egress')[] {
  if (types !== undefined) return types.map((type) => (type === 'Ingress' ? 'ingress' : 'egress'))
  if (egress !== 'some') return ['ingress']
  return onlyEgress && ingress !== 'some' ? ['egress'] : ['ingress', 'egress']
}

const space = fc.constantFrom('one', 'two', 'three')

function calicoObject(kind: string, namespace: string | undefined, spec: object): unknown {
  const metadata = { name: 'p', ...(namespace === undefined ? {} : { namespace }) }
  return { apiVersion: 'projectcalico.org/v3', kind, metadata, spec }
}

const kubernetes: fc.Arbitrary<RandomPolicy> = fc
  .tuple(space, labelSelector, directions)
  .map(([namespace, pods, way]) => ({
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace },
      spec: {
        podSelector: JSON.parse(pods.text),
        ...(way.types === undefined ? {} : { policyTypes: way.types }),
        ...fields(way, {}),
      },
    },
    selects: (end) => end.kind === 'pod' && end.namespace === namespace && pods.holds(end.labels),
    directions: acting(way, false),
    forwarded: false,
  }))

const maybe = fc.option(selector, { nil: undefined, freq: 2 })

const calico: fc.Arbitrary<RandomPolicy> = fc
  .tuple(space, maybe, maybe, directions)
  .map(([namespace, ends, accounts, way]) => ({
    object: calicoObject('NetworkPolicy', namespace, {
      ...(ends === undefined ? {} : { selector: ends.text }),
      ...(accounts === undefined ? {} : { serviceAccountSelector: accounts.text }),
      ...(way.types === undefined ? {} : { types: way.types }),
      ...fields(way, RULE),
    }),
    selects: (end) =>
      end.kind === 'pod' &&
      end.namespace === namespace &&
      (ends?.holds(end.labels) ?? true) &&
      (accounts?.holds(end.accountLabels) ?? true),
    directions: acting(way, true),
    forwarded: false,
  }))

const global: fc.Arbitrary<RandomPolicy> = fc
  .tuple(
    maybe,
    maybe,
    directions,
    fc.constantFrom<'' | 'applyOnForward' | 'preDNAT' | 'doNotTrack'>(
      '',
      '',
      'applyOnForward',
      'preDNAT',
      'doNotTrack',
    ),
  )
  .map(([ends, spaces, given, mode]) => {
    const way: Directions = mode === 'preDNAT' ? { types: ['Ingress'], ingress: 'some', egress: 'none' } : given
    return {
      object: calicoObject('GlobalNetworkPolicy', undefined, {
        ...(ends === undefined ? {} : { selector: ends.text }),
        ...(spaces === undefined ? {} : { namespaceSelector: spaces.text }),
        ...(way.types === undefined ? {} : { types: way.types }),
        ...(mode === '' ? {} : { [mode]: true, applyOnForward: true }),
        ...fields(way, RULE),
      }),
      selects: (end: End) => {
        const every = spaces === undefined || end.kind === 'pod'
        return (ends?.holds(end.labels, every) ?? true) && (spaces?.holds(end.spaceLabels, every) ?? true)
      },
      directions: mode === 'doNotTrack' ? ['ingress', 'egress'] : acting(way, true),
      forwarded: mode !== '',
    }
  })

const admin: fc.Arbitrary<RandomPolicy> = fc
  .tuple(
    fc.constantFrom('AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'),
    labelSelector,
    fc.option(labelSelector, { nil: undefined }),
    directions,
  )
  .map(([kind, spaces, pods, way]) => ({
    object: {
      apiVersion: `policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}`,
      kind,
      metadata: { name: kind === 'BaselineAdminNetworkPolicy' ? 'default' : 'p' },
      spec: {
        subject:
          pods === undefined
            ? { namespaces: JSON.parse(spaces.text) }
            : { pods: { namespaceSelector: JSON.parse(spaces.text), podSelector: JSON.parse(pods.text) } },
        ...fields(way, { action: 'Deny' }),
      },
    },
    selects: (end: End) => end.kind === 'pod' && spaces.holds(end.spaceLabels) && (pods?.holds(end.labels) ?? true),
    directions: (['ingress', 'egress'] as const).filter((direction) => way[direction] === 'some'),
    forwarded: false,
  }))

const staged: fc.Arbitrary<RandomPolicy> = fc
  .tuple(fc.constantFrom('StagedGlobalNetworkPolicy', 'StagedNetworkPolicy', 'StagedKubernetesNetworkPolicy'), space)
  .map(([kind, namespace]) => ({
    object: calicoObject(kind, kind === 'StagedGlobalNetworkPolicy' ? undefined : namespace, {}),
    selects: () => false,
    directions: [],
    forwarded: false,
  }))

/** A policy of any kind. */
export const randomPolicy: fc.Arbitrary<RandomPolicy> = fc.oneof(
  kubernetes,
  calico,
  global,
  { arbitrary: admin, weight: 1 },
  { arbitrary: staged, weight: 1 },
)

/** The cluster all of them are asked in: three nodes, four pods, two host endpoints that allow everything. */
export function clusterObjects(): unknown[] {
  const nodes = ['n1', 'n2', 'n3'].map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { addresses: [{ type: 'InternalIP', address: `10.2.0.${11 + i}` }] },
  }))
  const spaces = Object.entries(SPACES).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
  }))
  const accounts = Object.keys(SPACES).flatMap((namespace) =>
    Object.entries(ACCOUNTS).map(([name, labels]) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace, labels },
    })),
  )
  const pods = ENDS.filter(({ kind }) => kind === 'pod').map(({ name, namespace, node, labels, account }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: name.split('/')[1], namespace, labels },
    spec: { nodeName: node, serviceAccountName: account },
  }))
  const hosts = HOSTS.map(({ name, interfaceName }) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'HostEndpoint',
    metadata: { name, labels: ENDS.find((end) => end.name === `node/${name}`)?.labels },
    spec: { node: name, interfaceName, profiles: ['projectcalico-default-allow'] },
  }))
  const pool = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'pool' },
    spec: { cidr: '192.168.0.0/16' },
  }
  return [...nodes, ...spaces, ...accounts, ...pods, ...hosts, pool]
}

/** Whether a policy has a say in a flow: what Calico asks on its way, step by step. */
export function hasSay(policy: RandomPolicy, from: End, to: End): boolean {
  const asks = (end: End, direction: 'ingress' | 'egress'): boolean =>
    policy.directions.includes(direction) && policy.selects(end)
  const isLocal = from.node === to.node
  // Between a node and its own pods only the pod's way out is asked.
  if (isLocal && from.kind !== to.kind) return from.kind === 'pod' && asks(from, 'egress')
  if (asks(from, 'egress') || asks(to, 'ingress')) return true
  if (!policy.forwarded) return false
  return ENDS.filter(({ kind }) => kind === 'host').some((end) => {
    if (end === from || end === to || (end.node !== from.node && end.node !== to.node)) return false
    const isAll = HOSTS.find(({ name }) => name === end.node)?.interfaceName === '*'
    if (isAll) return asks(end, 'ingress') || asks(end, 'egress')
    if (isLocal) return false
    return asks(end, end.node === from.node ? 'egress' : 'ingress')
  })
}
