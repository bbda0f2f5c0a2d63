import type { VersionTraits } from '../calico-version.ts'
import { policyKindWords } from './policy-kinds.ts'
import type { PolicySpec } from './spec.ts'

/** What a policy is called. */
export interface PolicyNames {
  /** By its users: without the prefix of its tier. */
  readonly name: string
  /** In names of chains. */
  readonly id: string
  /** Text that decides between policies of the same order. */
  readonly tie: string
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name
}

/** What names are made of. */
export type NamedPolicy = Pick<PolicySpec, 'kind' | 'api' | 'tier' | 'namespace' | 'staged'> & {
  readonly resource: { readonly apiVersion: string; readonly metadata: { readonly name: string } }
}

/** The name a policy had in Felix up to v3.31: its tier before it, and before that its namespace. */
function tieredName({ kind, api, tier, namespace, staged }: NamedPolicy, name: string): string {
  const prefix = kind === 'StagedKubernetesNetworkPolicy' ? 'knp.default' : tieredPrefix(kind, api, tier)
  const full = `${staged ? 'staged:' : ''}${prefix}.${name}`
  return namespace === undefined ? full : `${namespace}/${full}`
}

function tieredPrefix(kind: PolicySpec['kind'], api: PolicySpec['api'], tier: string): string {
  if (api === 'calico') return tier
  if (kind === 'NetworkPolicy') return 'knp.default'
  return `${policyKindWords({ kind, api }).short}.${tier}`
}

/** The names of a policy in a release. */
export function policyNames(spec: NamedPolicy, { policyIds }: Pick<VersionTraits, 'policyIds'>): PolicyNames {
  const { api, tier, namespace, resource } = spec
  const stored = resource.metadata.name
  const bare = api === 'calico' ? withoutPrefix(stored, `${tier}.`) : stored
  if (policyIds === 'kind/name') {
    const { short, word } = policyKindWords(spec)
    // What people write is stored as it is; only objects of before carry their tier.
    const name = resource.apiVersion.startsWith('crd.') ? bare : stored
    const id = [short, ...(namespace === undefined ? [] : [namespace]), stored].join('/')
    return { name, id, tie: `${stored}/${namespace ?? ''}/${word}` }
  }
  const tiered = tieredName(spec, bare)
  return { name: bare, id: policyIds === 'tier/name' ? `${tier}/${tiered}` : tiered, tie: tiered }
}
