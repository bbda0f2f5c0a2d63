import {
  ALLOWS_ALL,
  accountProfile,
  type Cluster,
  isCalicoPolicy,
  type Metadata,
  type NetworkSetResource,
  namespaceProfile,
  type PolicyResource,
} from '../control/index.ts'
import { didYouMean } from '../model/index.ts'
import { compare, namespaceOf } from './kubectl/cells.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'
import { table } from './table.ts'

/** What `calicoctl get` is asked for. */
export interface CalicoAsked {
  readonly names: readonly string[]
  readonly namespace: string
  readonly all: boolean
  readonly wide: boolean
}

/** A kind of Calico's API that is listed. */
interface CalicoKind<T extends { readonly metadata: Metadata }> {
  /** Kind, for messages. */
  readonly kind: string
  /** What it is called by. @calico calicoctl/calicoctl/resourcemgr */
  readonly words: readonly string[]
  readonly namespaced: boolean
  readonly of: (cluster: Cluster) => readonly T[]
  readonly head: readonly string[]
  readonly cells: (one: T) => readonly string[]
  /** Columns of `-o wide` behind these. */
  readonly wideHead: readonly string[]
  readonly wideCells: (one: T) => readonly string[]
}

type Getter = (cluster: Cluster, asked: CalicoAsked) => Run

function getter<T extends { readonly metadata: Metadata }>(
  kind: CalicoKind<T>,
): { readonly words: readonly string[]; readonly get: Getter } {
  return { words: kind.words, get: (cluster, asked) => list(kind, cluster, asked) }
}

function list<T extends { readonly metadata: Metadata }>(
  kind: CalicoKind<T>,
  cluster: Cluster,
  asked: CalicoAsked,
): Run {
  const { names, all, wide } = asked
  const within = kind
    .of(cluster)
    .filter((one) => !kind.namespaced || all || namespaceOf(one) === asked.namespace)
    .sort((a, b) => compare(keyOf(kind, a), keyOf(kind, b)))
  const known = within.map(({ metadata }) => metadata.name)
  const absent = names.find((name) => !known.includes(name))
  if (absent !== undefined)
    return failed(`resource does not exist: ${kind.kind}(${absent}) (packetwalk: ${didYouMean(absent, known)})`)
  const shown = within.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name))
  const first = kind.namespaced && all ? ['NAMESPACE'] : []
  const head = [...first, ...kind.head, ...(wide ? kind.wideHead : [])]
  const rows = shown.map((one) => [
    ...(first.length === 0 ? [] : [namespaceOf(one)]),
    ...kind.cells(one),
    ...(wide ? kind.wideCells(one) : []),
  ])
  return printed(table([head, ...rows]))
}

function keyOf({ namespaced }: { readonly namespaced: boolean }, one: { readonly metadata: Metadata }): string {
  const { name } = one.metadata
  return namespaced ? `${namespaceOf(one)}/${name}` : name
}

/** What a template of Go prints of a pointer that is nil. */
const NIL = '<nil>'

/** What all policies of Calico have. */
interface PolicyFields {
  readonly tier?: string
  readonly order?: number
  readonly selector?: string
}

function fieldsOf(policy: PolicyResource): PolicyFields {
  return ('spec' in policy ? policy.spec : {}) as PolicyFields
}

function ofKind(kind: PolicyResource['kind']): (cluster: Cluster) => readonly PolicyResource[] {
  return ({ resources }) =>
    resources.policies.filter((one) => one.kind === kind && (one.kind !== 'NetworkPolicy' || isCalicoPolicy(one)))
}

const POLICY_COLUMNS = {
  head: ['NAME', 'TIER'],
  cells: (one: PolicyResource): readonly string[] => [one.metadata.name, fieldsOf(one).tier ?? 'default'],
  wideHead: ['ORDER', 'SELECTOR'],
  wideCells: (one: PolicyResource): readonly string[] => {
    const { order, selector } = fieldsOf(one)
    return [order === undefined ? NIL : String(order), selector ?? '']
  },
}

