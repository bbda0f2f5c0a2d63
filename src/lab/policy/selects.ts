import type { Cluster, Policy, TierPolicies } from '../../control/index.ts'
import { didYouMean, InputError, type PolicyRef } from '../../model/index.ts'
import { placeText, policyTitle } from './gate-report.ts'

/** What a policy selects. */
export interface SelectionReport {
  /** Which question was asked. */
  readonly kind: 'selection'
  /** One a policy of that name. */
  readonly policies: readonly {
    /** The policy. */
    readonly policy: PolicyRef
    /** As people call it. */
    readonly title: string
    /** Tier. */
    readonly tier: string
    /** Directions it applies to. */
    readonly directions: readonly string[]
    /** Never enforced. */
    readonly staged: boolean
    /** Its selector over endpoints. */
    readonly selector: string
    /** Where it stands. */
    readonly place: string
    /** Pods, `namespace/name`. */
    readonly pods: readonly string[]
    /** Host endpoints, `node/name`. */
    readonly hostEndpoints: readonly string[]
  }[]
}

/** What the policies of a name select: `NAME`, `NAMESPACE/NAME`, or either with a kind before it. @throws InputError when there is none */
export function selectedByPolicy({ policies: book, nodes }: Cluster, name: string): SelectionReport {
  const wanted = named(book.policies, name)
  const pods = new Map<Policy, string[]>(wanted.map((policy) => [policy, []]))
  const hosts = new Map<Policy, string[]>(wanted.map((policy) => [policy, []]))
  const note = (lists: readonly (readonly TierPolicies[])[], into: Map<Policy, string[]>, end: string): void => {
    const all = new Set(lists.flat().flatMap(({ ingress, egress }) => [...ingress, ...egress]))
    for (const policy of wanted) if (all.has(policy)) into.get(policy)?.push(end)
  }
  for (const node of nodes) {
    const { workloads, hosts: own } = book.of(node.name)
    for (const { tiers, netns } of workloads) note([tiers], pods, netns)
    for (const host of own)
      note([host.tiers, host.forward, host.untracked, host.preDnat], hosts, `${node.name}/${host.name}`)
  }
  return {
    kind: 'selection',
    policies: wanted.map((policy) => ({
      policy: policy.ref,
      title: policyTitle(policy.ref),
      tier: policy.ref.tier,
      directions: policy.directions,
      staged: policy.staged,
      selector: policy.selector,
      place: placeText(policy.origin),
      pods: (pods.get(policy) ?? []).sort(),
      hostEndpoints: (hosts.get(policy) ?? []).sort(),
    })),
  }
}

/** Short names of kinds, as kubectl and calicoctl take them. */
const SHORT: Readonly<Record<string, string>> = {
  np: 'networkpolicy',
  netpol: 'networkpolicy',
  gnp: 'globalnetworkpolicy',
  anp: 'adminnetworkpolicy',
  banp: 'baselineadminnetworkpolicy',
  cnp: 'clusternetworkpolicy',
}

function named(policies: readonly Policy[], text: string): readonly Policy[] {
  const words = text.split('/')
  const found = policies.filter(({ ref }) => {
    const own = ref.namespace === undefined ? [ref.name] : [ref.namespace, ref.name]
    const kind = ref.kind.toLowerCase()
    const [first = '', ...rest] = words
    const isKind = [kind, `${kind.replace(/y$/, 'ie')}s`].includes(SHORT[first.toLowerCase()] ?? first.toLowerCase())
    return isSame(words, own) || (rest.length > 0 && isKind && isSame(rest, own))
  })
  if (found.length > 0) return found
  const names = policies.map(({ ref }) => (ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`))
  const expected = `the name of a policy, [KIND/][NAMESPACE/]NAME; ${didYouMean(text, names)}`
  throw new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: `"${text}"` }])
}

/** A name alone is enough, whatever its namespace. */
function isSame(words: readonly string[], own: readonly string[]): boolean {
  if (words.length === 1) return words[0] === own.at(-1)
  return words.join('/') === own.join('/')
}
