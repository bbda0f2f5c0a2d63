import type { PolicyRef } from '../../model/index.ts'

/** A kind of policy. */
export type PolicyKind = Pick<PolicyRef, 'kind' | 'api'>

/** A kind of policy, and how Felix from v3.32 on calls it. */
export interface PolicyKindWords extends PolicyKind {
  /** In names of chains. */
  readonly short: string
  /** In comments. */
  readonly word: string
}

function calico(short: string, kind: PolicyRef['kind']): PolicyKindWords {
  return { kind, api: 'calico', short, word: kind }
}

function kubernetes(short: string, kind: PolicyRef['kind'], word: string): PolicyKindWords {
  return { kind, api: 'kubernetes', short, word }
}

/** Every kind of policy; the last two are of before v3.32, and have no words there. @calico felix/types/policy_id.go */
const KINDS: readonly PolicyKindWords[] = [
  calico('np', 'NetworkPolicy'),
  calico('gnp', 'GlobalNetworkPolicy'),
  calico('snp', 'StagedNetworkPolicy'),
  calico('sgnp', 'StagedGlobalNetworkPolicy'),
  calico('sknp', 'StagedKubernetesNetworkPolicy'),
  kubernetes('knp', 'NetworkPolicy', 'KubernetesNetworkPolicy'),
  kubernetes('kcnp', 'ClusterNetworkPolicy', 'KubernetesClusterNetworkPolicy'),
  kubernetes('kanp', 'AdminNetworkPolicy', 'AdminNetworkPolicy'),
  kubernetes('kbanp', 'BaselineAdminNetworkPolicy', 'BaselineAdminNetworkPolicy'),
]

const BY_KIND: ReadonlyMap<string, PolicyKindWords> = new Map(KINDS.map((one) => [`${one.api} ${one.kind}`, one]))
const BY_WORD: ReadonlyMap<string, PolicyKindWords> = new Map(
  KINDS.flatMap((one) => [[one.short, one] as const, [one.word, one] as const]),
)

/** How Felix calls a kind. */
export function policyKindWords({ kind, api }: PolicyKind): PolicyKindWords {
  return BY_KIND.get(`${api} ${kind}`)!
}

/** The kind that Felix calls so, in comments or names of chains; undefined where none is called so. */
export function policyKindOf(word: string): PolicyKind | undefined {
  const found = BY_WORD.get(word)
  return found === undefined ? undefined : { kind: found.kind, api: found.api }
}