/** Names joined, and cut where calicoctl cuts them. */
function cut(texts: readonly string[], most: number): string {
  const text = texts.join(',')
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`
}

const NAME_ONLY = { head: ['NAME'], cells: ({ metadata }: { readonly metadata: Metadata }) => [metadata.name] }
const NETS = {
  ...NAME_ONLY,
  wideHead: ['NETS'],
  wideCells: ({ spec }: NetworkSetResource) => [cut(spec?.nets ?? [], 80)],
}

const KINDS: readonly ReturnType<typeof getter>[] = [
  getter({
    kind: 'NetworkPolicy',
    words: ['networkpolicy', 'networkpolicies', 'policy', 'np', 'policies', 'pol', 'pols'],
    namespaced: true,
    of: ofKind('NetworkPolicy'),
    ...POLICY_COLUMNS,
  }),
  getter({
    kind: 'GlobalNetworkPolicy',
    words: ['globalnetworkpolicy', 'globalnetworkpolicies', 'gnp', 'gnps'],
    namespaced: false,
    of: ofKind('GlobalNetworkPolicy'),
    ...POLICY_COLUMNS,
  }),
  getter({
    kind: 'StagedNetworkPolicy',
    words: ['stagednetworkpolicy', 'stagednetworkpolicies', 'snp'],
    namespaced: true,
    of: ofKind('StagedNetworkPolicy'),
    ...POLICY_COLUMNS,
  }),
  getter({
    kind: 'StagedGlobalNetworkPolicy',
    words: ['stagedglobalnetworkpolicy', 'stagedglobalnetworkpolicies', 'sgnp'],
    namespaced: false,
    of: ofKind('StagedGlobalNetworkPolicy'),
    ...POLICY_COLUMNS,
  }),
  getter({
    kind: 'HostEndpoint',
    words: ['hostendpoint', 'hostendpoints', 'hep', 'heps'],
    namespaced: false,
    of: ({ resources }) => resources.hostEndpoints,
    head: ['NAME', 'NODE'],
    cells: ({ metadata, spec }) => [metadata.name, spec.node ?? ''],
    wideHead: ['INTERFACE', 'IPS', 'PROFILES'],
    wideCells: ({ spec }) => [
      spec.interfaceName ?? '',
      (spec.expectedIPs ?? []).join(','),
      (spec.profiles ?? []).join(','),
    ],
  }),
  getter({
    kind: 'Profile',
    words: ['profile', 'profiles', 'pro', 'pros'],
    namespaced: false,
    of: allProfiles,
    ...NAME_ONLY,
    wideHead: ['LABELS'],
    wideCells: ({ labels }) => [
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    ],
  }),
  getter<NetworkSetResource>({
    kind: 'NetworkSet',
    words: ['networkset', 'networksets', 'netsets'],
    namespaced: true,
    of: ({ resources }) => resources.networkSets.filter(({ kind }) => kind === 'NetworkSet'),
    ...NETS,
  }),
  getter<NetworkSetResource>({
    kind: 'GlobalNetworkSet',
    words: ['globalnetworkset', 'globalnetworksets', 'gnetsets'],
    namespaced: false,
    of: ({ resources }) => resources.networkSets.filter(({ kind }) => kind === 'GlobalNetworkSet'),
    ...NETS,
  }),
  getter({
    kind: 'Tier',
    words: ['tier', 'tiers'],
    namespaced: false,
    of: ({ policies }) => policies.tiers.map(({ name, order }) => ({ metadata: { name }, order })),
    head: ['NAME', 'ORDER'],
    cells: ({ metadata, order }) => [metadata.name, Number.isFinite(order) ? String(order) : NIL],
    wideHead: [],
    wideCells: () => [],
  }),
]

interface ListedProfile {
  readonly metadata: Metadata
  readonly labels: Readonly<Record<string, string>>
}

/** Calico's own profiles, and those made of namespaces and service accounts. */
function allProfiles({ resources }: Cluster): readonly ListedProfile[] {
  const prefixed = (prefix: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${prefix}${key}`, value]))
  return [
    { metadata: { name: ALLOWS_ALL }, labels: {} },
    ...resources.profiles.map(({ metadata, spec }) => ({ metadata, labels: spec?.labelsToApply ?? {} })),
    ...resources.namespaces.map(({ metadata: { name, labels } }) => ({
      metadata: { name: namespaceProfile(name) },
      labels: { ...prefixed('pcns.', labels), 'pcns.projectcalico.org/name': name },
    })),
    ...resources.serviceAccounts.map(({ metadata: { name, namespace = 'default', labels } }) => ({
      metadata: { name: accountProfile(namespace, name) },
      labels: { ...prefixed('pcsa.', labels), 'pcsa.projectcalico.org/name': name },
    })),
  ]
}

/** The words `calicoctl get` takes for these kinds, the first of each. */
export const CALICO_KINDS: readonly string[] = KINDS.map(({ words: [first = ''] }) => first)

/** Lists objects of Calico's API; undefined for a kind that is none of these. */
export function calicoGet(cluster: Cluster, word: string, asked: CalicoAsked): Run | undefined {
  return KINDS.find(({ words }) => words.includes(word))?.get(cluster, asked)
}
