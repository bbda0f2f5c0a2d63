import type { LabelSelector } from '../../control/index.ts'
import {
  isSelectorFault,
  namespaceSelectorText,
  type PolicyResource,
  parseSelector,
  podSelectorText,
  selectsEndpoint,
} from '../../control/index.ts'
import type { FailureCode } from '../../failures/index.ts'
import type { Decision } from '../../trace/index.ts'
import type { Guess, Shown } from '../shown.ts'

type Denial = Extract<Decision, { readonly kind: 'policy' | 'tier-end' | 'profile' | 'no-profile' }>

function isDenial(one: Decision): one is Denial {
  return (
    one.kind === 'tier-end' ||
    one.kind === 'no-profile' ||
    ((one.kind === 'policy' || one.kind === 'profile') && one.action === 'Deny')
  )
}

/** A policy that surprises: which surprise it is, its rules and what the packet looked like when it met them tell. */
export function policySigns(shown: Shown): readonly Guess[] {
  const all = shown.decisions()
  const denial =
    [...all]
      .reverse()
      .filter(isDenial)
      .find(({ netns }) => netns === shown.drop?.netns) ?? all.filter(isDenial).at(-1)
  const plain: Guess = { title: 'A policy denies it', fits: 2, wanted: true }
  if (denial === undefined) return [plain]
  const special = [
    dns(denial, shown),
    source(denial, all, shown),
    logOnly(denial, shown),
    bothMeant(denial, shown),
    everywhere(denial, shown),
    nodePort(denial, shown),
    established(denial, shown),
  ]
  const found = special.flatMap((one) =>
    one === undefined ? [] : [MISTAKES.has(one.failure) ? one : { ...one, wanted: true as const }],
  )
  return found.length === 0
    ? [plain, { failure: 'F62', fits: 1, wanted: true }, { failure: 'F63', fits: 1, wanted: true }]
    : [
        ...found,
        plain,
        ...(found.some(({ failure }) => failure === 'F62') ? [] : [{ failure: 'F62', fits: 1, wanted: true } as const]),
      ]
}

/** Denials that nobody means: others are what somebody wrote a policy for. */
const MISTAKES: ReadonlySet<FailureCode | undefined> = new Set<FailureCode | undefined>(['F27', 'F60', 'F64'])

function dns({ direction, seen }: Denial, { facts }: Shown): Guess | undefined {
  if (direction !== 'egress' || (seen.destination.port !== 53 && seen.destination.port !== 8053)) return undefined
  const owner = facts.ownerOf(seen.destination.address)
  if (owner?.role === 'pod')
    return { failure: 'F60', fits: 3, because: 'it is a question for DNS, and nothing lets those out' }
  return {
    failure: 'F61',
    fits: 3,
    because: `the resolver ${seen.destination.address} is no pod, so no selector of a policy finds it`,
  }
}

/** The policy met another source than the client has. */
function source({ direction, seen, hop }: Denial, all: readonly Decision[], { facts, flow }: Shown): Guess | undefined {
  if (direction !== 'ingress') return undefined
  const translated = all.find((one) => one.kind === 'nat' && one.side === 'source' && one.hop < hop)
  if (translated?.kind === 'nat') {
    const by = translated.by.kind === 'connection' ? translated.by.of : translated.by
    if (by?.kind === 'service-masquerade')
      return by.why === 'off-cluster'
        ? { failure: 'F27', fits: 3, because: `kube-proxy takes ${translated.from} for a stranger to its clusterCIDR` }
        : { failure: 'F66', fits: 3, because: `the policy saw ${translated.to}, the client is ${translated.from}` }
    if (by?.kind === 'tunnel-source') return { failure: 'F68', fits: 3, because: `the policy saw ${translated.to}` }
  }
  const owner = facts.ownerOf(seen.source.address)
  const asksAsNode = flow.from.startsWith('node/') || owner?.role === 'node'
  return asksAsNode
    ? { failure: 'F68', fits: 3, because: `the policy saw ${seen.source.address}, an address of a node` }
    : undefined
}

