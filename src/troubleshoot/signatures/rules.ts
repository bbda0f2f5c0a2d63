import type { PolicyResource } from '../../control/index.ts'
import type { FailureCode } from '../../failures/index.ts'
import { sysctlOf } from '../../model/index.ts'
import type { Decision } from '../../trace/index.ts'
import { contains, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import type { Guess, Shown } from '../shown.ts'

/** What rules of a machine did: policy, Felix, Services, somebody else's. */
export function ruleSigns(shown: Shown): readonly Guess[] {
  const { loss } = shown
  switch (loss.code) {
    case 'POLICY_DENY':
      return policySigns(shown)
    case 'HEP_DENY':
      return [{ failure: 'F71', fits: 3, wanted: true }]
    case 'WL_TO_HOST_DROP':
      return [{ failure: 'F70', fits: 3, wanted: true }]
    case 'WL_TUNNEL_FORBIDDEN':
      return [{ failure: 'F14', fits: 3 }]
    case 'NF_CHAIN_POLICY_DROP':
      return [
        { failure: 'F50', fits: 3 },
        { failure: 'F51', fits: 2 },
      ]
    case 'SVC_NO_ENDPOINTS':
      return emptyService(shown)
    case 'SVC_LOCAL_NO_ENDPOINT':
      return [{ failure: 'F81', fits: 3 }]
    case 'SVC_NO_RULE':
      return [{ failure: 'F77', fits: 3 }]
    case 'CT_FULL':
      return [{ failure: 'F54', fits: 3 }]
    case 'CT_INVALID':
      return [{ failure: 'F57', fits: 3 }]
    case 'CT_INSERT_RACE':
      return [{ failure: 'F55', fits: 3 }]
    case 'CT_STALE_DNAT':
      return [{ failure: 'F56', fits: 3 }]
    default:
      return droppedByRule(shown)
  }
}

/** A Service with nobody behind it; in the range of a pool, it may be in the place of a pod. */
function emptyService({ lab, trace }: Shown): readonly Guess[] {
  const asked = trace.hops.find((hop) => hop.kind === 'route')
  const destination = asked?.kind === 'route' ? asked.destination : ''
  const isPods =
    parseIp(destination) !== undefined &&
    (lab.cluster?.ipam.pools ?? []).some(
      ({ cidr, family }) => familyOf(destination) === family && contains(cidr, destination as Ip),
    )
  return isPods
    ? [
        { failure: 'F26', fits: 3, because: `${destination} is in the range of a pool` },
        { failure: 'F76', fits: 2 },
      ]
    : [{ failure: 'F76', fits: 3 }]
}

/** A rule of nobody known, or none at all: then the kernel had no room. */
function droppedByRule(shown: Shown): readonly Guess[] {
  const { drop, lab, trace, decisions } = shown
  const netns = drop?.netns ?? shown.finding.netns
  const unknown = decisions().some(({ kind, packet }) => kind === 'unknown-interface' && packet === drop?.packet)
  if (unknown) {
    const because = 'Felix has written no chain for this interface'
    const hasTypha = lab.objects === null || lab.agentState('typha') === 'running'
    return hasTypha
      ? [
          { failure: 'F87', fits: 3, because },
          { failure: 'F89', fits: 2 },
        ]
      : [
          { failure: 'F88', fits: 3, because },
          { failure: 'F87', fits: 2 },
        ]
  }
  const range = decisions().some(({ kind }) => kind === 'source-range')
  if (range) return [{ title: 'loadBalancerSourceRanges leave the client out', fits: 3, wanted: true }]
  const rules = trace.hops.filter((hop) => hop.kind === 'rule' && hop.netns === netns && hop.packet === drop?.packet)
  const last = rules.at(-1)
  const ns = lab.network.namespaces[netns]
  const max = ns === undefined ? undefined : Number(sysctlOf(ns, 'net.netfilter.nf_conntrack_max'))
  if (max !== undefined && max > 0 && max < FEW_CONNECTIONS)
    return [
      { failure: 'F54', fits: 3, because: `nf_conntrack_max is ${max}` },
      { failure: 'F51', fits: 1 },
    ]
  const dropsError = trace.hops.some((hop) => hop.kind === 'icmp-error' && hop.code === 4 && hop.type === 3)
  if (dropsError)
    return [
      { failure: 'F17', fits: 3, loss: { stage: 'encap', code: 'MTU_EXCEEDED' } },
      { failure: 'F51', fits: 2 },
    ]
  if (last?.kind === 'rule' && last.chain === 'KUBE-FORWARD') return [{ failure: 'F57', fits: 3 }]
  return [
    { failure: 'F51', fits: 3 },
    { failure: 'F52', fits: 2 },
    { failure: 'F50', fits: 1 },
  ]
}

/** Fewer connections than any node has need of. */
const FEW_CONNECTIONS = 1_024

type Denial = Extract<Decision, { readonly kind: 'policy' | 'tier-end' | 'profile' | 'no-profile' }>

function isDenial(one: Decision): one is Denial {
  return (
    one.kind === 'tier-end' ||
    one.kind === 'no-profile' ||
    ((one.kind === 'policy' || one.kind === 'profile') && one.action === 'Deny')
  )
}

/** A policy that surprises: which surprise it is, its rules and what the packet looked like when it met them tell. */
function policySigns(shown: Shown): readonly Guess[] {
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
    everywhere(denial, shown),
    nodePort(denial, shown),
    established(denial, shown),
  ]
  const found = special.flatMap((one) =>
    one === undefined ? [] : [MISTAKES.has(one.failure) ? one : { ...one, wanted: true as const }],
  )
  return found.length === 0
    ? [plain, { failure: 'F62', fits: 1, wanted: true }, { failure: 'F63', fits: 1, wanted: true }]
    : [...found, plain, { failure: 'F62', fits: 1, wanted: true }]
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
function policiesOf(denial: Denial, { facts }: Shown): readonly PolicyResource[] {
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
function established({ seen }: Denial, { lab, drop }: Shown): Guess | undefined {
  if (drop === undefined || lab.network.namespaces[drop.netns]?.role !== 'node') return undefined
  const { source, destination } = seen
  const entries = lab.sh(drop.netns, 'conntrack -L').stdout.split('\n')
  const isThere = entries.some((line) => line.includes(`src=${source.address} dst=${destination.address} `))
  return isThere
    ? { failure: 'F65', fits: 3, because: 'a connection between the two that is older than the policy goes on' }
    : undefined
}