/** Policies of the kind that have rules as data. */
function policiesOf(denial: Denial, { facts }: Pick<Shown, 'facts'>): readonly PolicyResource[] {
  const resources = facts.cluster?.resources
  const refs = denial.kind === 'policy' ? [denial.policy] : denial.kind === 'tier-end' ? denial.policies : []
  const all: readonly PolicyResource[] = resources?.policies ?? []
  return refs.flatMap(({ name, namespace, tier }) =>
    all.filter(
      ({ metadata }) =>
        (metadata.name === name || metadata.name === `${tier}.${name}`) &&
        (metadata.namespace ?? namespace) === namespace,
    ),
  )
}

function logOnly(denial: Denial, shown: Shown): Guess | undefined {
  const rules = policiesOf(denial, shown).flatMap(({ spec }) => {
    const list = (spec as Readonly<Record<string, unknown>>)[denial.direction]
    return Array.isArray(list) ? (list as readonly { readonly action?: string }[]) : []
  })
  const isLog = rules.length > 0 && rules.every(({ action }) => action === 'Log')
  return isLog ? { failure: 'F64', fits: 3, because: 'its rules only log, and the end of the tier denies' } : undefined
}

const ALL: ReadonlySet<string> = new Set(['', 'all()'])

function everywhere(denial: Denial, shown: Shown): Guess | undefined {
  const found = policiesOf(denial, shown).find(({ kind, spec }) => {
    const { selector = '', namespaceSelector = '' } = spec as { selector?: string; namespaceSelector?: string }
    return kind === 'GlobalNetworkPolicy' && ALL.has(selector.trim()) && ALL.has(namespaceSelector.trim())
  })
  return (
    found && {
      failure: 'F63',
      fits: 3,
      because: `GlobalNetworkPolicy ${found.metadata.name} selects every endpoint`,
      wanted: true,
    }
  )
}

function nodePort({ direction }: Denial, { flow }: Shown): Guess | undefined {
  if (direction !== 'egress' || typeof flow.port !== 'number' || flow.port < 30_000) return undefined
  return {
    failure: 'F67',
    fits: 3,
    because: 'a port of a node: on the pod’s own node policy sees the pod behind it, elsewhere the node',
  }
}

/** A connection made before the policy goes on, while this new one is denied. */
function established({ seen }: Denial, { before, drop, lab }: Shown): Guess | undefined {
  if (drop === undefined || lab.network.namespaces[drop.netns]?.role !== 'node') return undefined
  const { source, destination } = seen
  const entries = before(drop.netns)
  const isThere = entries.some((line) => line.includes(`src=${source.address} dst=${destination.address} `))
  return isThere
    ? { failure: 'F65', fits: 3, because: 'a connection between the two that is older than the policy goes on' }
    : undefined
}

interface Peer {
  readonly podSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
}

/** One item with both selectors, of which the other end has one: a list with two items would have let it in. */
function bothMeant(denial: Denial, { facts }: Shown): Guess | undefined {
  const { direction, seen } = denial
  const side = direction === 'ingress' ? 'from' : 'to'
  const other = facts.ownerOf(direction === 'ingress' ? seen.source.address : seen.destination.address)
  if (other?.role !== 'pod') return undefined
  const [endpoint] = facts.endpointsAt(other.netns)
  if (endpoint === undefined) return undefined
  const has = (text: string): boolean => {
    const selector = parseSelector(text)
    return !isSelectorFault(selector) && selectsEndpoint(selector, endpoint) === true
  }
  for (const { kind, spec, metadata } of policiesOf(denial, { facts })) {
    if (kind !== 'NetworkPolicy') continue
    const rules = (spec as Readonly<Record<string, unknown>>)[direction]
    const items = (Array.isArray(rules) ? rules : []).flatMap(
      (rule: Readonly<Record<string, unknown>>) => (rule[side] ?? []) as readonly Peer[],
    )
    for (const [i, { podSelector, namespaceSelector }] of items.entries()) {
      if (podSelector === undefined || namespaceSelector === undefined) continue
      const [pod, namespace] = [has(podSelectorText(podSelector)), has(namespaceSelectorText(namespaceSelector))]
      if (pod === namespace) continue
      const because = `item ${i + 1} of ${side} in NetworkPolicy ${metadata.name} wants podSelector and namespaceSelector both, and ${other.netns} has the ${pod ? 'first' : 'second'} only`
      return { failure: 'F62', fits: 3, because }
    }
  }
  return undefined
}
